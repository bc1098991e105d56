// pre_shared_key and HelloRetryRequest under attack (RFC 8446 4.2.11, 4.2.9, 4.1.4, 4.2.2).
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using tls::ExtensionType;

class PreSharedKey : public ::testing::Test {
 protected:
  PreSharedKey() {
    script_.offer = Offer::tls13_only();
    Connected first(setup_, script_);
    EXPECT_EQ(first.error, "");
    script_.offer.sessions = {first.client.sessions().front()};
  }
  std::string refused(const Expected& expected, std::function<void(HelloSpec&)> change) {
    Script by = script_;
    by.hooks.hello = [=](HelloSpec& hello, bool) { change(hello); };
    return refusal(setup_, by, expected);
  }
  // pre_shared_key with the real identity and binders of these sizes, filled in as far as they go.
  Extension with_binders(const std::vector<std::size_t>& sizes) const {
    std::vector<Bytes> binders;
    for (const std::size_t size : sizes) binders.emplace_back(size);
    return extension::pre_shared_key({{script_.offer.sessions.front().ticket, 0}}, binders);
  }

  ServerSetup setup_;
  Script script_;
};

TEST_F(PreSharedKey, MustBeLast) {  // RFC 8446 4.2.11: illegal_parameter
  EXPECT_EQ(refused(Alert::IllegalParameter,
                    [](HelloSpec& hello) {
                      hello.extensions.push_back(extension::of(ExtensionType::Cookie, {0, 1, 7}));
                    }),
            "");
  EXPECT_EQ(refused(Alert::IllegalParameter,
                    [](HelloSpec& hello) {
                      const Extension psk = hello.extensions.back();
                      hello.extensions.pop_back();
                      hello.extensions.insert(hello.extensions.begin(), psk);
                    }),
            "");
  EXPECT_EQ(refused(Alert::IllegalParameter, [](HelloSpec& hello) { hello.extensions.push_back({0x5A5A, {}}); }), "");
}

TEST_F(PreSharedKey, NeedsModes) {  // RFC 8446 4.2.9
  EXPECT_EQ(refused(Alert::MissingExtension, [](HelloSpec& hello) { hello.erase(ExtensionType::PskKeyExchangeModes); }),
            "");
}

TEST_F(PreSharedKey, NeedsKeyShare) {  // psk_ke is not a mode of ours
  EXPECT_EQ(refused(Alert::MissingExtension,
                    [](HelloSpec& hello) {
                      hello.erase(ExtensionType::KeyShare);
                      hello.erase(ExtensionType::SupportedGroups);
                    }),
            "");
}

TEST_F(PreSharedKey, WorksWithoutSignatureAlgorithms) {  // RFC 8446 9.2 asks for them only without a PSK
  Script by = script_;
  by.hooks.hello = [](HelloSpec& hello, bool) { hello.erase(ExtensionType::SignatureAlgorithms); };
  Connected connected(setup_, by);
  EXPECT_EQ(connected.error, "");
  EXPECT_TRUE(connected.server.facts().resumed);
}

TEST_F(PreSharedKey, FallsBackOnlyWithSignatureAlgorithms) {
  Script by = script_;
  by.offer.sessions.front().ticket.back() ^= 1;
  EXPECT_EQ(Connected(setup_, by).error, "");
  by.hooks.hello = [](HelloSpec& hello, bool) { hello.erase(ExtensionType::SignatureAlgorithms); };
  EXPECT_EQ(refusal(setup_, by, {Alert::MissingExtension, Alert::HandshakeFailure}), "");
}

TEST_F(PreSharedKey, WrongBinder) {  // RFC 8446 4.2.11: decrypt_error
  const Bytes sound = Client(script_).start();
  for (std::size_t i = 0; i < 32; i += 5) {
    Script by = script_;
    by.hooks.message = [=](Step, Bytes& message) { message[message.size() - 1 - i] ^= 0x80; };
    EXPECT_EQ(refusal(setup_, by, Alert::DecryptError), "") << i;
  }
  Script by = script_;
  by.offer.sessions.front().secret[0] ^= 1;
  EXPECT_EQ(refusal(setup_, by, Alert::DecryptError), "");
}

TEST_F(PreSharedKey, BinderCoversTheHello) {
  Script by = script_;
  by.hooks.message = [](Step, Bytes& message) { message[10] ^= 1; };  // the random
  EXPECT_EQ(refusal(setup_, by, Alert::DecryptError), "");
  by.hooks.message = [](Step, Bytes& message) {
    message[message.size() - 36] ^= 1;  // the obfuscated age, in front of the binders
  };
  EXPECT_EQ(refusal(setup_, by, Alert::DecryptError), "");
}

TEST_F(PreSharedKey, BindersOfWrongSizes) {
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 31}) {  // PskBinderEntry<32..255>
    EXPECT_EQ(refused(Alert::DecodeError, [=, this](HelloSpec& hello) { hello.set(with_binders({size})); }), "")
        << size;
  }
  for (const std::size_t size : std::vector<std::size_t>{33, 48, 64, 255}) {
    EXPECT_EQ(refused({Alert::DecryptError, Alert::IllegalParameter},
                      [=, this](HelloSpec& hello) { hello.set(with_binders({size})); }),
              "")
        << size;
  }
}

TEST_F(PreSharedKey, AsManyBindersAsIdentities) {  // RFC 8446 4.2.11
  EXPECT_EQ(refused(Alert::IllegalParameter, [this](HelloSpec& hello) { hello.set(with_binders({32, 32})); }), "");
  const PskIdentity identity{script_.offer.sessions.front().ticket, 0};
  EXPECT_EQ(refused(Alert::IllegalParameter,
                    [=](HelloSpec& hello) {
                      hello.set(extension::pre_shared_key({identity, identity}, {Bytes(32)}));
                    }),
            "");
  // The count is judged even when no identity is of any use.
  EXPECT_EQ(refused(Alert::IllegalParameter,
                    [](HelloSpec& hello) {
                      hello.set(extension::pre_shared_key({{Bytes(9), 0}, {Bytes(10), 0}}, {Bytes(32)}));
                    }),
            "");
}

TEST_F(PreSharedKey, EmptyListsAndIdentities) {
  for (const Extension& bad :
       {extension::pre_shared_key({}, {Bytes(32)}), extension::pre_shared_key({{Bytes(9), 0}}, {}),
        extension::pre_shared_key({{{}, 0}}, {Bytes(32)}), extension::pre_shared_key({}, {})}) {
    EXPECT_EQ(refused(Alert::DecodeError, [=](HelloSpec& hello) { hello.set(bad); }), "") << to_hex(bad.data);
  }
}

TEST_F(PreSharedKey, ManyIdentities) {
  Script by = script_;
  const Session real = by.offer.sessions.front();
  Session foreign = real;
  by.offer.sessions.clear();
  for (std::uint8_t i = 0; i < 100; ++i) {
    foreign.ticket = Bytes(20U + i % 7U, i);
    by.offer.sessions.push_back(foreign);
  }
  by.offer.sessions.push_back(real);
  Connected connected(setup_, by);
  EXPECT_EQ(connected.error, "");
  EXPECT_TRUE(connected.server.facts().resumed);
  EXPECT_EQ(connected.client.facts().selected_identity, 100U);
}

TEST_F(PreSharedKey, Tls12IgnoresIt) {
  setup_.configuration.max_version = ProtocolVersion::Tls12;
  Script by = script_;
  by.offer.versions = {0x0304, 0x0303};
  by.offer.suites = {0x1301, 0xC02B};
  Connected connected(setup_, by);
  EXPECT_EQ(connected.error, "");
  EXPECT_EQ(connected.server.facts().version, ProtocolVersion::Tls12);
  EXPECT_FALSE(connected.server.facts().resumed);
}

class HelloRetry : public ::testing::Test {
 protected:
  HelloRetry() {
    script_.offer = Offer::tls13_only();
    script_.offer.shares.clear();
  }
  std::string refused(const Expected& expected, std::function<void(HelloSpec&)> change) {
    Script by = script_;
    by.hooks.hello = [=](HelloSpec& hello, bool second) {
      if (second) change(hello);
    };
    return refusal(setup_, by, expected);
  }

  ServerSetup setup_;
  Script script_;
};

TEST_F(HelloRetry, Cookie) {  // RFC 8446 4.2.2
  EXPECT_EQ(refused({Alert::MissingExtension, Alert::IllegalParameter},
                    [](HelloSpec& hello) { hello.erase(ExtensionType::Cookie); }),
            "");
  for (const std::size_t at : std::vector<std::size_t>{2, 9, 10, 20, 41}) {
    EXPECT_EQ(
        refused(Alert::IllegalParameter, [=](HelloSpec& hello) { hello.find(ExtensionType::Cookie)->data[at] ^= 1; }),
        "")
        << at;
  }
  for (const std::size_t size : std::vector<std::size_t>{1, 39, 41, 200}) {
    EXPECT_EQ(refused(Alert::IllegalParameter, [=](HelloSpec& hello) { hello.set(extension::cookie(Bytes(size, 3))); }),
              "")
        << size;
  }
}

TEST_F(HelloRetry, ClocksThatAreSet) {
  for (const std::uint64_t later : {kTestTime - 1, kTestTime - 30'000, kTestTime + 30'000}) {
    Client client(script_);
    EngineServer server(setup_);
    const Bytes second_hello = client.receive(server.feed(client.start()));
    server.now_ms = later;
    talk(client, server, second_hello);
    EXPECT_TRUE(server.done()) << server.error().reason;
    EXPECT_TRUE(client.connected());
  }
}

TEST_F(HelloRetry, CookieLastsAMinute) {
  for (const bool back : {false, true}) {
    for (const unsigned distance : {59'000U, 61'000U}) {
      Client client(script_);
      EngineServer server(setup_);
      const Bytes second_hello = client.receive(server.feed(client.start()));
      server.now_ms = back ? kTestTime - distance : kTestTime + distance;
      talk(client, server, second_hello);
      if (distance > 60'000) {
        EXPECT_EQ(refusal(client, server, Alert::IllegalParameter), "");
      } else {
        EXPECT_TRUE(server.done()) << server.error().reason;
        EXPECT_TRUE(client.connected());
      }
    }
  }
}

TEST_F(HelloRetry, WorksWithoutTicketKeys) {
  setup_.ring.count = 0;
  Connected connected(setup_, script_);
  EXPECT_EQ(connected.error, "");
  EXPECT_TRUE(connected.client.facts().cookie.empty());
}

TEST_F(HelloRetry, SecondHelloWithoutTheShare) {  // RFC 8446 4.1.4, 4.2.8
  EXPECT_EQ(refused(Alert::IllegalParameter, [](HelloSpec& hello) { hello.set(extension::key_share({})); }), "");
  const KeyPair other = make_key_pair(Group::Secp256r1, Random(1).bytes(32));
  EXPECT_EQ(refused(Alert::IllegalParameter,
                    [=](HelloSpec& hello) {
                      hello.set(extension::key_share({{std::uint16_t{0x0017}, other.public_key}}));
                    }),
            "");
  EXPECT_EQ(refused(Alert::MissingExtension, [](HelloSpec& hello) { hello.erase(ExtensionType::KeyShare); }), "");
}

TEST_F(HelloRetry, SecondHelloThatContradicts) {  // RFC 8446 4.1.2
  EXPECT_EQ(
      refused({Alert::IllegalParameter, Alert::HandshakeFailure}, [](HelloSpec& hello) { hello.suites = {0x1302}; }),
      "");
  EXPECT_EQ(refused({Alert::IllegalParameter, Alert::ProtocolVersion},
                    [](HelloSpec& hello) { hello.erase(ExtensionType::SupportedVersions); }),
            "");
  EXPECT_EQ(refused(Alert::IllegalParameter, [](HelloSpec& hello) { hello.random[5] ^= 1; }), "");  // the cookie tells
  EXPECT_EQ(
      refused(Alert::IllegalParameter, [](HelloSpec& hello) { hello.set(extension::of(ExtensionType::EarlyData)); }),
      "");
}

TEST_F(HelloRetry, OnlyAHelloMayFollow) {
  script_.hooks.flight = [](std::vector<Outgoing>& flight) {
    for (Outgoing& item : flight) {
      if (item.step == Step::SecondClientHello) item.payload = Writer().u8(20).vector(3, Bytes(32)).bytes();
    }
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

TEST_F(HelloRetry, ThirdHelloIsTooMany) {
  script_.hooks.flight = [](std::vector<Outgoing>& flight) {
    for (std::size_t i = 0; i < flight.size(); ++i) {
      if (flight[i].step != Step::SecondClientHello) continue;
      const Outgoing again = flight[i];
      flight.push_back(again);
      return;
    }
  };
  // The server awaits protected records by then.
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

TEST_F(HelloRetry, PskOfTheRetriedHelloIsBound) {
  Script full;
  full.offer = Offer::tls13_only();
  Connected first(setup_, full);
  ASSERT_EQ(first.error, "");
  script_.offer.sessions = {first.client.sessions().front()};
  EXPECT_TRUE(Connected(setup_, script_).server.facts().resumed);
  script_.hooks.message = [](Step step, Bytes& message) {
    if (step == Step::SecondClientHello) message.back() ^= 1;
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::DecryptError), "");
}

}  // namespace
}  // namespace breakwater::test
