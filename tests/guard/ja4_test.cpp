// JA4 against fingerprints in print, against its definition written down a second time, and at its bounds.
#include "core/guard/ja4.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace breakwater::test {
namespace {

using guard::Ja4Facts;
using List = std::vector<std::uint16_t>;

// What a browser offers (Chrome on Linux), in its order and with its GREASE values.
const List kSuites{0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
const List kExtensions{0x1a1a, 0x0000, 0x0017, 0xff01, 0x000a, 0x000b, 0x0023, 0x0010, 0x0005,
                       0x000d, 0x0012, 0x0033, 0x002d, 0x002b, 0x001b, 0x4469, 0xfafa, 0x0015};
const List kSchemes{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};

Ja4Facts browser() {
  return {.version = 0x0304,
          .server_name = true,
          .protocol = true,
          .protocol_ends = {'h', '2'},
          .suites = kSuites,
          .extensions = kExtensions,
          .schemes = kSchemes};
}

std::string of(const Ja4Facts& facts) { return std::string(guard::ja4(facts).view()); }

TEST(Ja4, OfAChromium) {
  EXPECT_EQ(of(browser()), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  List later = kExtensions;
  std::ranges::replace(later, std::uint16_t{0x4469}, std::uint16_t{0x44cd});
  std::ranges::replace(later, std::uint16_t{0x0015}, std::uint16_t{0xfe0d});
  Ja4Facts facts = browser();
  facts.extensions = later;
  EXPECT_EQ(of(facts), "t13d1516h2_8daaf6152771_d8a2da3f94cd");
}

TEST(Ja4, OrderAndGreaseDoNotMatter) {
  std::mt19937 random(1);
  const std::string expected = of(browser());
  for (int i = 0; i < 100; ++i) {
    List suites = kSuites, extensions = kExtensions;
    for (List* const list : {&suites, &extensions}) {
      for (std::uint16_t& value : *list) {
        if (guard::is_grease(value)) value = static_cast<std::uint16_t>(0x0a0a + 0x1010 * (random() % 16));
      }
      std::ranges::shuffle(*list, random);
    }
    Ja4Facts facts = browser();
    facts.suites = suites;
    facts.extensions = extensions;
    EXPECT_EQ(of(facts), expected);
  }
  List schemes = kSchemes;
  std::swap(schemes[0], schemes[1]);  // but the order of the schemes does
  Ja4Facts facts = browser();
  facts.schemes = schemes;
  EXPECT_NE(of(facts), expected);
}

TEST(Ja4, FirstPart) {
  const auto first = [](const Ja4Facts& facts) { return of(facts).substr(0, 10); };
  Ja4Facts facts = browser();
  facts.server_name = false;
  EXPECT_EQ(first(facts), "t13i1516h2");
  constexpr std::pair<std::uint16_t, const char*> kVersions[] = {{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"},
                                                                 {0x0301, "10"}, {0x0300, "s3"}, {0x0002, "s2"},
                                                                 {0x0305, "00"}, {0, "00"}};
  for (const auto& [version, name] : kVersions) {
    facts.version = version;
    EXPECT_EQ(first(facts).substr(1, 2), name);
  }
}

// The ends of the first name; where one is no letter or digit, those of the name in hexadecimal.
TEST(Ja4, Protocols) {
  struct Case {
    std::uint8_t first, last;
    const char* name;
  };
  constexpr Case kCases[] = {{'h', '2', "h2"},   {'h', '1', "h1"},   {'x', 'x', "xx"},   {0xab, 0xab, "ab"},
                             {0xab, 0xcd, "ad"}, {0x30, 0xab, "3b"}, {0xab, 0x31, "a1"}, {' ', '2', "22"},
                             {'Z', '0', "Z0"},   {'@', '[', "4b"},   {'`', '{', "6b"},   {'/', ':', "2a"}};
  for (const Case& one : kCases) {
    Ja4Facts facts = browser();
    facts.protocol_ends = {one.first, one.last};
    EXPECT_EQ(of(facts).substr(8, 2), one.name);
    facts.protocol = false;
    EXPECT_EQ(of(facts).substr(8, 2), "00");
  }
}

TEST(Ja4, OfAHelloWithNothing) {
  EXPECT_EQ(of({.version = 0x0303}), "t12i000000_000000000000_000000000000");
  const List grease{0x0a0a, 0xfafa}, told{0x0000, 0x0010, 0x3a3a};
  EXPECT_EQ(of({.version = 0x0303, .suites = grease, .extensions = told, .schemes = kSchemes}),
            "t12i000200_000000000000_000000000000");
}

std::string digest(const std::string& text) {
  unsigned char out[32];
  EVP_Digest(text.data(), text.size(), out, nullptr, EVP_sha256(), nullptr);
  std::string hex;
  for (int i = 0; i < 6; ++i) {
    char byte[3];
    std::snprintf(byte, sizeof byte, "%02x", out[i]);
    hex += byte;
  }
  return hex;
}

std::string join(const List& values) {
  std::string text;
  for (const std::uint16_t value : values) {
    char hex[6];
    std::snprintf(hex, sizeof hex, "%04x", value);
    text += (text.empty() ? "" : ",") + std::string(hex);
  }
  return text;
}

// The definition, in other words.
std::string expected(List suites, List extensions, List schemes) {
  for (List* const list : {&suites, &extensions, &schemes}) std::erase_if(*list, guard::is_grease);
  char counts[5];
  std::snprintf(counts, sizeof counts, "%02zu%02zu", std::min<std::size_t>(suites.size(), 99) % 100,
                std::min<std::size_t>(extensions.size(), 99) % 100);
  std::erase_if(extensions, [](std::uint16_t type) { return type == 0 || type == 16; });
  std::ranges::sort(suites);
  std::ranges::sort(extensions);
  const std::string nothing(12, '0');
  const std::string tail = schemes.empty() ? "" : "_" + join(schemes);
  return "t13d" + std::string(counts) + "h2_" + (suites.empty() ? nothing : digest(join(suites))) + "_" +
         (extensions.empty() ? nothing : digest(join(extensions) + tail));
}

TEST(Ja4, AnyListsThatFit) {
  std::mt19937 random(2);
  const auto list = [&](std::size_t most) {
    List values(random() % (most + 1));
    for (std::uint16_t& value : values) {
      value = static_cast<std::uint16_t>(random() % 5 == 0   ? 0x0a0a + 0x1010 * (random() % 16)
                                         : random() % 3 == 0 ? random() % 20
                                                             : random());
    }
    return values;
  };
  for (int i = 0; i < 5000; ++i) {
    const List suites = list(guard::kMaxJa4Suites), extensions = list(guard::kMaxJa4Extensions);
    const List schemes = list(guard::kMaxJa4Schemes);
    Ja4Facts facts = browser();
    facts.suites = suites;
    facts.extensions = extensions;
    facts.schemes = schemes;
    ASSERT_EQ(of(facts), expected(suites, extensions, schemes));
  }
}

// The longest lists are named; one value more is overflow, and no error.
TEST(Ja4, Bounds) {
  const List suites(guard::kMaxJa4Suites, 0x1301), extensions(guard::kMaxJa4Extensions, 0x0017);
  const List schemes(guard::kMaxJa4Schemes, 0x0403);
  Ja4Facts longest = browser();
  longest.suites = suites;
  longest.extensions = extensions;
  longest.schemes = schemes;
  EXPECT_EQ(of(longest), expected(suites, extensions, schemes));
  EXPECT_EQ(of(longest).substr(4, 4), "9964");
  for (const auto list : {&Ja4Facts::suites, &Ja4Facts::extensions, &Ja4Facts::schemes}) {
    List one_more((longest.*list).begin(), (longest.*list).end());
    one_more.push_back(1);
    Ja4Facts facts = longest;
    facts.*list = one_more;
    EXPECT_EQ(of(facts), "overflow");
  }
  longest.overflow = true;
  EXPECT_EQ(of(longest), "overflow");
}

TEST(Ja4, Grease) {
  int count = 0;
  for (std::uint32_t value = 0; value <= 0xffff; ++value) {
    count += guard::is_grease(static_cast<std::uint16_t>(value)) ? 1 : 0;
  }
  EXPECT_EQ(count, 16);
  EXPECT_TRUE(guard::is_grease(0x0a0a));
  EXPECT_TRUE(guard::is_grease(0xfafa));
  EXPECT_FALSE(guard::is_grease(0x0a1a));
}

}  // namespace
}  // namespace breakwater::test
