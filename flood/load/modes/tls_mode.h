// What every mode that speaks TLS shares: a Client between the driver and the mode.
#pragma once

#include "flood/load/behaviour.h"
#include "flood/tls/client.h"

namespace breakwater::flood {

class TlsMode : public Behaviour {
 public:
  // Throws std::invalid_argument (Profile).
  TlsMode(Driver& driver, const Load& load);

  void begin(Connection& connection) override;
  ConstBytes output(Connection& connection) override;
  void sent(Connection& connection, std::size_t size) override;
  std::size_t input(Connection& connection, MutableBytes bytes) override;
  void peer_ended(Connection& connection, bool reset) override;
  void expired(Connection& connection) override;
  void say_goodbye(Connection& connection) override;

 protected:
  bool is_tls13() const noexcept { return profile_.settings().version == Version::Tls13; }

  // The client moved on: handshake messages came, or its last output was sent. May end the connection.
  virtual void progress(Connection& connection) = 0;
  // A record of application data.
  virtual void data(Connection&, ConstBytes) {}
  // A fatal alert, a bad record and so on: client->failure().
  virtual void failed(Connection& connection);
  // What is to be resumed; nullptr: a full handshake.
  virtual const Session* session_for(Connection&) { return nullptr; }

  Profile profile_;
};

}  // namespace breakwater::flood
