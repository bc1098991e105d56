// Tests that run with each unit of the lane layer, and skip those that this CPU cannot run.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/crypto/cpu.h"

namespace breakwater::test {

// Whether this CPU has the instructions of the unit of this name.
inline bool can_run_lanes(const std::string& name) { return !name.ends_with("ifma") || crypto::detect_cpu().ifma; }

// A fixture for tests of each unit. Unit has a name.
template <class Unit>
class LaneUnitTest : public testing::TestWithParam<Unit> {
 protected:
  void SetUp() override {
    if (!can_run_lanes(this->GetParam().name)) GTEST_SKIP() << "this CPU lacks AVX-512 IFMA";
  }
};

// The tests of the fixture once for each of the units: Units/<fixture>.<test>/<unit>
#define BREAKWATER_FOR_EACH_UNIT(fixture, units) \
  INSTANTIATE_TEST_SUITE_P(Units, fixture, testing::ValuesIn(units), [](const auto& info) { return info.param.name; })

}  // namespace breakwater::test
