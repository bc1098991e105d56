// A server that says what a test wants it to say, with the right keys: its own private scalar is 1 as well, so that the
// shared secret is the generator's x coordinate. Only what the client sends in full handshakes is understood.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "flood/tls/client.h"
#include "tests/client/bytes.h"
#include "tests/client/primitives.h"
#include "tests/client/records.h"

namespace breakwater::flood::testing {

class FakeServer {
 public:
  using Bytes = breakwater::test::Bytes;
  using View = breakwater::test::View;

  static constexpr std::uint8_t kChangeCipherSpec = 20;
  static constexpr std::uint8_t kAlert = 21;
  static constexpr std::uint8_t kHandshake = 22;
  static constexpr std::uint8_t kData = 23;

  explicit FakeServer(Version version, std::uint16_t suite = 0);

  // Called with each message before it goes into the transcript and out.
  std::function<void(std::uint8_t type, Bytes& message)> edit;
  std::size_t fragment = 16384;   // payload of a handshake record, at most
  std::size_t padding = 0;        // TLS 1.3
  Bytes certificate_body;         // in place of a made-up one
  Bytes server_hello_extensions;  // appended

  // Whole records of the client.
  void take(View bytes);

  Bytes first_flight();          // TLS 1.2: ServerHello to ServerHelloDone; TLS 1.3: ServerHello to Finished
  Bytes second_flight();         // TLS 1.2, after the client's: ChangeCipherSpec and Finished
  Bytes retry(View extensions);  // HelloRetryRequest

  // Answers as a whole server: give this to Talk::run().
  Bytes operator()(View bytes);

  static Bytes message(std::uint8_t type, View body);
  static Bytes plain(std::uint8_t type, View payload) { return breakwater::test::plain_record(type, payload); }
  // Under the current keys of the server.
  Bytes sealed(std::uint8_t type, View payload, std::size_t padded = 0);
  // A handshake message as it is sent now: edited, in the transcript, in one or more records.
  Bytes say(std::uint8_t type, View body);
  // TLS 1.3: the server's next traffic secret.
  void update_keys();
  // Opens a record of the client's application keys (TLS 1.3: after update_client_keys() the next).
  std::optional<breakwater::test::RecordKeys::Opened> open(View record) { return client_keys_->open(record); }
  void update_client_keys();

  breakwater::test::RecordKeys& keys() { return *keys_; }
  const Bytes& transcript() const { return transcript_; }
  bool finished_seen() const { return finished_seen_; }

 private:
  Bytes hello_body(View random) const;
  Bytes hash() const { return breakwater::test::digest(suite_->hash, transcript_); }
  void take_message(View message);
  void make_keys12();
  void make_handshake_keys();
  void make_application_keys();

  bool tls13_;
  const breakwater::test::SuiteFacts* suite_;
  Bytes transcript_;
  Bytes client_messages_;
  Bytes client_random_, session_id_, random_;
  Bytes shared_, master_;
  Bytes handshake_secret_, server_traffic_, client_traffic_, client_application_;
  std::optional<breakwater::test::RecordKeys> keys_, client_keys_;
  std::optional<breakwater::test::RecordKeys> pending_keys_;
  bool retried_ = false;
  bool finished_seen_ = false;
};

}  // namespace breakwater::flood::testing
