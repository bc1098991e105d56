// The guard's memory under a million clients that each come once, while some stay: it is what the host gave, nothing is
// written beside it, and those who are at work are known still.
#include <gtest/gtest.h>

#include <random>

#include "core/guard/guard.h"
#include "tests/guard/guard_tables.h"

namespace breakwater::test {
namespace {

using guard::Address;
using guard::Client;
using guard::End;
using guard::Reason;

TEST(GuardMemory, AMillionClientsFitIntoWhatThereIs) {
  GuardTables tables(64);  // 512 clients
  guard::Guard guard(tables.memory(), kTestKey, {});
  guard.use({.strikes = 1}, {}, true, {}, {});
  std::mt19937_64 random(5);
  const Address heavy = Address::v4(0xcb007101);
  const std::uint64_t heavy_key = guard.key_of(guard::client_of(heavy));
  std::uint64_t now = 0;
  std::vector<Client> open;  // those still in their handshake
  for (int i = 0; i < 1'000'000; ++i) {
    now += 2'000;
    if (i % 1'000 == 0) {
      guard.note_delay(i % 200'000 < 100'000 ? 30 * kMs : 0, now);
      guard.set_crowded(i % 3'000 == 0);
    }
    const bool is_heavy = i % 64 == 0;
    const Address address = is_heavy       ? heavy
                            : random() % 2 ? Address::v4(static_cast<std::uint32_t>(random()))
                                           : Address{random() | 1, random()};
    Client client;
    if (guard.door(address, now, client).refused != Reason::None) continue;
    const guard::Ask ask{.fingerprint = random() | 1,
                         .ticket = random() % 2 * (random() | 1),
                         .arithmetic = static_cast<std::uint32_t>(is_heavy ? 500 : random() % 200),
                         .host = static_cast<std::uint16_t>(random()),
                         .tls12 = random() % 2 == 0,
                         .rsa = random() % 2 == 0,
                         .can_retry = true};
    for (std::uint64_t pieces = random() % 20; pieces > 0; --pieces) guard.piece(client, random() % 200);
    const guard::Answer answer = guard.hello(
        client, ask, {.queued = random() % (500 * kMs), .worst = static_cast<guard::Rank>(random() % 16)}, now);
    ASSERT_LE(answer.rank, guard::kRankLowest);
    open.push_back(client);
    if (open.size() < 2'000) continue;
    std::swap(open[random() % open.size()], open.back());
    guard.ended(open.back(), static_cast<End>(random() % 6), now);
    open.pop_back();
  }
  EXPECT_TRUE(tables.intact());
  EXPECT_GT(guard.clients().of(heavy_key, now), 50'000U) << "others have some hundred, and it is one of 500,000";
  for (Client& client : open) guard.ended(client, End::Completed, now);
  EXPECT_TRUE(tables.intact());
}

}  // namespace
}  // namespace breakwater::test
