// A guard with limits as they come, a clock, and shorthands, for tests of its rules.
#pragma once

#include <gtest/gtest.h>

#include "tests/guard/guard_tables.h"

namespace breakwater::test {

inline constexpr guard::GuardCosts kCosts{};
inline constexpr std::uint32_t kArithmetic = 150;

class GuardRules : public testing::Test {
 protected:
  GuardRules() { use({}); }

  void use(const guard::GuardLimits& limits, bool several_hosts = false) {
    limits_ = limits;
    guard_.use(limits, kCosts, several_hosts, {}, {});
  }
  void load() { guard_.note_delay(30 * kMs, now_); }

  guard::Entry enter(const guard::Address& address) { return guard_.door(address, now_, client_); }
  static guard::Address v4(std::uint32_t last) { return guard::Address::v4(0xcb007100 + last); }  // 203.0.113.0

  // One handshake of an address, from beginning to end.
  guard::Answer handshake(const guard::Address& address, const guard::Ask& ask,
                          guard::End end = guard::End::Completed) {
    guard::Client client;
    EXPECT_EQ(guard_.door(address, now_, client).refused, guard::Reason::None);
    const guard::Answer answer = guard_.hello(client, ask, {}, now_);
    guard_.ended(client, end, now_);
    return answer;
  }
  guard::Rank rank(const guard::Address& address, const guard::Ask& ask) {
    return handshake(address, ask, guard::End::Ours).rank;
  }

  std::uint32_t record_of(const guard::Address& address) {
    return guard_.clients().of(guard_.key_of(guard::client_of(address)), now_);
  }
  std::uint32_t record_of(const guard::Network& network) { return guard_.groups().of(guard_.key_of(network), now_); }

  GuardTables tables_{256};
  guard::Guard guard_{tables_.memory(), kTestKey, {}};
  guard::GuardLimits limits_;
  guard::Client client_;
  std::uint64_t now_ = 1'000'000 * kMs;
};

}  // namespace breakwater::test
