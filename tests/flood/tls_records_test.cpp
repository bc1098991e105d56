// Records of a server that holds the right keys: cut, padded, as long as may be and longer, and with one wrong bit.
#include <gtest/gtest.h>

#include "tests/flood/tls_fake_server.h"
#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {
namespace {

namespace bt = breakwater::test;

constexpr std::uint16_t kSuites[] = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xCCA9, 0xC02F, 0xC030, 0xCCA8};

class TlsRecords : public ::testing::TestWithParam<std::uint16_t> {
 protected:
  bool tls13() const { return (GetParam() >> 8) == 0x13; }
  Version version() const { return tls13() ? Version::Tls13 : Version::Tls12; }
  ClientSettings settings() const {
    ClientSettings settings;
    settings.version = version();
    return settings;
  }

  // A finished handshake.
  void connect(Talk& talk, FakeServer& server) {
    const Profile profile(settings());
    talk.start(profile);
    talk.run(std::ref(server));
    ASSERT_EQ(talk.trouble(), "");
    ASSERT_TRUE(server.finished_seen());
  }
};

TEST_P(TlsRecords, MessagesCutAnywhere) {
  const Profile profile(settings());
  for (const std::size_t fragment : {1U, 2U, 3U, 4U, 5U, 17U, 300U}) {
    for (const std::size_t piece : {std::size_t{0}, std::size_t{3}}) {
      FakeServer server(version(), GetParam());
      server.fragment = fragment;
      server.padding = tls13() ? fragment : 0;
      Talk talk(piece);
      talk.start(profile);
      talk.run(std::ref(server));
      EXPECT_EQ(talk.trouble(), "") << fragment;
    }
  }
}

TEST_P(TlsRecords, LongCertificates) {
  const Profile profile(settings());
  for (const std::size_t size : {16'000U, 40'000U, 120'000U}) {
    FakeServer server(version(), GetParam());
    const Bytes certificate(size, 0x44);
    server.certificate_body = tls13() ? bt::Writer().u8(0).vector(3, bt::Writer().vector(3, certificate).u16(0)).bytes()
                                      : bt::Writer().vector(3, bt::Writer().vector(3, certificate)).bytes();
    Talk talk(1000);
    talk.start(profile);
    talk.run(std::ref(server));
    EXPECT_EQ(talk.trouble(), "") << size;
  }
}

TEST_P(TlsRecords, DataUpToTheLimit) {
  Talk talk;
  FakeServer server(version(), GetParam());
  connect(talk, server);
  Bytes all;
  for (const std::size_t size : {0U, 1U, 16'383U, 16'384U}) {
    const Bytes data = bt::Random(size).bytes(size);
    talk.deliver(server.sealed(FakeServer::kData, data));
    bt::append(all, data);
  }
  if (tls13()) talk.deliver(server.sealed(FakeServer::kData, {}, 16'384));  // nothing but padding
  EXPECT_EQ(talk.received, all);
  EXPECT_EQ(talk.client.state(), State::Established);
  talk.deliver(server.sealed(FakeServer::kData, Bytes(16'385)));
  EXPECT_EQ(talk.client.failure(), Failure::BadRecord);
}

TEST_P(TlsRecords, LongerThanTheHeaderMaySay) {
  for (const std::size_t size : {16'384U + 257U, 16'384U + 2049U, 65'535U}) {
    Talk talk;
    FakeServer server(version(), GetParam());
    connect(talk, server);
    const std::uint8_t header[] = {23, 3, 3, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
    talk.deliver(header);
    const bool too_long = tls13() || size > 16'384U + 2048U;
    EXPECT_EQ(talk.client.failure(), too_long ? Failure::BadRecord : Failure::None) << size;
  }
}

TEST_P(TlsRecords, StopsAfterEachRecordWithData) {
  Talk talk;
  FakeServer server(version(), GetParam());
  connect(talk, server);
  Bytes stream = server.sealed(FakeServer::kData, bt::view_of("one"));
  const std::size_t first = stream.size();
  bt::append(stream, server.sealed(FakeServer::kData, {}));
  bt::append(stream, server.sealed(FakeServer::kData, bt::view_of("two")));
  EXPECT_EQ(talk.client.receive(stream, kNow), first);
  EXPECT_EQ(bt::to_text(talk.client.data()), "one");
  EXPECT_EQ(talk.client.receive(MutableBytes(stream).subspan(first), kNow), stream.size() - first);
  EXPECT_EQ(bt::to_text(talk.client.data()), "two");
  EXPECT_EQ(talk.client.receive({}, kNow), 0U);
  EXPECT_TRUE(talk.client.data().empty());
}

// Every bit of every protected record, from the server's first to its close_notify.
TEST_P(TlsRecords, OneWrongBit) {
  const Profile profile(settings());
  FakeServer server(version(), GetParam());
  server.certificate_body = tls13() ? bt::Writer().u8(0).vector(3, bt::Writer().vector(3, Bytes(9, 1)).u16(0)).bytes()
                                    : bt::Writer().vector(3, bt::Writer().vector(3, Bytes(9, 1))).bytes();
  Talk talk;
  talk.start(profile);
  Bytes first;
  Bytes second;
  talk.run([&](View bytes) {
    Bytes answer = server(bytes);
    (first.empty() ? first : second) = answer;
    return answer;
  });
  ASSERT_EQ(talk.trouble(), "");
  bt::append(second, server.sealed(FakeServer::kData, bt::view_of("data")));
  bt::append(second, server.sealed(FakeServer::kAlert, Bytes{1, 0}));

  // The client is fed the recorded bytes again, from the same random.
  const auto replay = [&](const Bytes& one, const Bytes& two) {
    talk.start(profile);
    talk.take_output();
    talk.deliver(one);
    talk.take_output();
    talk.deliver(two);
    return talk.client.failure();
  };
  EXPECT_EQ(replay(first, second), Failure::None);
  EXPECT_EQ(talk.client.state(), State::Closed);

  std::size_t tried = 0;
  for (const bool in_first : {true, false}) {
    const Bytes& stream = in_first ? first : second;
    bool is_protected = !in_first && tls13();
    for (std::size_t at = 0; at < stream.size();) {
      const View record = bt::next_record(View(stream).subspan(at));
      if (is_protected) {
        for (std::size_t bit = 8 * 5; bit < 8 * record.size(); ++bit, ++tried) {
          Bytes wrong = stream;
          wrong[at + bit / 8] = static_cast<std::uint8_t>(wrong[at + bit / 8] ^ (1U << bit % 8));
          ASSERT_EQ(in_first ? replay(wrong, second) : replay(first, wrong), Failure::BadRecord) << at << " " << bit;
          ASSERT_TRUE(talk.client.output().empty());
        }
      }
      // Everything behind TLS 1.3's ServerHello and TLS 1.2's ChangeCipherSpec
      is_protected = is_protected || tls13() || record[0] == FakeServer::kChangeCipherSpec;
      at += record.size();
    }
  }
  EXPECT_GT(tried, 500U);
}

// The type in the header and, in TLS 1.2, the version count among the authenticated data.
TEST_P(TlsRecords, WrongHeader) {
  for (const std::size_t at : {0U, 1U, 2U}) {
    Talk talk;
    FakeServer server(version(), GetParam());
    connect(talk, server);
    Bytes record = server.sealed(FakeServer::kData, bt::view_of("data"));
    record[at] ^= 1;
    talk.deliver(record);
    EXPECT_EQ(talk.client.failure(), Failure::BadRecord) << at;
  }
}

TEST_P(TlsRecords, Replayed) {
  Talk talk;
  FakeServer server(version(), GetParam());
  connect(talk, server);
  const Bytes record = server.sealed(FakeServer::kData, bt::view_of("data"));
  talk.deliver(record);
  EXPECT_EQ(talk.client.failure(), Failure::None);
  talk.deliver(record);
  EXPECT_EQ(talk.client.failure(), Failure::BadRecord);
}

TEST_P(TlsRecords, WritesUntilThereIsNoRoom) {
  Talk talk;
  FakeServer server(version(), GetParam());
  connect(talk, server);
  EXPECT_FALSE(talk.client.write(Bytes(4097)));
  const Bytes data = bt::Random(3).bytes(4096);
  Bytes sent;
  for (int round = 0; round < 50; ++round) {
    std::size_t written = 0;
    while (talk.client.write(data)) ++written;
    ASSERT_GE(written, 1U);
    ASSERT_LE(written, 3U);
    // Part of the output goes, the rest stays in order.
    const Bytes part = bt::to_bytes(talk.client.output().first(talk.client.output().size() / 2));
    talk.client.sent(part.size());
    bt::append(sent, part);
    bt::append(sent, talk.take_output());
  }
  Bytes opened;
  for (View rest = sent; !rest.empty();) {
    const View record = bt::next_record(rest);
    ASSERT_FALSE(record.empty());
    rest = rest.subspan(record.size());
    const auto content = server.open(record);
    ASSERT_TRUE(content.has_value());
    EXPECT_EQ(content->payload, data);
  }
}

INSTANTIATE_TEST_SUITE_P(All, TlsRecords, ::testing::ValuesIn(kSuites),
                         [](const auto& tested) { return std::string(bt::suite_facts(tested.param)->name); });

}  // namespace
}  // namespace breakwater::flood::testing
