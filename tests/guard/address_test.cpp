// Addresses and the networks they lie in.
#include "core/guard/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace breakwater::test {
namespace {

using guard::Address;
using guard::Network;

Address address(const char* text) {
  in_addr v4{};
  if (inet_pton(AF_INET, text, &v4) == 1) return Address::v4(ntohl(v4.s_addr));
  in6_addr v6{};
  EXPECT_EQ(inet_pton(AF_INET6, text, &v6), 1) << text;
  return Address::v6(v6.s6_addr);
}

TEST(Address, Ipv4IsMapped) {
  EXPECT_EQ(address("192.0.2.1"), address("::ffff:192.0.2.1"));
  EXPECT_TRUE(address("192.0.2.1").is_v4());
  EXPECT_TRUE(address("0.0.0.0").is_v4());
  for (const char* const text :
       {"::", "::1", "::192.0.2.1", "2001:db8::ffff:0:0", "::fffe:1.2.3.4", "1::ffff:1.2.3.4"}) {
    EXPECT_FALSE(address(text).is_v4()) << text;
  }
}

TEST(Address, BytesInOrder) {
  const Address one = address("0102:0304:0506:0708:090a:0b0c:0d0e:0f10");
  EXPECT_EQ(one.high, 0x0102030405060708U);
  EXPECT_EQ(one.low, 0x090a0b0c0d0e0f10U);
}

// Every length: the bits in front of it decide, and none behind it.
TEST(Network, EveryLength) {
  const Address one = address("0102:0304:0506:0708:090a:0b0c:0d0e:0f10");
  for (unsigned length = 0; length <= 128; ++length) {
    const Network network(one, length);
    EXPECT_TRUE(network.contains(one));
    for (unsigned bit = 0; bit < 128; ++bit) {
      Address other = one;
      (bit < 64 ? other.high : other.low) ^= std::uint64_t{1} << (63 - bit % 64);
      EXPECT_EQ(network.contains(other), bit >= length) << length << ", " << bit;
      EXPECT_EQ(Network(other, length) == network, bit >= length);
    }
  }
  EXPECT_TRUE(Network().contains(one));
}

TEST(Network, ClientsAndAggregates) {
  EXPECT_TRUE(guard::client_of(address("192.0.2.1")).contains(address("192.0.2.1")));
  EXPECT_FALSE(guard::client_of(address("192.0.2.1")).contains(address("192.0.2.0")));
  EXPECT_TRUE(guard::aggregate_of(address("192.0.2.1")).contains(address("192.0.2.255")));
  EXPECT_FALSE(guard::aggregate_of(address("192.0.2.1")).contains(address("192.0.3.1")));
  EXPECT_TRUE(guard::client_of(address("2001:db8:1:2::1")).contains(address("2001:db8:1:2:ffff::")));
  EXPECT_FALSE(guard::client_of(address("2001:db8:1:2::1")).contains(address("2001:db8:1:3::1")));
  EXPECT_TRUE(guard::aggregate_of(address("2001:db8:1:2::1")).contains(address("2001:db8:1:ffff::")));
  EXPECT_FALSE(guard::aggregate_of(address("2001:db8:1:2::1")).contains(address("2001:db8:2::")));
}

}  // namespace
}  // namespace breakwater::test
