// Lists of networks, against looking at each network in turn.
#include "core/guard/network_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace breakwater::test {
namespace {

using guard::Address;
using guard::Network;
using guard::NetworkList;
using Networks = std::vector<Network>;

Networks normalised(Networks networks) {
  networks.resize(NetworkList::normalise(networks));
  return networks;
}

bool in_any(const Networks& networks, const Address& address) {
  return std::ranges::any_of(networks, [&](const Network& network) { return network.contains(address); });
}

Network v4(std::uint32_t address, unsigned length) { return {Address::v4(address), 96 + length}; }

TEST(NetworkList, NobodyAndEverybody) {
  EXPECT_FALSE(NetworkList().contains(Address::v4(1)));
  EXPECT_EQ(NetworkList::normalise({}), 0U);
  const Networks all = normalised({v4(0x0a000000, 8), Network(), v4(0x0a010000, 16), Network()});
  EXPECT_EQ(all, Networks{Network()});
  EXPECT_TRUE(NetworkList(all).contains({~std::uint64_t{0}, ~std::uint64_t{0}}));
  EXPECT_TRUE(NetworkList(all).contains({0, 0}));
}

TEST(NetworkList, MeetsWhatItSharesAnAddressWith) {
  const Networks networks = normalised({v4(0x0a000000, 8), v4(0xc0000280, 25), v4(0xc0000400, 32)});
  const NetworkList list(networks);
  for (const Network& meets : {v4(0x0a010203, 32), v4(0x0a000000, 8), v4(0x08000000, 6), v4(0xc0000200, 24),
                               v4(0xc0000280, 26), v4(0xc0000400, 24), v4(0xc0000400, 32), Network()}) {
    EXPECT_TRUE(list.meets(meets)) << meets.address().low << "/" << meets.length();
  }
  for (const Network& apart : {v4(0x0b000000, 8), v4(0x09000000, 8), v4(0xc0000200, 25), v4(0xc0000300, 24),
                               v4(0xc0000401, 32), v4(0xc0000500, 24), Network({1, 0}, 64)}) {
    EXPECT_FALSE(list.meets(apart)) << apart.address().low << "/" << apart.length();
  }
  EXPECT_FALSE(NetworkList().meets(Network()));
}

TEST(NetworkList, EdgesOfNetworks) {
  const Networks networks = normalised({v4(0xc0000200, 24),
                                        v4(0x0a000000, 8),
                                        v4(0xc0000280, 25),
                                        v4(0x0a0a0a0a, 32),
                                        v4(0xc0000200, 24),
                                        v4(0xc0000400, 24),
                                        {{0x20010db800000000, 0}, 32}});
  EXPECT_EQ(networks,
            (Networks{v4(0x0a000000, 8), v4(0xc0000200, 24), v4(0xc0000400, 24), {{0x20010db800000000, 0}, 32}}));
  const NetworkList list(networks);
  EXPECT_EQ(list.size(), 4U);
  for (const std::uint32_t inside : {0x0a000000U, 0x0affffffU, 0xc0000200U, 0xc00002ffU, 0xc0000400U, 0xc00004ffU}) {
    EXPECT_TRUE(list.contains(Address::v4(inside))) << inside;
  }
  for (const std::uint32_t outside : {0x09ffffffU, 0x0b000000U, 0xc00001ffU, 0xc0000300U, 0xc00003ffU, 0xc0000500U}) {
    EXPECT_FALSE(list.contains(Address::v4(outside))) << outside;
  }
  EXPECT_TRUE(list.contains({0x20010db800000000, 0}));
  EXPECT_TRUE(list.contains({0x20010db8ffffffff, ~std::uint64_t{0}}));
  EXPECT_FALSE(list.contains({0x20010db7ffffffff, ~std::uint64_t{0}}));
  EXPECT_FALSE(list.contains({0x20010db900000000, 0}));
}

// Networks of few bits, so that they often hold each other, and addresses near their edges.
TEST(NetworkList, AgreesWithLookingAtEach) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 400; ++round) {
    Networks networks(random() % 60);
    const bool high = round % 2 == 0;
    const auto address = [&] {
      const std::uint64_t value = random() % 4096 << 52 | (random() % 3 == 0 ? random() >> 12 : 0);
      return high ? Address{value, 0} : Address{7, value};
    };
    for (Network& network : networks) {
      network = {address(), static_cast<unsigned>((high ? 0 : 64) + random() % (random() % 2 == 0 ? 65 : 13))};
    }
    const Networks list = normalised(networks);
    ASSERT_TRUE(std::ranges::is_sorted(list));
    for (std::size_t i = 0; i < list.size(); ++i) {
      ASSERT_TRUE(std::ranges::find(networks, list[i]) != networks.end());
      for (std::size_t j = 0; j < list.size(); ++j) ASSERT_TRUE(i == j || !list[i].contains(list[j].address()));
    }
    for (int i = 0; i < 300; ++i) {
      Address one = address();
      if (i % 3 == 1 && !networks.empty()) one = networks[random() % networks.size()].address();
      if (i % 3 == 2) --(high ? one.high : one.low);
      ASSERT_EQ(NetworkList(list).contains(one), in_any(networks, one)) << round;
    }
  }
}

// As long as a list may get, in the orders that are hard for some ways of sorting.
TEST(NetworkList, AHundredThousand) {
  constexpr std::uint32_t kCount = 100'000;
  Networks rising, equal(kCount, v4(0x0a000000, 8));
  for (std::uint32_t i = 0; i < kCount; ++i) rising.push_back(v4(0x0a000000 + 4 * i, 31));
  Networks falling(rising.rbegin(), rising.rend()), mixed = rising;
  std::ranges::shuffle(mixed, std::mt19937_64(2));
  EXPECT_EQ(normalised(equal).size(), 1U);
  for (const Networks& networks : {rising, falling, mixed}) {
    const Networks list = normalised(networks);
    ASSERT_EQ(list, rising);
    for (std::uint32_t i = 0; i < 4 * kCount; ++i) {
      ASSERT_EQ(NetworkList(list).contains(Address::v4(0x0a000000 + i)), i % 4 < 2) << i;
    }
  }
}

}  // namespace
}  // namespace breakwater::test
