// Early data is never accepted; it is passed over in both ways of RFC 8446 4.2.10, up to a bound.
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

class EarlyData : public ::testing::Test {
 protected:
  EarlyData() {
    script_.offer = Offer::tls13_only();
    Connected first(setup_, script_);
    EXPECT_EQ(first.error, "");
    script_.offer.sessions = {first.client.sessions().front()};
    script_.offer.early_data = true;
  }

  // Early data in records of these sizes behind the first hello.
  void send_early(std::vector<std::size_t> sizes) {
    script_.hooks.flight = [=](std::vector<Outgoing>& flight) {
      if (flight.front().step != Step::ClientHello) return;
      for (const std::size_t size : sizes) {
        Outgoing early;
        early.type = ContentType::ApplicationData;
        early.epoch = Epoch::EarlyData;
        early.payload = Bytes(size, 0xEE);
        flight.push_back(early);
      }
    };
  }
  void expect_passed_over(bool resumed, bool retried) {
    Connected connected(setup_, script_);
    EXPECT_EQ(connected.error, "");
    EXPECT_EQ(connected.server.facts().resumed, resumed);
    EXPECT_EQ(connected.server.facts().hello_retry, retried);
    EXPECT_FALSE(connected.client.facts().early_data_accepted);
    EXPECT_TRUE(connected.server.received().empty());
    EXPECT_EQ(echo(connected.client, connected.server), "");
  }

  ServerSetup setup_;
  Script script_;
};

TEST_F(EarlyData, BehindAServerHello) {
  for (const auto& sizes : std::vector<std::vector<std::size_t>>{{}, {1}, {100}, {1000, 1, 3000}, {16000}}) {
    send_early(sizes);
    expect_passed_over(true, false);
  }
}

TEST_F(EarlyData, BehindAHelloRetryRequest) {
  script_.offer.shares.clear();
  for (const auto& sizes : std::vector<std::vector<std::size_t>>{{}, {1}, {100}, {1000, 1, 3000}, {16000}}) {
    send_early(sizes);
    expect_passed_over(true, true);
  }
}

TEST_F(EarlyData, OfAnUnknownTicket) {
  script_.offer.sessions.front().ticket[0] ^= 1;
  send_early({500, 500});
  expect_passed_over(false, false);
  script_.offer.shares.clear();
  expect_passed_over(false, true);
}

TEST_F(EarlyData, OverTheLimit) {
  for (const bool retry : {false, true}) {
    if (retry) script_.offer.shares.clear();
    send_early({16000, 500});
    EXPECT_EQ(refusal(setup_, script_, {Alert::UnexpectedMessage, Alert::BadRecordMac}), "");
    setup_.configuration.max_early_data_skip = 400;
    send_early({300});
    expect_passed_over(true, retry);
    send_early({300, 300});
    EXPECT_EQ(refusal(setup_, script_, {Alert::UnexpectedMessage, Alert::BadRecordMac}), "");
    setup_.configuration.max_early_data_skip = 16384;
  }
}

TEST_F(EarlyData, FloodOfSmallRecords) {  // each costs a trial decryption: even empty ones have to count
  send_early(std::vector<std::size_t>(17'000, 0));
  EXPECT_EQ(refusal(setup_, script_, {Alert::UnexpectedMessage, Alert::BadRecordMac}), "");
}

TEST_F(EarlyData, WithoutTheExtension) {
  send_early({100});
  script_.hooks.hello = [](HelloSpec& hello, bool) { hello.erase(tls::ExtensionType::EarlyData); };
  EXPECT_EQ(refusal(setup_, script_, Alert::BadRecordMac), "");
  script_.offer.shares.clear();
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

TEST_F(EarlyData, BadRecordsAfterTheFirstGoodOne) {  // the trial is over once a record has opened
  send_early({100});
  const auto early = script_.hooks.flight;
  script_.hooks.flight = [=](std::vector<Outgoing>& flight) {
    if (flight.front().step == Step::ClientHello) return early(flight);
    for (std::size_t i = 0; i < flight.size(); ++i) {
      if (flight[i].step != Step::Finished) continue;
      Outgoing first_half = flight[i];
      first_half.step = Step::Other;
      first_half.payload.resize(10);
      flight[i].payload.erase(flight[i].payload.begin(), flight[i].payload.begin() + 10);
      Outgoing garbage = first_half;
      garbage.corrupt = [](Bytes& record) { record.back() ^= 1; };
      flight.insert(flight.begin() + static_cast<std::ptrdiff_t>(i), {first_half, garbage});
      return;
    }
  };
  EXPECT_EQ(refusal(setup_, script_, Alert::BadRecordMac), "");
}

TEST_F(EarlyData, WithTls12Negotiated) {  // RFC 8446 D.3: a TLS 1.2 server fails on early data
  setup_.configuration.max_version = ProtocolVersion::Tls12;
  script_.offer.versions = {0x0304, 0x0303};
  script_.offer.suites = {0x1301, 0xC02B};
  send_early({100});
  EXPECT_EQ(refusal(setup_, script_, Alert::UnexpectedMessage), "");
}

}  // namespace
}  // namespace breakwater::test
