// The bounded tables under ten million keys that each come once: nothing is written outside their memory, and who is in
// use among them stays. Prints what an operation takes, to be seen in the log.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <random>
#include <span>
#include <vector>

#include "core/guard/blocks.h"
#include "core/guard/half_open.h"
#include "core/guard/heavy_hitters.h"
#include "core/guard/network_list.h"
#include "core/guard/reputation.h"
#include "core/guard/usage.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BREAKWATER_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BREAKWATER_SANITIZED 1
#endif
#endif

namespace breakwater::test {
namespace {

using guard::Blocks;
using guard::HalfOpen;
using guard::HeavyHitters;
using guard::Network;
using guard::NetworkList;
using guard::Reputation;
using guard::Usage;

#ifdef BREAKWATER_SANITIZED
constexpr std::uint64_t kKeys = 300'000;
#else
constexpr std::uint64_t kKeys = 10'000'000;
#endif
constexpr std::size_t kSets = 1024;
constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kApart = 100;  // nanoseconds between two keys
constexpr std::uint64_t kHonest = 42;  // no other key is so small but by the rarest chance
const Network kSomebody = guard::client_of(guard::Address::v4(0xc0000201));

// Zeroed memory between two guards, which stay as they are.
template <class T>
class Guarded {
 public:
  explicit Guarded(std::size_t count) : memory_(count + 2) {
    for (T* const guard : {&memory_.front(), &memory_.back()}) std::memset(static_cast<void*>(guard), kFill, sizeof(T));
  }
  ~Guarded() {
    for (const T* const guard : {&memory_.front(), &memory_.back()}) {
      std::vector<unsigned char> bytes(sizeof(T)), expected(sizeof(T), kFill);
      std::memcpy(bytes.data(), static_cast<const void*>(guard), sizeof(T));
      EXPECT_EQ(bytes, expected);
    }
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  std::span<T> view() { return std::span(memory_).subspan(1, memory_.size() - 2); }

 private:
  static constexpr unsigned char kFill = 0xa5;
  std::vector<T> memory_;
};

// operation(key, now) for all keys, check(now) now and then.
template <class Operation, class Check>
void flood(const char* name, Operation operation, Check check) {
  std::mt19937_64 random(9);
  std::uint64_t now = kMs;
  std::chrono::nanoseconds spent{};
  for (std::uint64_t done = 0; done < kKeys;) {
    std::uint64_t keys[1000];
    for (std::uint64_t& key : keys) key = random();
    const auto begin = std::chrono::steady_clock::now();
    for (const std::uint64_t key : keys) operation(key, now += kApart);
    spent += std::chrono::steady_clock::now() - begin;
    done += std::size(keys);
    check(now);
    if (testing::Test::HasFailure()) FAIL() << name << " after " << done << " keys";
  }
  std::printf("%-36s %6.1f ns\n", name, static_cast<double>(spent.count()) / static_cast<double>(kKeys));
}

TEST(Tables, UsageUnderAFlood) {
  Guarded<Usage::Set> memory(kSets);
  Usage usage(memory.view(), Usage::Memory::Long);
  std::vector<Usage::Set> apart(1);
  Usage alone(apart, Usage::Memory::Long);
  std::uint32_t expected = usage.add(kHonest, kMs, 10'000);
  alone.add(kHonest, kMs, 10'000);
  flood(
      "usage: add, new keys", [&](std::uint64_t key, std::uint64_t now) { usage.add(key, now, 170); },
      [&](std::uint64_t now) {
        expected = alone.add(kHonest, now, 1);
        ASSERT_EQ(usage.add(kHonest, now, 1), expected);
      });
}

TEST(Tables, HalfOpenUnderAFlood) {
  Guarded<HalfOpen::Set> memory(kSets);
  HalfOpen half_open(memory.view());
  for (int i = 0; i < 3; ++i) half_open.begin(kHonest);
  flood(
      "half open: begin and end, new keys",
      [&](std::uint64_t key, std::uint64_t) {
        half_open.begin(key);
        if (key % 4 == 0) half_open.end(key);
      },
      [&](std::uint64_t) { ASSERT_EQ(half_open.of(kHonest), 3U); });
}

TEST(Tables, BlocksUnderAFlood) {
  Guarded<Blocks::Set> memory(kSets);
  Blocks blocks(memory.view(), {.first = 100 * kMs});
  std::uint64_t until = 0;
  for (int strike = 0; strike < 6; ++strike) until = blocks.block(kHonest, kSomebody, until);
  const std::uint64_t end = until;
  flood(
      "blocks: block, new keys", [&](std::uint64_t key, std::uint64_t now) { blocks.block(key, kSomebody, now); },
      [&](std::uint64_t now) {
        const guard::Blocked* const blocked = blocks.find(kHonest, now);
        ASSERT_TRUE(blocked != nullptr);
        ASSERT_EQ(blocked->until, end);
      });
}

TEST(Tables, ReputationUnderAFlood) {
  Guarded<Reputation::Set> memory(kSets);
  Reputation reputation(memory.view(), 60'000 * kMs);
  reputation.completed(kHonest, kMs);
  std::uint32_t last = 0;
  flood(
      "reputation: begin, new keys", [&](std::uint64_t key, std::uint64_t now) { reputation.begin(key, now); },
      [&](std::uint64_t now) {
        const std::uint32_t completed = reputation.of(kHonest, now).completed;
        ASSERT_GT(completed, last / 2);
        reputation.begin(kHonest, now);
        reputation.completed(kHonest, now);
        last = reputation.of(kHonest, now).completed;
      });
}

template <std::size_t kPlaces>
void flood_heavy_hitters(const char* name) {
  using Table = HeavyHitters<Network, kPlaces>;
  struct alignas(Table) Memory {
    unsigned char bytes[sizeof(Table)];
  };
  Guarded<Memory> memory(1);
  Table& table = *new (memory.view().data()) Table(200 * kMs);
  table.note(kHonest, Network(), 100, kMs);
  flood(
      name, [&](std::uint64_t key, std::uint64_t now) { table.note(key, kSomebody, 1, now); },
      [&](std::uint64_t now) {
        const auto found = table.find(kHonest, now);
        ASSERT_TRUE(found);
        ASSERT_GT(found->weight, table.total(now) / 40);
        table.note(kHonest, Network(), 100, now);  // one part of eleven
      });
}

TEST(Tables, HeavyHittersUnderAFlood) {
  flood_heavy_hitters<64>("heavy hitters: note, new keys, 64");
  flood_heavy_hitters<256>("heavy hitters: note, new keys, 256");
}

// Of keys that are known, a thousand of them in turn (of heavy hitters: 128), and of a list of 100,000 networks.
TEST(Tables, TimesOfKnownKeys) {
  std::mt19937_64 random(10);
  std::vector<std::uint64_t> keys(1024);
  for (std::uint64_t& key : keys) key = random();
  std::vector<Usage::Set> usage_sets(kSets);
  std::vector<HalfOpen::Set> half_open_sets(kSets);
  std::vector<Blocks::Set> block_sets(kSets);
  std::vector<Reputation::Set> reputation_sets(kSets);
  Usage usage(usage_sets, Usage::Memory::Long);
  HalfOpen half_open(half_open_sets);
  Blocks blocks(block_sets);
  Reputation reputation(reputation_sets, 60'000 * kMs);
  HeavyHitters<Network, 128> heavy(60'000 * kMs);
  std::vector<Network> networks(100'000);
  for (Network& network : networks) network = {{random(), 0}, 64};
  networks.resize(NetworkList::normalise(networks));
  const NetworkList list(networks);

  std::uint64_t now = kMs;
  const auto measure = [&](const char* name, auto operation) {
    std::uint64_t true_ones = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < kKeys / 10; ++i) true_ones += operation(i, now += kApart) ? 1U : 0U;
    const std::chrono::nanoseconds spent = std::chrono::steady_clock::now() - begin;
    std::printf("%-36s %6.1f ns\n", name, static_cast<double>(spent.count()) / static_cast<double>(kKeys / 10));
    return true_ones;
  };
  const auto key_of = [&](std::uint64_t i) { return keys[i % keys.size()]; };
  EXPECT_EQ(
      measure("usage: add", [&](std::uint64_t i, std::uint64_t at) { return usage.add(key_of(i), at, 170) >= 170; }),
      kKeys / 10);
  EXPECT_EQ(measure("half open: begin, of, end",
                    [&](std::uint64_t i, std::uint64_t) {
                      half_open.begin(key_of(i));
                      const bool one = half_open.of(key_of(i)) == 1;
                      half_open.end(key_of(i));
                      return one;
                    }),
            kKeys / 10);
  EXPECT_EQ(measure("blocks: is blocked, none is",
                    [&](std::uint64_t i, std::uint64_t at) { return blocks.is_blocked(key_of(i), at); }),
            0U);
  for (const std::uint64_t key : keys) blocks.block(key, kSomebody, now);
  EXPECT_EQ(measure("blocks: is blocked, all are",
                    [&](std::uint64_t i, std::uint64_t at) { return blocks.is_blocked(key_of(i), at); }),
            kKeys / 10);
  EXPECT_EQ(measure("reputation: begin, completed, of",
                    [&](std::uint64_t i, std::uint64_t at) {
                      reputation.begin(key_of(i), at);
                      reputation.completed(key_of(i), at);
                      return reputation.of(key_of(i), at).known;
                    }),
            kKeys / 10);
  measure("heavy hitters: note, 128", [&](std::uint64_t i, std::uint64_t at) {
    heavy.note(key_of(i % 128), kSomebody, 1 + i % 3, at);
    return true;
  });
  EXPECT_EQ(heavy.least(now) > 0, true);
  EXPECT_EQ(measure("network list: contains, 100,000",
                    [&](std::uint64_t i, std::uint64_t) {
                      return list.contains(networks[i * 7919 % networks.size()].address());
                    }),
            kKeys / 10);
}

}  // namespace
}  // namespace breakwater::test
