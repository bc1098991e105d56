// request: HTTP/1.1 over TLS, with or without keep-alive.
#pragma once

#include <string>
#include <vector>

#include "flood/load/http_response.h"
#include "flood/load/modes/tls_mode.h"
#include "flood/load/schedule.h"

namespace breakwater::flood {

class RequestMode final : public TlsMode {
 public:
  // Throws std::invalid_argument when the request does not fit into one record of the client's.
  RequestMode(Driver& driver, const Load& load);

  NextStart next_start() override;
  void begin(Connection& connection) override;
  void peer_ended(Connection& connection, bool reset) override;
  void expired(Connection& connection) override;
  bool advance(std::uint64_t now) override;
  std::uint64_t next_due() const override;

 private:
  enum Step : std::uint8_t {
    kShaking,
    kReady,    // open loop: no request is due
    kWaiting,  // for a response
  };

  struct Exchange {
    HttpResponse response;
    std::uint32_t requests = 0;  // sent on this connection
  };

  void progress(Connection& connection) override;
  void data(Connection& connection, ConstBytes bytes) override;
  void judge(Connection& connection, HttpResponse::Result result);
  void established(Connection& connection);
  void next_request(Connection& connection);
  void send_request(Connection& connection);
  bool is_last(const Exchange& exchange) const noexcept { return keep_alive_for_ - exchange.requests == 1; }

  const std::uint32_t keep_alive_for_;  // requests of a connection; 0: no bound
  const bool paced_;                    // open loop with keep-alive: requests are due by time, not connections
  std::string request_;
  std::string last_request_;
  std::vector<Exchange> exchanges_;  // by connection
  Schedule schedule_;
  bool begun_ = false;
  TimedList ready_;  // connections without a request, longest idle first
};

}  // namespace breakwater::flood
