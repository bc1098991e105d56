// Source addresses: how they are written, and which come out, in turn.
#include "flood/plan/sources.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <set>

#include "flood/plan/address.h"

namespace breakwater::flood {
namespace {

SourceRange good(std::string_view text) {
  std::string error;
  const auto range = parse_source(text, error);
  EXPECT_TRUE(range) << text << ": " << error;
  return range.value_or(SourceRange{});
}

std::string bad(std::string_view text) {
  std::string error;
  EXPECT_FALSE(parse_source(text, error)) << text;
  EXPECT_FALSE(error.empty()) << text;
  return error;
}

std::string last_of(const SourceRange& range) { return to_text(last_source(range)); }

TEST(Sources, OneAddress) {
  EXPECT_EQ(to_text(good("127.0.0.9").first), "127.0.0.9");
  EXPECT_EQ(good("127.0.0.9").count, 1u);
  EXPECT_EQ(to_text(good("fd00::7").first), "fd00::7");
  EXPECT_EQ(good("fd00::7").count, 1u);
}

TEST(Sources, RangesHoldBothEnds) {
  const SourceRange v4 = good("127.0.0.250-127.0.1.5");
  EXPECT_EQ(v4.count, 12u);
  EXPECT_EQ(last_of(v4), "127.0.1.5");
  const SourceRange v6 = good("fd00::fffe-fd00::1:1");
  EXPECT_EQ(v6.count, 4u);
  EXPECT_EQ(last_of(v6), "fd00::1:1");
  EXPECT_EQ(good("10.0.0.1-10.0.0.1").count, 1u);
  EXPECT_EQ(good("0.0.0.0-255.255.255.255").count, std::uint64_t{1} << 32);
}

TEST(Sources, PrefixesOfIpv4LeaveOutBothEnds) {
  const SourceRange range = good("127.0.1.0/24");
  EXPECT_EQ(to_text(range.first), "127.0.1.1");
  EXPECT_EQ(range.count, 254u);
  EXPECT_EQ(last_of(range), "127.0.1.254");
  EXPECT_EQ(good("10.0.0.4/30").count, 2u);
  EXPECT_EQ(good("10.0.0.4/31").count, 2u);  // point to point: both are hosts (RFC 3021)
  EXPECT_EQ(to_text(good("10.0.0.4/31").first), "10.0.0.4");
  EXPECT_EQ(good("10.0.0.5/32").count, 1u);
  EXPECT_EQ(good("0.0.0.0/0").count, (std::uint64_t{1} << 32) - 2);
}

TEST(Sources, PrefixesOfIpv6HoldAll) {
  const SourceRange range = good("fd00:1::/112");
  EXPECT_EQ(to_text(range.first), "fd00:1::");
  EXPECT_EQ(range.count, 65536u);
  EXPECT_EQ(good("fd00::/96").count, std::uint64_t{1} << 32);
  EXPECT_EQ(good("::1/128").count, 1u);
}

TEST(Sources, RowsHaveOneAddressOfEachNetwork) {
  const SourceRange row = good("127.16.0.1+256x4096");
  EXPECT_EQ(row.count, 4096u);
  EXPECT_EQ(last_of(row), "127.31.255.1");
  EXPECT_EQ(to_text(nth_source({good("127.0.0.1"), row}, 2)), "127.16.1.1");
  EXPECT_EQ(to_text(nth_source({row}, 4097)), "127.16.1.1");
  EXPECT_EQ(last_of(good("fd00::1+65536x3")), "fd00::2:1");
  EXPECT_EQ(last_of(good("255.255.0.255+256x256")), "255.255.255.255");
  EXPECT_EQ(good("127.0.0.1+7x1").count, 1u);
  bad("255.255.0.255+256x257");
  bad("0.0.0.0+4294967295x4294967296");  // around more than once
  bad("0.0.0.0+65536x65537");            // around exactly once
  bad("fd00::1+4294967296x2");
  for (const char* text : {"127.0.0.1+", "127.0.0.1+1", "127.0.0.1+1x", "127.0.0.1+x4", "127.0.0.1+0x4",
                           "127.0.0.1+1x0", "+1x4", "127.0.0.1+1x4x4", "127.0.0.1+-1x4"}) {
    bad(text);
  }
}

TEST(Sources, MistakesAreExplained) {
  EXPECT_NE(bad("127.0.1.5/24").find("127.0.1.0/24"), std::string::npos);  // what was meant
  EXPECT_NE(bad("fd00::1/112").find("fd00::/112"), std::string::npos);
  EXPECT_NE(bad("10.0.0.9-10.0.0.3").find("ends before it begins"), std::string::npos);
  EXPECT_NE(bad("10.0.0.9-fd00::1").find("family"), std::string::npos);
  EXPECT_NE(bad("fd00::/95").find("/96"), std::string::npos);
  EXPECT_NE(bad("fd00::-fd01::").find("2^32"), std::string::npos);
  for (const char* text : {"", "/", "-", "x", "1.2.3", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/ 8", "::/129",
                           "1.2.3.4-", "-1.2.3.4", "1.2.3.4-5", "1.2.3.4/24/24", "localhost", "1.2.3.4 "}) {
    bad(text);
  }
  bad(std::string_view("127.0.0.1\0x", 11));
}

TEST(Sources, AreTakenInTurnThroughAllRanges) {
  const std::vector<SourceRange> sources = {good("127.0.0.1"), good("127.0.1.0/30"), good("127.0.2.255-127.0.3.1")};
  ASSERT_EQ(count_sources(sources), 6u);
  const char* const expected[] = {"127.0.0.1", "127.0.1.1", "127.0.1.2", "127.0.2.255", "127.0.3.0", "127.0.3.1"};
  for (std::uint64_t i = 0; i < 18; ++i) EXPECT_EQ(to_text(nth_source(sources, i)), expected[i % 6]) << i;
  EXPECT_EQ(count_sources({}), 0u);
}

TEST(Sources, EveryAddressOfALargeRangeComesOnce) {
  const std::vector<SourceRange> sources = {good("127.1.0.0/20"), good("127.2.0.0-127.2.1.255")};
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < count_sources(sources); ++i) seen.insert(to_text(nth_source(sources, i)));
  EXPECT_EQ(seen.size(), 4094u + 512u);
}

TEST(Address, DistanceAndSumAreInverse) {
  const Address first = *parse_address("fd00::ffff:ffff:ffff:fffe");
  EXPECT_EQ(to_text(plus(first, 3)), "fd00:0:0:1::1");
  EXPECT_EQ(distance(first, plus(first, 3)), 3u);
  EXPECT_EQ(distance(*parse_address("::"), *parse_address("::ffff:ffff:ffff:ffff")), ~std::uint64_t{0});
  EXPECT_FALSE(distance(*parse_address("::"), *parse_address("::1:0:0:0:0")));
  EXPECT_FALSE(distance(*parse_address("127.0.0.2"), *parse_address("127.0.0.1")));
  EXPECT_FALSE(distance(*parse_address("127.0.0.2"), *parse_address("::1")));
}

TEST(Address, GoesToTheKernelAndBack) {
  for (const char* text : {"127.0.0.1", "::1", "fe80::1%lo"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_text(*address), text);
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr(*address, 8443, storage);
    const auto back = from_sockaddr(reinterpret_cast<sockaddr*>(&storage), size);
    ASSERT_TRUE(back);
    EXPECT_TRUE(*back == *address);
    EXPECT_EQ(reinterpret_cast<sockaddr_in&>(storage).sin_port, htons(8443));  // at the same place in both families
  }
  EXPECT_FALSE(parse_address("fe80::1%no-such-interface"));
  EXPECT_FALSE(parse_address("127.0.0.1%lo"));
  EXPECT_EQ(to_text(*parse_address("::1"), 443), "[::1]:443");
  EXPECT_EQ(to_text(*parse_address("10.0.0.1"), 443), "10.0.0.1:443");
}

}  // namespace
}  // namespace breakwater::flood
