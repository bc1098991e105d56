// Talkers: who comes most and who is refused most, as reports tell it.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "proxy/guard/talkers.h"
#include "tests/guard/guard_fixture.h"

namespace breakwater::test {
namespace {

using proxy::GuardReport;
using proxy::Talkers;

class TalkersReport : public GuardRules {
 protected:
  // One that has come and is refused at once. last: of its address; the weights: how many it stands for.
  void refuse(std::uint32_t last, std::uint8_t weight, std::uint8_t fingerprint_weight = 0) {
    guard::Client client;
    guard_.door(v4(last), now_, client);
    client.weight = weight;
    client.fingerprint_weight = fingerprint_weight;
    if (weight != 0) {
      talkers_.addresses.came(client.address, guard::client_of(v4(last)), weight, now_);
      talkers_.networks.came(client.network, guard::aggregate_of(v4(last)), weight, now_);
    }
    if (fingerprint_weight != 0) {
      client.fingerprint = guard_.key_of(kFingerprint);
      talkers_.fingerprints.came(client.fingerprint, kFingerprint, fingerprint_weight, now_);
    }
    talkers_.refused(client, now_);
  }

  // By kind and name.
  std::map<std::string, GuardReport::Talker> report() {
    std::map<std::string, GuardReport::Talker> found;
    for (const GuardReport::Talker& one : talkers_.report(guard_, now_)) found[one.kind + " " + one.who] = one;
    return found;
  }

  static constexpr guard::Ja4 kFingerprint{{'t', '1', '3'}};
  Talkers talkers_;
};

TEST_F(TalkersReport, WeightsAreOfTheClientAndOfItsFingerprint) {
  now_ = std::uint64_t{8'000'000'000} * 1'000'000;  // a multiple of the half-life: what is noted now was in 4 s
  for (int i = 0; i < 100; ++i) refuse(7, 16, 4);
  for (int i = 0; i < 100; ++i) refuse(8, 1);
  refuse(9, 0);
  const auto found = report();
  ASSERT_EQ(found.size(), 4U) << "two addresses, their network and one fingerprint";
  const auto expect = [&](const std::string& who, double in_a_second) {
    ASSERT_TRUE(found.contains(who)) << who;
    EXPECT_DOUBLE_EQ(found.at(who).hellos_per_s, in_a_second) << who;
    EXPECT_DOUBLE_EQ(found.at(who).refused_per_s, in_a_second) << who;
  };
  expect("address 203.0.113.7", 400);
  expect("address 203.0.113.8", 25);
  expect("network 203.0.113.0/24", 425);
  expect("fingerprint " + std::string(kFingerprint.view()), 100);
}

TEST_F(TalkersReport, WhoIsTrustedIsNotNoted) {
  const guard::Network allow[] = {guard::client_of(v4(7))};
  guard_.use(limits_, kCosts, false, guard::NetworkList(allow), {});
  guard::Client client;
  guard_.door(v4(7), now_, client);
  talkers_.refused(client, now_);
  EXPECT_TRUE(report().empty());
}

}  // namespace
}  // namespace breakwater::test
