// What a well-behaved client sends beside what really reaches the server, so that a target knows what the server must
// not accept.
#pragma once

#include <array>
#include <vector>

#include "tests/client/client.h"

namespace breakwater::fuzz {

// One record of the client with what was in it.
struct LoggedRecord {
  test::Bytes bytes;
  test::Epoch epoch = test::Epoch::Plain;
  std::uint8_t type = 0;
  test::Bytes content;
};

class Ledger {
 public:
  // early_data: the client offers it, so what does not open before its first record that does is passed over (RFC 8446
  // 4.2.10).
  explicit Ledger(bool early_data) : early_data_(early_data) {}

  // A flight as the client means it.
  void expect(const std::vector<test::Outgoing>& flight, bool tls12);
  // A record that the client has made of it.
  void expect(const LoggedRecord& record);
  // A record as it reaches the server; returns the application data that the server may accept with it.
  test::Bytes deliver(const LoggedRecord& record, bool tls12);

  // All handshake content that was expected so far has come, under the right keys and before anything else that counts.
  // What a server passes over wherever it comes does not count: refused early data, alerts, and the dummy
  // ChangeCipherSpec of TLS 1.3.
  bool intact() const;

 private:
  void deliver_plain(test::View bytes, bool tls12);

  bool is_passed_over(const LoggedRecord& record) const;

  bool early_data_;
  // Content byte by byte, each with its type and the keys it goes under.
  std::vector<std::uint32_t> expected_;
  std::vector<std::uint32_t> delivered_;
  // Of each epoch: the records in the order they were made.
  struct Sequence {
    std::vector<test::Bytes> made;
    std::size_t delivered = 0;
    bool unbroken = true;
  };
  std::array<Sequence, 4> sequences_;
  test::Bytes plain_;  // the beginning of an unprotected record
};

}  // namespace breakwater::fuzz
