// The screen of `breakwater top` as lines of text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "proxy/top/status.h"

namespace breakwater::proxy {

struct RenderOptions {
  std::size_t columns = 80;
  std::size_t rows = 0;  // 0: as many as there is to say
  bool live = false;     // with colours and a line of the last minutes
};

// before: the status that was shown last, for rates of what is only counted; null: none.
std::vector<std::string> render(const ServerStatus& now, const ServerStatus* before, const RenderOptions& options);

}  // namespace breakwater::proxy
