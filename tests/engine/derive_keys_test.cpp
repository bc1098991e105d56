// Keys derived of many connections together give the same handshakes as those derived by each alone.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "core/crypto/sha512_functions.h"
#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using batch::JobKind;

constexpr std::uint16_t kSuites13[] = {0x1301, 0x1302, 0x1303};
constexpr std::uint16_t kSuites12[] = {0xC02B, 0xC02C, 0xCCA9};

struct Party {
  Party(const ServerSetup& setup, const Script& script, std::uint64_t seed) : client(script), server(setup, seed) {}

  Client client;
  EngineServer server;
  std::string error;
};

class DeriveKeys : public testing::TestWithParam<std::size_t> {
 protected:
  // Brings so many connections to the point where their agreement is done, one inside the other, then lets `together`
  // see them all, and goes on with each.
  void run(std::vector<Script> scripts,
           const std::function<void(tls::Worker&, std::span<tls::Connection* const>)>& together) {
    for (std::size_t i = 0; i < scripts.size(); ++i) {
      scripts[i].seed = i + 1;
      parties_.push_back(std::make_unique<Party>(setup_, scripts[i], i + 1));
    }
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      EngineServer& server = parties_[i]->server;
      server.use_hash_lanes({&crypto::emulated::kSha512Lanes});
      server.job_hook = [this](batch::Job& job) {
        agreed_ = agreed_ || job.kind == JobKind::KeyAgreement;
        return false;
      };
      server.before_resume = [this, i, &together] {
        if (!agreed_) return;
        agreed_ = false;
        waiting_.push_back(&parties_[i]->server.connection());
        if (i + 1 < parties_.size()) {
          shake(i + 1);
        } else {
          together(parties_[i]->server.worker(), waiting_);
        }
      };
    }
    shake(0);
    EXPECT_EQ(waiting_.size(), parties_.size());
    for (const auto& party : parties_) {
      EXPECT_EQ(party->error, "");
      EXPECT_EQ(echo(party->client, party->server), "");
      EXPECT_EQ(party->server.broken_promise(), "");
      if (!party->client.sessions().empty()) sessions_.push_back(party->client.sessions().back());
    }
    parties_.clear();
    waiting_.clear();
  }

  void shake(std::size_t i) { parties_[i]->error = shake_hands(parties_[i]->client, parties_[i]->server); }

  static Script script(bool tls13, std::uint16_t suite) {
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.offer.suites = {suite};
    return script;
  }

  // Both versions, both hashes, mixed.
  std::vector<Script> mixed(std::size_t count) const {
    std::vector<Script> scripts;
    for (std::size_t i = 0; i < count; ++i) {
      const bool tls13 = i % 3 != 1;
      scripts.push_back(script(tls13, (tls13 ? kSuites13 : kSuites12)[i / 2 % 3]));
      scripts.back().offer.extended_master_secret = i % 5 != 4;
    }
    return scripts;
  }

  ServerSetup setup_;
  std::vector<std::unique_ptr<Party>> parties_;
  std::vector<tls::Connection*> waiting_;
  std::vector<Session> sessions_;
  bool agreed_ = false;
};

void derive(tls::Worker& worker, std::span<tls::Connection* const> connections) {
  tls::Connection::derive_keys(worker, connections);
}

INSTANTIATE_TEST_SUITE_P(Counts, DeriveKeys, testing::Values(1, 2, 5, 8, 9, 20), testing::PrintToStringParamName());

TEST_P(DeriveKeys, OfMixedConnections) { run(mixed(GetParam()), derive); }

TEST_P(DeriveKeys, OfOneKind) {
  for (const std::uint16_t suite : kSuites13) run(std::vector<Script>(GetParam(), script(true, suite)), derive);
  for (const std::uint16_t suite : kSuites12) run(std::vector<Script>(GetParam(), script(false, suite)), derive);
}

// Whom it has passed over derives alone.
TEST_P(DeriveKeys, OfSomeOfThem) {
  run(mixed(GetParam()), [](tls::Worker& worker, std::span<tls::Connection* const> connections) {
    tls::Connection::derive_keys(worker, connections.first(connections.size() / 2));
    tls::Connection::derive_keys(worker, {});
  });
}

// A second call finds nothing left to do.
TEST_P(DeriveKeys, OnlyOnce) {
  run(mixed(GetParam()), [](tls::Worker& worker, std::span<tls::Connection* const> connections) {
    tls::Connection::derive_keys(worker, connections);
    tls::Connection::derive_keys(worker, connections);
  });
}

// RFC 8446 7.1: the early secret comes in beside connections that have none.
TEST_P(DeriveKeys, OfResumedOnesBesideOthers) {
  run(std::vector<Script>(GetParam(), script(true, 0x1302)), derive);
  ASSERT_EQ(sessions_.size(), GetParam());
  std::vector<Script> again;
  for (std::size_t i = 0; i < GetParam(); ++i) {
    again.push_back(script(true, 0x1302));
    if (i % 2 == 0) again.back().offer.sessions = {sessions_[i]};
  }
  std::size_t resumed = 0;
  run(again, [&](tls::Worker& worker, std::span<tls::Connection* const> connections) {
    for (const tls::Connection* const one : connections) resumed += one->negotiated().resumed ? 1 : 0;
    tls::Connection::derive_keys(worker, connections);
  });
  EXPECT_EQ(resumed, (GetParam() + 1) / 2);
}

// A connection whose agreement was refused is passed over, and fails as it would have.
TEST(DeriveKeysAfterFailure, IsLeftToResume) {
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  Party party(setup, script, 1);
  EngineServer& server = party.server;
  server.job_hook = [](batch::Job& job) {
    if (job.kind != JobKind::KeyAgreement) return false;
    job.status = batch::JobStatus::Refused;
    return true;
  };
  server.before_resume = [&] {
    tls::Connection* const one[] = {&server.connection()};
    tls::Connection::derive_keys(server.worker(), one);
  };
  EXPECT_NE(shake_hands(party.client, server), "");
  EXPECT_TRUE(server.failed());
  EXPECT_EQ(server.error().alert, tls::Alert::IllegalParameter);
}

}  // namespace
}  // namespace breakwater::test
