// The stock of key pairs: bounded, each pair handed out once, nothing left behind.
#include "core/batch/key_pair_stock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/batch/batcher.h"
#include "core/crypto/p256.h"
#include "core/crypto/x25519.h"
#include "tests/batch/jobs.h"

namespace breakwater::test {
namespace {

using batch::Batcher;
using batch::KeyPairStock;
using batch::Tools;

struct Pair {
  Bytes32 private_key{};
  Point65 public_key{};
};

bool occurs_in(const KeyPairStock& stock, std::span<const std::uint8_t> bytes) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(&stock);
  return std::search(begin, begin + sizeof stock, bytes.begin(), bytes.end()) != begin + sizeof stock;
}

class KeyPairStockTest : public testing::TestWithParam<Group> {
 protected:
  std::size_t fill(std::size_t runs = 100) {
    std::size_t made = 0;
    while (runs-- != 0 && stock_.has_room_for(GetParam(), crypto::kLanes)) {
      made += batcher_.restock(stock_, GetParam(), {.random = random_.entropy(), .arithmetic = &crypto::kEmulated},
                               tuning_);
    }
    return made;
  }
  bool take(Pair& pair) { return stock_.take(GetParam(), pair.private_key.data(), pair.public_key.data()); }
  Group other() const { return GetParam() == Group::X25519 ? Group::Secp256r1 : Group::X25519; }

  Stream random_{1};
  Batcher batcher_;
  batch::Tuning tuning_ = batch::default_tuning(crypto::kEmulated);
  KeyPairStock stock_;
};
INSTANTIATE_TEST_SUITE_P(Groups, KeyPairStockTest, testing::Values(Group::Secp256r1, Group::X25519));

TEST_P(KeyPairStockTest, IsEmptyAtFirst) {
  Pair pair;
  EXPECT_FALSE(take(pair));
  EXPECT_EQ(pair.private_key, Bytes32{});
  EXPECT_EQ(stock_.size(GetParam()), 0U);
  EXPECT_FALSE(stock_.take(Group::None, pair.private_key.data(), pair.public_key.data()));
}

TEST_P(KeyPairStockTest, TakesAsManyAsItHasRoomFor) {
  EXPECT_EQ(fill(), KeyPairStock::kCapacity);
  EXPECT_EQ(stock_.size(GetParam()), KeyPairStock::kCapacity);
  EXPECT_EQ(stock_.size(other()), 0U);
  const Tools tools{.random = random_.entropy(), .arithmetic = &crypto::kEmulated};
  EXPECT_EQ(batcher_.restock(stock_, GetParam(), tools, tuning_), 0U);
  Pair pair;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(take(pair));
  EXPECT_EQ(batcher_.restock(stock_, GetParam(), tools, tuning_), 3U);  // no further than to the brim
  EXPECT_EQ(stock_.size(GetParam()), KeyPairStock::kCapacity);
  EXPECT_EQ(batcher_.restock(stock_, Group::None, tools, tuning_), 0U);
}

TEST_P(KeyPairStockTest, HandsEachPairOutOnceAndWhole) {
  fill();
  std::set<Bytes32> seen;
  Pair pair;
  while (take(pair)) {
    EXPECT_TRUE(seen.insert(pair.private_key).second);
    if (GetParam() == Group::X25519) {
      Bytes32 expected;
      crypto::x25519_public_key(expected.data(), pair.private_key.data());
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), pair.public_key.begin()));
    } else {
      Point65 expected;
      ASSERT_TRUE(crypto::p256_public_key(expected.data(), pair.private_key.data()));
      EXPECT_EQ(pair.public_key, expected);
    }
    EXPECT_FALSE(occurs_in(stock_, pair.private_key));
  }
  EXPECT_EQ(seen.size(), KeyPairStock::kCapacity);
}

TEST_P(KeyPairStockTest, IsWipedAtItsEnd) {
  alignas(KeyPairStock) static std::uint8_t memory[sizeof(KeyPairStock)];
  auto* const stock = new (memory) KeyPairStock;
  batcher_.restock(*stock, GetParam(), {.random = random_.entropy(), .arithmetic = &crypto::kEmulated}, tuning_);
  ASSERT_EQ(stock->size(GetParam()), crypto::kLanes);
  ASSERT_FALSE(std::ranges::all_of(memory, [](std::uint8_t byte) { return byte == 0; }));
  stock->~KeyPairStock();
  EXPECT_TRUE(std::ranges::all_of(memory, [](std::uint8_t byte) { return byte == 0; }));
}

// What a child process finds in memory that the kernel wiped.
TEST_P(KeyPairStockTest, ZerosAreAnEmptyStockThatCanBeFilled) {
  fill();
  memset(static_cast<void*>(&stock_), 0, sizeof stock_);
  Pair pair;
  EXPECT_FALSE(take(pair));
  EXPECT_EQ(fill(1), crypto::kLanes);
  EXPECT_TRUE(take(pair));
}

TEST(KeyPairStock, KeepsNothingThatBrokenRandomnessMade) {
  struct Source {
    int calls = 0;
    static void fill(void* self, MutableBytes out) noexcept {
      const int call = ++static_cast<Source*>(self)->calls;
      std::ranges::fill(out, call > 3 ? 0xff : static_cast<std::uint8_t>(call));  // no P-256 scalar from the fourth on
    }
  } source;
  KeyPairStock stock;
  Batcher batcher;
  const Tools tools{.random = {Source::fill, &source}, .arithmetic = &crypto::kEmulated};
  const batch::Tuning tuning = batch::default_tuning(crypto::kEmulated);
  EXPECT_EQ(batcher.restock(stock, Group::Secp256r1, tools, tuning), 3U);
  EXPECT_EQ(batcher.restock(stock, Group::Secp256r1, tools, tuning), 0U);
  EXPECT_EQ(stock.size(Group::Secp256r1), 3U);
}

}  // namespace
}  // namespace breakwater::test
