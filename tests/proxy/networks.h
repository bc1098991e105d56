// Networks as a configuration writes them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/config/values.h"

namespace breakwater::proxy {

inline guard::Network network(std::string_view text) {
  std::string error;
  const auto parsed = parse_network(text, error);
  EXPECT_TRUE(parsed) << error;
  return parsed.value_or(guard::Network{});
}

}  // namespace breakwater::proxy
