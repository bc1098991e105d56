// The judge: asked once for each hello, before anything is computed for it, and obeyed.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "core/tls/ja4_facts.h"
#include "core/tls/judge.h"
#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using tls::Verdict;

// What the judge was told, with the views copied.
struct Told {
  explicit Told(const tls::Proposal& proposal)
      : version(proposal.version),
        group(proposal.group),
        key(proposal.key),
        ticket_id(proposal.ticket_id),
        server_name(proposal.server_name),
        known_name(proposal.known_name),
        lacks_share(proposal.lacks_share),
        retried(proposal.retried),
        can_retry(proposal.can_retry),
        generator_share(proposal.generator_share),
        fingerprint(guard::ja4(tls::ja4_facts(proposal.hello, proposal.scratch)).view()) {}

  ProtocolVersion version;
  Group group;
  const batch::SigningKey* key;
  std::uint64_t ticket_id;
  std::string server_name;
  bool known_name, lacks_share, retried, can_retry, generator_share;
  std::string fingerprint;
};

class JudgeTest : public ::testing::TestWithParam<bool> {
 protected:
  bool tls13() const { return GetParam(); }

  Script script() const {
    Script script;
    script.offer = tls13() ? Offer::tls13_only() : Offer::tls12_only();
    return script;
  }

  void obey(EngineServer& server) {
    server.worker().judge = {[](void* self, const tls::Proposal& proposal) noexcept {
                               auto& test = *static_cast<JudgeTest*>(self);
                               test.told_.emplace_back(proposal);
                               return test.told_.size() == 1 ? test.verdict_ : Verdict::Proceed;
                             },
                             this};
    server.job_hook = [this](batch::Job&) {
      ++jobs_;
      return false;
    };
  }

  // A handshake under this verdict: what went wrong.
  std::string run(Script by) {
    told_.clear();
    jobs_ = 0;
    client_.emplace(by);
    server_.emplace(setup_);
    obey(*server_);
    const std::string error = shake_hands(*client_, *server_);
    EXPECT_EQ(server_->broken_promise(), "");
    return error;
  }

  void expect_refused(Script by) {
    EXPECT_NE(run(std::move(by)), "");
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(jobs_, 0) << "nothing may be computed for a client that is refused";
    EXPECT_EQ(server_->error().fault, tls::Fault::Refused);
    ASSERT_TRUE(client_->alert());
    EXPECT_EQ(client_->alert()->alert, Alert::InternalError);
    EXPECT_EQ(client_->alert()->level, 2);
  }

  Session session() {
    Connected connected(setup_, script());
    EXPECT_EQ(connected.error, "");
    return connected.client.sessions().at(0);
  }

  ServerSetup setup_;
  Verdict verdict_ = Verdict::Proceed;
  std::vector<Told> told_;
  std::optional<Client> client_;
  std::optional<EngineServer> server_;
  int jobs_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Versions, JudgeTest, ::testing::Bool(),
                         [](const auto& version) { return version.param ? "Tls13" : "Tls12"; });

TEST_P(JudgeTest, IsToldWhatAHandshakeAsksFor) {
  EXPECT_EQ(run(script()), "");
  ASSERT_EQ(told_.size(), 1U);
  const Told& told = told_[0];
  EXPECT_EQ(told.version, tls13() ? ProtocolVersion::Tls13 : ProtocolVersion::Tls12);
  EXPECT_EQ(told.group, Group::X25519);
  ASSERT_NE(told.key, nullptr);
  EXPECT_EQ(told.key->type, batch::KeyType::EcdsaP256);
  EXPECT_EQ(told.ticket_id, 0U);
  EXPECT_EQ(told.server_name, "ecdsa.example");
  EXPECT_FALSE(told.lacks_share);
  EXPECT_FALSE(told.retried);
  EXPECT_EQ(told.can_retry, tls13());
  EXPECT_FALSE(told.generator_share);
  EXPECT_EQ(told.fingerprint.substr(0, 4), tls13() ? "t13d" : "t12d");
}

TEST_P(JudgeTest, IsToldWhichKeySigns) {
  Script by = script();
  by.offer.schemes = {0x0804, 0x0401};
  by.offer.suites = {0x1301, 0xC02F};
  EXPECT_EQ(run(by), "");
  ASSERT_EQ(told_.size(), 1U);
  ASSERT_NE(told_[0].key, nullptr);
  EXPECT_EQ(told_[0].key->type, batch::KeyType::Rsa);
}

TEST_P(JudgeTest, IsToldOfTickets) {
  Script by = script();
  by.offer.sessions = {session()};
  by.seed = 5;
  EXPECT_EQ(run(by), "");
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].ticket_id, 0U);
  EXPECT_EQ(told_[0].key, nullptr);
  EXPECT_EQ(told_[0].group, tls13() ? Group::X25519 : Group::None);
  EXPECT_TRUE(server_->facts().resumed);
  EXPECT_EQ(server_->facts().ticket_id, told_[0].ticket_id);
}

// A ticket that does not open is no better than none.
TEST_P(JudgeTest, IsNotToldOfForgedTickets) {
  Session forged = session();
  forged.ticket.back() ^= 1;
  Script by = script();
  by.offer.sessions = {forged};
  EXPECT_EQ(run(by), "");
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0].ticket_id, 0U);
  EXPECT_NE(told_[0].key, nullptr);
}

TEST_P(JudgeTest, RefusesBeforeAnythingIsComputed) {
  verdict_ = Verdict::Refuse;
  expect_refused(script());
}

TEST_P(JudgeTest, RefusesResumptions) {
  Script by = script();
  by.offer.sessions = {session()};
  verdict_ = Verdict::Refuse;
  expect_refused(by);
}

// RFC 8446 4.1.4 and 4.2.2: the cookie alone is asked for; the client here objects to anything else.
TEST_P(JudgeTest, SendsClientsRoundOnceMore) {
  verdict_ = Verdict::Retry;
  EXPECT_EQ(run(script()), "");
  EXPECT_EQ(echo(*client_, *server_), "");
  EXPECT_EQ(client_->facts().hello_retry, tls13());
  EXPECT_EQ(server_->facts().hello_retry, tls13());
  ASSERT_EQ(told_.size(), tls13() ? 2U : 1U);
  if (!tls13()) return;
  EXPECT_TRUE(told_[1].retried);
  EXPECT_FALSE(told_[1].can_retry);
  EXPECT_EQ(told_[1].fingerprint.substr(0, 4), "t13d");
  EXPECT_EQ(client_->facts().group, Group::X25519) << "the share that was there is used";
}

TEST_P(JudgeTest, SendsResumptionsRoundOnceMore) {
  Script by = script();
  by.offer.sessions = {session()};
  verdict_ = Verdict::Retry;
  EXPECT_EQ(run(by), "");
  EXPECT_TRUE(server_->facts().resumed) << "the binder of the second hello is right, too";
  EXPECT_EQ(client_->facts().hello_retry, tls13());
}

TEST_P(JudgeTest, CannotSendRoundWithoutACookie) {
  setup_.ring.count = 0;
  verdict_ = Verdict::Retry;
  EXPECT_EQ(run(script()), "");
  EXPECT_FALSE(client_->facts().hello_retry);
  EXPECT_FALSE(told_[0].can_retry);
}

class JudgeOfTls13 : public JudgeTest {};
INSTANTIATE_TEST_SUITE_P(Tls13, JudgeOfTls13, ::testing::Values(true));

// The cookie has to come back.
TEST_P(JudgeOfTls13, SendsNobodyOnWhoForgetsTheCookie) {
  verdict_ = Verdict::Retry;
  Script by = script();
  client_.emplace(by);
  server_.emplace(setup_);
  obey(*server_);
  const Bytes hello = client_->start();
  EXPECT_FALSE(server_->feed(hello).empty());
  server_->feed(hello);  // the first hello again
  EXPECT_TRUE(server_->failed());
  EXPECT_EQ(jobs_, 0);
}

TEST_P(JudgeOfTls13, IsAskedBeforeAHelloRetryRequestIsSent) {
  Script by = script();
  by.offer.groups = {0x0018, 0x0017};
  by.offer.shares = {};
  EXPECT_EQ(run(by), "");
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_TRUE(told_[0].lacks_share);
  EXPECT_FALSE(told_[0].can_retry);
  EXPECT_FALSE(told_[1].lacks_share);
  EXPECT_TRUE(told_[1].retried);
  EXPECT_EQ(told_[1].group, Group::Secp256r1);
  verdict_ = Verdict::Refuse;
  expect_refused(by);
}

TEST(GeneratorShare, IsToldFromOthers) {
  // SEC 2 2.4.2, and the same point with the other y.
  Bytes generator = from_hex(
      "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
  EXPECT_TRUE(tls::is_generator(Group::Secp256r1, generator.data()));
  generator[64] ^= 0xff;
  EXPECT_TRUE(tls::is_generator(Group::Secp256r1, generator.data()));
  EXPECT_FALSE(tls::is_generator(Group::X25519, generator.data()));
  for (std::size_t i = 1; i <= 32; ++i) {
    Bytes other = generator;
    other[i] ^= 1;
    EXPECT_FALSE(tls::is_generator(Group::Secp256r1, other.data())) << i;
  }
  Bytes base(65);
  base[0] = 9;
  EXPECT_TRUE(tls::is_generator(Group::X25519, base.data()));
  base[31] = 1;
  EXPECT_FALSE(tls::is_generator(Group::X25519, base.data()));
  EXPECT_FALSE(tls::is_generator(Group::None, base.data()));
}

}  // namespace
}  // namespace breakwater::test
