// The record layer under attack (RFC 8446 5, RFC 5246 6).
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

class Records : public ::testing::TestWithParam<bool> {
 protected:
  bool tls13() const { return GetParam(); }
  Script script() const {
    Script script;
    script.offer = tls13() ? Offer::tls13_only() : Offer::tls12_only();
    return script;
  }
  static Outgoing data(Bytes payload) { return outgoing(ContentType::ApplicationData, std::move(payload)); }
  static Outgoing outgoing(ContentType type, Bytes payload) {
    Outgoing item;
    item.type = type;
    item.epoch = Epoch::Application;
    item.payload = std::move(payload);
    item.fragment = 1 << 20;
    return item;
  }
  // The script with `change` applied to the message of this step before it is sent.
  Script changing(Step step, std::function<void(std::vector<Outgoing>&, std::size_t)> change) const {
    Script changed = script();
    changed.hooks.flight = [=](std::vector<Outgoing>& flight) {
      for (std::size_t i = 0; i < flight.size(); ++i) {
        if (flight[i].step == step) return change(flight, i);
      }
    };
    return changed;
  }

  ServerSetup setup_;
};

// RFC 8446 5.1: the version of a plaintext record "MUST be ignored for all purposes"; only its major byte is TLS's own.
TEST_P(Records, VersionOfTheFirstRecord) {
  for (const std::uint16_t version : std::vector<std::uint16_t>{0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x03FF}) {
    Script by = script();
    by.hello_version = version;
    EXPECT_EQ(Connected(setup_, by).error, "") << version;
  }
  for (const std::uint16_t version : std::vector<std::uint16_t>{0x0000, 0x0200, 0x0403, 0x4745}) {
    Script by = script();
    by.hello_version = version;
    EXPECT_EQ(refusal(setup_, by, Alert::ProtocolVersion), "") << version;
  }
}

TEST_P(Records, PlaintextOverflow) {  // RFC 8446 5.1, RFC 5246 6.2.1
  EXPECT_EQ(refusal_of_bytes(setup_, plain_record(22, Bytes(16385)), Alert::RecordOverflow), "");
  EXPECT_EQ(refusal_of_bytes(setup_, plain_record(22, Bytes(65535)), Alert::RecordOverflow), "");
  // The header alone tells.
  EXPECT_EQ(refusal_of_bytes(setup_, from_hex("16 0301 4001"), Alert::RecordOverflow), "");
}

TEST_P(Records, CiphertextOverflow) {  // RFC 8446 5.2: 2^14 + 256, RFC 5246 6.2.3: 2^14 + 2048
  const std::size_t most = tls13() ? 16384 + 256 : 16384 + 2048;
  Connected over(setup_, script());
  EXPECT_EQ(refusal(over, plain_record(23, Bytes(most + 1)), Alert::RecordOverflow), "");
  Connected just(setup_, script());
  EXPECT_EQ(refusal(just, plain_record(23, Bytes(most)), Alert::BadRecordMac), "");
}

TEST_P(Records, InnerPlaintextOverflow) {  // RFC 8446 5.2 and 5.4: content, type and padding at most 2^14 + 1
  Connected full(setup_, script());
  ASSERT_EQ(full.error, "");
  full.server.feed(full.client.send(data(Bytes(16384, 1))));
  EXPECT_EQ(full.server.received(), Bytes(16384, 1));
  Connected over(setup_, script());
  EXPECT_EQ(refusal(over, over.client.send(data(Bytes(16385, 1))), Alert::RecordOverflow), "");
  if (!tls13()) return;
  Connected padded(setup_, script());
  Outgoing item = data(Bytes(16384, 1));
  item.padding = 1;
  EXPECT_EQ(refusal(padded, padded.client.send(item), Alert::RecordOverflow), "");
}

TEST_P(Records, OurRecordSizeLimit) {  // RFC 8449 4: binds only peers that sent the extension
  setup_.configuration.record_size_limit = 1000;
  const std::size_t most = tls13() ? 999 : 1000;
  Connected unbound(setup_, script());
  ASSERT_EQ(unbound.error, "");
  EXPECT_EQ(echo(unbound.client, unbound.server, 16384), "");
  Script by = script();
  by.offer.record_size_limit = 16385;
  Connected bound(setup_, by);
  ASSERT_EQ(bound.error, "");
  EXPECT_EQ(bound.client.facts().record_size_limit, 1000);
  bound.server.feed(bound.client.send(data(Bytes(most, 1))));
  EXPECT_EQ(bound.server.received().size(), most);
  EXPECT_EQ(refusal(bound, bound.client.send(data(Bytes(most + 1, 1))), Alert::RecordOverflow), "");
}

TEST_P(Records, EmptyHandshakeAndAlertRecords) {  // RFC 8446 5.1 and 5.4
  EXPECT_EQ(refusal_of_bytes(setup_, plain_record(22, {}), Alert::UnexpectedMessage), "");
  EXPECT_EQ(refusal_of_bytes(setup_, plain_record(21, {}), Alert::UnexpectedMessage), "");
  for (const ContentType type : {ContentType::Handshake, ContentType::Alert}) {
    Connected connected(setup_, script());
    const Expected alerts =
        tls13() ? Expected(Alert::UnexpectedMessage) : Expected{Alert::UnexpectedMessage, Alert::DecodeError};
    EXPECT_EQ(refusal(connected, connected.client.send(outgoing(type, {})), alerts), "");
  }
  const Script between = changing(Step::Finished, [](std::vector<Outgoing>& flight, std::size_t at) {
    Outgoing empty = flight[at];
    empty.step = Step::Other;
    empty.payload.clear();
    flight.insert(flight.begin() + static_cast<std::ptrdiff_t>(at), empty);
  });
  EXPECT_EQ(refusal(setup_, between, Alert::UnexpectedMessage), "");
}

TEST_P(Records, FloodOfEmptyApplicationData) {  // RFC 8446 5.1 allows them, as padding against traffic analysis
  Connected connected(setup_, script());
  ASSERT_EQ(connected.error, "");
  for (int i = 0; i < 4; ++i) connected.server.feed(connected.client.send(data({})));
  EXPECT_FALSE(connected.server.failed());
  EXPECT_EQ(echo(connected.client, connected.server), "");
  Bytes flood;
  for (int i = 0; i < 1000; ++i) append(flood, connected.client.send(data({})));
  EXPECT_EQ(refusal(connected, flood, Alert::UnexpectedMessage), "");
}

TEST_P(Records, UnknownContentTypes) {  // RFC 8446 5
  for (const std::uint8_t type : std::vector<std::uint8_t>{0, 19, 24, 25, 64, 128, 255}) {
    EXPECT_EQ(refusal_of_bytes(setup_, plain_record(type, Bytes(4)), Alert::UnexpectedMessage), "") << int{type};
    Connected connected(setup_, script());
    const Bytes record = connected.client.send(outgoing(static_cast<ContentType>(type), Bytes(4, 1)));
    EXPECT_EQ(refusal(connected, record, Alert::UnexpectedMessage), "") << int{type};
  }
}

TEST_P(Records, ApplicationDataBeforeFinished) {  // RFC 8446 5.1 note, RFC 5246 7.3
  EXPECT_EQ(refusal_of_bytes(setup_, plain_record(23, Bytes(40)), Alert::UnexpectedMessage), "");
  for (const Epoch epoch : {Epoch::Plain, tls13() ? Epoch::Handshake : Epoch::Application}) {
    if (tls13() && epoch == Epoch::Plain) continue;  // looks like a protected record: BadMac below
    const Script by = changing(Step::Finished, [=](std::vector<Outgoing>& flight, std::size_t at) {
      Outgoing early = data(Bytes(10));
      early.epoch = epoch;
      // TLS 1.2: in the plain one's case in front of ChangeCipherSpec
      const std::size_t place = epoch == Epoch::Plain ? at - 1 : at;
      flight.insert(flight.begin() + static_cast<std::ptrdiff_t>(place), early);
    });
    EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
  }
}

TEST_P(Records, BadMac) {
  for (const std::size_t from_end : std::vector<std::size_t>{1, 10, 16, 17, 20}) {
    const Script by = changing(Step::Finished, [=](std::vector<Outgoing>& flight, std::size_t at) {
      flight[at].corrupt = [=](Bytes& record) { record[record.size() - from_end] ^= 4; };
    });
    EXPECT_EQ(refusal(setup_, by, Alert::BadRecordMac), "") << from_end;
    Connected connected(setup_, script());
    Bytes record = connected.client.send(data(Bytes(30, 1)));
    record[record.size() - from_end] ^= 4;
    EXPECT_EQ(refusal(connected, record, Alert::BadRecordMac), "") << from_end;
    EXPECT_TRUE(connected.server.received().empty());
  }
}

TEST_P(Records, ReplayedReorderedAndLost) {
  Connected replay(setup_, script());
  ASSERT_EQ(replay.error, "");
  const Bytes first = replay.client.send(view_of("one"));
  replay.server.feed(first);
  EXPECT_EQ(refusal(replay, first, Alert::BadRecordMac), "");
  Connected lost(setup_, script());
  ASSERT_EQ(lost.error, "");
  lost.client.send(view_of("lost"));
  EXPECT_EQ(refusal(lost, lost.client.send(view_of("next")), Alert::BadRecordMac), "");
}

TEST_P(Records, TooShortToHoldATag) {
  for (std::size_t size = 0; size < (tls13() ? 16U : 24U); ++size) {
    Connected connected(setup_, script());
    EXPECT_EQ(refusal(connected, plain_record(23, Bytes(size)), Alert::BadRecordMac), "") << size;
  }
}

TEST_P(Records, HeaderIsAuthenticated) {  // RFC 8446 5.2, RFC 5246 6.2.3.3
  Connected connected(setup_, script());
  Outgoing item = data(Bytes(30, 1));
  item.version = 0x0301;  // sealed as such: the record opens, and its version is wrong all the same in TLS 1.2
  if (tls13()) {
    ASSERT_EQ(connected.error, "");
    connected.server.feed(connected.client.send(item));
    EXPECT_FALSE(connected.server.failed());  // RFC 8446 5.2: legacy_record_version is ignored
    return;
  }
  Bytes record = connected.client.send(data(Bytes(30, 1)));
  record[0] = 22;
  EXPECT_EQ(refusal(connected, record, Alert::BadRecordMac), "");
}

TEST_P(Records, PlaintextAfterKeyChange) {
  const Script plain_finished =
      changing(Step::Finished, [](std::vector<Outgoing>& flight, std::size_t at) { flight[at].epoch = Epoch::Plain; });
  // TLS 1.2 takes the record for a protected one; TLS 1.3 sees the type that no protected record has.
  EXPECT_EQ(refusal(setup_, plain_finished, tls13() ? Alert::UnexpectedMessage : Alert::BadRecordMac), "");
  Connected connected(setup_, script());
  EXPECT_EQ(
      refusal(connected, plain_record(21, from_hex("0100")), tls13() ? Alert::UnexpectedMessage : Alert::BadRecordMac),
      "");
}

TEST_P(Records, AlertsInsideAHandshakeMessage) {  // RFC 8446 5.1: not interleaved
  const Script by = changing(Step::ClientHello, [](std::vector<Outgoing>& flight, std::size_t at) {
    Outgoing second = flight[at];
    second.payload.erase(second.payload.begin(), second.payload.begin() + 50);
    second.step = Step::Other;
    flight[at].payload.resize(50);
    Outgoing warning;
    warning.type = ContentType::Alert;
    warning.payload = {1, 90};
    flight.push_back(warning);
    flight.push_back(second);
  });
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
}

INSTANTIATE_TEST_SUITE_P(Versions, Records, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Tls13" : "Tls12"; });

TEST(Records13, InnerPlaintextWithoutAType) {  // RFC 8446 5.4: unexpected_message
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  for (const std::size_t zeros : std::vector<std::size_t>{0, 1, 100, 16385}) {
    Connected connected(setup, script);
    Outgoing item;
    item.epoch = Epoch::Application;
    item.bare_inner_plaintext = true;
    item.fragment = 1 << 20;
    item.payload = Bytes(zeros);
    EXPECT_EQ(refusal(connected, connected.client.send(item), Alert::UnexpectedMessage), "") << zeros;
  }
}

TEST(Records13, PaddingIsTakenOff) {  // RFC 8446 5.4
  const ServerSetup setup;
  Script script;
  script.offer = Offer::tls13_only();
  script.hooks.flight = [](std::vector<Outgoing>& flight) {
    for (Outgoing& item : flight) item.padding = 1000;
  };
  Connected connected(setup, script);
  ASSERT_EQ(connected.error, "");
  Outgoing item;
  item.type = ContentType::ApplicationData;
  item.epoch = Epoch::Application;
  item.payload = {0, 0, 5, 0, 0};  // zeros of its own
  item.padding = 300;
  connected.server.feed(connected.client.send(item));
  EXPECT_EQ(connected.server.received(), item.payload);
}

}  // namespace
}  // namespace breakwater::test
