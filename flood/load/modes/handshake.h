// full: a whole handshake, then the end. resume builds on it.
#pragma once

#include "flood/load/modes/tls_mode.h"

namespace breakwater::flood {

class FullMode : public TlsMode {
 public:
  using TlsMode::TlsMode;

  void peer_ended(Connection& connection, bool reset) override;
  void say_goodbye(Connection& connection) override;

 protected:
  enum Step : std::uint8_t {
    kShaking,
    kAwaitingEnd,  // our Finished and close_notify are out: only a server that took them ends without an alert
  };

  void progress(Connection& connection) override;
  // The server's flight is there: is it what the mode wants? Fails the connection when it is not.
  virtual bool accepts(Connection&) { return true; }
  // Before the connection is counted as a success.
  virtual void completed(Connection&) {}
  // In TLS 1.2 a full handshake ends with the server's Finished; a resumed one with ours.
  virtual bool ours_is_last() const noexcept { return is_tls13(); }

  void await_end(Connection& connection);

 private:
  void complete(Connection& connection);
};

// hello: the server's flight, and away.
class HelloMode final : public TlsMode {
 public:
  using TlsMode::TlsMode;

  ConstBytes output(Connection& connection) override;

 private:
  void progress(Connection& connection) override;
};

}  // namespace breakwater::flood
