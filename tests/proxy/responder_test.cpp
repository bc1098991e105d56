// The responder: what it answers, with little room and credit too.
#include "proxy/apps/responder.h"

#include <gtest/gtest.h>

#include "tests/proxy/fake_stream.h"

namespace breakwater::proxy {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::size_t give(Responder& responder, FakeStream& stream, std::string_view text) {
  const iovec piece{const_cast<char*>(text.data()), text.size()};
  return responder.received(stream, {&piece, 1});
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; at += word.size()) ++found;
  return found;
}

struct Fixture : testing::Test {
  Responder responder{"hello"};
  FakeStream stream;
  void SetUp() override {
    responder.tick(784111777);
    responder.opened(stream, false);
  }
};
using ResponderTest = Fixture;

TEST_F(ResponderTest, AnswersWithTheText) {
  EXPECT_EQ(give(responder, stream, kGet), kGet.size());
  EXPECT_EQ(stream.sent,
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 5\r\n\r\nhello");
  EXPECT_FALSE(stream.finished);
}

TEST_F(ResponderTest, HeadHasNoBody) {
  give(responder, stream, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(stream.sent.ends_with("Content-Length: 5\r\n\r\n"));
}

TEST_F(ResponderTest, PipelinedRequestsAreAnsweredInOneCommit) {
  std::string many;
  for (int i = 0; i < 20; ++i) many += kGet;
  EXPECT_EQ(give(responder, stream, many), many.size());
  EXPECT_EQ(count(stream.sent, "hello"), 20u);
  EXPECT_EQ(stream.commits, 1);
}

TEST_F(ResponderTest, ClosesWhenAskedTo) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + std::string(kGet);
  EXPECT_EQ(give(responder, stream, text), text.size());
  EXPECT_EQ(count(stream.sent, "hello"), 1u);
  EXPECT_EQ(count(stream.sent, "Connection: close\r\n"), 1u);
  EXPECT_TRUE(stream.finished && stream.abandoned);
}

TEST_F(ResponderTest, SaysKeepAliveToHttp10) {
  give(responder, stream, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(count(stream.sent, "Connection: keep-alive\r\n"), 1u);
  EXPECT_FALSE(stream.finished);
}

TEST_F(ResponderTest, SendsContinueBeforeTheBody) {
  give(responder, stream, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(stream.sent, "HTTP/1.1 100 Continue\r\n\r\n");
  give(responder, stream, "ab");
  EXPECT_EQ(count(stream.sent, "hello"), 1u);
}

TEST_F(ResponderTest, RefusesWithTheRightStatusAndCloses) {
  give(responder, stream, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(stream.sent.starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(stream.finished && stream.abandoned);
}

TEST_F(ResponderTest, LongHeaderGets431) {
  give(responder, stream, "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
  EXPECT_TRUE(stream.sent.starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(stream.finished);
}

TEST_F(ResponderTest, StopsTakingInputWithoutCredit) {
  stream.room_size = 64;
  stream.credit = 1;
  std::string text;
  for (int i = 0; i < 3; ++i) text += kGet;
  std::size_t taken = give(responder, stream, text);
  EXPECT_EQ(taken, kGet.size());
  EXPECT_EQ(stream.sent.size(), 64u);
  EXPECT_TRUE(stream.wants_output);
  EXPECT_EQ(give(responder, stream, std::string_view(text).substr(taken)), 0u);
  for (int rounds = 0; rounds < 1000 && taken < text.size(); ++rounds) {
    stream.credit = 1;
    responder.writable(stream);
    stream.credit = 1;
    taken += give(responder, stream, std::string_view(text).substr(taken));
  }
  for (int rounds = 0; rounds < 100; ++rounds) {
    stream.credit = 1;
    responder.writable(stream);
  }
  EXPECT_EQ(taken, text.size());
  EXPECT_EQ(count(stream.sent, "hello"), 3u);
  EXPECT_FALSE(stream.overrun);
}

TEST_F(ResponderTest, ATextLongerThanARecordGoesOutInParts) {
  const std::string text(100'000, 't');
  Responder large(text);
  FakeStream to;
  to.credit = 2;
  large.opened(to, false);
  give(large, to, kGet);
  EXPECT_LT(to.sent.size(), text.size());
  for (int i = 0; i < 10; ++i) {
    to.credit = 2;
    large.writable(to);
  }
  EXPECT_TRUE(to.sent.ends_with("\r\n\r\n" + text));
}

TEST_F(ResponderTest, EndOfInputEndsOutputAfterTheResponse) {
  give(responder, stream, kGet);
  responder.input_ended(stream);
  EXPECT_TRUE(stream.finished);
}

TEST_F(ResponderTest, DrainingEndsIdleConnectionsAndFinishesBusyOnes) {
  responder.drain(stream);
  EXPECT_TRUE(stream.finished);

  FakeStream busy;
  responder.opened(busy, false);
  give(responder, busy, kGet.substr(0, 10));
  responder.drain(busy);
  EXPECT_FALSE(busy.finished);
  give(responder, busy, kGet.substr(10));
  EXPECT_EQ(count(busy.sent, "Connection: close\r\n"), 1u);
  EXPECT_TRUE(busy.finished);

  FakeStream late;
  responder.opened(late, true);
  EXPECT_FALSE(late.finished);
  give(responder, late, kGet);
  EXPECT_EQ(count(late.sent, "hello"), 1u);
  EXPECT_TRUE(late.finished);
}

TEST_F(ResponderTest, ASlowHeaderDoesNotRenewTheIdleTimerABodyDoes) {
  give(responder, stream, "POST / HTTP/1.1\r\n");
  give(responder, stream, "Host: a\r\nContent-Length: 10\r\n");
  EXPECT_EQ(stream.touches, 0);
  give(responder, stream, "\r\nabc");
  EXPECT_GT(stream.touches, 0);
}

TEST_F(ResponderTest, RecordsThatEndWithAChunkRenewTheIdleTimer) {
  give(responder, stream, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 1; i <= 3; ++i) {
    const int before = stream.touches;
    give(responder, stream, "5\r\nhello\r\n");
    EXPECT_GT(stream.touches, before);
  }
  // A chunk size that comes byte by byte is no upload.
  const int before = stream.touches;
  for (const std::string_view byte : {"0", "0", "0", ";", "x", "y"}) give(responder, stream, byte);
  EXPECT_EQ(stream.touches, before);
}

}  // namespace
}  // namespace breakwater::proxy
