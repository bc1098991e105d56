// Where messages may end and what may follow them: key changes on record boundaries (RFC 8446 5.1), order of messages,
// wrong Finished (RFC 8446 4.4.4, RFC 5246 7.4.9).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using Flight = std::vector<Outgoing>;

class Boundaries : public ::testing::TestWithParam<bool> {
 protected:
  bool tls13() const { return GetParam(); }
  Script script(std::function<void(Flight&, Outgoing&)> change, Step step) const {
    Script script;
    script.offer = tls13() ? Offer::tls13_only() : Offer::tls12_only();
    script.hooks.flight = [=](Flight& flight) {
      for (std::size_t i = 0; i < flight.size(); ++i) {
        if (flight[i].step == step) return change(flight, flight[i]);
      }
    };
    return script;
  }
  static Outgoing other(Bytes payload, Epoch epoch) {
    Outgoing item;
    item.payload = std::move(payload);
    item.epoch = epoch;
    return item;
  }

  ServerSetup setup_;
};

const Bytes kStray = from_hex("14 000020 0000000000000000000000000000000000000000000000000000000000000000");

TEST_P(Boundaries, MessagesInOneBytePieces) {
  for (const Step step : {Step::ClientHello, Step::ClientKeyExchange, Step::Finished}) {
    const Script by = script([](Flight&, Outgoing& item) { item.fragment = 1; }, step);
    EXPECT_EQ(Connected(setup_, by).error, "");
  }
}

TEST_P(Boundaries, BytesBehindClientHello) {
  for (const std::size_t size : std::vector<std::size_t>{1, 4, 36}) {
    const Script by = script(
        [=](Flight&, Outgoing& item) {
          item.payload.insert(item.payload.end(), kStray.begin(), kStray.begin() + static_cast<std::ptrdiff_t>(size));
        },
        Step::ClientHello);
    EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "") << size;
  }
}

TEST_P(Boundaries, SecondHelloBehindTheFirst) {
  const Script by = script(
      [](Flight& flight, Outgoing& item) {
        Outgoing again = item;
        again.version = 0x0303;
        flight.push_back(again);
      },
      Step::ClientHello);
  Client client(by);
  EngineServer server(setup_);
  client.receive(server.feed(client.start()));
  EXPECT_TRUE(server.failed());
  EXPECT_EQ(server.error().alert, Alert::UnexpectedMessage);
}

TEST_P(Boundaries, BytesBehindFinished) {
  for (const std::size_t size : std::vector<std::size_t>{1, 3, 4, 36}) {
    const Script by = script(
        [=](Flight&, Outgoing& item) {
          item.payload.insert(item.payload.end(), kStray.begin(), kStray.begin() + static_cast<std::ptrdiff_t>(size));
        },
        Step::Finished);
    EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "") << size;
  }
}

TEST_P(Boundaries, WrongFinished) {
  const std::size_t size = tls13() ? 32 : 12;
  for (std::size_t i = 0; i < size; ++i) {
    const Script by = script([=](Flight&, Outgoing& item) { item.payload[4 + i] ^= 1; }, Step::Finished);
    EXPECT_EQ(refusal(setup_, by, Alert::DecryptError), "") << i;
  }
}

TEST_P(Boundaries, FinishedOfAnotherSize) {
  for (const int change : {-12, -1, 1, 300}) {
    const Script by = script(
        [=](Flight&, Outgoing& item) {
          const std::size_t size = item.payload.size() - 4 + static_cast<std::size_t>(change);
          item.payload.resize(4 + size);
          item.payload[2] = static_cast<std::uint8_t>(size >> 8);
          item.payload[3] = static_cast<std::uint8_t>(size);
        },
        Step::Finished);
    EXPECT_EQ(refusal(setup_, by, {Alert::DecodeError, Alert::DecryptError, Alert::UnexpectedMessage}), "") << change;
  }
}

TEST_P(Boundaries, HugeLengthClaims) {
  for (const Step step : {Step::ClientHello, Step::Finished}) {
    const Script by = script([](Flight&, Outgoing& item) { item.payload[1] = 0xFF; }, step);
    EXPECT_EQ(refusal(setup_, by, {Alert::DecodeError, Alert::IllegalParameter}), "");
  }
}

TEST_P(Boundaries, OtherMessagesInPlaceOfFinished) {
  for (const std::uint8_t type : std::vector<std::uint8_t>{0, 1, 2, 4, 5, 8, 11, 13, 15, 16, 24, 77, 254}) {
    const Script by = script([=](Flight&, Outgoing& item) { item.payload[0] = type; }, Step::Finished);
    EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "") << int{type};
  }
}

TEST_P(Boundaries, FinishedTwice) {
  const Script by = script(
      [](Flight& flight, Outgoing& item) {
        Outgoing again = item;
        again.epoch = Epoch::Application;
        flight.push_back(again);
      },
      Step::Finished);
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
}

INSTANTIATE_TEST_SUITE_P(Versions, Boundaries, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Tls13" : "Tls12"; });

class Boundaries12 : public Boundaries {};

TEST_P(Boundaries12, ClientKeyExchangeAcrossTheKeyChange) {
  const Script by = script(
      [](Flight& flight, Outgoing& item) {
        Outgoing rest = item;
        rest.step = Step::Other;
        rest.epoch = Epoch::Application;
        rest.payload.erase(rest.payload.begin(), rest.payload.begin() + 10);
        item.payload.resize(10);
        flight.insert(flight.begin() + 2, rest);  // behind ChangeCipherSpec
      },
      Step::ClientKeyExchange);
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
}

TEST_P(Boundaries12, MissingClientKeyExchange) {
  const Script by = script([](Flight& flight, Outgoing&) { flight.erase(flight.begin()); }, Step::ClientKeyExchange);
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
}

TEST_P(Boundaries12, ClientCertificateUnasked) {
  const Script by = script(
      [](Flight& flight, Outgoing&) {
        flight.insert(flight.begin(), other(Writer().u8(11).vector(3, Writer().u24(0)).bytes(), Epoch::Plain));
      },
      Step::ClientKeyExchange);
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
}

TEST_P(Boundaries12, FinishedBehindClientKeyExchangeInOneRecord) {  // unprotected, without ChangeCipherSpec
  const Script by = script(
      [](Flight& flight, Outgoing& item) {
        append(item.payload, flight.back().payload);
        flight.resize(1);
      },
      Step::ClientKeyExchange);
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
}

INSTANTIATE_TEST_SUITE_P(Tls12, Boundaries12, ::testing::Values(false));

class Boundaries13 : public Boundaries {};

// RFC 8446 4.4.2: the server asked for no certificate; 4.5: nor did it accept early data.
TEST_P(Boundaries13, UnaskedMessagesBeforeFinished) {
  for (const Bytes& stray :
       {from_hex("0b 000004 00 000000"), from_hex("05 000000"), from_hex("18 000001 00"), from_hex("00 000000")}) {
    const Script by =
        script([=](Flight& flight, Outgoing&) { flight.insert(flight.end() - 1, other(stray, Epoch::Handshake)); },
               Step::Finished);
    EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "") << to_hex(stray);
  }
}

TEST_P(Boundaries13, FinishedUnderTheWrongKeys) {
  const Script by = script([](Flight&, Outgoing& item) { item.epoch = Epoch::Application; }, Step::Finished);
  EXPECT_EQ(refusal(setup_, by, Alert::BadRecordMac), "");
}

TEST_P(Boundaries13, HelloAcrossTheKeyChange) {  // the rest of a hello, protected
  const Script by =
      script([](Flight&, Outgoing& item) { append(item.payload, from_hex("14 000020 00")); }, Step::ClientHello);
  EXPECT_EQ(refusal(setup_, by, Alert::UnexpectedMessage), "");
}

INSTANTIATE_TEST_SUITE_P(Tls13, Boundaries13, ::testing::Values(true));

}  // namespace
}  // namespace breakwater::test
