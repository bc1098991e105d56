// Requests to the administration interface: what is answered, what is refused, and with which status.
#include <gtest/gtest.h>

#include <string>

#include "proxy/admin/admin_request.h"
#include "proxy/admin/admin_response.h"

namespace breakwater::proxy {
namespace {

std::uint16_t status_of(const std::string& bytes) { return parse_admin_request(bytes).status; }

TEST(AdminRequest, GetAndHead) {
  const AdminRequest get = parse_admin_request("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(get.status, 200);
  EXPECT_FALSE(get.head);
  EXPECT_EQ(get.path, "/metrics");
  const AdminRequest head = parse_admin_request("HEAD / HTTP/1.0\r\nHost:127.0.0.1:1\r\nAccept: */*\r\n\r\n");
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.head);
  EXPECT_EQ(head.path, "/");
}

TEST(AdminRequest, TheQueryIsNoPartOfThePath) {
  const AdminRequest request = parse_admin_request("GET /status?x=1?2 HTTP/1.1\r\nHost: [::1]\r\n\r\n");
  EXPECT_EQ(request.status, 200);
  EXPECT_EQ(request.path, "/status");
}

TEST(AdminRequest, EveryPrefixIsIncomplete) {
  const std::string whole = "GET / HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_EQ(status_of(whole.substr(0, size)), 0) << size;
  EXPECT_EQ(status_of(whole), 200);
  EXPECT_EQ(status_of(whole + "more that is not looked at"), 200);
}

TEST(AdminRequest, OtherMethods) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "get", "CONNECT"}) {
    EXPECT_EQ(status_of(std::string(method) + " / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405) << method;
  }
}

TEST(AdminRequest, WhatIsNoHttp) {
  for (const char* line : {"", "GET", "GET /", "GET  HTTP/1.1", "GET x HTTP/1.1", "GET / HTTP/1.1 ", "G T / HTTP/1.1",
                           "GET / http/1.1", "GET / HTTP/11", "GET / HTTP/1.x", "GET /\x01 HTTP/1.1", "GET * HTTP/1.1",
                           "GET http:/// HTTP/1.1", "(GET) / HTTP/1.1"}) {
    EXPECT_EQ(status_of(std::string(line) + "\r\nHost: localhost\r\n\r\n"), 400) << line;
  }
  for (const char* version : {"HTTP/2.0", "HTTP/0.9", "HTTP/3.1"}) {
    EXPECT_EQ(status_of(std::string("GET / ") + version + "\r\nHost: localhost\r\n\r\n"), 505) << version;
  }
}

TEST(AdminRequest, Fields) {
  for (const char* field :
       {"no colon", ": no name", "na me: x", "name : x", " folded", "x: a\x01", "x: \x7f", "x: \r"}) {
    EXPECT_EQ(status_of(std::string("GET / HTTP/1.1\r\nHost: localhost\r\n") + field + "\r\n\r\n"), 400) << field;
  }
  EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: localhost\nX-Y:\t z \n\n"), 200);  // RFC 9112 2.2
}

TEST(AdminRequest, OneHostThatIsThisMachine) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n"), 400);
  for (const char* host : {"", "example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "[::2]"}) {
    EXPECT_EQ(status_of(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n"), 421) << host;
    // Whatever is asked for, and by what method.
    EXPECT_EQ(status_of(std::string("POST /x HTTP/1.1\r\nHost: ") + host + "\r\n\r\n"), 421) << host;
  }
}

TEST(AdminRequest, ATargetInAbsoluteFormCountsAsWell) {
  const AdminRequest request = parse_admin_request("GET HTTP://localhost:1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(request.status, 200);
  EXPECT_EQ(request.path, "/status");
  EXPECT_EQ(parse_admin_request("GET http://[::1] HTTP/1.1\r\nHost: localhost\r\n\r\n").path, "/");
  EXPECT_EQ(status_of("GET http://example.com/ HTTP/1.1\r\nHost: localhost\r\n\r\n"), 421);
  EXPECT_EQ(status_of("GET http://localhost/ HTTP/1.1\r\nHost: example.com\r\n\r\n"), 421);
}

TEST(AdminRequest, EightKibibytes) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
  std::string fits = begin + std::string(kMaxAdminRequest - begin.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(fits.size(), kMaxAdminRequest);
  EXPECT_EQ(status_of(fits), 200);
  EXPECT_EQ(status_of(begin + std::string(kMaxAdminRequest - begin.size(), 'x')), 431);
  EXPECT_EQ(status_of(begin + std::string(kMaxAdminRequest - begin.size() - 1, 'x')), 0);
}

TEST(AdminResponse, HasWhatABrowserMustKnow) {
  AdminAnswer answer;
  answer.body = "text";
  const std::string bytes = encode(answer, false);
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(bytes.ends_with("\r\n\r\ntext"));
  for (const char* field : {"Content-Length: 4\r\n", "Connection: close\r\n", "X-Content-Type-Options: nosniff\r\n",
                            "Content-Security-Policy: default-src 'none'"}) {
    EXPECT_NE(bytes.find(field), std::string::npos) << field;
  }
  const std::string head = encode(answer, true);
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  EXPECT_EQ(head + "text", bytes);
  EXPECT_NE(encode(error_answer(405), false).find("\r\nAllow: GET, HEAD\r\n"), std::string::npos);
}

}  // namespace
}  // namespace breakwater::proxy
