// The HTTP/1.1 requests that connections send (RFC 9112 section 3).
#pragma once

#include <cstddef>
#include <string>

#include "flood/plan/plan.h"

namespace breakwater::flood {

// A GET for the load's path and host; `last`: the connection is to end behind it, which takes a line more. Filled up in
// the User-Agent to `size` bytes, where it is not as long without. Else it is shorter than what Client::write() takes:
// path and host have at most 2048 and 255 bytes.
std::string make_request(const Load& load, bool last, std::size_t size = 0);

}  // namespace breakwater::flood
