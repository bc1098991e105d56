// crypto_mb beside our own arithmetic in `breakwater speed`: where the CPU lacks its instructions, it is not called.
#include "tests/proxy/crypto_mb_double.h"

#include <gtest/gtest.h>

#include "proxy/speed/speed.h"

namespace breakwater::proxy {
namespace {

TEST(CryptoMb, IsMeasuredWhereItCanRun) {
  test::crypto_mb_double() = {.is_applicable = 1};
  const std::vector<Measurement> list = crypto_mb_measurements(RsaKeys());
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].operation, "X25519 key pair");
  EXPECT_EQ(list[0].implementation, "crypto_mb");
  EXPECT_EQ(list[0].lanes, 8U);
  const int calls = test::crypto_mb_double().calls;
  list[0].call();
  EXPECT_EQ(test::crypto_mb_double().calls, calls + 1);
}

TEST(CryptoMb, IsNotCalledWhereTheCpuLacksItsInstructions) {
  test::crypto_mb_double() = {.is_applicable = 0};
  EXPECT_TRUE(crypto_mb_measurements(RsaKeys()).empty());
  EXPECT_EQ(test::crypto_mb_double().calls, 0);
}

}  // namespace
}  // namespace breakwater::proxy
