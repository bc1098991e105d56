// Checks of the values that are more than a number or one of a few words. Sentences say what is wrong; empty: good.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flood/plan/plan.h"

namespace breakwater::flood {

bool is_printable(std::string_view text, std::size_t most);  // 1 to `most` bytes, no control characters
std::string check_server_name(std::string_view name);        // RFC 6066 section 3: a DNS name, no address; or empty
std::string check_path(std::string_view path);               // RFC 9112 section 3.2.1, absolute form of a path
std::string check_host(std::string_view host);               // RFC 9110 section 7.2
// "A:B" each; several in one value are separated by commas. The last may be "A:BxN". Fills what Load has of it.
std::string parse_pattern(const std::vector<std::string>& values, Load& load);

}  // namespace breakwater::flood
