// The fingerprint of a hello as the streaming parser sees it, cut anywhere, against one made of what was sent.
#include "core/tls/ja4_facts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/tls/client_hello_parser.h"
#include "tests/client/hello.h"
#include "tests/client/primitives.h"

namespace breakwater::test {
namespace {

using Progress = tls::ClientHelloParser::Progress;

// Of the body of a hello, in pieces of so many bytes.
std::string parsed(const Bytes& message, std::size_t piece) {
  const View body = View(message).subspan(4);
  tls::ClientHelloParser parser;
  const tls::Configuration configuration;
  tls::ClientHello hello{};
  tls::HelloIdentity identity{};
  tls::HelloScratch scratch{};
  const tls::HelloSink sink{configuration, hello, identity, scratch};
  parser.begin(static_cast<std::uint32_t>(body.size()));
  std::size_t done = 0;
  while (true) {
    std::size_t used = 0;
    const Progress progress = parser.feed(body.subspan(done, std::min(piece, body.size() - done)), used, sink);
    done += used;
    if (progress == Progress::Failed) return parser.error().reason;
    if (progress == Progress::Complete) break;
  }
  return std::string(guard::ja4(tls::ja4_facts(hello, scratch)).view());
}

// Of what the offer asks for, not of what was parsed.
std::string sent(const Offer& offer, const HelloSpec& spec) {
  std::vector<std::uint16_t> extensions;
  for (const Extension& extension : spec.extensions) extensions.push_back(extension.type);
  guard::Ja4Facts facts;
  facts.version = std::ranges::max(offer.versions);
  facts.server_name = !offer.server_name.empty();
  facts.protocol = !offer.protocols.empty();
  if (facts.protocol) {
    facts.protocol_ends = {static_cast<std::uint8_t>(offer.protocols.front().front()),
                           static_cast<std::uint8_t>(offer.protocols.front().back())};
  }
  facts.suites = spec.suites;
  facts.extensions = extensions;
  facts.schemes = offer.schemes;
  return std::string(guard::ja4(facts).view());
}

HelloSpec spec_of(const Offer& offer, std::uint64_t seed) {
  Random random(seed);
  std::vector<KeyPair> pairs;
  for (const std::uint16_t group : offer.shares)
    pairs.push_back(make_key_pair(static_cast<Group>(group), random.bytes(32)));
  return make_hello(offer, pairs, random, 0);
}

TEST(Ja4Facts, AsSent) {
  Offer nameless;
  nameless.server_name.clear();
  Offer talkative = Offer::browser();
  talkative.protocols = {"http/1.1", "h2"};
  Offer one_letter = Offer::tls12_only();
  one_letter.protocols = {"x"};
  for (const Offer& offer :
       {Offer{}, Offer::browser(), Offer::tls12_only(), Offer::tls13_only(), nameless, talkative, one_letter}) {
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
      const HelloSpec spec = spec_of(offer, seed);
      const Bytes message = spec.encode();
      const std::string expected = sent(offer, spec);
      for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, message.size()}) {
        EXPECT_EQ(parsed(message, piece), expected);
      }
    }
  }
}

// GREASE differs from hello to hello, the fingerprint does not.
TEST(Ja4Facts, OneClientHasOneFingerprint) {
  const Offer offer = Offer::browser();
  const std::string first = parsed(spec_of(offer, 1).encode(), 1000);
  EXPECT_EQ(first.size(), 36U);
  for (std::uint64_t seed = 2; seed < 30; ++seed) EXPECT_EQ(parsed(spec_of(offer, seed).encode(), 1000), first);
}

// RFC 8701: a GREASE version is none, however high; without supported_versions the legacy version counts.
TEST(Ja4Facts, Versions) {
  const auto version = [](std::vector<std::uint16_t> versions) {
    Offer offer;
    HelloSpec spec = spec_of(offer, 1);
    Writer list;
    for (const std::uint16_t one : versions) list.u16(one);
    const Bytes bytes = list.bytes();
    spec.set({0x002b, Writer().u8(bytes.size()).raw(bytes).bytes()});
    return parsed(spec.encode(), 1000).substr(0, 3);
  };
  EXPECT_EQ(version({0x0304, 0x0303}), "t13");
  EXPECT_EQ(version({0x0303, 0xfafa, 0x0304}), "t13");
  EXPECT_EQ(version({0x0301, 0x0302}), "t11");
  EXPECT_EQ(version({0xfafa}), "t00");
  HelloSpec spec = spec_of(Offer::tls12_only(), 1);
  spec.erase(tls::ExtensionType::SupportedVersions);
  EXPECT_EQ(parsed(spec.encode(), 1000).substr(0, 3), "t12");
}

// More than is kept is overflow, not an error.
TEST(Ja4Facts, Overflow) {
  HelloSpec spec = spec_of(Offer{}, 1);
  spec.suites.assign(tls::kMaxSuites, 0x1301);
  EXPECT_EQ(parsed(spec.encode(), 1000).size(), 36U);
  spec.suites.push_back(0x1302);
  EXPECT_EQ(parsed(spec.encode(), 1000), "overflow");
  spec = spec_of(Offer{}, 1);
  for (std::uint16_t type = 0x4000; spec.extensions.size() < tls::kMaxExtensions; ++type) spec.set({type, {}});
  EXPECT_EQ(parsed(spec.encode(), 1000).size(), 36U);
  spec.set({0x5000, {}});
  EXPECT_EQ(parsed(spec.encode(), 1000), "overflow");
}

}  // namespace
}  // namespace breakwater::test
