// What servers may say besides the plain handshake, and what they may not, in either version.
#include <gtest/gtest.h>

#include "tests/flood/tls_exchange.h"

namespace breakwater::flood::testing {
namespace {

namespace bt = breakwater::test;
using bt::Writer;

TEST(TlsAnswers, NotTls) {
  for (const Version version : kVersions) {
    EXPECT_EQ(Exchange(of(version)).answer(bt::view_of("HTTP/1.1 400 Bad Request\r\n\r\n")), Failure::NotTls);
    EXPECT_EQ(Exchange(of(version)).answer(bt::view_of("S")), Failure::NotTls);
    EXPECT_EQ(Exchange(of(version)).answer(Bytes{22, 2}), Failure::NotTls);
    EXPECT_EQ(Exchange(of(version)).answer(Bytes{22, 3, 3, 0x40, 0x01}), Failure::NotTls);
    EXPECT_EQ(Exchange(of(version)).answer(Bytes{22, 3, 3, 0x40, 0x00}), Failure::None);
    EXPECT_EQ(Exchange(of(version)).answer(Bytes{23, 3, 3, 0, 1, 0}), Failure::BadMessage);
  }
}

TEST(TlsAnswers, Alerts) {
  for (const Version version : kVersions) {
    Exchange refused(of(version));
    EXPECT_EQ(refused.answer(FakeServer::plain(21, Bytes{2, 40})), Failure::Alert);
    EXPECT_EQ(refused.talk.client.alert(), 40);
    EXPECT_STREQ(alert_text(40), "handshake_failure");
    EXPECT_EQ(Exchange(of(version)).answer(FakeServer::plain(21, Bytes{1, 0})), Failure::ClosedEarly);
    EXPECT_EQ(Exchange(of(version)).answer(FakeServer::plain(21, Bytes{1})), Failure::BadMessage);
    EXPECT_EQ(Exchange(of(version)).answer(FakeServer::plain(21, {})), Failure::BadMessage);
    // unrecognized_name as a warning (RFC 6066 3), then the handshake goes on
    Exchange warned(of(version));
    warned.talk.run([&](View bytes) {
      Bytes out = warned.server.transcript().empty() ? FakeServer::plain(21, Bytes{1, 112}) : Bytes{};
      bt::append(out, warned.server(bytes));
      return out;
    });
    EXPECT_EQ(warned.talk.trouble(), "");
  }
}

TEST(TlsAnswers, AlertsAfterTheHandshake) {
  for (const Version version : kVersions) {
    EXPECT_EQ(after_handshake(version,
                              [](FakeServer& server) {
                                return server.sealed(21, Bytes{2, 80});
                              }),
              Failure::Alert);
    Exchange closed(of(version));
    closed.run();
    closed.talk.deliver(closed.server.sealed(21, Bytes{1, 90}));
    EXPECT_EQ(closed.talk.client.state(), State::Established);
    closed.talk.deliver(closed.server.sealed(21, Bytes{1, 0}));
    EXPECT_EQ(closed.talk.client.state(), State::Closed);
    closed.talk.deliver(bt::view_of("whatever may follow"));
    EXPECT_EQ(closed.talk.client.state(), State::Closed);
  }
  // A warning does not exist in TLS 1.3 (RFC 8446 6.2).
  const auto warning = [](FakeServer& server) { return server.sealed(21, Bytes{1, 112}); };
  EXPECT_EQ(after_handshake(Version::Tls12, warning), Failure::None);
  EXPECT_EQ(after_handshake(Version::Tls13, warning), Failure::Alert);
}

// What was not offered must not be chosen.
TEST(TlsAnswers, NotWhatWasAskedFor) {
  const auto replaced = [](Version version, std::uint16_t suite, const std::function<void(ClientSettings&)>& change) {
    ClientSettings settings = of(version);
    change(settings);
    Exchange exchange(settings, suite);
    exchange.run();
    return exchange.failure();
  };
  const auto nothing = [](ClientSettings&) {};
  EXPECT_EQ(replaced(Version::Tls13, 0x1302, nothing), Failure::None);
  const auto aes128 = [](ClientSettings& settings) { settings.cipher = Cipher::Aes128Gcm; };
  EXPECT_EQ(replaced(Version::Tls13, 0x1302, aes128), Failure::WrongVersion);
  EXPECT_EQ(replaced(Version::Tls12, 0xC02C, aes128), Failure::WrongVersion);
  const auto rsa = [](ClientSettings& settings) { settings.auth = Auth::Rsa; };
  EXPECT_EQ(replaced(Version::Tls12, 0xC02B, rsa), Failure::WrongVersion);
  EXPECT_EQ(replaced(Version::Tls12, 0xC02F, rsa), Failure::WrongVersion);  // its signature is an ECDSA one
  EXPECT_EQ(replaced(Version::Tls13, 0x1301, rsa), Failure::WrongVersion);
  const auto x25519 = [](ClientSettings& settings) { settings.group = Group::X25519; };
  EXPECT_EQ(replaced(Version::Tls12, 0xC02B, x25519), Failure::WrongVersion);  // the server uses secp256r1
  EXPECT_EQ(replaced(Version::Tls13, 0x1301, x25519), Failure::WrongVersion);
  const auto browser_x25519 = [](ClientSettings& settings) {
    settings.group = Group::X25519;
    settings.shape = Shape::Browser;
  };
  EXPECT_EQ(replaced(Version::Tls13, 0x1301, browser_x25519), Failure::WrongVersion);
}

TEST(TlsAnswers, AnotherVersion) {
  for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser}) {
    Exchange older(of(Version::Tls13, shape));
    FakeServer tls12(Version::Tls12);
    older.talk.run(std::ref(tls12));
    EXPECT_EQ(older.failure(), Failure::WrongVersion);
    for (const int legacy : {2, 1, 0}) {
      Exchange ancient(of(Version::Tls12, shape));
      ancient.server.edit = [&](std::uint8_t type, Bytes& message) {
        if (type == 2) message[5] = static_cast<std::uint8_t>(legacy);
      };
      ancient.run();
      EXPECT_EQ(ancient.failure(), Failure::WrongVersion);
    }
  }
}

// Each message left out, said twice, or with a byte too many or too few.
TEST(TlsAnswers, MessagesOutOfPlaceOrShape) {
  for (const Version version : kVersions) {
    const std::vector<std::uint8_t> types = version == Version::Tls12 ? std::vector<std::uint8_t>{2, 11, 12, 14, 20}
                                                                      : std::vector<std::uint8_t>{2, 8, 11, 15, 20};
    for (const std::uint8_t chosen : types) {
      for (int change = 0; change < 4; ++change) {
        Exchange exchange(of(version));
        exchange.server.edit = [&](std::uint8_t type, Bytes& message) {
          if (type != chosen) return;
          const bool has_body = message.size() > 4;
          if (change == 0) message[0] = 99;
          if (change == 1) bt::append(message, Bytes(message));
          if (change == 2) message.push_back(0);
          if (change == 2) message = FakeServer::message(type, View(message).subspan(4));
          if (change == 3 && has_body) message.pop_back();
          if (change == 3 && has_body) message = FakeServer::message(type, View(message).subspan(4));
          if (change == 3 && !has_body) message[0] = 0x14;
        };
        exchange.run();
        EXPECT_EQ(exchange.talk.client.state(), State::Failed) << int(chosen) << " " << change;
        const Failure failure = exchange.failure();
        EXPECT_TRUE(failure == Failure::BadMessage || (chosen == 20 && failure == Failure::BadFinished) ||
                    (chosen == 20 && change == 1 && failure == Failure::BadRecord))
            << int(chosen) << " " << change << " " << to_text(failure);
      }
    }
  }
}

TEST(TlsAnswers, ExtensionsNobodyAskedFor) {
  for (const Version version : kVersions) {
    for (const std::size_t type : {0x0010U, 0x0005U, 0x0029U, 0x1234U}) {
      Exchange exchange(of(version));
      exchange.server.server_hello_extensions = Writer().u16(type).u16(0).bytes();
      exchange.run();
      EXPECT_EQ(exchange.failure(), Failure::BadMessage) << type;
    }
  }
  Exchange encrypted(of(Version::Tls13));
  encrypted.server.edit = [](std::uint8_t type, Bytes& message) {
    if (type == 8) message = FakeServer::message(8, Writer().u16(4).u16(16).u16(0).bytes());
  };
  encrypted.run();
  EXPECT_EQ(encrypted.failure(), Failure::BadMessage);
}

TEST(TlsAnswers, OtherTypesBetweenTheFragmentsOfAMessage) {
  for (const Version version : kVersions) {
    EXPECT_EQ(after_handshake(version,
                              [](FakeServer& server) {
                                Bytes out = server.sealed(22, Bytes{4, 0});
                                bt::append(out, server.sealed(23, bt::view_of("data")));
                                return out;
                              }),
              Failure::BadMessage);
  }
}

TEST(TlsAnswers, MessagesLongerThanAnyoneNeeds) {
  for (const Version version : kVersions) {
    EXPECT_EQ(Exchange(of(version)).answer(FakeServer::plain(22, Bytes{2, 0x02, 0x00, 0x01})), Failure::BadMessage);
    EXPECT_EQ(Exchange(of(version)).answer(FakeServer::plain(22, {})), Failure::BadMessage);
  }
}

// RFC 5246 7.4.1.1: a HelloRequest may be ignored. RFC 8446 has none.
TEST(TlsAnswers, HelloRequests) {
  const auto request = [](FakeServer& server) { return server.sealed(22, Bytes{0, 0, 0, 0}); };
  EXPECT_EQ(after_handshake(Version::Tls12, request), Failure::None);
  EXPECT_EQ(after_handshake(Version::Tls13, request), Failure::BadMessage);
}

TEST(Tls12Answers, CertificateStatus) {
  for (const Shape shape : {Shape::Tool, Shape::Browser}) {
    Exchange exchange(of(Version::Tls12, shape));
    exchange.talk.run([&](View bytes) -> Bytes {
      FakeServer& server = exchange.server;
      const bool first = server.transcript().empty();
      if (!first) return server(bytes);
      server.edit = [&](std::uint8_t type, Bytes& message) {
        if (type == 11) bt::append(message, FakeServer::message(22, Writer().u8(1).vector(3, Bytes(500)).bytes()));
      };
      return server(bytes);
    });
    EXPECT_EQ(exchange.failure(), shape == Shape::Browser ? Failure::None : Failure::BadMessage);
    if (shape == Shape::Browser) {
      EXPECT_EQ(exchange.talk.trouble(), "");
    }
  }
}

// A server that would like to see a certificate is told that there is none.
TEST(TlsAnswers, CertificateRequests) {
  for (const Version version : kVersions) {
    Exchange exchange(of(version));
    exchange.server.edit = [&](std::uint8_t type, Bytes& message) {
      const Bytes own = message;
      if (type == 14)
        message = FakeServer::message(13, Writer().vector(1, Bytes{1, 64}).vector(2, Bytes{4, 3}).u16(0).bytes());
      if (type == 8)
        bt::append(
            message,
            FakeServer::message(
                13, Writer().u8(0).vector(2, Writer().u16(13).vector(2, Writer().vector(2, Bytes{4, 3}))).bytes()));
      if (type == 14) bt::append(message, own);
    };
    Bytes flight;
    exchange.talk.run([&](View bytes) {
      if (!exchange.server.transcript().empty() && flight.empty()) flight = bt::to_bytes(bytes);
      return exchange.server(bytes);
    });
    EXPECT_EQ(exchange.talk.trouble(), "");
    EXPECT_TRUE(exchange.server.finished_seen());
    if (version == Version::Tls12) {
      EXPECT_EQ(bt::to_hex(flight).substr(0, 24), "16030300070b000003000000");
    }
    // The empty Certificate is in the server's transcript, so that both Finished messages cover it.
    const std::string seen = bt::to_hex(exchange.server.transcript());
    EXPECT_NE(seen.find(version == Version::Tls12 ? "0b000003000000" : "0b00000400000000"), std::string::npos);
  }
}

}  // namespace
}  // namespace breakwater::flood::testing
