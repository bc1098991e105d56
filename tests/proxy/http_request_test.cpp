// The request parser: what it accepts and refuses, and that it does not matter where the bytes are cut.
#include "proxy/apps/http_request.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace breakwater::proxy {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What the parser said, as text: "C" expect continue, "D" done (with flags), "E<status>".
void feed(HttpRequestParser& parser, std::string_view text, std::string& log) {
  std::span<const std::uint8_t> rest = bytes(text);
  while (!rest.empty()) {
    std::size_t consumed = 0;
    const HttpEvent event = parser.feed(rest, consumed);
    rest = rest.subspan(consumed);
    switch (event) {
      case HttpEvent::NeedMore:
        EXPECT_TRUE(rest.empty());
        break;
      case HttpEvent::ExpectContinue:
        log += "C ";
        break;
      case HttpEvent::RequestDone:
        log += std::string("D") + (parser.is_head() ? "h" : "") + (parser.is_http10() ? "0" : "") +
               (parser.keep_alive() ? "k" : "c") + " ";
        break;
      case HttpEvent::Error:
        log += "E" + std::to_string(parser.status()) + " ";
        return;
    }
  }
}

std::string parse(std::string_view text) {
  HttpRequestParser parser;
  std::string log;
  feed(parser, text, log);
  return log;
}

struct Case {
  std::string_view request;
  std::string_view expected;
};

const Case kCases[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Dk "},
    {"GET / HTTP/1.1\nHost: a\n\n", "Dk "},
    {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "Dk "},
    {"HEAD /x?y HTTP/1.1\r\nhOST:a\r\n\r\n", "Dhk "},
    {"HEADS /x HTTP/1.1\r\nHost: a\r\n\r\n", "Dk "},
    {"HEA /x HTTP/1.1\r\nHost: a\r\n\r\n", "Dk "},
    {"head /x HTTP/1.1\r\nHost: a\r\n\r\n", "Dk "},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "Dc "},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: foo , CLOSE,bar\r\n\r\n", "Dc "},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: not close\r\n\r\n", "Dk "},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", "Dk "},
    {"GET / HTTP/1.0\r\n\r\n", "D0c "},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "D0k "},
    {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "D0c "},
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "Dk Dk "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n", "Dk Dk "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "Dk "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc", "C Dk "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n", "Dk "},
    {"POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc", "D0c "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
     "5\r\nhello\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
     "Dk "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked \r\n\r\n00\r\nTrailer: x\r\nOther: y\r\n\r\n", "Dk "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: "
     "b\r\n\r\n",
     "Dk Dk "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3 \t;x\r\nabc\r\n0 \r\n\r\n", "Dk "},
    // refused
    {"GET / HTTP/1.1\r\n\r\n", "E400 "},  // no host
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "E400 "},
    {"GET / HTTP/2.0\r\n", "E505 "},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "E505 "},
    {"GET / HTTP/x\r\n", "E400 "},
    {"GET / HTTP/1.1x\r\n", "E400 "},
    {"GET  / HTTP/1.1\r\n", "E400 "},
    {" GET / HTTP/1.1\r\n", "E400 "},
    {"GET /\r\n", "E400 "},
    {"G\x01T / HTTP/1.1\r\n", "E400 "},
    {"\x16\x03\x01\x02", "E400 "},
    {"GET /\x7f HTTP/1.1\r\n", "E400 "},
    {"GET / HTTP/1.1\r\r\n", "E400 "},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "E400 "},
    {"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", "E400 "},
    {"GET / HTTP/1.1\r\n: a\r\n\r\n", "E400 "},
    {"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "E400 "},
    {std::string_view("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29), "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "E400 "},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "E501 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", "E501 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3 x\r\nabc\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\nContent-Length: 5\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: ,\r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \r\n\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1234567890abcdef\r\n", "E400 "},
    {"POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "E417 "},
};

TEST(HttpRequest, Cases) {
  for (const Case& c : kCases) EXPECT_EQ(parse(c.request), c.expected) << c.request;
}

TEST(HttpRequest, EveryTwoWaySplitGivesTheSame) {
  for (const Case& c : kCases) {
    for (std::size_t cut = 0; cut <= c.request.size(); ++cut) {
      HttpRequestParser parser;
      std::string log;
      feed(parser, c.request.substr(0, cut), log);
      if (log.find('E') == std::string::npos) feed(parser, c.request.substr(cut), log);
      EXPECT_EQ(log, c.expected) << c.request << " cut at " << cut;
    }
  }
}

TEST(HttpRequest, ByteByByteGivesTheSame) {
  for (const Case& c : kCases) {
    HttpRequestParser parser;
    std::string log;
    for (std::size_t i = 0; i < c.request.size() && log.find('E') == std::string::npos; ++i) {
      feed(parser, c.request.substr(i, 1), log);
    }
    EXPECT_EQ(log, c.expected) << c.request;
  }
}

TEST(HttpRequest, TheHeadMayHave16KiBAndNoMore) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string end = "\r\n\r\n";
  const std::size_t filler = kMaxRequestHead - start.size() - end.size();
  EXPECT_EQ(parse(start + std::string(filler, 'x') + end), "Dk ");
  EXPECT_EQ(parse(start + std::string(filler + 1, 'x') + end), "E431 ");
  EXPECT_EQ(parse("GET /" + std::string(kMaxRequestHead, 'x')), "E431 ");
  // Each request has its own bound.
  const std::string full = start + std::string(filler, 'x') + end;
  EXPECT_EQ(parse(full + full + full), "Dk Dk Dk ");
}

TEST(HttpRequest, TrailersAndExtensionsAreBounded) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parse(head + "0\r\nT: " + std::string(kMaxRequestHead, 'x')), "E431 ");
  EXPECT_EQ(parse(head + "1;" + std::string(kMaxRequestHead, 'x')), "E431 ");
  EXPECT_EQ(parse(head + "1" + std::string(kMaxRequestHead, ' ')), "E431 ");
}

TEST(HttpRequest, BodiesAreNotBoundedByTheHeadLimit) {
  const std::string body(100'000, 'b');
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + body), "Dk ");
  std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 10'000; ++i) chunked += "A\r\n0123456789\r\n";
  EXPECT_EQ(parse(chunked + "0\r\n\r\n"), "Dk ");
}

TEST(HttpRequest, KnowsWhetherARequestIsUnderWay) {
  HttpRequestParser parser;
  std::string log;
  EXPECT_TRUE(parser.between_requests());
  feed(parser, "GET / HTTP/1.1\r\nHo", log);
  EXPECT_FALSE(parser.between_requests());
  feed(parser, "st: a\r\nContent-Length: 3\r\n\r\na", log);
  EXPECT_TRUE(parser.in_body());
  feed(parser, "bc", log);
  EXPECT_TRUE(parser.between_requests());
  EXPECT_EQ(log, "Dk ");
}

}  // namespace
}  // namespace breakwater::proxy
