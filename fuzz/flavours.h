// The kinds of connection that fuzz_connection begins with.
#pragma once

#include <vector>

#include "tests/client/client.h"

namespace breakwater::fuzz {

// Made at the first call. The order is part of the format of the corpus: new ones go to the end.
const std::vector<test::Offer>& flavours();

}  // namespace breakwater::fuzz
