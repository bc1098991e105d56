// Names of this machine, and names that only look like it.
#include "proxy/admin/loopback_host.h"

#include <gtest/gtest.h>

namespace breakwater::proxy {
namespace {

TEST(LoopbackHost, Yes) {
  for (const char* host : {"localhost", "LocalHost:8444", "localhost:", "127.0.0.1", "127.0.0.1:80",
                           "127.255.3.4:65535", "[::1]", "[::1]:8444", "[0:0:0:0:0:0:0:1]"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
}

TEST(LoopbackHost, No) {
  for (const char* host : {"",
                           ":80",
                           "localhos",
                           "localhostx",
                           "localhost.",
                           "localhost:x",
                           "localhost:123456",
                           "localhost:80:80",
                           "user@localhost",
                           "128.0.0.1",
                           "127.1",
                           "127.0.0.1x",
                           "127.0.0.01",
                           "0127.0.0.1",
                           "2130706433",
                           "0x7f.0.0.1",
                           "::1",
                           "[::1",
                           "[::1]x",
                           "[::1]:x",
                           "[::2]",
                           "[]",
                           "[127.0.0.1]",
                           "[::ffff:127.0.0.1]",
                           "0.0.0.0",
                           "attacker.example:8444"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
  EXPECT_FALSE(is_loopback_host({"127.0.0.1\0.evil", 15}));
}

}  // namespace
}  // namespace breakwater::proxy
