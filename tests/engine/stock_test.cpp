// Handshakes with a stock of key pairs: with a pair at hand the first stage of jobs falls away, without one it comes
// back.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "core/batch/batcher.h"
#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using batch::JobKind;

constexpr std::uint16_t kX25519 = 0x001D;
constexpr std::uint16_t kP256 = 0x0017;

struct StockCase {
  bool tls13;
  std::uint16_t group;
};

class Stock : public ::testing::TestWithParam<StockCase> {
 protected:
  Group group() const { return static_cast<Group>(GetParam().group); }

  Script script() const {
    Script script;
    script.offer = GetParam().tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.offer.groups = script.offer.shares = {GetParam().group};
    return script;
  }

  void put(Group of, std::size_t count) {
    batch::KeyPairStock full;
    batch::Batcher batcher;
    const Entropy entropy{[](void* self, MutableBytes out) noexcept {
                            const Bytes bytes = static_cast<Random*>(self)->bytes(out.size());
                            std::ranges::copy(bytes, out.begin());
                          },
                          &random_};
    const batch::Tools tools{.random = entropy, .arithmetic = &crypto::kPortable};
    batcher.restock(full, of, tools, batch::default_tuning(crypto::kPortable));
    while (count-- != 0) {
      std::uint8_t* private_key = nullptr;
      MutableBytes public_key;
      stock_.place(of, 0, private_key, public_key);
      ASSERT_TRUE(full.take(of, private_key, public_key.data()));
      stock_.keep(of, 1);
    }
  }

  // The kinds of jobs of each stage of a handshake: K, A, S; a bar behind each stage.
  std::string stages(Script by) {
    Client client(by);
    EngineServer server(setup_);
    server.use_stock(stock_);
    std::string seen;
    const batch::Job* first = nullptr;
    server.job_hook = [&](batch::Job& job) {
      // The jobs of a stage lie one behind the other.
      if (first == nullptr || &job <= first) seen += seen.empty() ? "" : "|";
      first = &job;
      seen += job.kind == JobKind::KeyPair ? 'K' : job.kind == JobKind::KeyAgreement ? 'A' : 'S';
      return false;
    };
    EXPECT_EQ(shake_hands(client, server), "");
    EXPECT_EQ(echo(client, server), "");
    if (!client.sessions().empty()) sessions_ = {client.sessions().back()};
    return seen;
  }

  ServerSetup setup_;
  batch::KeyPairStock stock_;
  Random random_{1};
  std::vector<Session> sessions_;
};

class StockOfTls13 : public Stock {};  // TLS 1.2 has no HelloRetryRequest

std::string name_of(const ::testing::TestParamInfo<StockCase>& tested) {
  return std::string(tested.param.tls13 ? "Tls13" : "Tls12") + (tested.param.group == kP256 ? "P256" : "X25519");
}

INSTANTIATE_TEST_SUITE_P(All, Stock,
                         ::testing::Values(StockCase{true, kX25519}, StockCase{true, kP256}, StockCase{false, kX25519},
                                           StockCase{false, kP256}),
                         name_of);
INSTANTIATE_TEST_SUITE_P(All, StockOfTls13, ::testing::Values(StockCase{true, kX25519}, StockCase{true, kP256}),
                         name_of);

TEST_P(Stock, SavesTheFirstStage) {
  put(group(), 3);
  EXPECT_EQ(stages(script()), GetParam().tls13 ? "AS" : "S|A");
  EXPECT_EQ(stock_.size(group()), 2U);
}

TEST_P(Stock, AnEmptyOneAddsAStage) {
  const char* const all_stages = GetParam().tls13 ? "K|AS" : "K|S|A";
  EXPECT_EQ(stages(script()), all_stages);
  put(group(), 1);
  EXPECT_EQ(stages(script()), GetParam().tls13 ? "AS" : "S|A");
  EXPECT_EQ(stages(script()), all_stages);
}

TEST_P(Stock, PairsOfOtherGroupsDoNotServe) {
  put(GetParam().group == kP256 ? Group::X25519 : Group::Secp256r1, 2);
  EXPECT_EQ(stages(script()), GetParam().tls13 ? "K|AS" : "K|S|A");
}

TEST_P(Stock, ServesResumptionToo) {
  put(group(), 2);
  stages(script());
  Script again = script();
  again.offer.sessions = sessions_;
  again.seed = 2;
  EXPECT_EQ(stages(again), GetParam().tls13 ? "A" : "");  // a resumed TLS 1.2 handshake needs no pair
  EXPECT_EQ(stock_.size(group()), GetParam().tls13 ? 0U : 1U);
}

TEST_P(StockOfTls13, ServesAfterAHelloRetryRequest) {
  put(group(), 1);
  Script by = script();
  by.offer.shares = {};
  EXPECT_EQ(stages(by), "AS");
  EXPECT_EQ(stock_.size(group()), 0U);
}

// Two handshakes never show the same key share.
TEST_P(Stock, EachHandshakeHasAPairOfItsOwn) {
  put(group(), 4);
  std::vector<Bytes> keys;
  setup_.configuration.key_log = {};
  for (int i = 0; i < 5; ++i) {
    Client client(script());
    EngineServer server(setup_);
    server.use_stock(stock_);
    server.job_hook = [&](batch::Job& job) {
      if (job.kind == JobKind::KeyAgreement) keys.emplace_back(job.private_key, job.private_key + 32);
      return false;
    };
    ASSERT_EQ(shake_hands(client, server), "");
  }
  ASSERT_EQ(keys.size(), 5U);
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

}  // namespace
}  // namespace breakwater::test
