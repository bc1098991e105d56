// The PROXY protocol's headers: each rule of doc/proxy-protocol.txt (2.1, 2.2), and that it does not matter where the
// bytes are cut.
#include "proxy/proxy_protocol/proxy_header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace breakwater::proxy {
namespace {

using Error = ProxyHeaderError;
using Status = ProxyHeaderParser::Status;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What came of a header, as text: "192.0.2.1:7", "own", or the error.
std::string outcome(const ProxyHeaderParser& parser, Status status) {
  if (status == Status::More) return "more";
  if (status == Status::Failed) return std::string(proxy_header_error_text(parser.error()));
  return parser.has_client() ? parser.client().text() : "own";
}

struct Parsed {
  std::string outcome;
  std::size_t consumed = 0;
  bool operator==(const Parsed&) const = default;
};

Parsed parse(const std::string& input, std::size_t piece = 0) {
  ProxyHeaderParser parser;
  const std::span<const std::uint8_t> bytes = bytes_of(input);
  Parsed parsed;
  Status status = Status::More;
  while (parsed.consumed < bytes.size() && status == Status::More) {
    const std::size_t size = std::min(piece == 0 ? bytes.size() : piece, bytes.size() - parsed.consumed);
    const ProxyHeaderParser::Progress progress = parser.feed(bytes.subspan(parsed.consumed, size));
    status = progress.status;
    parsed.consumed += progress.consumed;
  }
  parsed.outcome = outcome(parser, status);
  return parsed;
}

std::string text(Error error) { return std::string(proxy_header_error_text(error)); }

std::string binary(unsigned command, unsigned family, const std::string& rest, std::size_t size) {
  std::string header("\r\n\r\n\0\r\nQUIT\n", 12);
  header += static_cast<char>(command);
  header += static_cast<char>(family);
  header += static_cast<char>(size >> 8);
  header += static_cast<char>(size & 255);
  return header + rest;
}
std::string binary(unsigned command, unsigned family, const std::string& rest) {
  return binary(command, family, rest, rest.size());
}

// 192.0.2.1:258 to 192.0.2.2:443, and 2001:db8::1 port 65535.
const std::string kV4("\xC0\x00\x02\x01\xC0\x00\x02\x02\x01\x02\x01\xBB", 12);
const std::string kV6 = std::string("\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01", 16) +
                        std::string("\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x02", 16) + "\xFF\xFF\x01\xBB";

const std::string kLongest =
    "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";

struct Good {
  std::string header;
  std::string outcome;
};

std::vector<Good> good_headers() {
  return {
      {"PROXY TCP4 192.0.2.1 192.0.2.2 258 443\r\n", "192.0.2.1:258"},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"},
      {"PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0:0"},
      {"PROXY TCP6 2001:db8::1 2001:DB8::2 65535 443\r\n", "[2001:db8::1]:65535"},
      {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
       "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
      {"PROXY TCP6 ::ffff:192.0.2.1 :: 1 2\r\n", "[::ffff:192.0.2.1]:1"},
      {"PROXY UNKNOWN\r\n", "own"},
      {"PROXY UNKNOWN \r\n", "own"},
      {"PROXY UNKNOWN any  thing\t\x01 at all\r\n", "own"},
      {kLongest, "own"},
      {binary(0x21, 0x11, kV4), "192.0.2.1:258"},
      {binary(0x21, 0x21, kV6), "[2001:db8::1]:65535"},
      {binary(0x21, 0x11, kV4 + std::string("\x04\x00\x02xx\x03\x00\x04sums", 12)), "192.0.2.1:258"},
      {binary(0x21, 0x11, kV4 + std::string(4096 - 16 - 12, 'x')), "192.0.2.1:258"},
      {binary(0x21, 0x21, kV6 + std::string(4096 - 16 - 36, 'x')), "[2001:db8::1]:65535"},
      {binary(0x21, 0x11, std::string(12, '\0')), "0.0.0.0:0"},
      {binary(0x21, 0x12, kV4), "own"},                    // datagrams
      {binary(0x21, 0x31, std::string(216, 'u')), "own"},  // AF_UNIX
      {binary(0x21, 0x32, std::string(220, 'u')), "own"},
      {binary(0x21, 0x00, ""), "own"},
      {binary(0x21, 0x00, "what is not known"), "own"},
      {binary(0x21, 0x10, ""), "own"},  // no transport
      {binary(0x21, 0x01, ""), "own"},  // no family
      {binary(0x20, 0x00, ""), "own"},
      {binary(0x20, 0x11, kV4), "own"},  // LOCAL: whatever it says of addresses
      {binary(0x20, 0xFF, "x"), "own"},
      {binary(0x20, 0x21, std::string(4080, 'x')), "own"},
  };
}

TEST(ProxyHeader, SaysWhoTheClientIs) {
  for (const Good& good : good_headers()) {
    EXPECT_EQ(parse(good.header), (Parsed{good.outcome, good.header.size()})) << good.header;
  }
  EXPECT_EQ(kLongest.size(), ProxyHeaderParser::kMaxLine);
}

TEST(ProxyHeader, LeavesWhatFollows) {
  for (const Good& good : good_headers()) {
    EXPECT_EQ(parse(good.header + "\x16\x03\x01\r\n"), (Parsed{good.outcome, good.header.size()})) << good.header;
  }
}

TEST(ProxyHeader, MayBeCutAnywhere) {
  for (const Good& good : good_headers()) {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 13U, 50U}) {
      EXPECT_EQ(parse(good.header + "rest", piece), (Parsed{good.outcome, good.header.size()})) << good.header;
    }
    for (std::size_t cut = 1; cut < std::min<std::size_t>(good.header.size(), 120); ++cut) {
      ProxyHeaderParser parser;
      const auto bytes = bytes_of(good.header);
      const ProxyHeaderParser::Progress first = parser.feed(bytes.first(cut));
      ASSERT_EQ(first.status, Status::More) << good.header << " cut at " << cut;
      ASSERT_EQ(first.consumed, cut);
      const ProxyHeaderParser::Progress second = parser.feed(bytes.subspan(cut));
      ASSERT_EQ(outcome(parser, second.status), good.outcome) << good.header << " cut at " << cut;
      ASSERT_EQ(second.consumed, bytes.size() - cut);
    }
  }
}

// That a part is never enough: nobody is judged by half an address.
TEST(ProxyHeader, MustBeWhole) {
  for (const Good& good : good_headers()) {
    for (std::size_t size = 0; size < good.header.size(); ++size) {
      EXPECT_EQ(parse(good.header.substr(0, size)), (Parsed{"more", size})) << good.header;
    }
  }
}

TEST(ProxyHeader, EveryMistakeOfALine) {
  const std::pair<std::string, Error> bad[] = {
      {"\x16\x03\x01", Error::NoHeader},
      {"GET / HTTP/1.1\r\n", Error::NoHeader},
      {"PROXX", Error::NoHeader},
      {"proxy TCP4", Error::NoHeader},
      {"PROXY\r\n", Error::NoHeader},
      {"PROXY\tTCP4", Error::NoHeader},
      {"PROXY  TCP4 ", Error::Protocol},
      {"PROXY \r\n", Error::Protocol},
      {"PROXY TCP5 ", Error::Protocol},
      {"PROXY TCP ", Error::Protocol},
      {"PROXY tcp4 ", Error::Protocol},
      {"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", Error::Protocol},
      {"PROXY UNKNOWNS\r\n", Error::Protocol},
      {"PROXY " + std::string(46, 'T'), Error::Protocol},
      {"PROXY TCP4\r\n", Error::Fields},
      {"PROXY TCP4 192.0.2.1\r\n", Error::Fields},
      {"PROXY TCP4 192.0.2.1 192.0.2.2\r\n", Error::Fields},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", Error::Fields},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", Error::Fields},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", Error::Fields},
      {"PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", Error::Address},
      {"PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n", Error::Address},
      {"PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n", Error::Address},
      {"PROXY TCP4 192.0.02.1 192.0.2.2 1 2\r\n", Error::Address},
      {"PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n", Error::Address},
      {"PROXY TCP4 192.0.2.1 192.0.2.2.3 1 2\r\n", Error::Address},
      {"PROXY TCP4 0xC0.0.2.1 192.0.2.2 1 2\r\n", Error::Address},
      {"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", Error::Address},
      {"PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", Error::Address},
      {"PROXY TCP6 2001:db8::1 192.0.2.2 1 2\r\n", Error::Address},
      {"PROXY TCP6 1::2::3 ::1 1 2\r\n", Error::Address},
      {"PROXY TCP6 12345::1 ::1 1 2\r\n", Error::Address},
      {"PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", Error::Address},
      {"PROXY TCP6 [::1] ::1 1 2\r\n", Error::Address},
      {"PROXY TCP6 " + std::string(46, '1'), Error::Address},
      {std::string("PROXY TCP4 192.0.2.1\0x 192.0.2.2 1 2\r\n", 38), Error::Address},
      {"PROXY TCP4 192.0.2.1 192.0.2.2  1 2\r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 00\r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 \r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2x\r\n", Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 " + std::string(46, '1'), Error::Port},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", Error::LineEnd},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\r", Error::LineEnd},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rx", Error::LineEnd},
      {"PROXY UNKNOWN\n", Error::LineEnd},
      {"PROXY UNKNOWN half\ra line\r\n", Error::LineEnd},
      {"PROXY UNKNOWN half\na line\r\n", Error::LineEnd},
      {"PROXY UNKNOWN " + std::string(93, 'x'), Error::LineTooLong},
      {"PROXY UNKNOWN " + std::string(92, 'x') + "\r\n", Error::LineTooLong},
      {"PROXY TCP6 " + std::string(43, ' ') + std::string(60, '1'), Error::Address},
  };
  for (const auto& [header, error] : bad) {
    const Parsed whole = parse(header);
    EXPECT_EQ(whole.outcome, text(error)) << header;
    EXPECT_LE(whole.consumed, ProxyHeaderParser::kMaxLine);
    EXPECT_EQ(parse(header, 1), whole) << header;
  }
}

TEST(ProxyHeader, EveryMistakeOfABinaryOne) {
  std::string broken = binary(0x21, 0x11, kV4);
  for (std::size_t i = 1; i < 12; ++i) {
    broken[i] = static_cast<char>(broken[i] ^ 1);
    EXPECT_EQ(parse(broken), (Parsed{text(Error::NoHeader), i + 1}));
    broken[i] = static_cast<char>(broken[i] ^ 1);
  }
  for (const unsigned command : {0x01U, 0x11U, 0x31U, 0xF1U, 0x10U, 0x00U}) {
    EXPECT_EQ(parse(binary(command, 0x11, kV4)), (Parsed{text(Error::Version), 13})) << command;
  }
  for (unsigned command = 0x22; command < 0x30; ++command) {
    EXPECT_EQ(parse(binary(command, 0x11, kV4)), (Parsed{text(Error::Command), 13})) << command;
  }
  for (unsigned family = 0; family < 256; ++family) {
    const bool known = family >> 4 <= 3 && (family & 15) <= 2;
    const Parsed parsed = parse(binary(0x21, family, std::string(216, 'x')));
    if (known) {
      EXPECT_EQ(parsed.consumed, 232u) << family;
    } else {
      EXPECT_EQ(parsed, (Parsed{text(Error::Family), 14})) << family;
    }
  }
  const std::pair<unsigned, std::size_t> sizes[] = {{0x11, 12}, {0x12, 12},  {0x21, 36},
                                                    {0x22, 36}, {0x31, 216}, {0x32, 216}};
  for (const auto& [family, size] : sizes) {
    EXPECT_EQ(parse(binary(0x21, family, std::string(300, 'x'), size - 1)), (Parsed{text(Error::TooShort), 16}));
    EXPECT_EQ(parse(binary(0x21, family, std::string(300, 'x'), size)).consumed, 16 + size);
    EXPECT_EQ(parse(binary(0x21, family, "", 0)), (Parsed{text(Error::TooShort), 16}));
  }
  for (const unsigned command : {0x20U, 0x21U}) {
    EXPECT_EQ(parse(binary(command, 0x11, kV4, 4081)), (Parsed{text(Error::TooLong), 16}));
    EXPECT_EQ(parse(binary(command, 0x11, kV4, 65535)), (Parsed{text(Error::TooLong), 16}));
  }
}

TEST(ProxyHeader, EveryErrorHasAReason) {
  std::vector<std::string> seen;
  for (auto error = Error::NoHeader; error <= Error::TooLong;
       error = static_cast<Error>(static_cast<std::uint8_t>(error) + 1)) {
    seen.push_back(text(error));
    EXPECT_NE(seen.back(), text(Error::None));
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

}  // namespace
}  // namespace breakwater::proxy
