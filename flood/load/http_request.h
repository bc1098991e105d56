// The HTTP/1.1 requests that connections send (RFC 9112 section 3).
#pragma once

#include <cstddef>
#include <string>

#include "flood/plan/plan.h"

namespace breakwater::flood {

// A GET for the load's path and host; `last`: the connection is to end behind it. `size` > 0: exactly so many bytes,
// filled up in the User-Agent. Throws std::invalid_argument when the request is longer than that, or than 4096 bytes.
std::string make_request(const Load& load, bool last, std::size_t size = 0);

}  // namespace breakwater::flood
