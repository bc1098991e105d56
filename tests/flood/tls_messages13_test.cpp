// What only TLS 1.3 servers say: retries, key updates, tickets at any time.
#include <gtest/gtest.h>

#include "tests/flood/tls_exchange.h"

namespace breakwater::flood::testing {
namespace {

namespace bt = breakwater::test;
using bt::Writer;

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
