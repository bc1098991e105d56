// The inside of Client. Its functions are spread over files by what they deal with; each names them at its top.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "flood/tls/client.h"
#include "flood/tls/codes.h"
#include "flood/tls/hash.h"
#include "flood/tls/hkdf.h"
#include "flood/tls/profile.h"
#include "flood/tls/record.h"
#include "flood/tls/suites.h"

namespace breakwater::flood {
namespace protocol {

// The handshake message (or ChangeCipherSpec) that is awaited.
enum class Step : std::uint8_t {
  ServerHello,
  // TLS 1.2
  Certificate12,       // or, resuming, NewSessionTicket or ChangeCipherSpec
  KeyExchange12,       // CertificateStatus may come first
  HelloDone12,         // CertificateRequest may come first
  ChangeCipherSpec12,  // NewSessionTicket may come first
  Finished12,
  // TLS 1.3
  EncryptedExtensions,
  Certificate13,  // CertificateRequest may come first
  CertificateVerify,
  Finished13,
  Idle,  // the handshake is done
};

// What start() sets back.
struct ConnectionState {
  const Profile::Impl* profile = nullptr;
  const Session* session = nullptr;  // offered in the hello
  const Suite* suite = nullptr;
  std::uint64_t now_ms = 0;
  std::size_t out_begin = 0;
  std::size_t out_end = 0;
  std::size_t hello_at = 0;  // in the output, where it stays until the ServerHello says by which hash it is hashed
  std::size_t hello_size = 0;
  ConstBytes data;
  std::uint32_t renegotiations = 0;
  State state = State::Handshaking;
  Failure failure = Failure::None;
  Step step = Step::ServerHello;
  std::uint8_t alert = 0;
  std::uint16_t group = 0;           // negotiated
  std::uint16_t scheme = 0;          // of the server's signature
  std::uint8_t ignored_changes = 0;  // TLS 1.3: ChangeCipherSpec records without meaning
  bool tls13 = false;
  bool must_resume = false;
  bool resumed = false;
  bool heard = false;    // a record of the server was accepted
  bool retried = false;  // HelloRetryRequest came
  bool renegotiating = false;
  bool extended_master_secret = false;
  bool certificate_requested = false;
  bool keys_changed = false;         // by the last message: nothing may follow it in its record
  bool application_secrets = false;  // TLS 1.3: derived
  bool read_pending = false;         // TLS 1.3: the next record to read, or to write, is the first under the
  bool write_pending = false;        //   application keys
  bool key_update_owed = false;
  bool has_ticket = false;
  std::uint8_t session_id_size = 0;
};

inline constexpr std::size_t kMaxData = 4096;    // one write()
inline constexpr std::size_t kMaxTicket = 4096;  // longer ones are not kept
inline constexpr std::size_t kMaxMessage = 131072;

}  // namespace protocol

struct Client::Impl : protocol::ConnectionState {
  using Secret = protocol::Secret;

  // client.cpp
  void start(const Profile& from, const Session* resume, ConstBytes fresh, std::uint64_t now);
  bool fail(Failure why, std::uint8_t description = 0) noexcept;  // returns false
  bool write_data(ConstBytes plain) noexcept;
  bool close_notify() noexcept;
  bool start_renegotiation(ConstBytes fresh);

  // output.cpp
  std::size_t room() const noexcept { return sizeof out - out_end; }
  void take_out(std::size_t size) noexcept;
  bool append_record(protocol::ContentType type, ConstBytes payload) noexcept;
  bool append_finished(ConstBytes verify_data) noexcept;

  // hello_out.cpp
  bool put_hello(ConstBytes cookie) noexcept;
  void put_binder(MutableBytes message) noexcept;
  ConstBytes hello() const noexcept;
  ConstBytes own_share(std::uint16_t of) const noexcept;

  // records_in.cpp
  std::size_t receive(MutableBytes input);
  bool take_record(MutableBytes record);
  bool take_content(std::uint8_t type, ConstBytes payload);
  bool take_alert(ConstBytes payload) noexcept;
  bool take_change_cipher_spec(ConstBytes payload);
  bool take_handshake(ConstBytes payload);
  bool take_partial(ConstBytes& payload);

  // messages.cpp
  bool take_message(ConstBytes message);
  bool take_server_hello(ConstBytes message);
  std::size_t transcript_hash(std::uint8_t* to) const noexcept;
  bool is_offered(const std::vector<std::uint16_t>& list, std::uint16_t code) const noexcept;
  bool take_scheme(std::uint16_t code) noexcept;

  // client12.cpp
  struct ServerHello;
  bool on_server_hello12(const ServerHello& facts, ConstBytes message);
  bool on_message12(protocol::MessageType type, ConstBytes message);
  bool on_certificate12(ConstBytes body);
  bool on_key_exchange12(ConstBytes body);
  bool on_hello_done12();
  bool on_ticket12(ConstBytes body);
  bool on_finished12(ConstBytes message);
  bool on_change_cipher_spec12();
  bool resume12();
  void make_keys12() noexcept;
  bool send_finished12();

  // client13.cpp
  bool on_retry_request(const ServerHello& facts, ConstBytes message);
  bool on_server_hello13(const ServerHello& facts, ConstBytes message);
  bool on_message13(protocol::MessageType type, ConstBytes message);
  bool on_encrypted_extensions(ConstBytes body);
  bool on_certificate13(ConstBytes body);
  bool on_certificate_request13(ConstBytes body);
  bool on_certificate_verify(ConstBytes body);
  bool on_finished13(ConstBytes message);
  bool on_ticket13(ConstBytes body);
  bool on_key_update(ConstBytes body);

  // keys13.cpp
  void make_handshake_secrets(ConstBytes shared) noexcept;
  void make_application_secrets() noexcept;
  void use_secret(protocol::RecordKey& key, const Secret& secret) const noexcept;
  void update_secret(Secret& secret) const noexcept;
  void finished_mac(const Secret& secret, ConstBytes of, std::uint8_t* out) const noexcept;
  void offer_psk_secrets(protocol::HashKind kind, ConstBytes partial_hash, std::uint8_t* binder) noexcept;
  void resumption_psk(ConstBytes nonce, Secret& out) const noexcept;
  bool answer_key_update() noexcept;

  // certificate.cpp: only with check_signature
  bool keep_server_key(ConstBytes certificate);
  bool check_signature(ConstBytes content, ConstBytes signature);

  protocol::Hash transcript;
  protocol::Hmac master12;  // the master secret of TLS 1.2
  std::uint8_t client_random[32];
  std::uint8_t server_random[32];
  std::uint8_t session_id[32];
  std::uint8_t server_share[65];
  std::uint8_t master[48];     // TLS 1.2
  std::uint8_t key_block[88];  // TLS 1.2: keys, then IVs, client's before server's
  std::uint8_t client_verify[12];
  std::uint8_t server_verify[12];
  Secret derived_early;  // with a PSK: the salt of the handshake secret
  Secret client_handshake, server_handshake;
  Secret master_salt, master13;  // TLS 1.3
  Secret client_application, server_application;
  std::uint8_t handshake_hash[protocol::kMaxHash];  // ClientHello to server Finished
  Secret ticket_secret;
  std::uint32_t ticket_age_add;
  std::uint64_t ticket_received_ms;
  protocol::Key server_key;
  std::vector<std::uint8_t> partial;  // a message split over records
  std::vector<std::uint8_t> ticket;
  std::vector<std::uint8_t> second_hello;  // of a renegotiation, as it was before encryption
  protocol::RecordKey read;
  protocol::RecordKey write;
  std::uint8_t out[9216];  // hello with the longest ticket kept, or a flight and one write()
};

// The fields of a ServerHello or HelloRetryRequest.
struct Client::Impl::ServerHello {
  ConstBytes random;
  ConstBytes session_id;
  std::uint16_t suite = 0;
  bool tls13 = false;
  bool has_share = false;
  bool has_psk = false;
  bool has_cookie = false;
  bool extended_master_secret = false;
  bool has_renegotiation_info = false;
  std::uint16_t group = 0;
  std::uint16_t psk = 0;
  ConstBytes share;
  ConstBytes cookie;
  ConstBytes renegotiation_info;
};

}  // namespace breakwater::flood
