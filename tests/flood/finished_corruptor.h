// A man in the middle that changes one bit of the server's Finished and nothing else: the record is opened and sealed
// again with the right keys. It can do so because the client's private scalar on P-256 is 1, so that the shared secret
// stands in the server's key share. Full handshakes of TLS 1.2 and 1.3, without I/O; what it does not understand passes
// unchanged.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/client/bytes.h"
#include "tests/client/primitives.h"
#include "tests/client/records.h"

namespace breakwater::flood::testing {

class FinishedCorruptor {
 public:
  using Bytes = breakwater::test::Bytes;
  using View = breakwater::test::View;

  // flip: false seals the Finished as it was, so that a test can tell the change from the tampering.
  explicit FinishedCorruptor(bool flip = true) : flip_(flip) {}

  // Bytes of the client, cut anywhere: what is to be passed to the server (the same).
  Bytes from_client(View bytes);
  // Bytes of the server, cut anywhere: what is to be passed to the client. Parts of records are held back until the
  // rest comes.
  Bytes from_server(View bytes);

  // The Finished has come by and was sealed anew.
  bool done() const { return done_; }

 private:
  void take_client_message(View message);
  void take_server_message(View message);
  void take_server_hello(View message);
  Bytes take_server_record(View record);
  void change_finished(Bytes& payload);
  void make_keys12();
  void make_keys13();

  bool flip_;
  bool done_ = false;
  bool tls13_ = false;
  bool extended_master_secret_ = false;
  bool client_protected_ = false;  // TLS 1.2: after its ChangeCipherSpec
  const breakwater::test::SuiteFacts* suite_ = nullptr;
  Bytes client_records_, server_records_;    // not whole yet
  Bytes client_messages_, server_messages_;  // not whole yet
  Bytes transcript_;
  Bytes client_random_, server_random_;
  Bytes shared_;                                      // the x coordinate of the server's share
  std::optional<breakwater::test::RecordKeys> keys_;  // the server's, up to its Finished
  bool server_protected_ = false;
  Bytes header_;               // of the protected message that is passing by, up to 4 bytes
  std::size_t body_left_ = 0;  // bytes of that message still to come
};

}  // namespace breakwater::flood::testing
