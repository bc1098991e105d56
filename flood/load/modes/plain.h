// plain: bytes back and forth over TCP without TLS, in the sizes of a handshake: the floor under every measurement.
#pragma once

#include <cstdint>
#include <vector>

#include "flood/load/behaviour.h"

namespace breakwater::flood {

class PlainMode final : public Behaviour {
 public:
  PlainMode(Driver& driver, const Load& load);

  void begin(Connection& connection) override;
  void connected(Connection& connection) override;
  ConstBytes output(Connection& connection) override;
  void sent(Connection& connection, std::size_t size) override;
  std::size_t input(Connection& connection, MutableBytes bytes) override;
  void peer_ended(Connection& connection, bool reset) override;
  void expired(Connection& connection) override;

 private:
  struct Progress {
    std::size_t step = 0;
    std::uint32_t to_send = 0;
    std::uint32_t to_receive = 0;
  };

  void enter(Progress& progress, std::size_t step) const;
  // Goes on to the next step once this one is done; ends the connection behind the last.
  void advance_step(Connection& connection);

  const std::vector<PatternStep> pattern_;
  std::vector<std::uint8_t> payload_;
  std::vector<Progress> progress_;  // by connection
};

}  // namespace breakwater::flood
