// When ticket keys come and go.
#include "library/src/ticket_key_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <string>

namespace breakwater::test {
namespace {

constexpr std::uint64_t kStart = 1'700'000'000'000;
constexpr std::uint64_t kMinute = 60'000;
constexpr std::uint64_t kHour = 60 * kMinute;

tls::TicketKeyRing ring_of(const TicketKeys& keys) {
  tls::TicketKeyRing ring;
  keys.copy_to(ring);
  return ring;
}

std::string name_of(const tls::TicketKey& key) { return {reinterpret_cast<const char*>(key.name), sizeof key.name}; }
std::string sealer(const TicketKeys& keys) { return name_of(ring_of(keys).keys[0]); }

bool opens(const TicketKeys& keys, const std::string& name, std::uint64_t now) {
  const tls::TicketKeyRing ring = ring_of(keys);
  return std::any_of(ring.keys, ring.keys + ring.count,
                     [&](const tls::TicketKey& key) { return name_of(key) == name && now < key.not_after_ms; });
}

bool is_zero(const tls::TicketKey& key) {
  const tls::TicketKey zero;
  return std::memcmp(key.name, zero.name, sizeof zero.name) == 0 &&
         std::memcmp(key.secret, zero.secret, sizeof zero.secret) == 0 && key.not_after_ms == 0;
}

TEST(TicketKeys, BeginWithOneRandomKey) {
  const TicketKeys one, other;
  const tls::TicketKeyRing ring = ring_of(one);
  EXPECT_EQ(ring.count, 1);
  EXPECT_EQ(ring.keys[0].not_after_ms, std::numeric_limits<std::uint64_t>::max());
  for (int i = 1; i < static_cast<int>(tls::kMaxTicketKeys); ++i) EXPECT_TRUE(is_zero(ring.keys[i]));
  EXPECT_NE(sealer(one), sealer(other));
  EXPECT_NE(std::memcmp(ring.keys[0].secret, ring_of(other).keys[0].secret, 32), 0);
  EXPECT_NE(std::memcmp(ring.cookie_secret, ring_of(other).cookie_secret, 32), 0);
  EXPECT_NE(one.generation(), 0u);
}

TEST(TicketKeys, SealForOneIntervalFromTheFirstCall) {
  TicketKeys keys;
  keys.configure(24 * 3600, 8 * 3600);
  const std::string first = sealer(keys);
  const std::uint64_t generation = keys.generation();
  keys.rotate(kStart);
  keys.rotate(kStart + 8 * kHour - 1);
  EXPECT_EQ(sealer(keys), first);
  EXPECT_EQ(keys.generation(), generation);
  keys.rotate(kStart + 8 * kHour);
  EXPECT_NE(sealer(keys), first);
  EXPECT_NE(keys.generation(), generation);
  EXPECT_EQ(ring_of(keys).count, 2);
}

TEST(TicketKeys, OpenForOneLifetimeAfterTheySealedLast) {
  TicketKeys keys;
  keys.configure(24 * 3600, 8 * 3600);
  keys.rotate(kStart);
  const std::string first = sealer(keys);
  const std::uint64_t sealed_last = kStart + 8 * kHour;
  for (std::uint64_t now = kStart; now < sealed_last + 24 * kHour; now += kMinute) {
    keys.rotate(now);
    ASSERT_TRUE(opens(keys, first, now)) << (now - kStart) / kMinute << " minutes";
  }
  keys.rotate(sealed_last + 24 * kHour);
  EXPECT_FALSE(opens(keys, first, sealed_last + 24 * kHour));
}

// Whatever the settings and however irregular the calls: a ticket lives as long as promised, in at most four keys.
TEST(TicketKeys, OverlapForEverySetting) {
  for (const std::uint32_t lifetime_s : {60u, 3600u, 86400u, 604800u}) {
    for (const std::uint32_t rotation_s : {1u, 60u, 1000u, 28800u, 604800u}) {
      TicketKeys keys;
      keys.configure(lifetime_s, rotation_s);
      struct Sealed {
        std::string key;
        std::uint64_t at;
      };
      std::vector<Sealed> tickets;
      std::uint64_t now = kStart;
      const std::uint64_t step = std::max(lifetime_s, rotation_s) * 1000ull / 13 + 7;
      for (int i = 0; i < 60; ++i, now += step * (1 + static_cast<unsigned>(i) % 3)) {
        keys.rotate(now);
        tickets.push_back({sealer(keys), now});
        ASSERT_LE(ring_of(keys).count, tls::kMaxTicketKeys);
        for (const Sealed& ticket : tickets) {
          if (now < ticket.at + lifetime_s * 1000ull) {
            ASSERT_TRUE(opens(keys, ticket.key, now)) << lifetime_s << " " << rotation_s << " step " << i;
          }
        }
      }
      EXPECT_GT(std::set<std::string>({sealer(keys), tickets.front().key}).size(), 1u) << "never rotated";
    }
  }
}

TEST(TicketKeys, DeadOnesAreWiped) {
  TicketKeys keys;
  keys.configure(60, 60);
  keys.rotate(kStart);
  keys.rotate(kStart + kMinute);
  EXPECT_EQ(ring_of(keys).count, 2);
  const std::uint64_t generation = keys.generation();
  keys.rotate(kStart + 2 * kMinute - 1);
  EXPECT_EQ(keys.generation(), generation);
  // The old key dies at this moment, and the next one begins to seal.
  keys.rotate(kStart + 2 * kMinute);
  const tls::TicketKeyRing ring = ring_of(keys);
  EXPECT_EQ(ring.count, 2);
  for (std::size_t i = ring.count; i < tls::kMaxTicketKeys; ++i) EXPECT_TRUE(is_zero(ring.keys[i])) << i;
}

TEST(TicketKeys, RotateLateWithoutLosingTheSealingKey) {
  TicketKeys keys;
  keys.configure(60, 60);
  keys.rotate(kStart);
  const std::string first = sealer(keys);
  const std::uint64_t late = kStart + 100 * kHour;  // nobody called for days; the key went on sealing
  EXPECT_TRUE(opens(keys, first, late));
  keys.rotate(late);
  EXPECT_TRUE(opens(keys, first, late + kMinute - 1));
  EXPECT_FALSE(opens(keys, first, late + kMinute));
}

TEST(TicketKeys, SurviveAClockSetBack) {
  TicketKeys keys;
  keys.configure(3600, 1200);
  keys.rotate(kStart);
  const std::string first = sealer(keys);
  keys.rotate(kStart - 1000 * kHour);
  EXPECT_EQ(sealer(keys), first);
  keys.rotate(kStart - 1000 * kHour + 1200'000);
  EXPECT_NE(sealer(keys), first);
}

TEST(TicketKeys, TakeNewSettingsAtTheNextRotation) {
  TicketKeys keys;
  keys.configure(24 * 3600, 8 * 3600);
  keys.rotate(kStart);
  const std::string first = sealer(keys);
  keys.configure(600, 300);  // as a reload does
  keys.rotate(kStart + 5 * kMinute);
  EXPECT_NE(sealer(keys), first);
  EXPECT_TRUE(opens(keys, first, kStart + 15 * kMinute - 1));
  EXPECT_FALSE(opens(keys, first, kStart + 15 * kMinute));
}

TEST(TicketKeys, KeepTheCookieSecret) {
  TicketKeys keys;
  keys.configure(60, 60);
  const tls::TicketKeyRing before = ring_of(keys);
  for (int i = 0; i < 10; ++i) keys.rotate(kStart + static_cast<unsigned>(i) * kMinute);
  EXPECT_EQ(std::memcmp(before.cookie_secret, ring_of(keys).cookie_secret, 32), 0);
}

}  // namespace
}  // namespace breakwater::test
