// The engine as a server for tests: feeds it bytes in any pieces, runs its jobs, collects everything that comes out.
// Checks the promises of core/tls/connection.h on the way; a broken one is kept in `broken_promise`.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/tls/connection.h"
#include "core/tls/handshake.h"
#include "core/tls/traffic_keys.h"
#include "tests/client/bytes.h"
#include "tests/client/primitives.h"
#include "tests/support/server_setup.h"

namespace breakwater::test {

inline constexpr std::uint64_t kTestTime = 1'700'000'000'000;

class EngineServer {
 public:
  // Does a job in place of the executor; false leaves it to the executor.
  using JobHook = std::function<bool(batch::Job& job)>;
  using EntropyHook = std::function<bool(MutableBytes out)>;

  // shared_keys: the scratch that the connections of one thread share; null: one of its own.
  explicit EngineServer(const ServerSetup& setup, std::uint64_t seed = 1, std::uint64_t now_ms = kTestTime,
                        tls::ExpandedKeys* shared_keys = nullptr);
  ~EngineServer();
  EngineServer(const EngineServer&) = delete;
  EngineServer& operator=(const EngineServer&) = delete;

  // Gives the engine what it kept and these bytes; returns everything it wants sent.
  Bytes feed(View bytes) { return feed_pieces({&bytes, 1}); }
  // The same in one call, as separate pieces of memory.
  Bytes feed_pieces(std::span<const View> pieces);
  // Application data in records of at most max_payload() bytes, or `record_size`.
  Bytes send(View data, std::size_t record_size = 0);
  Bytes close();

  bool done() const { return done_; }
  bool failed() const { return connection_.failed(); }
  bool peer_closed() const { return peer_closed_; }
  const tls::Error& error() const { return connection_.error(); }
  const tls::Negotiated& facts() const { return connection_.negotiated(); }
  const std::string& server_name() const { return server_name_; }
  std::size_t max_payload() const { return connection_.max_payload(); }
  const Bytes& received() const { return received_; }  // plaintext of the client
  // Every event but WantInput, as a letter: J, D, P, C, F. Pieces of plaintext in a row are one P.
  const std::string& events() const { return events_; }
  std::size_t sends() const { return sends_; }  // non-empty outputs
  std::size_t largest_send() const { return largest_send_; }
  const std::string& broken_promise() const { return broken_promise_; }
  tls::Connection& connection() { return connection_; }

  // From here on another thread's scratch.
  void use_keys(tls::ExpandedKeys& keys) { worker_.keys = &keys; }
  // From here on the key schedule hashes in these lanes.
  void use_hash_lanes(tls::HashLanes lanes) { worker_.hash_lanes = lanes; }
  tls::Worker& worker() { return worker_; }
  // From here on key pairs come from this stock while it has any.
  void use_stock(batch::KeyPairStock& stock) { worker_.stock = &stock; }

  JobHook job_hook;
  EntropyHook entropy_hook;
  std::function<void()> before_resume;  // called when the jobs of a stage have run
  std::uint64_t now_ms;
  std::size_t output_room = 0;  // 0: as much as the engine asks for

 private:
  static void fill(void* context, MutableBytes out) noexcept;
  static void fill_for_jobs(void* context, MutableBytes out) noexcept;

  void take_output(Bytes& out, tls::Output& output);
  void take_plaintext(std::span<const MutableBytes> pieces, const tls::Result& result);
  void note(char event);
  void run_jobs();
  void release_handshake();
  void expect(bool promise, const char* text);
  std::size_t room() const;

  const ServerSetup& setup_;
  Random random_;
  Random job_random_;
  tls::ExpandedKeys keys_;
  tls::Worker worker_;
  tls::Connection connection_;
  std::unique_ptr<tls::Handshake> handshake_;
  std::array<std::uint8_t, batch::kMaxSignatureSize> signature_room_{};
  Bytes pending_;
  Bytes received_;
  std::string events_;
  std::string server_name_;
  std::string broken_promise_;
  std::size_t sends_ = 0;
  std::size_t largest_send_ = 0;
  bool done_ = false;
  bool peer_closed_ = false;
};

}  // namespace breakwater::test
