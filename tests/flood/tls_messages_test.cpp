// What servers may say besides the plain handshake, and what they may not.
#include <gtest/gtest.h>

#include "tests/flood/tls_fake_server.h"
#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {
namespace {

namespace bt = breakwater::test;
using bt::Writer;

ClientSettings of(Version version, Shape shape = Shape::Tool) {
  ClientSettings settings;
  settings.version = version;
  settings.shape = shape;
  return settings;
}

constexpr Version kVersions[] = {Version::Tls12, Version::Tls13};

// One connection of a client with these settings.
struct Exchange {
  explicit Exchange(const ClientSettings& settings, std::uint16_t suite = 0)
      : profile(settings), server(settings.version, suite) {
    talk.start(profile);
  }
  void run() { talk.run(std::ref(server)); }
  Failure failure() const { return talk.client.failure(); }
  // Bytes in place of the server's answer to the hello.
  Failure answer(View bytes) {
    server.take(talk.take_output());
    talk.deliver(bytes);
    return failure();
  }

  Profile profile;
  FakeServer server;
  Talk talk;
};

Failure after_handshake(Version version, const std::function<Bytes(FakeServer&)>& bytes) {
  Exchange exchange(of(version));
  exchange.run();
  EXPECT_EQ(exchange.talk.trouble(), "");
  exchange.talk.deliver(bytes(exchange.server));
  return exchange.failure();
}

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

TEST(Tls13Answers, CompressedCertificates) {
  for (const Shape shape : {Shape::Tool, Shape::Browser}) {
    Exchange exchange(of(Version::Tls13, shape));
    exchange.server.edit = [](std::uint8_t type, Bytes& message) {
      if (type == 11) message = FakeServer::message(25, Writer().u16(2).u24(400).vector(3, Bytes(100, 9)).bytes());
    };
    exchange.run();
    EXPECT_EQ(exchange.failure(), shape == Shape::Browser ? Failure::None : Failure::BadMessage);
  }
}

TEST(Tls13Answers, CookieAlone) {
  for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser, Shape::BrowserPq}) {
    for (const std::size_t size : {1U, 100U, 3000U}) {
      Exchange exchange(of(Version::Tls13, shape));
      const Bytes cookie = bt::Random(size).bytes(size);
      bool asked = false;
      Bytes second;
      exchange.talk.run([&](View bytes) -> Bytes {
        FakeServer& server = exchange.server;
        if (asked) {
          if (second.empty()) {
            second = bt::to_bytes(bytes);
            server.take(bytes);
            return server.first_flight();
          }
          return server(bytes);
        }
        asked = true;
        server.take(bytes);
        return server.retry(Writer().u16(43).u16(2).u16(0x0304).u16(44).vector(2, Writer().vector(2, cookie)).bytes());
      });
      EXPECT_EQ(exchange.talk.trouble(), "") << static_cast<int>(shape) << " " << size;
      EXPECT_TRUE(exchange.server.finished_seen());
      EXPECT_NE(bt::to_hex(second).find(bt::to_hex(Writer().u16(44).vector(2, Writer().vector(2, cookie)).bytes())),
                std::string::npos);
    }
  }
}

TEST(Tls13Answers, RetriesWithoutSense) {
  const Bytes version = Writer().u16(43).u16(2).u16(0x0304).bytes();
  const auto retry = [&](Shape shape, const Bytes& extensions, int times) {
    Exchange exchange(of(Version::Tls13, shape));
    for (int i = 0; i < times; ++i) {
      exchange.server.take(exchange.talk.take_output());
      exchange.talk.deliver(exchange.server.retry(extensions));
    }
    return exchange.failure();
  };
  const auto with = [&](const Bytes& more) { return Writer().raw(version).raw(more).bytes(); };
  const Bytes cookie = Writer().u16(44).vector(2, Writer().vector(2, Bytes{7})).bytes();
  EXPECT_EQ(retry(Shape::Browser, with(cookie), 1), Failure::None);
  EXPECT_EQ(retry(Shape::Browser, with(cookie), 2), Failure::BadMessage);
  EXPECT_EQ(retry(Shape::Browser, version, 1), Failure::BadMessage);  // nothing would change
  EXPECT_EQ(retry(Shape::Browser, with(Writer().u16(44).vector(2, Writer().vector(2, Bytes{})).bytes()), 1),
            Failure::BadMessage);
  EXPECT_EQ(retry(Shape::Browser, with(Writer().u16(51).u16(2).u16(0x001D).bytes()), 1), Failure::None);
  EXPECT_EQ(retry(Shape::Browser, with(Writer().u16(51).u16(2).u16(0x0017).bytes()), 1), Failure::BadMessage);  // sent
  EXPECT_EQ(retry(Shape::Tool, with(Writer().u16(51).u16(2).u16(0x001D).bytes()), 1), Failure::WrongVersion);
  EXPECT_EQ(retry(Shape::BrowserPq, with(Writer().u16(51).u16(2).u16(0x11EC).bytes()), 1), Failure::WrongVersion);
  // Longer than a hello can be made
  EXPECT_EQ(retry(Shape::Browser, with(Writer().u16(44).vector(2, Writer().vector(2, Bytes(12'000))).bytes()), 1),
            Failure::BadMessage);
}

TEST(Tls13Answers, ChangeCipherSpec) {
  const auto during = [](const Bytes& content, int times) {
    Exchange exchange(of(Version::Tls13));
    exchange.server.take(exchange.talk.take_output());
    const Bytes flight = exchange.server.first_flight();
    const std::size_t hello = bt::next_record(flight).size();
    exchange.talk.deliver(View(flight).first(hello));
    for (int i = 0; i < times; ++i) exchange.talk.deliver(FakeServer::plain(20, content));
    exchange.talk.deliver(View(flight).subspan(hello));
    return exchange.failure();
  };
  EXPECT_EQ(during({1}, 1), Failure::None);
  EXPECT_EQ(during({1}, 2), Failure::None);
  EXPECT_EQ(during({1}, 50), Failure::BadMessage);
  EXPECT_EQ(during({2}, 1), Failure::BadMessage);
  EXPECT_EQ(during({1, 1}, 1), Failure::BadMessage);
  EXPECT_EQ(after_handshake(Version::Tls13, [](FakeServer&) { return FakeServer::plain(20, Bytes{1}); }),
            Failure::BadMessage);
  EXPECT_EQ(Exchange(of(Version::Tls12)).answer(FakeServer::plain(20, Bytes{1})), Failure::BadMessage);
}

TEST(Tls13Answers, KeyUpdates) {
  for (const int suite : {0x1301, 0x1302, 0x1303}) {
    Exchange exchange(of(Version::Tls13), static_cast<std::uint16_t>(suite));
    exchange.run();
    ASSERT_EQ(exchange.talk.trouble(), "");
    FakeServer& server = exchange.server;
    for (int round = 0; round < 20; ++round) {
      const bool requested = round % 3 != 0;
      exchange.talk.deliver(
          server.sealed(22, FakeServer::message(24, Bytes{requested ? std::uint8_t{1} : std::uint8_t{0}})));
      server.update_keys();
      exchange.talk.deliver(server.sealed(23, bt::view_of("down")));
      ASSERT_TRUE(exchange.talk.client.write(bt::view_of("up")));
      Bytes out = exchange.talk.take_output();
      if (requested) {
        const View record = bt::next_record(out);
        const auto answer = server.open(record);
        ASSERT_TRUE(answer.has_value());
        EXPECT_EQ(bt::to_hex(answer->payload), "1800000100");
        server.update_client_keys();
        out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(record.size()));
      }
      const auto data = server.open(out);
      ASSERT_TRUE(data.has_value());
      EXPECT_EQ(bt::to_text(data->payload), "up");
    }
    EXPECT_EQ(exchange.talk.received.size(), 80U);
  }
}

// A server that asks and asks while nothing of ours leaves: the answers are owed, not piled up.
TEST(Tls13Answers, KeyUpdateStorm) {
  Exchange exchange(of(Version::Tls13));
  exchange.run();
  for (int i = 0; i < 5000; ++i) {
    exchange.talk.deliver(exchange.server.sealed(22, FakeServer::message(24, Bytes{1})));
    exchange.server.update_keys();
    ASSERT_EQ(exchange.failure(), Failure::None);
    ASSERT_LE(exchange.talk.client.output().size(), 16384U);
  }
  // What was answered can be opened, in order; then comes what is written now.
  Bytes out = exchange.talk.take_output();
  ASSERT_TRUE(exchange.talk.client.write(bt::view_of("up")));
  bt::append(out, exchange.talk.take_output());
  std::string last;
  for (View rest = out; !rest.empty();) {
    const View record = bt::next_record(rest);
    const auto opened = exchange.server.open(record);
    ASSERT_TRUE(opened.has_value());
    last = bt::to_text(opened->payload);
    if (opened->type == 22) exchange.server.update_client_keys();
    rest = rest.subspan(record.size());
  }
  EXPECT_EQ(last, "up");
}

TEST(Tls13Answers, KeyUpdatesOfWrongShape) {
  const auto update = [](const Bytes& body, bool behind) {
    return after_handshake(Version::Tls13, [&](FakeServer& server) {
      Bytes message = FakeServer::message(24, body);
      if (behind) bt::append(message, FakeServer::message(24, body));  // under keys that are gone
      return server.sealed(22, message);
    });
  };
  EXPECT_EQ(update({0}, false), Failure::None);
  EXPECT_EQ(update({2}, false), Failure::BadMessage);
  EXPECT_EQ(update({}, false), Failure::BadMessage);
  EXPECT_EQ(update({0, 0}, false), Failure::BadMessage);
  EXPECT_EQ(update({0}, true), Failure::BadMessage);
  EXPECT_EQ(after_handshake(Version::Tls12,
                            [](FakeServer& server) { return server.sealed(22, FakeServer::message(24, Bytes{0})); }),
            Failure::BadMessage);
}

TEST(Tls13Answers, TicketsOfWrongShape) {
  ClientSettings settings = of(Version::Tls13);
  settings.tickets = true;
  const auto ticket = [&](const Bytes& body) {
    Exchange exchange(settings);
    exchange.run();
    exchange.talk.deliver(exchange.server.sealed(22, FakeServer::message(4, body)));
    return std::pair(exchange.failure(), exchange.talk.client.take_session().has_value());
  };
  const auto body = [](std::uint32_t lifetime, std::size_t nonce, std::size_t size) {
    return Writer().u32(lifetime).u32(1).vector(1, Bytes(nonce)).vector(2, Bytes(size)).u16(0).bytes();
  };
  EXPECT_EQ(ticket(body(100, 8, 100)), std::pair(Failure::None, true));
  EXPECT_EQ(ticket(body(100, 40, 100)), std::pair(Failure::None, true));
  EXPECT_EQ(ticket(body(100, 255, 100)), std::pair(Failure::None, true));
  EXPECT_EQ(ticket(body(0, 8, 100)), std::pair(Failure::None, false));  // to be thrown away at once
  EXPECT_EQ(ticket(body(604'800, 0, 1)), std::pair(Failure::None, true));
  EXPECT_EQ(ticket(body(604'801, 8, 100)), std::pair(Failure::BadMessage, false));
  EXPECT_EQ(ticket(body(100, 8, 0)), std::pair(Failure::BadMessage, false));
  EXPECT_EQ(ticket(body(100, 8, 4096)), std::pair(Failure::None, true));
  EXPECT_EQ(ticket(body(100, 8, 4097)), std::pair(Failure::None, false));  // more than is kept
  EXPECT_EQ(ticket(Bytes(13)), std::pair(Failure::BadMessage, false));
}

}  // namespace
}  // namespace breakwater::flood::testing
