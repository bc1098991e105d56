// What the hellos look like: well formed, true to their shape, and cut down to what the settings say.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {
namespace {

namespace bt = breakwater::test;
using Codes = std::vector<std::uint16_t>;

struct ParsedHello {
  bool well_formed = false;
  std::uint16_t record_version = 0;
  Bytes random, session_id;
  Codes suites, extensions, groups, shares, schemes, versions;
  std::vector<std::string> protocols;
  std::string server_name;
  std::size_t share_bytes = 0;

  bool has(std::uint16_t code) const {
    return std::find(extensions.begin(), extensions.end(), code) != extensions.end();
  }
};

bool is_grease(std::uint16_t code) { return (code & 0x0F0F) == 0x0A0A && (code >> 8) == (code & 0xFF); }

Codes codes_of(View list) {
  Codes codes;
  bt::Reader reader(list);
  while (!reader.empty()) codes.push_back(reader.u16());
  return codes;
}

void parse_extension(ParsedHello& hello, std::uint16_t type, View data) {
  bt::Reader body(data);
  if (type == 0) {
    bt::Reader list(body.vector(2));
    list.u8();
    hello.server_name = bt::to_text(list.vector(2));
  } else if (type == 10) {
    hello.groups = codes_of(body.vector(2));
  } else if (type == 13) {
    hello.schemes = codes_of(body.vector(2));
  } else if (type == 16) {
    bt::Reader list(body.vector(2));
    while (!list.empty()) hello.protocols.push_back(bt::to_text(list.vector(1)));
  } else if (type == 43) {
    hello.versions = codes_of(body.vector(1));
  } else if (type == 51) {
    bt::Reader list(body.vector(2));
    while (!list.empty()) {
      hello.shares.push_back(list.u16());
      hello.share_bytes += list.vector(2).size();
    }
  }
}

ParsedHello parse(View record) {
  ParsedHello hello;
  bt::Reader reader(record);
  const bool is_handshake = reader.u8() == 22;
  hello.record_version = reader.u16();
  bt::Reader message(reader.vector(2));
  const bool is_hello = message.u8() == 1;
  bt::Reader body(message.vector(3));
  body.u16();
  hello.random = bt::to_bytes(body.take(32));
  hello.session_id = bt::to_bytes(body.vector(1));
  hello.suites = codes_of(body.vector(2));
  const Bytes compressions = bt::to_bytes(body.vector(1));
  bt::Reader extensions(body.vector(2));
  hello.well_formed = is_handshake && is_hello && reader.finished() && message.finished() && body.finished() &&
                      compressions == Bytes{0};
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    hello.extensions.push_back(type);
    parse_extension(hello, type, extensions.vector(2));
  }
  hello.well_formed =
      hello.well_formed && extensions.finished() &&
      std::set<std::uint16_t>(hello.extensions.begin(), hello.extensions.end()).size() == hello.extensions.size();
  return hello;
}

ParsedHello hello_of(const ClientSettings& settings, std::uint64_t seed = 1) {
  const Profile profile(settings);
  Talk talk;
  talk.start(profile, nullptr, seed);
  EXPECT_EQ(talk.client.output().size(), profile.hello_size());
  return parse(talk.take_output());
}

std::string hex_list(Codes codes) {
  std::string text;
  for (const std::uint16_t code : codes) {
    char digits[8];
    std::snprintf(digits, sizeof digits, "%04x", code);
    text += (text.empty() ? "" : ",") + std::string(digits);
  }
  return text;
}

std::string short_hash(const std::string& text) {
  return bt::to_hex(bt::digest(bt::Hash::Sha256, bt::view_of(text))).substr(0, 12);
}

// JA4 as its authors describe it: counts, then hashes of the sorted suites and extensions.
std::string ja4(const ParsedHello& hello) {
  Codes suites, extensions;
  for (const std::uint16_t suite : hello.suites) {
    if (!is_grease(suite)) suites.push_back(suite);
  }
  std::size_t count = 0;
  for (const std::uint16_t extension : hello.extensions) {
    if (is_grease(extension)) continue;
    ++count;
    if (extension != 0 && extension != 16) extensions.push_back(extension);
  }
  std::sort(suites.begin(), suites.end());
  std::sort(extensions.begin(), extensions.end());
  const std::string protocol =
      hello.protocols.empty() ? "00" : std::string{hello.protocols.front().front(), hello.protocols.front().back()};
  char numbers[8];
  std::snprintf(numbers, sizeof numbers, "%02zu%02zu", suites.size(), count);
  return "t" + std::string(hello.versions.empty() ? "12" : "13") + (hello.has(0) ? "d" : "i") + numbers + protocol +
         "_" + short_hash(hex_list(suites)) + "_" + short_hash(hex_list(extensions) + "_" + hex_list(hello.schemes));
}

ClientSettings named(Shape shape, Version version = Version::Tls13) {
  ClientSettings settings;
  settings.shape = shape;
  settings.version = version;
  settings.server_name = "site.example";
  return settings;
}

TEST(TlsHello, WellFormedForAllSettings) {
  for (ClientSettings settings : all_settings()) {
    for (const bool tickets : {false, true}) {
      settings.tickets = tickets;
      settings.server_name = "some.name.example";
      const ParsedHello hello = hello_of(settings);
      const bool tls13 = settings.version == Version::Tls13;
      EXPECT_TRUE(hello.well_formed) << name_of(settings);
      EXPECT_EQ(hello.server_name, "some.name.example");
      EXPECT_TRUE(hello.has(23)) << "no extended_master_secret";
      EXPECT_EQ(!hello.versions.empty(), tls13);
      EXPECT_EQ(!hello.shares.empty(), tls13);
      EXPECT_EQ(hello.random, bt::Random(1).bytes(32));
    }
  }
}

// A published fingerprint of Chrome before hybrid key exchange, and the one of Chrome with it.
TEST(TlsHello, BrowsersHaveTheFingerprintsOfChrome) {
  EXPECT_EQ(ja4(hello_of(named(Shape::Browser))), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  EXPECT_EQ(ja4(hello_of(named(Shape::BrowserPq))), "t13d1516h2_8daaf6152771_d8a2da3f94cd");
}

// As seen from curl 7.88 with OpenSSL 3.0: suites and extensions in their order.
TEST(TlsHello, CurlListsWhatCurlLists) {
  const ParsedHello hello = hello_of(named(Shape::Curl));
  EXPECT_EQ(hex_list(hello.suites),
            "1302,1303,1301,c02c,c030,009f,cca9,cca8,ccaa,c02b,c02f,009e,c024,c028,006b,c023,c027,0067,c00a,c014,0039,"
            "c009,c013,0033,009d,009c,003d,003c,0035,002f,00ff");
  EXPECT_EQ(hello.extensions, (Codes{0, 11, 10, 16, 22, 23, 49, 13, 43, 45, 51, 21}));
  EXPECT_EQ(hello.protocols, (std::vector<std::string>{"h2", "http/1.1"}));
  const ParsedHello older = hello_of(named(Shape::Curl, Version::Tls12));
  EXPECT_EQ(older.extensions, (Codes{0, 11, 10, 16, 22, 23, 13}));
  EXPECT_TRUE(older.session_id.empty());
}

TEST(TlsHello, FingerprintsDifferBetweenShapesAndNotBetweenConnections) {
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    std::set<std::string> seen;
    std::size_t shapes = 0;
    for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser, Shape::BrowserPq}) {
      if (shape == Shape::BrowserPq && version == Version::Tls12) continue;
      const std::string first = ja4(hello_of(named(shape, version), 1));
      for (std::uint64_t seed = 2; seed < 20; ++seed) EXPECT_EQ(ja4(hello_of(named(shape, version), seed)), first);
      seen.insert(first);
      ++shapes;
    }
    EXPECT_EQ(seen.size(), shapes);
  }
}

// Connections of one profile differ in the random and the session id only.
TEST(TlsHello, NothingElseDiffersBetweenConnections) {
  for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser, Shape::BrowserPq}) {
    const Profile profile(named(shape));
    Talk talk;
    talk.start(profile, nullptr, 1);
    Bytes first = talk.take_output();
    talk.start(profile, nullptr, 2);
    Bytes second = talk.take_output();
    ASSERT_EQ(first.size(), second.size());
    EXPECT_FALSE(std::equal(first.begin() + 11, first.begin() + 43, second.begin() + 11));
    const std::size_t changing = 11 + 32 + (shape == Shape::Tool ? 0 : 33);
    std::fill_n(first.begin() + 11, changing - 11, std::uint8_t{0});
    std::fill_n(second.begin() + 11, changing - 11, std::uint8_t{0});
    EXPECT_EQ(first, second);
  }
}

TEST(TlsHello, Sizes) {
  EXPECT_LT(Profile(named(Shape::Tool)).hello_size(), 260U);
  EXPECT_EQ(Profile(named(Shape::Curl)).hello_size(), 517U);     // padded, as curl pads it
  EXPECT_EQ(Profile(named(Shape::Browser)).hello_size(), 517U);  // padded, as Chrome did
  const std::size_t size = Profile(named(Shape::BrowserPq)).hello_size();
  EXPECT_GT(size, 1750U);
  EXPECT_LT(size, 1950U);
  const ParsedHello hello = hello_of(named(Shape::BrowserPq));
  EXPECT_EQ(hello.shares, (Codes{0xCACA, 0x11EC, 0x0017}));
  EXPECT_EQ(hello.share_bytes, 1U + 1216U + 65U);
}

TEST(TlsHello, SettingsLimitWhatTheServerCanChoose) {
  for (const ClientSettings& settings : all_settings()) {
    const ParsedHello hello = hello_of(settings);
    const bool tls13 = settings.version == Version::Tls13;
    for (const std::uint16_t suite : hello.suites) {
      const bool aes256 = suite == 0x1302 || suite == 0xC02C || suite == 0xC030;
      const bool chacha = suite == 0x1303 || suite == 0xCCA9 || suite == 0xCCA8;
      if (is_grease(suite) || suite == 0x00FF) continue;
      EXPECT_TRUE(tls13 || (suite >> 8) != 0x13) << std::hex << suite;
      if (settings.cipher == Cipher::Aes256Gcm) {
        EXPECT_TRUE(aes256) << std::hex << suite;
      }
      if (settings.cipher == Cipher::ChaCha20Poly1305) {
        EXPECT_TRUE(chacha) << std::hex << suite;
      }
      if (settings.cipher == Cipher::Aes128Gcm) {
        EXPECT_TRUE(suite == 0x1301 || suite == 0xC02B || suite == 0xC02F) << std::hex << suite;
      }
    }
    for (const std::uint16_t scheme : hello.schemes) {
      if (settings.auth == Auth::Ecdsa) {
        EXPECT_EQ(scheme & 0xFF, 0x03) << std::hex << scheme;
      }
      if (settings.auth == Auth::Rsa) {
        EXPECT_NE(scheme & 0xFF, 0x03) << std::hex << scheme;
      }
    }
    const std::uint16_t asked = settings.group == Group::X25519 ? 0x001D : 0x0017;
    Codes groups = hello.groups;
    std::erase_if(groups, is_grease);
    std::erase(groups, std::uint16_t{0x11EC});
    EXPECT_EQ(groups.front(), asked);
    const bool browser = settings.shape == Shape::Browser || settings.shape == Shape::BrowserPq;
    // TLS 1.2 with x25519: secp256r1 is listed for the certificate's sake.
    const bool for_certificate = !tls13 && settings.auth != Auth::Rsa && settings.group == Group::X25519;
    EXPECT_EQ(groups.size(), (tls13 && browser) || for_certificate ? 2U : 1U) << name_of(settings);
    if (tls13) {
      EXPECT_EQ(hello.shares.back(), asked);
      const Codes expected = settings.shape == Shape::Tool   ? Codes{0x0304}
                             : settings.shape == Shape::Curl ? Codes{0x0304, 0x0303, 0x0302, 0x0301}
                                                             : Codes{0x2A2A, 0x0304, 0x0303};
      EXPECT_EQ(hello.versions, expected);
    }
  }
}

TEST(TlsHello, OwnProtocolsReplaceTheShapes) {
  for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser}) {
    ClientSettings settings = named(shape);
    settings.alpn = {"http/1.1"};
    EXPECT_EQ(hello_of(settings).protocols, settings.alpn);
  }
  EXPECT_TRUE(hello_of(named(Shape::Tool)).protocols.empty());
}

TEST(TlsHello, ContradictionsAreRefused) {
  EXPECT_THROW(Profile{named(Shape::BrowserPq, Version::Tls12)}, std::invalid_argument);
  ClientSettings settings;
  settings.server_name = std::string(254, 'a');
  EXPECT_THROW(Profile{settings}, std::invalid_argument);
  settings.server_name.clear();
  settings.alpn = {""};
  EXPECT_THROW(Profile{settings}, std::invalid_argument);
  settings.alpn = {std::string(256, 'a')};
  EXPECT_THROW(Profile{settings}, std::invalid_argument);
  settings.alpn = std::vector<std::string>(200, "http/1.1");
  EXPECT_THROW(Profile{settings}, std::invalid_argument);
}

}  // namespace
}  // namespace breakwater::flood::testing
