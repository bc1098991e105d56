// A line of the access log, whatever the client sent.
#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

#include "proxy/access_log/access_log.h"

namespace breakwater::proxy {
namespace {

std::string line_of(const AccessRecord& record, std::uint64_t epoch_ms, bool clean) {
  char text[kMaxAccessLine];
  return {text, write_access_line(text, record, epoch_ms, clean)};
}

Facts facts_of(std::string_view name) {
  Facts facts;
  facts.version = Version::Tls12;
  facts.suite = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
  facts.server_name = name;
  return facts;
}

TEST(AccessLine, SaysWhatIsKnown) {
  AccessRecord record;
  record.client.v4.sin_family = AF_INET;
  record.client.v4.sin_port = htons(443);
  record.client.size = sizeof record.client.v4;
  ::inet_pton(AF_INET, "192.0.2.7", &record.client.v4.sin_addr);
  record.opened_ms = 1'700'000'000'000;
  record.bytes_in = 1;
  record.bytes_out = 22;
  record.requests = 333;
  record.set_facts(facts_of("www.example.com"));
  EXPECT_EQ(line_of(record, 1'700'000'000'042, true),
            "2023-11-14T22:13:20.042Z client=192.0.2.7:443 name=www.example.com tls=1.2 "
            "suite=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 group=- resumed=no alpn=- requests=333 in=1 out=22 "
            "ms=42 end=clean\n");
  // The clock was set back.
  EXPECT_NE(line_of(record, 1'600'000'000'000, false).find(" ms=0 end=cut\n"), std::string::npos);
}

TEST(AccessLine, NothingOfANameEndsItsField) {
  AccessRecord record;
  record.set_facts(facts_of(std::string_view("a b\"c=d\n\x7f\xff\0e", 12)));
  EXPECT_NE(line_of(record, 0, false).find(" client=- name=a?b?c?d????e tls="), std::string::npos)
      << line_of(record, 0, false);
}

TEST(AccessLine, TheLongestFits) {
  AccessRecord record;
  record.client.v6.sin6_family = AF_INET6;
  record.client.v6.sin6_port = 0xFFFF;
  record.client.size = sizeof record.client.v6;
  ::inet_pton(AF_INET6, "1111:2222:3333:4444:5555:6666:7777:8888", &record.client.v6.sin6_addr);
  const std::string name(300, 'n');
  Facts facts = facts_of(name);
  const std::string protocol(255, 'p');
  facts.protocol = protocol;
  facts.group = "secp256r1";
  record.set_facts(facts);
  record.bytes_in = record.bytes_out = record.requests = ~std::uint64_t{0};
  const std::string line = line_of(record, ~std::uint64_t{0} / 1000, false);
  EXPECT_LE(line.size(), kMaxAccessLine);
  EXPECT_NE(line.find("client=[1111:2222:3333:4444:5555:6666:7777:8888]:65535 name=" + std::string(255, 'n') + " "),
            std::string::npos)
      << line;
}

}  // namespace
}  // namespace breakwater::proxy
