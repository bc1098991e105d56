// Established connections: KeyUpdate (RFC 8446 4.6.3), renegotiation (RFC 5746, refused), alerts (RFC 8446 6), closing.
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

Script tls13_script() {
  Script script;
  script.offer = Offer::tls13_only();
  return script;
}

Script tls12_script() {
  Script script;
  script.offer = Offer::tls12_only();
  return script;
}

Outgoing message(Bytes payload, ContentType type = ContentType::Handshake) {
  Outgoing item;
  item.type = type;
  item.epoch = Epoch::Application;
  item.payload = std::move(payload);
  return item;
}

class KeyUpdate : public ::testing::Test {
 protected:
  ServerSetup setup_;
  Connected connected_{setup_, tls13_script()};
};

TEST_F(KeyUpdate, WithAndWithoutAnswer) {
  ASSERT_EQ(connected_.error, "");
  connected_.server.feed(connected_.client.update_keys(false));
  EXPECT_EQ(echo(connected_.client, connected_.server), "");
  EXPECT_EQ(connected_.client.facts().key_updates, 0U);
  connected_.server.feed(connected_.client.update_keys(true));
  EXPECT_EQ(echo(connected_.client, connected_.server), "");
  EXPECT_EQ(connected_.client.facts().key_updates, 1U);
  // Several requests before our next record need one answer only.
  for (int i = 0; i < 3; ++i) connected_.server.feed(connected_.client.update_keys(true));
  EXPECT_EQ(echo(connected_.client, connected_.server), "");
  EXPECT_EQ(connected_.client.facts().key_updates, 2U);
}

TEST_F(KeyUpdate, ManyWithDataInBetween) {
  ASSERT_EQ(connected_.error, "");
  for (int i = 0; i < 200; ++i) {
    connected_.server.feed(connected_.client.update_keys(i % 2 == 0));
    ASSERT_EQ(echo(connected_.client, connected_.server, 10), "") << i;
  }
}

TEST_F(KeyUpdate, Flood) {
  ASSERT_EQ(connected_.error, "");
  Bytes flood;
  for (int i = 0; i < 500; ++i) append(flood, connected_.client.update_keys(false));
  EXPECT_EQ(refusal(connected_, flood, Alert::UnexpectedMessage), "");
}

TEST_F(KeyUpdate, ManyWhileOnlyWeSend) {  // a download: our records count as well
  ASSERT_EQ(connected_.error, "");
  for (int i = 0; i < 200; ++i) {
    connected_.server.feed(connected_.client.update_keys(true));
    connected_.client.receive(connected_.server.send(view_of("a part")));
    ASSERT_FALSE(connected_.server.failed()) << i;
  }
  EXPECT_EQ(connected_.client.facts().key_updates, 200U);
}

TEST_F(KeyUpdate, BadValues) {
  for (const int value : {2, 3, 128, 255}) {
    Connected connected(setup_, tls13_script());
    EXPECT_EQ(refusal(connected, connected.client.send(message({24, 0, 0, 1, static_cast<std::uint8_t>(value)})),
                      Alert::IllegalParameter),
              "")
        << value;
  }
}

TEST_F(KeyUpdate, BadLengths) {
  for (const Bytes& bad :
       {Bytes{24, 0, 0, 0}, Bytes{24, 0, 0, 2, 0, 0}, Bytes{24, 0, 1, 0, 0}, Bytes{24, 255, 0, 1, 0}}) {
    Connected connected(setup_, tls13_script());
    EXPECT_EQ(refusal(connected, connected.client.send(message(bad)), Alert::DecodeError), "") << to_hex(bad);
  }
}

TEST_F(KeyUpdate, MustEndItsRecord) {  // RFC 8446 5.1
  for (const Bytes& more : {Bytes{24}, Bytes{24, 0, 0, 1, 0}, Bytes{4, 0, 0, 0}}) {
    Connected connected(setup_, tls13_script());
    Bytes payload{24, 0, 0, 1, 0};
    append(payload, more);
    EXPECT_EQ(refusal(connected, connected.client.send(message(payload)), Alert::UnexpectedMessage), "");
  }
}

TEST_F(KeyUpdate, InPieces) {
  ASSERT_EQ(connected_.error, "");
  Outgoing item = message({24, 0, 0, 1, 1});
  item.step = Step::KeyUpdate;
  item.fragment = 1;
  connected_.server.feed(connected_.client.send(item));
  EXPECT_EQ(echo(connected_.client, connected_.server), "");
  EXPECT_EQ(connected_.client.facts().key_updates, 1U);
}

TEST_F(KeyUpdate, NotInterleaved) {  // RFC 8446 5.1
  for (const auto& [type, payload] :
       {std::pair(ContentType::ApplicationData, Bytes{1}), std::pair(ContentType::ApplicationData, Bytes{}),
        std::pair(ContentType::Alert, Bytes{1, 90})}) {
    Connected connected(setup_, tls13_script());
    Bytes bytes = connected.client.send(message({24, 0, 0}));
    append(bytes, connected.client.send(message(payload, type)));
    append(bytes, connected.client.send(message({1, 0})));
    EXPECT_EQ(refusal(connected, bytes, Alert::UnexpectedMessage), "") << static_cast<int>(type);
  }
}

TEST_F(KeyUpdate, OldKeysAreDead) {
  ASSERT_EQ(connected_.error, "");
  RecordKeys old = connected_.client.write_keys(Epoch::Application);
  connected_.server.feed(connected_.client.update_keys(false));
  ++old.sequence;
  EXPECT_EQ(refusal(connected_, old.seal(std::uint8_t{23}, Bytes(5)), Alert::BadRecordMac), "");
}

TEST(PostHandshake13, OtherMessages) {
  const ServerSetup setup;
  for (const std::uint8_t type : std::vector<std::uint8_t>{0, 1, 2, 4, 5, 8, 11, 13, 15, 16, 20, 25, 254}) {
    Connected connected(setup, tls13_script());
    const Bytes stray = Writer().u8(type).vector(3, Bytes(40)).bytes();
    EXPECT_EQ(refusal(connected, connected.client.send(message(stray)), Alert::UnexpectedMessage), "") << int{type};
  }
}

TEST(PostHandshake12, OtherMessages) {
  const ServerSetup setup;
  for (const std::uint8_t type : std::vector<std::uint8_t>{0, 2, 4, 11, 14, 15, 16, 20, 24}) {
    Connected connected(setup, tls12_script());
    const Bytes stray = Writer().u8(type).vector(3, Bytes(40)).bytes();
    EXPECT_EQ(refusal(connected, connected.client.send(message(stray)), Alert::UnexpectedMessage), "") << int{type};
  }
}

class Renegotiation : public ::testing::Test {
 protected:
  ServerSetup setup_;
  Connected connected_{setup_, tls12_script()};
  Bytes hello_ = connected_.client.hello().encode();
};

TEST_F(Renegotiation, IsDeclinedOnce) {  // RFC 5246 7.2.2: no_renegotiation, a warning; the connection goes on
  ASSERT_EQ(connected_.error, "");
  connected_.client.receive(connected_.server.feed(connected_.client.send(message(hello_))));
  ASSERT_EQ(connected_.client.warnings().size(), 1U);
  EXPECT_EQ(connected_.client.warnings().front().alert, Alert::NoRenegotiation);
  EXPECT_EQ(echo(connected_.client, connected_.server), "");
  EXPECT_EQ(refusal(connected_, connected_.client.send(message(hello_)),
                    {Alert::HandshakeFailure, Alert::UnexpectedMessage, Alert::NoRenegotiation}),
            "");
}

TEST_F(Renegotiation, HelloInPieces) {
  ASSERT_EQ(connected_.error, "");
  Outgoing item = message(hello_);
  item.fragment = 7;
  connected_.client.receive(connected_.server.feed(connected_.client.send(item)));
  EXPECT_EQ(connected_.client.warnings().size(), 1U);
  EXPECT_EQ(echo(connected_.client, connected_.server), "");
}

TEST_F(Renegotiation, DataInsideTheHello) {
  ASSERT_EQ(connected_.error, "");
  Bytes bytes = connected_.client.send(message({hello_.begin(), hello_.begin() + 100}));
  append(bytes, connected_.client.send(view_of("data")));
  talk(connected_.client, connected_.server, bytes);
  ASSERT_TRUE(connected_.server.failed());
  EXPECT_EQ(connected_.server.error().alert, Alert::UnexpectedMessage);
  EXPECT_TRUE(connected_.server.received().empty());
}

class Alerts : public ::testing::TestWithParam<bool> {
 protected:
  Script script() const { return GetParam() ? tls13_script() : tls12_script(); }
  static Outgoing alert(std::uint8_t level, std::uint8_t code) { return message({level, code}, ContentType::Alert); }
  ServerSetup setup_;
};

TEST_P(Alerts, FatalEndsTheConnection) {
  for (const std::uint8_t code : std::vector<std::uint8_t>{10, 20, 40, 42, 48, 51, 80, 200}) {
    Connected connected(setup_, script());
    ASSERT_EQ(connected.error, "");
    EXPECT_TRUE(connected.server.feed(connected.client.send(alert(2, code))).empty());  // RFC 8446 6: no answer
    EXPECT_TRUE(connected.server.failed());
    EXPECT_EQ(connected.server.error().fault, tls::Fault::PeerAlert);
    EXPECT_EQ(static_cast<int>(connected.server.error().alert), code);
    EXPECT_TRUE(connected.server.feed(connected.client.send(view_of("x"))).empty());
    EXPECT_TRUE(connected.server.received().empty());
  }
}

TEST_P(Alerts, FatalInPlaceOfTheSecondFlight) {
  const bool tls13 = GetParam();
  for (const Epoch epoch : {Epoch::Plain, Epoch::Handshake}) {
    if (!tls13 && epoch != Epoch::Plain) continue;
    Script by = script();
    by.hooks.flight = [=](std::vector<Outgoing>& flight) {
      if (flight.front().step == Step::ClientHello) return;
      Outgoing fatal = alert(2, 42);
      fatal.epoch = epoch;
      flight = {fatal};
    };
    Client client(by);
    EngineServer server(setup_);
    talk(client, server, client.start());
    EXPECT_TRUE(server.failed());
    EXPECT_EQ(server.error().fault, tls::Fault::PeerAlert);
    EXPECT_EQ(static_cast<int>(server.error().alert), 42);
  }
}

TEST_P(Alerts, FloodOfWarnings) {
  Connected connected(setup_, script());
  ASSERT_EQ(connected.error, "");
  connected.server.feed(connected.client.send(alert(1, 90)));  // user_canceled
  EXPECT_FALSE(connected.server.failed());
  Bytes flood;
  for (int i = 0; i < 500; ++i) append(flood, connected.client.send(alert(1, 90)));
  EXPECT_EQ(refusal(connected, flood, Alert::UnexpectedMessage), "");
}

TEST_P(Alerts, WarningsBeforeTheHandshakeIsDone) {
  Bytes flood;
  for (int i = 0; i < 500; ++i) append(flood, plain_record(21, from_hex("015a")));
  EXPECT_EQ(refusal_of_bytes(setup_, flood, Alert::UnexpectedMessage), "");
}

TEST_P(Alerts, Malformed) {
  for (const Bytes& bad : {Bytes{2}, Bytes{2, 40, 0}, Bytes{1, 0, 1, 0}}) {
    Connected connected(setup_, script());
    EXPECT_EQ(refusal(connected, connected.client.send(message(bad, ContentType::Alert)),
                      {Alert::DecodeError, Alert::UnexpectedMessage, Alert::IllegalParameter}),
              "");
  }
}

TEST_P(Alerts, CloseNotifyAtAnyLevel) {
  Connected connected(setup_, script());
  ASSERT_EQ(connected.error, "");
  Bytes bytes = connected.client.send(view_of("last words"));
  append(bytes, connected.client.send(alert(2, 0)));
  append(bytes, connected.client.send(view_of("ignored")));  // RFC 8446 6.1: data after a closure alert is ignored
  connected.server.feed(bytes);
  EXPECT_TRUE(connected.server.peer_closed());
  EXPECT_EQ(to_text(connected.server.received()), "last words");
  // We may go on sending.
  connected.client.receive(connected.server.send(view_of("goodbye")));
  EXPECT_EQ(to_text(connected.client.received()), "goodbye");
  connected.client.receive(connected.server.close());
  EXPECT_TRUE(connected.client.closed_by_server());
}

TEST_P(Alerts, CloseNotifyDuringTheHandshake) {
  EngineServer server(setup_);
  EXPECT_TRUE(server.feed(plain_record(21, from_hex("0100"))).empty());
  EXPECT_TRUE(server.peer_closed());
}

TEST_P(Alerts, NothingIsSealedAfterClose) {
  Connected connected(setup_, script());
  ASSERT_EQ(connected.error, "");
  connected.server.close();
  EXPECT_TRUE(connected.server.close().empty());
  EXPECT_TRUE(connected.server.send(view_of("x")).empty());
}

INSTANTIATE_TEST_SUITE_P(Versions, Alerts, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Tls13" : "Tls12"; });

}  // namespace
}  // namespace breakwater::test
