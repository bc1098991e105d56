// The access log of one worker: a line for each connection whose handshake was completed, written when it has ended.
// (Those that never got so far are summed up in the program's own log.) Lines are gathered over a pass of the event
// loop. What is needed to write one costs memory only while the log is on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <breakwater/breakwater.h>
#include "proxy/access_log/log_file.h"
#include "proxy/reactor/counters.h"
#include "proxy/reactor/slab.h"
#include "proxy/reactor/socket_address.h"

namespace breakwater::proxy {

// What is known of a connection under way.
struct AccessRecord {
  SocketAddress client;  // size 0: the peer had gone before it could be asked for
  std::uint64_t opened_ms = 0;
  Facts facts;  // its server_name is the one below
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t requests = 0;
  std::array<char, 255> name{};  // a DNS name is not longer

  void set_facts(const Facts& negotiated) noexcept;
};

class AccessLog {
 public:
  explicit AccessLog(Counters& counters) noexcept : counters_(counters) {}

  // From now on lines go to `file`; null: there is no log. What was gathered goes to the old one. Allocates.
  void use(std::shared_ptr<LogFile> file);

  // A handshake is done. client: if null, whom the socket names. Null when there is no log, or no memory for the
  // record: then the line is counted as lost.
  AccessRecord* begin(int descriptor, const SocketAddress* client, const Facts& facts, std::uint64_t epoch_ms) noexcept;
  // The connection has ended. clean: all that was to be sent was, close_notify at its end. The record is given back.
  void end(AccessRecord* record, std::uint64_t epoch_ms, bool clean) noexcept;
  // Writes what was gathered. At the end of every pass.
  void flush() noexcept;

 private:
  std::shared_ptr<LogFile> file_;
  std::vector<char> lines_;  // fixed capacity
  std::size_t used_ = 0;
  std::uint64_t count_ = 0;  // of lines in it
  Slab<AccessRecord> records_;
  Counters& counters_;
};

// Writes the line with its newline to `out`; returns the end. At most kMaxAccessLine bytes.
inline constexpr std::size_t kMaxAccessLine = 1024;
char* write_access_line(char* out, const AccessRecord& record, std::uint64_t epoch_ms, bool clean) noexcept;

}  // namespace breakwater::proxy
