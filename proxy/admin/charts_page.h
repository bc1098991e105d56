// The page for people: charts and tables that a script fills from /status. Its parts lie in page/.
#pragma once

#include <string>
#include <string_view>

namespace breakwater::proxy {

// nonce: what the answer's Content-Security-Policy lets run.
std::string charts_page(std::string_view nonce);

}  // namespace breakwater::proxy
