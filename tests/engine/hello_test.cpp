// ClientHello messages that must be refused, and odd ones that must not (RFC 8446 4.1.2 and 9.2, RFC 5246 7.4.1.2).
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using tls::ExtensionType;
using HelloChange = std::function<void(HelloSpec&)>;

class Hello : public ::testing::Test {
 protected:
  Script script(const HelloChange& change, Offer offer = {}) const {
    Script script;
    script.offer = std::move(offer);
    script.hooks.hello = [=](HelloSpec& hello, bool second) {
      if (!second) change(hello);
    };
    return script;
  }
  std::string refused13(Alert alert, const HelloChange& change) {
    return refusal(setup_, script(change, Offer::tls13_only()), alert);
  }
  std::string refused12(Alert alert, const HelloChange& change) {
    return refusal(setup_, script(change, Offer::tls12_only()), alert);
  }
  std::string accepted(const HelloChange& change, Offer offer = {}) {
    return Connected(setup_, script(change, std::move(offer))).error;
  }

  ServerSetup setup_;
};

TEST_F(Hello, OldVersions) {  // RFC 8446 4.2.1 and D.5
  for (const std::uint16_t version : std::vector<std::uint16_t>{0x0000, 0x0002, 0x0200, 0x0300, 0x0301, 0x0302}) {
    EXPECT_EQ(refused12(Alert::ProtocolVersion, [=](HelloSpec& hello) { hello.legacy_version = version; }), "")
        << version;
  }
  for (const std::uint16_t version : std::vector<std::uint16_t>{0x0304, 0x0305, 0x0400, 0xFFFF}) {
    EXPECT_EQ(accepted([=](HelloSpec& hello) { hello.legacy_version = version; }, Offer::tls12_only()), "") << version;
  }
}

TEST_F(Hello, NoCommonSuite) {
  for (const std::vector<std::uint16_t>& suites :
       std::vector<std::vector<std::uint16_t>>{{0x009C, 0x009D},                  // static RSA
                                               {0xC013, 0xC014, 0xC009, 0xC00A},  // CBC
                                               {0xC011, 0x0005},                  // RC4
                                               {0x009E, 0xCCAA},                  // DHE
                                               {0x1304, 0x1305},                  // CCM
                                               {0x00FF},
                                               {0x0A0A}}) {
    EXPECT_EQ(refused12(Alert::HandshakeFailure, [=](HelloSpec& hello) { hello.suites = suites; }), "");
    EXPECT_EQ(refused13(Alert::HandshakeFailure, [=](HelloSpec& hello) { hello.suites = suites; }), "");
  }
  EXPECT_EQ(refused13(Alert::HandshakeFailure, [](HelloSpec& hello) { hello.suites = {0xC02B, 0xC02F}; }), "");
  EXPECT_EQ(refused12(Alert::HandshakeFailure, [](HelloSpec& hello) { hello.suites = {0x1301, 0x1302}; }), "");
}

TEST_F(Hello, NoCommonGroup) {
  const HelloChange change = [](HelloSpec& hello) { hello.set(extension::supported_groups({0x0018, 0x0019, 0x001E})); };
  EXPECT_EQ(refused12(Alert::HandshakeFailure, change), "");
  EXPECT_EQ(refused13(Alert::HandshakeFailure,
                      [&](HelloSpec& hello) {
                        change(hello);
                        hello.set(extension::key_share({{std::uint16_t{0x0018}, Bytes(97, 4)}}));
                      }),
            "");
}

TEST_F(Hello, CompressionMethods) {  // RFC 8446 4.1.2: exactly the null method in TLS 1.3
  for (const Bytes& methods : std::vector<Bytes>{{1}, {0, 1}, {1, 0}, {64, 0}}) {
    EXPECT_EQ(refused13(Alert::IllegalParameter, [=](HelloSpec& hello) { hello.compressions = methods; }), "");
  }
  // RFC 5246 7.4.1.2: the null method must be among them.
  EXPECT_EQ(accepted([](HelloSpec& hello) { hello.compressions = {1, 0}; }, Offer::tls12_only()), "");
  EXPECT_EQ(refused12(Alert::IllegalParameter, [](HelloSpec& hello) { hello.compressions = {1}; }), "");
  EXPECT_EQ(refused12(Alert::DecodeError, [](HelloSpec& hello) { hello.compressions = {}; }), "");
}

TEST_F(Hello, Shape) {
  const auto& refused = [&](const HelloChange& change) { return refused12(Alert::DecodeError, change); };
  EXPECT_EQ(refused([](HelloSpec& hello) { hello.trailing = {0}; }), "");
  EXPECT_EQ(refused([](HelloSpec& hello) { hello.suites.clear(); }), "");
  EXPECT_EQ(refused([](HelloSpec& hello) { hello.session_id = Bytes(33); }), "");
  EXPECT_EQ(refused([](HelloSpec& hello) { hello.random.resize(31); }), "");
  EXPECT_EQ(accepted([](HelloSpec& hello) { hello.session_id = Bytes(7); }, Offer::tls12_only()), "");
}

// Every prefix of a hello with its length field set right, and every length field that lies (RFC 8446 6.2:
// decode_error).
TEST_F(Hello, EveryTruncation) {
  Script by;
  by.offer = Offer::browser();
  std::size_t full_size = 0;
  by.hooks.message = [&](Step, Bytes& message) { full_size = message.size(); };
  Client(by).start();
  ASSERT_GT(full_size, 250U);
  for (std::size_t size = 4; size < full_size; ++size) {
    by.hooks.message = [=](Step, Bytes& message) {
      message.resize(size);
      message[2] = static_cast<std::uint8_t>((size - 4) >> 8);
      message[3] = static_cast<std::uint8_t>(size - 4);
    };
    // A hello that ends behind its compression methods is whole (RFC 5246 7.4.1.2), and has nothing that fits us.
    const std::size_t without_extensions = 4 + 2 + 32 + 1 + 32 + 2 + 2 * 14 + 2;
    const Alert alert = size == without_extensions ? Alert::HandshakeFailure : Alert::DecodeError;
    EXPECT_EQ(refusal(setup_, by, alert), "") << size;
  }
}

TEST_F(Hello, MissingExtensionsInTls13) {  // RFC 8446 9.2
  for (const ExtensionType type :
       {ExtensionType::KeyShare, ExtensionType::SupportedGroups, ExtensionType::SignatureAlgorithms}) {
    EXPECT_EQ(refused13(Alert::MissingExtension, [=](HelloSpec& hello) { hello.erase(type); }), "")
        << static_cast<int>(type);
  }
  EXPECT_EQ(refused13(Alert::MissingExtension,
                      [](HelloSpec& hello) {
                        hello.erase(ExtensionType::KeyShare);
                        hello.erase(ExtensionType::SupportedGroups);
                      }),
            "");
}

TEST_F(Hello, DuplicateExtensions) {  // RFC 8446 4.2
  Script by;
  by.offer = Offer::browser();
  by.offer.certificate_schemes = {0x0403};
  by.offer.record_size_limit = 16385;
  HelloSpec whole;
  by.hooks.hello = [&](HelloSpec& hello, bool) { whole = hello; };
  Client(by).start();
  ASSERT_GE(whole.extensions.size(), 15U);
  for (const Extension& repeated : whole.extensions) {
    for (const bool adjacent : {true, false}) {
      by.hooks.hello = [=](HelloSpec& hello, bool) {
        if (!adjacent) {
          hello.extensions.push_back(repeated);
          return;
        }
        for (auto it = hello.extensions.begin(); it != hello.extensions.end(); ++it) {
          if (it->type == repeated.type) {
            hello.extensions.insert(it, repeated);
            return;
          }
        }
        hello.extensions.push_back(repeated);
      };
      EXPECT_EQ(refusal(setup_, by, Alert::IllegalParameter), "") << repeated.type;
    }
  }
}

TEST_F(Hello, KeySharesOfWrongLengths) {  // RFC 8446 4.2.8.1 and 4.2.8.2
  for (const std::size_t size : std::vector<std::size_t>{1, 31, 33, 65}) {
    EXPECT_EQ(refused13(Alert::IllegalParameter,
                        [=](HelloSpec& hello) {
                          hello.set(extension::key_share({{std::uint16_t{0x001D}, Bytes(size, 9)}}));
                        }),
              "")
        << size;
  }
  for (const std::size_t size : std::vector<std::size_t>{1, 32, 33, 64, 66}) {
    EXPECT_EQ(refused13(Alert::IllegalParameter,
                        [=](HelloSpec& hello) {
                          hello.set(extension::key_share({{std::uint16_t{0x0017}, Bytes(size, 4)}}));
                        }),
              "")
        << size;
  }
}

std::vector<Bytes> bad_points(const KeyPair& good) {
  Bytes off_curve = good.public_key;
  off_curve[64] ^= 1;
  Bytes compressed_form = good.public_key;
  compressed_form[0] = 2;
  Bytes hybrid_form = good.public_key;
  hybrid_form[0] = 6;
  Bytes zeros(65);
  Bytes origin(65);
  origin[0] = 4;
  Bytes large_x(65, 0xFF);
  large_x[0] = 4;
  return {off_curve, compressed_form, hybrid_form, zeros, origin, large_x};
}

const std::vector<Bytes>& low_order_points() {  // RFC 7748 6.1: the result is all zero
  static const std::vector<Bytes> points = {
      from_hex("0000000000000000000000000000000000000000000000000000000000000000"),
      from_hex("0100000000000000000000000000000000000000000000000000000000000000"),
      from_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
      from_hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
      from_hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      from_hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      from_hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")};
  return points;
}

TEST_F(Hello, KeySharesThatAreNoPoints) {  // RFC 8446 4.2.8.2, 7.4.2
  const KeyPair good = make_key_pair(Group::Secp256r1, Random(5).bytes(32));
  for (const Bytes& point : bad_points(good)) {
    EXPECT_EQ(refused13(Alert::IllegalParameter,
                        [&](HelloSpec& hello) {
                          hello.set(extension::key_share({{std::uint16_t{0x0017}, point}}));
                        }),
              "")
        << to_hex(point);
  }
  for (const Bytes& point : low_order_points()) {
    EXPECT_EQ(refused13(Alert::IllegalParameter,
                        [&](HelloSpec& hello) {
                          hello.set(extension::key_share({{std::uint16_t{0x001D}, point}}));
                        }),
              "")
        << to_hex(point);
  }
}

TEST_F(Hello, ClientKeyExchangeThatIsNoPoint) {  // RFC 8422 5.7 and 5.11
  const KeyPair good = make_key_pair(Group::Secp256r1, Random(5).bytes(32));
  for (const Group group : {Group::Secp256r1, Group::X25519}) {
    setup_.set_groups({group});
    std::vector<Bytes> bodies;
    for (const Bytes& point : group == Group::X25519 ? low_order_points() : bad_points(good)) {
      bodies.push_back(Writer().vector(1, point).bytes());
    }
    for (const Bytes& body : bodies) {
      Script by;
      by.offer = Offer::tls12_only();
      by.hooks.message = [&](Step step, Bytes& message) {
        if (step == Step::ClientKeyExchange) message = Writer().u8(16).vector(3, body).bytes();
      };
      EXPECT_EQ(refusal(setup_, by, Alert::IllegalParameter), "") << to_hex(body);
    }
  }
}

TEST_F(Hello, ClientKeyExchangeOfWrongShape) {
  const KeyPair good = make_key_pair(Group::X25519, Random(5).bytes(32));
  const Bytes whole = Writer().vector(1, good.public_key).bytes();
  Bytes longer = whole;
  longer.push_back(0);
  Bytes counted_longer = longer;
  ++counted_longer[0];
  const Bytes shorter(whole.begin(), whole.end() - 1);
  for (const Bytes& body : std::vector<Bytes>{longer, counted_longer, shorter, {}, {0}, {31}, Bytes(300, 1)}) {
    Script by;
    by.offer = Offer::tls12_only();
    by.hooks.message = [&](Step step, Bytes& message) {
      if (step == Step::ClientKeyExchange) message = Writer().u8(16).vector(3, body).bytes();
    };
    Client client(by);
    EngineServer server(setup_);
    talk(client, server, client.start());
    ASSERT_TRUE(server.failed());
    const Alert alert = server.error().alert;
    EXPECT_TRUE(alert == Alert::DecodeError || alert == Alert::IllegalParameter)
        << to_hex(body) << server.error().reason;
  }
}

TEST_F(Hello, TwoSharesOfOneGroup) {  // RFC 8446 4.2.8
  EXPECT_EQ(
      refused13(Alert::IllegalParameter,
                [](HelloSpec& hello) {
                  const Bytes share(32, 9);
                  hello.set(extension::key_share({{std::uint16_t{0x001D}, share}, {std::uint16_t{0x001D}, share}}));
                }),
      "");
}

TEST_F(Hello, ShareOfAGroupNotListed) {  // RFC 8446 4.2.8: the server may check, and abort with illegal_parameter
  Script by = script([](HelloSpec& hello) { hello.set(extension::supported_groups({0x0017})); }, Offer::tls13_only());
  Client client(by);
  EngineServer server(setup_);
  client.receive(server.feed(client.start()));
  EXPECT_TRUE(server.failed() ? server.error().alert == Alert::IllegalParameter : client.facts().hello_retry);
}

TEST_F(Hello, PointFormatsWithoutUncompressed) {  // RFC 8422 5.1.2
  EXPECT_EQ(refused12(Alert::IllegalParameter,
                      [](HelloSpec& hello) {
                        hello.set(extension::ec_point_formats({1, 2}));
                      }),
            "");
  EXPECT_EQ(accepted(
                [](HelloSpec& hello) {
                  hello.set(extension::ec_point_formats({2, 1, 0}));
                },
                Offer::tls12_only()),
            "");
}

TEST_F(Hello, RenegotiationInfoMustBeEmpty) {  // RFC 5746 3.6
  EXPECT_EQ(
      refused12(Alert::HandshakeFailure, [](HelloSpec& hello) { hello.set(extension::renegotiation_info(Bytes(12))); }),
      "");
}

TEST_F(Hello, ManySuitesAndExtensions) {
  EXPECT_EQ(accepted([](HelloSpec& hello) {
              std::vector<std::uint16_t> many;
              for (std::size_t i = 0; i < 100; ++i) many.push_back(static_cast<std::uint16_t>(0x4000 + i));
              hello.suites.insert(hello.suites.begin(), many.begin(), many.end());
              for (std::size_t i = 0; i < 40; ++i) {
                hello.extensions.insert(hello.extensions.begin(), {static_cast<std::uint16_t>(0x7000 + i), Bytes(i)});
              }
            }),
            "");
}

// RFC 8446 5.1: a message may go over several records. Ours has a bound of 16,384 bytes.
TEST_F(Hello, LongOnes) {
  const auto padded = [](std::size_t body_size) {
    Script by;
    by.hooks.hello = [=](HelloSpec& hello, bool) {
      const std::size_t size = hello.encode().size();  // with a header of 4, as the extension to come has
      hello.extensions.insert(hello.extensions.begin(), {21, Bytes(body_size - size)});
    };
    return by;
  };
  for (const std::size_t size : std::vector<std::size_t>{4'000, 16'379, 16'380, 16'381, 16'384}) {
    EXPECT_EQ(Connected(setup_, padded(size)).error, "") << size;
  }
  EXPECT_EQ(refusal(setup_, padded(16'385), {Alert::IllegalParameter, Alert::DecodeError}), "");
  EXPECT_EQ(refusal(setup_, padded(40'000), {Alert::IllegalParameter, Alert::DecodeError}), "");
}

TEST_F(Hello, OtherMessagesFirst) {
  for (const std::uint8_t type : std::vector<std::uint8_t>{0, 2, 4, 5, 8, 11, 12, 13, 14, 15, 16, 20, 24, 99, 254}) {
    EXPECT_EQ(refusal_of_bytes(setup_, plain_record(22, Writer().u8(type).vector(3, Bytes(32)).bytes()),
                               Alert::UnexpectedMessage),
              "")
        << int{type};
  }
}

TEST_F(Hello, NotTlsAtAll) {
  for (const std::string_view text : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"}) {
    EngineServer server(setup_);
    server.feed(view_of(text));
    EXPECT_TRUE(server.failed());
  }
}

}  // namespace
}  // namespace breakwater::test
