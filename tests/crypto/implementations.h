// Tests that run with each implementation, and skip those that this CPU cannot run.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/crypto/implementation.h"

namespace breakwater::test {

// All there are, whatever the CPU.
inline std::vector<const crypto::Implementation*> all_implementations() {
  const auto list = crypto::implementations_for({.adx = true});
  return {list.begin(), list.end()};
}

inline bool can_run(const crypto::Implementation& implementation) {
  const auto here = crypto::implementations_for(crypto::detect_cpu());
  return std::find(here.begin(), here.end(), &implementation) != here.end();
}

class ImplementationTest : public testing::TestWithParam<const crypto::Implementation*> {
 protected:
  void SetUp() override {
    if (!can_run(*GetParam())) GTEST_SKIP() << "this CPU lacks the instructions of " << GetParam()->name;
  }
};

// The tests of the fixture once for each implementation: Implementations/<fixture>.<test>/<implementation>
#define BREAKWATER_FOR_EACH_IMPLEMENTATION(fixture)                                                                \
  INSTANTIATE_TEST_SUITE_P(Implementations, fixture, testing::ValuesIn(::breakwater::test::all_implementations()), \
                           [](const auto& info) { return std::string(info.param->name); })

}  // namespace breakwater::test
