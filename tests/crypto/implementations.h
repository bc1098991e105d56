// Tests that run with each implementation, and skip those that this CPU cannot run.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/crypto/implementation.h"

namespace breakwater::test {

// All there are, whatever the CPU, but for kIfmaTwoPorts, which is kIfma with other RSA lanes (rsa_layers()).
inline std::vector<const crypto::Implementation*> all_implementations() {
  const auto list = crypto::implementations_for({.adx = true, .ifma = true});
  return {list.begin(), list.end()};
}

// Those whose single functions are their own: the rest has those of another, and lanes beside them.
inline std::vector<const crypto::Implementation*> single_implementations() {
  std::vector<const crypto::Implementation*> list;
  for (const crypto::Implementation* const one : all_implementations()) {
    const auto has_these = [&](const crypto::Implementation* other) {
      return other->p256 == one->p256 && other->x25519 == one->x25519;
    };
    const auto same = std::find_if(list.begin(), list.end(), has_these);
    if (same == list.end()) {
      list.push_back(one);
    } else {
      *same = one;  // the slower one, which more CPUs can run
    }
  }
  return list;
}

// Whether it is the fastest of its kind here does not matter.
inline bool can_run(const crypto::Implementation& implementation) {
  crypto::CpuFeatures cpu = crypto::detect_cpu();
  for (const bool two_vector_ports : {false, true}) {
    cpu.two_vector_ports = two_vector_ports;
    const auto here = crypto::implementations_for(cpu);
    if (std::find(here.begin(), here.end(), &implementation) != here.end()) return true;
  }
  return false;
}

class ImplementationTest : public testing::TestWithParam<const crypto::Implementation*> {
 protected:
  void SetUp() override {
    if (!can_run(*GetParam())) GTEST_SKIP() << "this CPU lacks the instructions of " << GetParam()->name;
  }
};

#define BREAKWATER_FOR_IMPLEMENTATIONS(fixture, list)                         \
  INSTANTIATE_TEST_SUITE_P(Implementations, fixture, testing::ValuesIn(list), \
                           [](const auto& info) { return std::string(info.param->name); })

// The tests of the fixture once for each implementation: Implementations/<fixture>.<test>/<implementation>
#define BREAKWATER_FOR_EACH_IMPLEMENTATION(fixture) \
  BREAKWATER_FOR_IMPLEMENTATIONS(fixture, ::breakwater::test::all_implementations())
// For tests of single functions.
#define BREAKWATER_FOR_EACH_SINGLE_IMPLEMENTATION(fixture) \
  BREAKWATER_FOR_IMPLEMENTATIONS(fixture, ::breakwater::test::single_implementations())

}  // namespace breakwater::test
