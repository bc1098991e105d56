// A TLS 1.2 and 1.3 client for tests, without I/O: bytes of the server go in, bytes for the server come out.
// It checks everything the server sends as the RFCs ask of a client (8446, 5246, 8422, 5288, 7905, 7627, 5077, 5746,
// 8449, 7301), keeps what it saw for tests to look at, and lets them change whatever it is about to send.
// All randomness comes from the seed: the same script against the same answers gives the same bytes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/client/hello.h"
#include "tests/client/primitives.h"
#include "tests/client/records.h"

namespace breakwater::test {

using tls::Alert;
using tls::ContentType;
using tls::HandshakeType;

// What an outgoing message is, so that hooks can find it.
enum class Step {
  ClientHello,
  SecondClientHello,
  ChangeCipherSpec,
  ClientKeyExchange,
  Finished,
  KeyUpdate,
  Alert,
  ApplicationData,
  Other,  // made by a test
};

enum class Epoch : std::uint8_t { Plain, EarlyData, Handshake, Application };

// One payload on its way into records.
struct Outgoing {
  Step step = Step::Other;
  ContentType type = ContentType::Handshake;
  Epoch epoch = Epoch::Plain;
  Bytes payload;
  std::uint16_t version = 0x0303;              // of the record
  std::size_t fragment = 16384;                // payload bytes per record
  std::size_t padding = 0;                     // TLS 1.3: zeros behind the content type
  bool bare_inner_plaintext = false;           // TLS 1.3: payload is the whole inner plaintext, content type included
  std::function<void(Bytes& record)> corrupt;  // changes each finished record
};

struct Hooks {
  // The fields of a ClientHello before it is encoded; binders are computed afterwards.
  std::function<void(HelloSpec& hello, bool second)> hello;
  // A handshake message before it enters the transcript.
  std::function<void(Step step, Bytes& message)> message;
  // A flight before it is put into records: to drop, insert, reorder, join or split.
  std::function<void(std::vector<Outgoing>& flight)> flight;
};

struct Script {
  Offer offer;
  Hooks hooks;
  std::uint64_t seed = 1;
  std::uint64_t now_ms = 1'700'000'000'000;
  bool ignore_downgrade = false;         // goes on in spite of the sentinel of RFC 8446 4.1.3
  std::uint16_t hello_version = 0x0301;  // record version of the first ClientHello (RFC 8446 5.1)
  // Key pairs to use instead of ones made from the seed.
  std::vector<KeyPair> key_pairs;
};

// What the client learnt about the connection.
struct Facts {
  ProtocolVersion version = ProtocolVersion::None;
  std::uint16_t suite = 0;
  Group group = Group::None;
  SignatureScheme signature = SignatureScheme::None;
  bool resumed = false;
  std::uint16_t selected_identity = 0;
  bool hello_retry = false;
  bool extended_master_secret = false;
  bool server_name_acknowledged = false;
  bool secure_renegotiation = false;
  bool ticket_promised = false;  // TLS 1.2
  bool ticket_received = false;  // TLS 1.2, maybe empty
  bool early_data_accepted = false;
  std::string protocol;  // ALPN
  std::optional<std::uint16_t> record_size_limit;
  std::vector<std::uint16_t> advertised_groups;
  std::vector<std::uint16_t> server_extensions;  // of ServerHello (TLS 1.2) or EncryptedExtensions, in order
  std::vector<Bytes> certificates;               // DER
  Bytes server_random;
  Bytes session_id;
  Bytes cookie;
  int downgrade_sentinel = -1;  // the last byte of the sentinel, -1: none
  std::size_t server_ccs = 0;
  std::size_t key_updates = 0;  // received
};

// TLS 1.3 (RFC 8446 7.1); TLS 1.2 has `master` only.
struct Secrets {
  Bytes early, binder, client_early_traffic;
  Bytes handshake, client_handshake_traffic, server_handshake_traffic;
  Bytes master, client_application_traffic, server_application_traffic, exporter_master, resumption_master;
};

struct ReceivedAlert {
  std::uint8_t level = 0;
  Alert alert = Alert::CloseNotify;
};

struct ReceivedRecord {
  std::uint8_t outer_type = 0;
  std::uint8_t type = 0;
  bool is_protected = false;
  std::size_t size = 0;        // of the payload
  std::size_t inner_size = 0;  // TLS 1.3: with type and padding
};

class Client {
 public:
  explicit Client(Script script);

  // The first ClientHello, in records.
  Bytes start();
  // Takes bytes cut anywhere; gives what the client answers.
  Bytes receive(View bytes);

  // Application data in records of at most 16,384 bytes.
  Bytes send(View data);
  Bytes send(const Outgoing& outgoing);
  Bytes update_keys(bool request_update);
  Bytes close();

  bool connected() const { return state_ == State::Connected; }
  bool failed() const { return state_ == State::Failed; }
  bool closed_by_server() const { return closed_by_server_; }
  const std::string& error() const { return error_; }
  // The fatal alert (or close_notify) of the server, if one came.
  const std::optional<ReceivedAlert>& alert() const { return alert_; }
  const std::vector<ReceivedAlert>& warnings() const { return warnings_; }

  const Facts& facts() const { return facts_; }
  const Secrets& secrets() const { return secrets_; }
  const Bytes& received() const { return received_; }  // application data
  const std::vector<Session>& sessions() const { return sessions_; }
  const std::vector<ReceivedRecord>& records() const { return records_; }
  const HelloSpec& hello() const { return hello_; }  // the latest
  const Script& script() const { return script_; }
  const Bytes& transcript() const { return transcript_; }
  const KeyPair& key_pair(Group group) const;
  RecordKeys& write_keys(Epoch epoch) { return write_keys_[static_cast<std::size_t>(epoch)]; }

 private:
  enum class State {
    ServerHello,
    EncryptedExtensions,
    Certificate,
    CertificateVerify,
    ServerKeyExchange,
    ServerHelloDone,
    TicketOrChangeCipherSpec,  // TLS 1.2: NewSessionTicket if promised, then ChangeCipherSpec
    ServerFinished,
    Connected,
    Failed,
  };

  // Records, common messages (client.cpp)
  bool fail(std::string reason);
  bool check(bool condition, const char* reason);
  void take_record(View record);
  void take_alert(View payload);
  void take_change_cipher_spec(View payload);
  void take_handshake(View message);
  void change_read_keys(RecordKeys keys);
  Bytes encode(std::vector<Outgoing> flight, bool with_hook);
  Bytes transcript_hash() const;
  void queue(Step step, ContentType type, Epoch epoch, Bytes payload);
  void queue_handshake(Step step, HandshakeType type, Epoch epoch, const Writer& body);

  // Hellos (client_hello.cpp)
  void queue_hello(bool second);
  void fill_binders(Bytes& message);
  void take_server_hello(View message);
  void take_hello_retry_request(Reader& extensions);
  bool take_server_hello_tls13(Reader& extensions);
  bool take_server_hello_tls12(Reader& extensions);
  bool take_extension(std::uint16_t type, View data, bool encrypted_extensions);
  bool offered(std::uint16_t type) const;

  // client_tls13.cpp
  void start_handshake_keys(View shared, const Session* session);
  void take_encrypted_extensions(View body);
  void take_certificate_verify(View body);
  void take_finished_tls13(View message);
  void take_new_session_ticket_tls13(View body);
  void take_key_update(View body);
  bool take_certificates(View list, bool tls13);

  // client_tls12.cpp
  void take_server_key_exchange(View body);
  void take_server_hello_done(View body);
  void take_finished_tls12(View message);
  void take_new_session_ticket_tls12(View message);
  void make_keys_tls12();
  void queue_finished_tls12();
  void remember_session_tls12();

  Script script_;
  Random random_;
  std::vector<KeyPair> key_pairs_;
  State state_ = State::ServerHello;
  std::string error_;
  Facts facts_;
  Secrets secrets_;
  HelloSpec hello_;
  Bytes transcript_;
  const SuiteFacts* suite_ = nullptr;
  std::vector<Outgoing> flight_;

  Bytes input_;     // records not yet complete
  Bytes messages_;  // handshake messages not yet complete
  std::optional<RecordKeys> read_keys_;
  std::array<RecordKeys, 4> write_keys_;
  RecordKeys pending_read_keys_;         // TLS 1.2: after ChangeCipherSpec
  Bytes client_secret_, server_secret_;  // TLS 1.3: current traffic secrets

  Key server_key_;
  Bytes server_share_;  // TLS 1.2
  Bytes ticket_tls12_;
  std::uint32_t ticket_lifetime_tls12_ = 0;
  bool own_finished_sent_ = false;  // TLS 1.2
  bool retry_ccs_sent_ = false;

  Bytes received_;
  std::vector<Session> sessions_;
  std::vector<ReceivedRecord> records_;
  std::optional<ReceivedAlert> alert_;
  std::vector<ReceivedAlert> warnings_;
  bool closed_by_server_ = false;
};

}  // namespace breakwater::test
