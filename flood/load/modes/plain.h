// plain: bytes back and forth over TCP without TLS, in the sizes of a handshake and of requests: the floor under every
// measurement.
#pragma once

#include <cstdint>
#include <vector>

#include "flood/load/behaviour.h"

namespace breakwater::flood {

class PlainMode final : public Behaviour {
 public:
  // Throws std::invalid_argument when a path is given and no step can be a request for it.
  PlainMode(Driver& driver, const Load& load);

  void begin(Connection& connection) override;
  void connected(Connection& connection) override;
  ConstBytes output(Connection& connection) override;
  void sent(Connection& connection, std::size_t size) override;
  std::size_t input(Connection& connection, MutableBytes bytes) override;
  void peer_ended(Connection& connection, bool reset) override;
  void expired(Connection& connection) override;
  void ticked(Connection& connection) override;

 private:
  struct Progress {
    std::uint32_t to_send = 0;
    std::uint32_t to_receive = 0;
    std::uint32_t requests = 0;  // begun on this connection
    std::size_t step = 0;
  };

  bool asks(const Progress& progress) const noexcept { return repeats_ && progress.step + 1 == steps_.size(); }
  bool is_last(const Progress& progress) const noexcept { return times_ != 0 && progress.requests == times_; }
  void enter(Progress& progress, std::size_t step) const;
  // Goes on to the next step once this one is done; ends or holds the connection behind the last.
  void advance_step(Connection& connection);
  bool next_step(Connection& connection);  // false: there is none
  void end(Connection& connection);

  const bool repeats_;
  const std::uint32_t times_;  // that the last step is done; 0: no bound
  const std::uint64_t hold_ns_;
  std::vector<PatternStep> steps_;  // those that await nothing joined with the next
  PatternStep again_;               // the last step when it is repeated
  // What is sent: filler, and the request at its end. The latter is for the last request of a connection.
  std::vector<std::uint8_t> payload_;
  std::vector<std::uint8_t> last_payload_;
  std::vector<Progress> progress_;  // by connection
};

}  // namespace breakwater::flood
