// A TLS 1.2 and 1.3 client made for load, without I/O: bytes of the server go in, bytes for the server come out.
// It shares no protocol code with the engine, so that a mistake there cannot hide here. What a success is, is checked
// in full (the server's Finished, every record's tag); what only costs an honest client time (the certificate chain) is
// not. After start() nothing allocates, unless signatures are checked or the group is x25519 (libcrypto does those).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/port/bytes.h"

namespace breakwater::flood {

enum class Version : std::uint8_t { Tls12, Tls13 };
enum class Auth : std::uint8_t { Any, Ecdsa, Rsa };  // which signatures (TLS 1.2: and suites) the hello offers
enum class Cipher : std::uint8_t { Any, Aes128Gcm, Aes256Gcm, ChaCha20Poly1305 };  // any: the shape's own list
// secp256r1 uses the private scalar 1: the key share is the generator, the shared secret the x coordinate of the
// server's share, and no arithmetic is left for the client. x25519 clamps its scalar, so it costs one multiplication.
enum class Group : std::uint8_t { Secp256r1, X25519 };
// What the ClientHello looks like. Fingerprints (JA4) differ between shapes, not between the connections of one shape.
enum class Shape : std::uint8_t { Tool, Curl, Browser, BrowserPq };

struct ClientSettings {
  Version version = Version::Tls13;  // the only one accepted, though a shape may offer 1.2 beside 1.3
  Auth auth = Auth::Any;
  Cipher cipher = Cipher::Any;
  Group group = Group::Secp256r1;
  Shape shape = Shape::Tool;
  std::string server_name;        // empty: no server_name extension
  std::vector<std::string> alpn;  // empty: the shape's own
  // Offers to take tickets (TLS 1.2 session_ticket; 1.3 psk_dhe_ke modes), keeps them and resumes with them. Shapes
  // offer what the program they stand for offers in any case (curl psk_dhe_ke, browsers both).
  bool tickets = false;
  bool corrupt_finished = false;  // a wrong verify_data in our Finished
  bool check_signature = false;   // the server's signature, with the key of its leaf certificate
};

// What a resumption needs. Plain value, may be used for any number of connections.
struct Session {
  Version version = Version::Tls13;
  std::uint16_t suite = 0;
  bool extended_master_secret = false;
  std::uint8_t secret_size = 0;
  std::uint8_t secret[48] = {};  // TLS 1.2 master secret; TLS 1.3 PSK of this ticket
  std::uint32_t age_add = 0;     // TLS 1.3
  std::uint64_t received_ms = 0;
  std::vector<std::uint8_t> ticket;
};

enum class Failure : std::uint8_t {
  None,
  // found by the client
  NotTls,        // the first bytes are no TLS record
  Alert,         // the server sent a fatal alert: Client::alert()
  BadRecord,     // a tag or a length is wrong
  BadFinished,   // the server's Finished is wrong
  BadSignature,  // check_signature
  BadMessage,    // a handshake message that does not parse, or comes out of order
  WrongVersion,  // another version than the one asked for, or another suite or group than offered
  NotResumed,
  // found by the driver
  ConnectionRefused,
  ConnectFailed,  // unreachable and the like
  Reset,
  ClosedEarly,  // the server closed where more was expected
  ConnectTimeout,
  HandshakeTimeout,
  RequestTimeout,
  HttpStatus,  // anything but 200
  BadHttp,
  OutOfDescriptors,
  OutOfPorts,   // no free local port: more source addresses are needed
  NoSession,    // resume: the server gave no ticket
  WrongLength,  // plain: the server sent more than the pattern says
  kCount,
};

const char* to_text(Failure failure) noexcept;        // "connection refused"
const char* alert_text(std::uint8_t alert) noexcept;  // RFC 8446 6 names: "handshake_failure"

// The settings made ready: the ClientHello as a template, with the places where each connection differs.
class Profile {
 public:
  // Allocates; done once per load. Throws std::invalid_argument with a sentence when the settings contradict each
  // other.
  explicit Profile(ClientSettings settings);
  ~Profile();
  Profile(Profile&&) noexcept;
  Profile& operator=(Profile&&) noexcept;

  const ClientSettings& settings() const noexcept;
  std::size_t hello_size() const noexcept;  // of the record with a full (not resuming) ClientHello

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

enum class State : std::uint8_t {
  Handshaking,
  FlightRead,   // full handshake: the server's flight is complete (1.2: ServerHelloDone; 1.3: Finished, verified), ours
                // is in output()
  Established,  // 1.2: the server's Finished was verified (and ours is in output()); 1.3: as FlightRead, once our
                // flight was taken from output()
  Closed,       // close_notify received (state before: Established)
  Failed,
};

class Client {
 public:
  Client();
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Begins a connection; what was before is forgotten. The ClientHello is in output().
  // `session`: resume this one (kept by the caller until the server has answered). `random`: 64 fresh bytes.
  void start(const Profile& profile, const Session* session, ConstBytes random, std::uint64_t now_ms);

  // Takes bytes of the server, decrypting in place, whole records only; returns how many bytes were used: the caller
  // keeps the rest and offers it again with more behind it. Stops after a record with application data, which is then
  // in data(). Never uses more than kMaxRecord bytes for one record. In a failed or closed state it uses everything and
  // does nothing.
  std::size_t receive(MutableBytes input, std::uint64_t now_ms);

  // Bytes to send; sent(n) takes the first n away.
  ConstBytes output() const noexcept;
  void sent(std::size_t size) noexcept;

  // Application data of the last record; valid until the next receive() or until its input is reused.
  ConstBytes data() const noexcept;

  // Appends one record of application data (at most 4,096 bytes), close_notify, or a KeyUpdate, to output().
  // Established only (1.3: also FlightRead). False when output() has no room.
  bool write(ConstBytes data);
  bool close_notify();
  // TLS 1.2 renegotiation as attackers do it: a new ClientHello under the current keys. Established becomes
  // Handshaking; a server that grants it leads through a whole handshake (FlightRead, Established), one that refuses it
  // with a warning (alert()) straight back to Established. TLS 1.3: the same bytes, which every server must refuse; the
  // state stays as it is until it does. Uses 32 bytes of `random`. Allocates once per Client.
  bool start_renegotiation(ConstBytes random);
  std::uint32_t renegotiations() const noexcept;  // granted: a ServerHello came

  State state() const noexcept;
  Failure failure() const noexcept;
  std::uint8_t alert()
      const noexcept;  // Failure::Alert, or no_renegotiation (100, a warning) after start_renegotiation()
  bool resumed() const noexcept;
  // The newest ticket received, once; nothing when there is none. Tickets of more than 4,096 bytes are not kept.
  std::optional<Session> take_session();
  std::uint16_t suite() const noexcept;
  std::uint16_t negotiated_group() const noexcept;
  // "TLS 1.2 ECDHE-ECDSA AES128-GCM secp256r1"; allocates.
  std::string describe() const;

  static constexpr std::size_t kMaxRecord = 5 + 16384 + 2048;

 private:
  struct Impl;
  std::unique_ptr<Impl>
      impl_;  // one block of fixed size; buffers for messages split over records are kept for the next connection
};

}  // namespace breakwater::flood
