// A whole file as text.
#pragma once

#include <string>

namespace breakwater::proxy {

// Reads a regular file of at most 16 MiB. False with `error`, a phrase such as "Permission denied", when it cannot.
// The text is allocated once, at its full size: no copies of a private key stay behind in freed memory.
bool read_file(const std::string& path, std::string& text, std::string& error);

}  // namespace breakwater::proxy
