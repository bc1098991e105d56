// Clients that do not behave: trickle, garbage, renegotiate.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "flood/load/modes/handshake.h"
#include "flood/load/modes/tls_mode.h"

namespace breakwater::flood {

// The ClientHello a byte at a time; a full handshake if it gets there. The timeout counts from the last of these bytes.
class TrickleMode final : public FullMode {
 public:
  TrickleMode(Driver& driver, const Load& load);

  void begin(Connection& connection) override;
  void connected(Connection& connection) override;
  ConstBytes output(Connection& connection) override;
  void sent(Connection& connection, std::size_t size) override;
  void ticked(Connection& connection) override;

 private:
  struct Hello {
    std::size_t left = 0;
    bool may_send = false;
  };

  const std::uint64_t interval_ns_;
  std::vector<Hello> hellos_;  // by connection
};

// Random bytes instead of TLS, more of them at every interval, until the server has had enough.
class GarbageMode final : public Behaviour {
 public:
  GarbageMode(Driver& driver, const Load& load);

  void begin(Connection& connection) override;
  ConstBytes output(Connection& connection) override;
  void sent(Connection& connection, std::size_t size) override;
  std::size_t input(Connection&, MutableBytes bytes) override { return bytes.size(); }
  void peer_ended(Connection& connection, bool reset) override;
  void expired(Connection& connection) override;
  void ticked(Connection& connection) override;

 private:
  struct Piece {
    std::array<std::uint8_t, 5> head = {};
    std::uint8_t head_left = 0;
    std::uint32_t at = 0;  // in noise_
    std::uint32_t left = 0;
  };

  void next_piece(Connection& connection);

  const std::uint64_t interval_ns_;
  std::vector<std::uint8_t> noise_;
  std::vector<Piece> pieces_;  // by connection
};

// A handshake, then ClientHellos on the same connection for as long as the server answers them.
class RenegotiateMode final : public TlsMode {
 public:
  RenegotiateMode(Driver& driver, const Load& load);

  void peer_ended(Connection& connection, bool reset) override;

 private:
  enum Step : std::uint8_t { kShaking, kRenegotiating };

  void progress(Connection& connection) override;
  void failed(Connection& connection) override;
  void begin_renegotiation(Connection& connection);
  void refused(Connection& connection);

  std::vector<std::uint32_t> granted_;  // by connection
};

}  // namespace breakwater::flood
