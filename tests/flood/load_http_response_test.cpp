// The response parser: every response is fed whole, byte by byte, and cut in two at every place.
#include "flood/load/http_response.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace breakwater::flood {
namespace {

using Result = HttpResponse::Result;

struct Seen {
  Result result;
  int status;
  std::uint64_t body;
  bool keeps;

  bool operator==(const Seen&) const = default;
};

ConstBytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

Seen feed(HttpResponse& response, const std::vector<std::string_view>& pieces, bool end) {
  Result result = Result::More;
  for (const std::string_view piece : pieces) result = response.feed(bytes_of(piece));
  if (end) result = response.end_of_stream();
  return {result, response.status(), response.body_size(), response.keeps_connection()};
}

Seen parse(std::string_view text, bool end = false) {
  HttpResponse whole;
  const Seen seen = feed(whole, {text}, end);
  HttpResponse by_byte;
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
  EXPECT_EQ(feed(by_byte, bytes, end), seen) << "byte by byte";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    HttpResponse halves;
    EXPECT_EQ(feed(halves, {text.substr(0, cut), text.substr(cut)}, end), seen) << "cut at " << cut;
  }
  return seen;
}

void PrintTo(const Seen& seen, std::ostream* out) {
  *out << "result " << static_cast<int>(seen.result) << " status " << seen.status << " body " << seen.body << " keeps "
       << seen.keeps;
}

TEST(HttpResponse, ContentLength) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), (Seen{Result::Done, 200, 5, true}));
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\ncontent-length:5 \r\n\r\nhell"), (Seen{Result::More, 200, 4, true}));
  EXPECT_EQ(parse("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), (Seen{Result::Done, 200, 0, true}));
  EXPECT_EQ(parse("HTTP/1.1 200 OK\nContent-Length: 2\n\nab"), (Seen{Result::Done, 200, 2, true})) << "bare line feeds";
}

TEST(HttpResponse, MoreThanTheResponseIsBad) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab").result, Result::Bad);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx").result, Result::Bad);
}

TEST(HttpResponse, Chunked) {
  EXPECT_EQ(
      parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"),
      (Seen{Result::Done, 200, 15, true}));
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n0\r\nTrailer: 1\r\n\r\n").result,
            Result::Done);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n").result, Result::More);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\n").result, Result::Bad);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").result, Result::Bad);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n").result, Result::Bad) << "no end is known";
}

TEST(HttpResponse, ManyChunksAreNoLongHeader) {
  HttpResponse response;
  ASSERT_EQ(response.feed(bytes_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")), Result::More);
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(response.feed(bytes_of("1\r\nx\r\n")), Result::More) << i;
  EXPECT_EQ(response.feed(bytes_of("0\r\n\r\n")), Result::Done);
  EXPECT_EQ(response.body_size(), 100'000u);
}

TEST(HttpResponse, ToTheEnd) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n\r\nabc"), (Seen{Result::More, 200, 3, false}));
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n\r\nabc", true), (Seen{Result::Done, 200, 3, false}));
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n\r\n", true).result, Result::Done);
}

TEST(HttpResponse, AnEndThatComesTooEarlyIsBad) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", true).result, Result::Bad);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Le", true).result, Result::Bad);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true).result, Result::Bad);
}

TEST(HttpResponse, TheConnectionMayOrMayNotGoOn) {
  EXPECT_FALSE(parse("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").keeps);
  EXPECT_FALSE(parse("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n").keeps);
  EXPECT_FALSE(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keeps);
  EXPECT_TRUE(parse("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").keeps);
}

TEST(HttpResponse, InterimResponses) {
  EXPECT_EQ(parse("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"),
            (Seen{Result::Done, 200, 2, true}));
  HttpResponse response;
  Result result = Result::More;
  for (int i = 0; i < 10'000 && result == Result::More; ++i) {
    result = response.feed(bytes_of("HTTP/1.1 100 Continue\r\n\r\n"));
  }
  EXPECT_EQ(result, Result::Bad) << "interim responses without end";
}

TEST(HttpResponse, OtherStatus) {
  EXPECT_EQ(parse("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").status, 503);
  EXPECT_EQ(parse("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n").result, Result::Done);
}

TEST(HttpResponse, NotHttp) {
  for (const char* text :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n", "HTTP/1.1 OK\r\n", "HTTP/1.1  200\r\n", "HTTP/1.1 2x0 OK\r\n",
        "HTTP/1.1 2000 OK\r\n", "\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n"}) {
    EXPECT_EQ(parse(text).result, Result::Bad) << text;
  }
}

TEST(HttpResponse, LongHeaders) {
  const std::string cookie = "Set-Cookie: " + std::string(4000, 'x') + "\r\n";
  HttpResponse fine;
  EXPECT_EQ(fine.feed(bytes_of("HTTP/1.1 200 OK\r\n" + cookie + "Content-Length: 1\r\n\r\nx")), Result::Done);
  HttpResponse endless;
  Result result = endless.feed(bytes_of("HTTP/1.1 200 OK\r\n"));
  for (int i = 0; i < 20 && result == Result::More; ++i) result = endless.feed(bytes_of(cookie));
  EXPECT_EQ(result, Result::Bad);
  HttpResponse one_line;
  EXPECT_EQ(one_line.feed(bytes_of(std::string(HttpResponse::kMaxHeader + 1, 'x'))), Result::Bad);
  HttpResponse padded;
  EXPECT_EQ(padded.feed(bytes_of("HTTP/1.1 200 OK\r\nContent-Length:" + std::string(4000, ' ') + "1\r\n")), Result::Bad)
      << "a length that was not seen in full is not guessed";
}

TEST(HttpResponse, MayBeUsedAgain) {
  HttpResponse response;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(response.feed(bytes_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab")), Result::Done);
    response.reset();
    EXPECT_FALSE(response.started());
  }
}

}  // namespace
}  // namespace breakwater::flood
