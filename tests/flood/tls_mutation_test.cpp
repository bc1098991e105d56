// Garbage of a server: random bytes, recordings with edits anywhere, and damaged messages under the right keys. Nothing
// may crash, read or write where it must not (AddressSanitizer sees each input as an allocation of its own size), hang
// or pile up output; and no handshake may succeed over a record that was damaged behind the server's keys.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/flood/tls_fake_server.h"
#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {
namespace {

namespace bt = breakwater::test;

int rounds(int usual) { return std::getenv("BREAKWATER_NIGHTLY") != nullptr ? usual * 20 : usual; }

void expect_sane(const Talk& talk) {
  ASSERT_LE(talk.client.output().size(), 16'384U);
  ASSERT_LE(talk.client.data().size(), 16'384U);
  ASSERT_EQ(talk.client.state() == State::Failed, talk.client.failure() != Failure::None);
  if (talk.client.state() == State::Failed) {
    ASSERT_TRUE(talk.client.output().empty());
  }
}

// Bytes that a parser may stumble over: mostly small numbers and powers of two.
std::uint8_t odd_byte(bt::Random& random) {
  static constexpr std::uint8_t kOdd[] = {0, 1, 2, 3, 4, 0x10, 0x16, 0x17, 0x20, 0x40, 0x7F, 0x80, 0xFE, 0xFF};
  return random.below(2) == 0 ? kOdd[random.below(sizeof kOdd)] : static_cast<std::uint8_t>(random.below(256));
}

void mutate(Bytes& bytes, bt::Random& random) {
  const std::size_t edits = 1 + random.below(3);
  for (std::size_t i = 0; i < edits && !bytes.empty(); ++i) {
    const std::size_t at = random.below(bytes.size());
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(6)) {
      case 0:
        *place = static_cast<std::uint8_t>(*place ^ (1U << random.below(8)));
        break;
      case 1:
        *place = odd_byte(random);
        break;
      case 2:
        bytes.erase(
            place, place + static_cast<std::ptrdiff_t>(1 + random.below(std::min<std::size_t>(bytes.size() - at, 20))));
        break;
      case 3:
        bytes.insert(place, 1 + random.below(20), odd_byte(random));
        break;
      case 4: {  // a part of it once more, somewhere else
        const Bytes part(place, place + static_cast<std::ptrdiff_t>(std::min<std::size_t>(bytes.size() - at, 60)));
        const std::size_t to = random.below(bytes.size() + 1);
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(to), part.begin(), part.end());
        break;
      }
      default:
        bytes.resize(at);
        break;
    }
  }
}

TEST(TlsMutation, RandomBytes) {
  bt::Random random(1);
  std::vector<Profile> profiles;
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    ClientSettings settings;
    settings.version = version;
    settings.tickets = true;
    profiles.emplace_back(settings);
  }
  Talk talk;
  for (int round = 0; round < rounds(6000); ++round) {
    Bytes stream;
    const std::size_t parts = 1 + random.below(3);
    for (std::size_t part = 0; part < parts; ++part) {
      const Bytes body = random.bytes(random.below(round % 50 == 0 ? 20'000 : 300));
      if (random.below(4) != 0) {  // shaped like a record, of a length that may be right
        stream.push_back(static_cast<std::uint8_t>(20 + random.below(4)));
        stream.push_back(3);
        stream.push_back(static_cast<std::uint8_t>(random.below(5)));
        const std::size_t size = random.below(3) == 0 ? random.below(65'536) : body.size() + 4;
        bt::append(stream, bt::Writer().u16(size).bytes());
        if (random.below(2) == 0) {  // and a message in it
          bt::append(stream, bt::Writer().u8(random.below(26)).u24(body.size()).bytes());
        }
      }
      bt::append(stream, body);
    }
    talk.start(profiles[random.below(profiles.size())], nullptr, static_cast<std::uint64_t>(round));
    if (random.below(2) == 0) talk.take_output();
    talk.deliver(stream);
    expect_sane(talk);
    ASSERT_NE(talk.client.state(), State::Established);
  }
}

// What the engine said in one connection, flight by flight.
struct Recording {
  std::unique_ptr<Profile> profile;
  std::optional<Session> session;
  std::uint64_t seed = 0;
  std::vector<Bytes> flights;
};

std::vector<Recording> record() {
  std::vector<Recording> all;
  for (const ClientSettings& base : all_settings()) {
    if (base.auth == Auth::Any || base.cipher == Cipher::Any) continue;
    if (base.group == Group::X25519 && base.shape != Shape::Browser) continue;
    for (const bool resume : {false, true}) {
      bt::ServerSetup setup;
      if (base.shape == Shape::Browser && base.version == Version::Tls13 && base.group == Group::X25519) {
        setup.set_groups({bt::Group::Secp256r1});  // HelloRetryRequest
      }
      Recording recording;
      ClientSettings settings = base;
      settings.tickets = true;
      recording.profile = std::make_unique<Profile>(settings);
      for (std::uint64_t seed = 1; seed <= (resume ? 2U : 1U); ++seed) {
        bt::EngineServer server(setup, seed);
        Talk talk;
        recording.seed = seed;
        recording.flights.clear();
        talk.start(*recording.profile, seed == 2 ? &*recording.session : nullptr, seed);
        talk.run([&](View bytes) {
          recording.flights.push_back(server.feed(bytes));
          return recording.flights.back();
        });
        EXPECT_EQ(talk.trouble(), "");
        recording.flights.push_back(server.send(bt::view_of("some data of the server")));
        bt::append(recording.flights.back(), server.close());
        if (resume && seed == 1) recording.session = talk.client.take_session();
      }
      all.push_back(std::move(recording));
    }
  }
  return all;
}

TEST(TlsMutation, Recordings) {
  const std::vector<Recording> recordings = record();
  ASSERT_GT(recordings.size(), 50U);
  bt::Random random(2);
  std::size_t failed = 0;
  for (const std::size_t piece : {std::size_t{0}, std::size_t{13}}) {
    Talk talk(piece);
    const auto play = [&](const Recording& recording, const std::vector<Bytes>& flights) {
      talk.start(*recording.profile, recording.session ? &*recording.session : nullptr, recording.seed);
      for (const Bytes& flight : flights) {
        talk.take_output();
        talk.deliver(flight);
        expect_sane(talk);
      }
    };
    for (const Recording& recording : recordings) {
      play(recording, recording.flights);
      ASSERT_EQ(talk.client.state(), State::Closed);  // so that the recordings are worth damaging
      ASSERT_EQ(bt::to_text(talk.received), "some data of the server");
    }
    for (int round = 0; round < rounds(4000); ++round) {
      const Recording& recording = recordings[random.below(recordings.size())];
      std::vector<Bytes> flights = recording.flights;
      mutate(flights[random.below(flights.size())], random);
      play(recording, flights);
      failed += talk.client.state() == State::Failed ? 1U : 0U;
      // Whatever was done to them: what comes out was sealed by the server.
      const std::string text = bt::to_text(talk.received);
      ASSERT_TRUE(text.empty() || text == "some data of the server");
    }
  }
  EXPECT_GT(failed, 4000U);
}

// Cut off after every byte: nothing may be read beyond, and nothing is wrong yet.
TEST(TlsMutation, Truncated) {
  const std::vector<Recording> recordings = record();
  Talk talk;
  for (std::size_t i = 0; i < recordings.size(); i += 5) {
    const Recording& recording = recordings[i];
    for (std::size_t flight = 0; flight + 1 < recording.flights.size(); ++flight) {
      const Bytes& whole = recording.flights[flight];
      for (std::size_t cut = 0; cut < whole.size(); cut += 1 + cut / 40) {
        talk.start(*recording.profile, recording.session ? &*recording.session : nullptr, recording.seed);
        for (std::size_t before = 0; before < flight; ++before) {
          talk.take_output();
          talk.deliver(recording.flights[before]);
        }
        talk.take_output();
        talk.deliver(View(whole).first(cut));
        ASSERT_EQ(talk.client.failure(), Failure::None);
      }
    }
  }
}

// Messages damaged before they are sealed: the parsers see them whole.
TEST(TlsMutation, MessagesUnderTheRightKeys) {
  std::vector<std::unique_ptr<Profile>> profiles;
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser}) {
      for (const bool check : {false, true}) {
        ClientSettings settings;
        settings.version = version;
        settings.shape = shape;
        settings.check_signature = check;
        settings.tickets = true;
        profiles.push_back(std::make_unique<Profile>(settings));
      }
    }
  }
  const Bytes certificate = bt::ecdsa_identity().der;
  bt::Random random(3);
  std::size_t failed = 0;
  std::size_t established = 0;
  const int count = rounds(6000);
  for (int round = 0; round < count; ++round) {
    const Profile& profile = *profiles[random.below(profiles.size())];
    const bool tls13 = profile.settings().version == Version::Tls13;
    FakeServer server(profile.settings().version);
    server.fragment = random.below(4) == 0 ? 1 + random.below(50) : 16'384;
    server.certificate_body = tls13 ? bt::Writer().u8(0).vector(3, bt::Writer().vector(3, certificate).u16(0)).bytes()
                                    : bt::Writer().vector(3, bt::Writer().vector(3, certificate)).bytes();
    std::size_t chosen = random.below(6);
    server.edit = [&](std::uint8_t, Bytes& message) {
      if (chosen-- != 0) return;
      if (random.below(2) == 0) {
        mutate(message, random);
      } else {  // the header stays true, so that the body is parsed
        Bytes body(message.begin() + 4, message.end());
        mutate(body, random);
        message = FakeServer::message(message[0], body);
      }
    };
    Talk talk(random.below(8) == 0 ? 1 + random.below(40) : 0);
    talk.start(profile, nullptr, static_cast<std::uint64_t>(round));
    talk.run(std::ref(server));
    expect_sane(talk);
    if (talk.client.state() == State::Established) {
      ++established;
      server.edit = nullptr;
      // And what may come afterwards
      Bytes ticket = bt::Writer().u32(100).u32(7).vector(1, Bytes(8)).vector(2, Bytes(60)).u16(0).bytes();
      mutate(ticket, random);
      talk.deliver(server.sealed(22, FakeServer::message(4, ticket)));
      Bytes anything = random.bytes(random.below(80));
      if (!anything.empty() && random.below(2) == 0) anything[0] = static_cast<std::uint8_t>(random.below(26));
      talk.deliver(
          server.sealed(static_cast<std::uint8_t>(20 + random.below(5)), anything, tls13 ? random.below(9) : 0));
      expect_sane(talk);
      talk.client.take_session();
    }
    failed += talk.client.state() == State::Failed ? 1U : 0U;
  }
  EXPECT_GT(failed, static_cast<std::size_t>(count) / 4);
  EXPECT_GT(established, static_cast<std::size_t>(count) / 20);
}

// Damaged tickets and secrets in a session given by the caller.
TEST(TlsMutation, Sessions) {
  bt::Random random(4);
  const bt::ServerSetup setup;
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    ClientSettings settings;
    settings.version = version;
    settings.tickets = true;
    const Profile profile(settings);
    for (int round = 0; round < rounds(300); ++round) {
      Session session;
      session.version = random.below(8) == 0 ? Version::Tls12 : version;
      session.suite = static_cast<std::uint16_t>(random.below(2) == 0        ? random.below(65'536)
                                                 : version == Version::Tls13 ? 0x1301 + random.below(4)
                                                                             : 0xC02B + random.below(6));
      session.secret_size = static_cast<std::uint8_t>(random.below(256));
      session.ticket = random.bytes(random.below(3) == 0 ? random.below(20'000) : random.below(400));
      session.received_ms = random.below(2) * ~std::uint64_t{0};
      bt::EngineServer server(setup);
      Talk talk;
      talk.start(profile, &session, static_cast<std::uint64_t>(round));
      talk.run(engine(server));
      expect_sane(talk);
      ASSERT_FALSE(server.failed()) << server.error().reason;
      ASSERT_EQ(talk.client.failure(), Failure::NotResumed);
    }
  }
}

}  // namespace
}  // namespace breakwater::flood::testing
