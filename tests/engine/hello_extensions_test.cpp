// Each extension we know, cut short and made longer by a byte, and with inner lengths that lie: decode_error (RFC
// 8446 4.2 and 6.2). Extensions we do not know are passed over, whatever is in them.
#include <gtest/gtest.h>

#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using tls::ExtensionType;

// A hello with every extension that we know of.
Script complete(const ServerSetup& setup, bool tls13) {
  Script script;
  script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
  script.offer.certificate_schemes = {0x0403, 0x0401};
  script.offer.record_size_limit = 16385;
  script.offer.protocols = {"h2", "http/1.1"};
  if (tls13) {
    Script first = script;
    Connected connected(setup, first);
    EXPECT_EQ(connected.error, "");
    script.offer.sessions = connected.client.sessions();
  }
  script.hooks.hello = [](HelloSpec& hello, bool) {
    hello.set(extension::ec_point_formats());
    hello.set(extension::of(ExtensionType::ExtendedMasterSecret));
    hello.set(extension::of(ExtensionType::SessionTicket));
    hello.set(extension::renegotiation_info());
    hello.set(extension::cookie(Bytes(5)));
  };
  return script;
}

std::vector<Extension> known(const Script& script) {
  Script copy = script;
  std::vector<Extension> list;
  copy.hooks.hello = [&](HelloSpec& hello, bool second) {
    script.hooks.hello(hello, second);
    list = hello.extensions;
  };
  Client(copy).start();
  return list;
}

Script with(const Script& script, Extension changed) {
  Script copy = script;
  copy.hooks.hello = [=](HelloSpec& hello, bool second) {
    script.hooks.hello(hello, second);
    hello.set(changed);
  };
  return copy;
}

class Extensions : public ::testing::TestWithParam<bool> {
 protected:
  ServerSetup setup_;
};

TEST_P(Extensions, CutShortAndMadeLonger) {
  const Script script = complete(setup_, GetParam());
  const std::vector<Extension> extensions = known(script);
  ASSERT_GE(extensions.size(), GetParam() ? 15U : 11U);
  for (const Extension& extension : extensions) {
    // A ticket of another length is just not one of ours (RFC 5077 3.2: opaque).
    const bool opaque = extension.type == static_cast<std::uint16_t>(ExtensionType::SessionTicket);
    for (std::size_t size = 0; size < extension.data.size() && !opaque; ++size) {
      Extension shorter = extension;
      shorter.data.resize(size);
      // An empty server_name or record_size_limit is short as well; nothing we send is valid when empty but flags.
      EXPECT_EQ(refusal(setup_, with(script, shorter), Alert::DecodeError), "") << extension.type << " at " << size;
    }
    Extension longer = extension;
    longer.data.push_back(0);
    if (!opaque) {
      EXPECT_EQ(refusal(setup_, with(script, longer), Alert::DecodeError), "") << extension.type;
    }
  }
}

// Length fields of two bytes at the front of an extension, off by one in both directions.
TEST_P(Extensions, InnerLengthsThatLie) {
  const Script script = complete(setup_, GetParam());
  for (const Extension& extension : known(script)) {
    switch (static_cast<ExtensionType>(extension.type)) {
      case ExtensionType::RecordSizeLimit:
      case ExtensionType::SessionTicket:
      case ExtensionType::ExtendedMasterSecret:
        continue;
      default:
        break;
    }
    const bool narrow = extension.type == static_cast<std::uint16_t>(ExtensionType::SupportedVersions) ||
                        extension.type == static_cast<std::uint16_t>(ExtensionType::PskKeyExchangeModes) ||
                        extension.type == static_cast<std::uint16_t>(ExtensionType::EcPointFormats) ||
                        extension.type == static_cast<std::uint16_t>(ExtensionType::RenegotiationInfo);
    const std::size_t at = narrow ? 0 : 1;
    for (const int step : {-1, 1}) {
      Extension lying = extension;
      if (lying.data[at] == 0 && step < 0) continue;
      lying.data[at] = static_cast<std::uint8_t>(lying.data[at] + step);
      const std::string verdict = refusal(setup_, with(script, lying), Alert::DecodeError);
      EXPECT_EQ(verdict, "") << extension.type << " " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, Extensions, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Tls13" : "Tls12"; });

struct Malformed {
  const char* what;
  ExtensionType type;
  const char* data;
  Alert alert;
};

const Malformed kMalformed[] = {
    {"empty name list", ExtensionType::ServerName, "0000", Alert::DecodeError},
    {"empty name", ExtensionType::ServerName, "0003 00 0000", Alert::DecodeError},
    {"empty group list", ExtensionType::SupportedGroups, "0000", Alert::DecodeError},
    {"odd group list", ExtensionType::SupportedGroups, "0003 001d 00", Alert::DecodeError},
    {"empty scheme list", ExtensionType::SignatureAlgorithms, "0000", Alert::DecodeError},
    {"odd scheme list", ExtensionType::SignatureAlgorithms, "0003 0403 04", Alert::DecodeError},
    {"empty certificate scheme list", ExtensionType::SignatureAlgorithmsCert, "0000", Alert::DecodeError},
    {"empty protocol list", ExtensionType::Alpn, "0000", Alert::DecodeError},
    {"empty protocol name", ExtensionType::Alpn, "0001 00", Alert::DecodeError},
    {"empty version list", ExtensionType::SupportedVersions, "00", Alert::DecodeError},
    {"odd version list", ExtensionType::SupportedVersions, "03 0304 03", Alert::DecodeError},
    {"empty share", ExtensionType::KeyShare, "0004 001d 0000", Alert::DecodeError},
    {"cut share", ExtensionType::KeyShare, "0003 001d 00", Alert::DecodeError},
    {"empty modes", ExtensionType::PskKeyExchangeModes, "00", Alert::DecodeError},
    {"empty point formats", ExtensionType::EcPointFormats, "00", Alert::DecodeError},
    {"empty cookie", ExtensionType::Cookie, "0000", Alert::DecodeError},
    {"flag with content", ExtensionType::ExtendedMasterSecret, "00", Alert::DecodeError},
    {"early_data with content", ExtensionType::EarlyData, "00000000", Alert::DecodeError},
};

TEST(MalformedExtensions, AreRefused) {
  const ServerSetup setup;
  for (const Malformed& malformed : kMalformed) {
    Script script;
    script.hooks.hello = [&](HelloSpec& hello, bool) {
      hello.set(extension::of(malformed.type, from_hex(malformed.data)));
    };
    EXPECT_EQ(refusal(setup, script, malformed.alert), "") << malformed.what;
  }
}

TEST(ServerNames, OneHostNameOnly) {  // RFC 6066 3: one name per type; other types are skipped
  const ServerSetup setup;
  Script script;
  script.hooks.hello = [](HelloSpec& hello, bool) {
    const Bytes name = Writer().u8(0).vector(2, view_of("a.example")).bytes();
    hello.set(extension::of(ExtensionType::ServerName, Writer().vector(2, Writer().raw(name).raw(name)).bytes()));
  };
  Client client(script);
  EngineServer server(setup);
  client.receive(server.feed(client.start()));
  ASSERT_TRUE(server.failed());
  EXPECT_TRUE(server.error().alert == Alert::IllegalParameter || server.error().alert == Alert::DecodeError);
}

TEST(ServerNames, OddNamesAreNotKept) {
  const ServerSetup setup;
  for (const std::string& name : {std::string("a\0b.example", 11), std::string("a\nb.example"), std::string(254, 'a'),
                                  std::string(5000, 'b'), std::string("\xFF\xFE")}) {
    Script script;
    script.offer.server_name = name;
    Connected connected(setup, script);
    EXPECT_EQ(connected.error, "");
    EXPECT_EQ(connected.server.server_name(), "");
  }
  Script script;
  script.offer.server_name = std::string(253, 'a');
  EXPECT_EQ(Connected(setup, script).server.server_name(), script.offer.server_name);
}

TEST(UnknownExtensions, ArePassedOver) {  // RFC 8446 4.2
  const ServerSetup setup;
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 2, 255, 256, 7'000}) {
    Script script;
    script.hooks.hello = [=](HelloSpec& hello, bool) {
      hello.extensions.insert(hello.extensions.begin(), {0x1234, Bytes(size, 0xFF)});
      hello.extensions.insert(hello.extensions.begin() + 4, {0xFFFE, Bytes(size, 0)});
    };
    EXPECT_EQ(Connected(setup, script).error, "") << size;
  }
}

TEST(UnknownExtensions, HaveABound) {  // each costs a look; no client sends hundreds
  const ServerSetup setup;
  for (const auto& [count, fine] : {std::pair(200, true), std::pair(300, false), std::pair(3000, false)}) {
    Script script;
    script.hooks.hello = [count = count](HelloSpec& hello, bool) {
      for (int i = 0; i < count; ++i)
        hello.extensions.insert(hello.extensions.begin(), {static_cast<std::uint16_t>(0x4000 + i), {}});
    };
    if (fine) {
      EXPECT_EQ(Connected(setup, script).error, "");
    } else {
      EXPECT_EQ(refusal(setup, script, {Alert::IllegalParameter, Alert::DecodeError}), "") << count;
    }
  }
}

}  // namespace
}  // namespace breakwater::test
