// The safety rule: what may be flooded without saying that it is one's own.
#include "flood/plan/target.h"

#include <gtest/gtest.h>

#include "flood/plan/address.h"

namespace breakwater::flood {
namespace {

std::optional<Target> find(std::string_view text, bool own, std::string& error) {
  return find_target(text, own, error);
}

TEST(Target, NearbyAddressesAndTheirNeighbours) {
  for (const char* text :
       {"127.0.0.0", "127.255.255.255", "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0",
        "192.168.255.255", "169.254.0.0", "169.254.255.255", "::1", "fc00::", "fdff:ffff::1", "fe80::", "febf:ffff::1",
        "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:192.168.1.1", "::ffff:169.254.1.1"}) {
    EXPECT_TRUE(is_nearby(*parse_address(text))) << text;
  }
  for (const char* text : {"126.255.255.255",
                           "128.0.0.0",
                           "9.255.255.255",
                           "11.0.0.0",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.167.255.255",
                           "192.169.0.0",
                           "169.253.255.255",
                           "169.255.0.0",
                           "8.8.8.8",
                           "0.0.0.0",
                           "255.255.255.255",
                           "100.64.0.1",
                           "::",
                           "::2",
                           "fbff::1",
                           "fe00::1",
                           "fe7f::1",
                           "fec0::1",
                           "ff02::1",
                           "2001:db8::1",
                           "::ffff:8.8.8.8",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "1::1",
                           "::1:0:0:0:1"}) {
    EXPECT_FALSE(is_nearby(*parse_address(text))) << text;
  }
}

TEST(Target, OthersAreRefusedWithTheFlagThatAllowsThem) {
  for (const char* text : {"8.8.8.8:443", "[2001:db8::1]:443", "[::ffff:8.8.8.8]:443", "0.0.0.0:1"}) {
    std::string error;
    EXPECT_FALSE(find(text, false, error)) << text;
    EXPECT_NE(error.find("--i-own-this-target"), std::string::npos) << error;
    EXPECT_NE(error.find("answer for"), std::string::npos) << error;
    error.clear();
    EXPECT_TRUE(find(text, true, error)) << text << error;
  }
}

TEST(Target, TheFirstAllowedAddressOfANameIsTaken) {
  const std::vector<Address> addresses = {*parse_address("203.0.113.1"), *parse_address("2001:db8::1"),
                                          *parse_address("10.0.0.2"), *parse_address("127.0.0.1")};
  std::string error;
  EXPECT_EQ(to_text(choose_address("mixed.example", addresses, false, error).value()), "10.0.0.2");
  EXPECT_EQ(to_text(choose_address("mixed.example", addresses, true, error).value()), "203.0.113.1");
  EXPECT_FALSE(choose_address("far.example", {addresses[0], addresses[1]}, false, error));
  EXPECT_NE(error.find("far.example (203.0.113.1)"), std::string::npos) << error;
}

TEST(Target, AddressesAndNamesAreTakenApart) {
  std::string error;
  auto target = find("127.0.0.1:8443", false, error);
  ASSERT_TRUE(target) << error;
  EXPECT_EQ(to_text(target->address, target->port), "127.0.0.1:8443");
  EXPECT_FALSE(target->host_is_name);

  target = find("[::1]:1", false, error);
  ASSERT_TRUE(target) << error;
  EXPECT_EQ(to_text(target->address, target->port), "[::1]:1");
  EXPECT_EQ(target->host, "::1");

  target = find("localhost:65535", false, error);
  ASSERT_TRUE(target) << error;
  EXPECT_TRUE(target->host_is_name);
  EXPECT_TRUE(is_nearby(target->address));
  EXPECT_EQ(target->port, 65535);

  target = find("[::ffff:127.0.0.1]:2", false, error);  // the kernel would take it as IPv4 as well
  ASSERT_TRUE(target) << error;
  EXPECT_EQ(to_text(target->address, target->port), "127.0.0.1:2");

  target = find("127.1:3", false, error);  // an address in the old way of writing: no name for the server
  ASSERT_TRUE(target) << error;
  EXPECT_EQ(to_text(target->address), "127.0.0.1");
  EXPECT_FALSE(target->host_is_name);

  target = find("[fe80::1%lo]:4", false, error);
  ASSERT_TRUE(target) << error;
  EXPECT_NE(target->address.scope, 0u);
}

TEST(Target, MistakesSayWhatToWrite) {
  std::string error;
  for (const char* text : {"", "127.0.0.1", ":443", "::1:443", "[::1]", "[]:443", "localhost"}) {
    EXPECT_FALSE(find(text, false, error)) << text;
    EXPECT_NE(error.find("HOST:PORT"), std::string::npos) << error;
  }
  for (const char* text : {"127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:https"}) {
    EXPECT_FALSE(find(text, false, error)) << text;
    EXPECT_NE(error.find("1 to 65535"), std::string::npos) << error;
  }
  EXPECT_FALSE(find("[fe80::1]:443", false, error));
  EXPECT_NE(error.find("interface"), std::string::npos) << error;
  EXPECT_FALSE(find("no-such-name.invalid:443", false, error));
  EXPECT_NE(error.find("check the name"), std::string::npos) << error;
}

}  // namespace
}  // namespace breakwater::flood
