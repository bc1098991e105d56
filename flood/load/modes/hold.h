// Connections that are opened and kept: stall (half a ClientHello) and idle (after a whole handshake).
#pragma once

#include <vector>

#include "flood/load/modes/tls_mode.h"

namespace breakwater::flood {

class HoldMode : public TlsMode {
 public:
  HoldMode(Driver& driver, const Load& load);

  void peer_ended(Connection& connection, bool reset) override;
  void ticked(Connection& connection) override;

 protected:
  void hold(Connection& connection);

 private:
  const std::uint64_t hold_ns_;  // 0: to the end
};

class StallMode final : public HoldMode {
 public:
  StallMode(Driver& driver, const Load& load);

  void begin(Connection& connection) override;
  ConstBytes output(Connection& connection) override;
  void sent(Connection& connection, std::size_t size) override;

 private:
  void progress(Connection&) override {}

  std::vector<std::size_t> left_;  // of the half, by connection
};

class IdleMode final : public HoldMode {
 public:
  using HoldMode::HoldMode;

 private:
  void progress(Connection& connection) override;
};

}  // namespace breakwater::flood
