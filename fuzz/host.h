// The engine with a host that holds it to the promises of core/tls/connection.h. Its state can be saved and restored,
// so that a target begins in the middle of a connection without the handshake before it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/tls/connection.h"
#include "core/tls/handshake.h"
#include "core/tls/traffic_keys.h"
#include "tests/client/bytes.h"
#include "tests/support/server_setup.h"

namespace breakwater::fuzz {

// What came out of a connection.
struct Trace {
  test::Bytes output;
  test::Bytes plaintext;
  std::string events;  // J, D, P, C, F in order, pieces of plaintext in a row as one P
  bool done = false;
  bool failed = false;
  bool peer_closed = false;
  bool closed = false;  // by the host

  bool operator==(const Trace&) const = default;
};

class Host {
 public:
  explicit Host(const test::ServerSetup& setup);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  void start();
  // Bytes that arrive together, in pieces of memory of their own.
  void feed(std::span<const test::View> pieces);
  void feed(test::View bytes) { feed({&bytes, 1}); }
  // One record of application data; returns how much of it was taken: nothing when that is not possible any more.
  std::size_t send(test::View data);
  void close();

  const Trace& trace() const { return trace_; }
  test::Bytes take_output() { return std::exchange(trace_.output, {}); }
  const tls::Error& error() const { return connection().error(); }
  const tls::Negotiated& negotiated() const { return connection().negotiated(); }

  void save();     // now is the moment that restore() goes back to
  void restore();  // with an empty trace but for the flags

 private:
  // Everything that lives at a place of its own, as plain bytes.
  struct Image {
    alignas(tls::Connection) unsigned char connection[sizeof(tls::Connection)];
    alignas(tls::Handshake) unsigned char handshake[sizeof(tls::Handshake)];
    alignas(tls::ExpandedKeys) unsigned char keys[sizeof(tls::ExpandedKeys)];
    std::uint64_t random;
  };

  static void fill(void* context, MutableBytes out) noexcept;
  tls::Connection& connection() const { return *connection_; }
  bool receive(std::vector<MutableBytes>& pieces);
  void run_jobs();
  void take(tls::Output& output);
  void take_plaintext(std::span<const MutableBytes> pieces, const tls::Result& result);
  void note(char event);
  void on_done();
  void on_failed(bool first, bool wrote);
  std::size_t room() const;

  const test::ServerSetup& setup_;
  tls::Worker worker_;
  std::unique_ptr<Image> live_;
  std::unique_ptr<Image> saved_;
  tls::Connection* connection_;
  tls::Handshake* handshake_;
  Trace trace_;
  Trace saved_trace_;
  test::Bytes pending_;
  test::Bytes saved_pending_;
};

}  // namespace breakwater::fuzz
