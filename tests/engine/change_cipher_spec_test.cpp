// ChangeCipherSpec: a real step in TLS 1.2 (RFC 5246 7.1), a dummy in TLS 1.3 (RFC 8446 5 and D.4).
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using Flight = std::vector<Outgoing>;

Outgoing change_cipher_spec(Bytes payload = {1}, Epoch epoch = Epoch::Plain) {
  Outgoing item;
  item.type = ContentType::ChangeCipherSpec;
  item.epoch = epoch;
  item.payload = std::move(payload);
  return item;
}

Flight::iterator find(Flight& flight, Step step) {
  return std::find_if(flight.begin(), flight.end(), [&](const Outgoing& item) { return item.step == step; });
}

class ChangeCipherSpec : public ::testing::TestWithParam<bool> {
 protected:
  bool tls13() const { return GetParam(); }
  Script script(std::function<void(Flight&)> change) const {
    Script script;
    script.offer = tls13() ? Offer::tls13_only() : Offer::tls12_only();
    script.hooks.flight = std::move(change);
    return script;
  }
  // In place of the client's own ChangeCipherSpec.
  Script with(std::vector<Outgoing> items) const {
    return script([=](Flight& flight) {
      const auto own = find(flight, Step::ChangeCipherSpec);
      if (own != flight.end()) flight.insert(flight.erase(own), items.begin(), items.end());
    });
  }

  ServerSetup setup_;
};

TEST_P(ChangeCipherSpec, BeforeClientHello) {
  EXPECT_EQ(refusal_of_bytes(setup_, plain_record(20, from_hex("01")), Alert::UnexpectedMessage), "");
}

TEST_P(ChangeCipherSpec, InsideClientHello) {  // RFC 8446 5.1: messages are not interleaved with other records
  const Script by = script([](Flight& flight) {
    const auto hello = find(flight, Step::ClientHello);
    if (hello == flight.end()) return;
    Outgoing rest = *hello;
    rest.step = Step::Other;
    rest.payload.erase(rest.payload.begin(), rest.payload.begin() + 60);
    hello->payload.resize(60);
    flight.push_back(change_cipher_spec());
    flight.push_back(rest);
  });
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
}

TEST_P(ChangeCipherSpec, WrongContent) {
  // RFC 8446 5 names the alert, RFC 5246 does not.
  const Expected alerts = tls13() ? Expected(Alert::UnexpectedMessage)
                                  : Expected{Alert::UnexpectedMessage, Alert::IllegalParameter, Alert::DecodeError};
  for (const Bytes& payload : std::vector<Bytes>{{0}, {2}, {255}, {1, 1}, {1, 0}, {}}) {
    EXPECT_EQ(refusal(setup_, with({change_cipher_spec(payload)}), alerts), "") << to_hex(payload);
  }
}

TEST_P(ChangeCipherSpec, Protected) {
  const Epoch epoch = tls13() ? Epoch::Handshake : Epoch::Application;
  EXPECT_EQ(refusal(setup_, with({change_cipher_spec({1}), change_cipher_spec({1}, epoch)}), Alert::UnexpectedMessage),
            "");
}

TEST_P(ChangeCipherSpec, AfterFinished) {
  const Script by = script([](Flight& flight) {
    if (find(flight, Step::Finished) != flight.end()) flight.push_back(change_cipher_spec());
  });
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
  Connected connected(setup_, script(nullptr));
  EXPECT_EQ(
      refusal(connected, connected.client.send(change_cipher_spec({1}, Epoch::Application)), Alert::UnexpectedMessage),
      "");
}

INSTANTIATE_TEST_SUITE_P(Versions, ChangeCipherSpec, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Tls13" : "Tls12"; });

class Tls13Dummy : public ::testing::Test {
 protected:
  Script script_;
  ServerSetup setup_;
  Tls13Dummy() { script_.offer = Offer::tls13_only(); }
};

TEST_F(Tls13Dummy, MayBeMissing) {
  script_.hooks.flight = [](Flight& flight) {
    std::erase_if(flight, [](const Outgoing& item) { return item.step == Step::ChangeCipherSpec; });
  };
  EXPECT_EQ(Connected(setup_, script_).error, "");
  script_.offer.session_id = false;  // no compatibility mode: the server must not send one either
  Connected plain(setup_, script_);
  EXPECT_EQ(plain.error, "");
  EXPECT_EQ(plain.client.facts().server_ccs, 0U);
}

TEST_F(Tls13Dummy, ServerSendsOneInCompatibilityMode) {  // RFC 8446 D.4
  Connected full(setup_, script_);
  ASSERT_EQ(full.error, "");
  EXPECT_EQ(full.client.facts().server_ccs, 1U);
  script_.offer.shares.clear();
  Connected retried(setup_, script_);
  ASSERT_EQ(retried.error, "");
  EXPECT_EQ(retried.client.facts().server_ccs, 1U);
}

TEST_F(Tls13Dummy, RightBehindTheHello) {  // RFC 8446 5: any time after the first ClientHello
  script_.hooks.flight = [](Flight& flight) {
    std::erase_if(flight, [](const Outgoing& item) { return item.step == Step::ChangeCipherSpec; });
    if (find(flight, Step::ClientHello) != flight.end()) flight.push_back(change_cipher_spec());
  };
  EXPECT_EQ(Connected(setup_, script_).error, "");
  script_.offer.shares.clear();
  EXPECT_EQ(Connected(setup_, script_).error, "");
}

TEST_F(Tls13Dummy, OneAfterEachHello) {
  script_.offer.shares.clear();
  script_.hooks.flight = [](Flight& flight) {
    // The client sends one in front of its second hello; here another in front of its Finished.
    const auto finished = find(flight, Step::Finished);
    if (finished != flight.end()) flight.insert(finished, change_cipher_spec());
  };
  EXPECT_EQ(Connected(setup_, script_).error, "");
}

TEST_F(Tls13Dummy, Flood) {
  script_.hooks.flight = [](Flight& flight) {
    const auto finished = find(flight, Step::Finished);
    if (finished != flight.end()) flight.insert(finished, 1000, change_cipher_spec());
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

TEST_F(Tls13Dummy, InsideThePostHandshake) {
  Connected connected(setup_, script_);
  EXPECT_EQ(refusal(connected, connected.client.send(change_cipher_spec()), Alert::UnexpectedMessage), "");
}

class Tls12Step : public ::testing::Test {
 protected:
  Script script_;
  ServerSetup setup_;
  Tls12Step() { script_.offer = Offer::tls12_only(); }
};

TEST_F(Tls12Step, BeforeClientKeyExchange) {  // the hole of CVE-2014-0224
  script_.hooks.flight = [](Flight& flight) {
    const auto key_exchange = find(flight, Step::ClientKeyExchange);
    if (key_exchange != flight.end()) flight.insert(key_exchange, change_cipher_spec());
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

TEST_F(Tls12Step, RightBehindTheHello) {
  script_.hooks.flight = [](Flight& flight) {
    if (find(flight, Step::ClientHello) != flight.end()) flight.push_back(change_cipher_spec());
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

TEST_F(Tls12Step, Missing) {
  script_.hooks.flight = [](Flight& flight) {
    std::erase_if(flight, [](const Outgoing& item) { return item.step == Step::ChangeCipherSpec; });
    const auto finished = find(flight, Step::Finished);
    if (finished != flight.end()) finished->epoch = Epoch::Plain;
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

TEST_F(Tls12Step, Twice) {
  script_.hooks.flight = [](Flight& flight) {
    const auto own = find(flight, Step::ChangeCipherSpec);
    if (own != flight.end()) flight.insert(own, change_cipher_spec());
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

TEST_F(Tls12Step, ResumedWithout) {
  Connected first(setup_, script_);
  ASSERT_EQ(first.error, "");
  script_.offer.sessions = {first.client.sessions().front()};
  script_.hooks.flight = [](Flight& flight) {
    std::erase_if(flight, [](const Outgoing& item) { return item.step == Step::ChangeCipherSpec; });
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

}  // namespace
}  // namespace breakwater::test
