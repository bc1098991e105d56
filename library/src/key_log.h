// Key log lines in the NSS format: "LABEL client_random secret", the latter two in hexadecimal.
#pragma once

#include <string_view>

#include "core/port/bytes.h"

namespace breakwater {

// As tls::KeyLog::write; context is a std::function<void(std::string_view)>. What the function throws is dropped.
void write_key_log_line(void* context, std::string_view label, ConstBytes client_random, ConstBytes secret) noexcept;

}  // namespace breakwater
