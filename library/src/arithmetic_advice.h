// What to tell somebody whose CPU lacks what he asks for; for the errors of the library and those of the proxy.
#pragma once

#include <string_view>

#include "breakwater/breakwater.h"

namespace breakwater {

// The rest of a sentence that begins with the name of `wanted` (Adx or Ifma): what it needs, and what this CPU can run
// instead.
std::string_view what_it_lacks(Arithmetic wanted, bool can_run_adx) noexcept;

}  // namespace breakwater
