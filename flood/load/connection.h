// One connection of a load: what the driver knows of it. What only one mode needs is kept by that mode, by index.
#pragma once

#include <cstdint>

#include "flood/load/record_buffers.h"
#include "flood/load/timed_list.h"
#include "flood/tls/client.h"

namespace breakwater::flood {

class Driver;

enum class Stage : std::uint8_t {
  Free,
  Connecting,
  Active,   // connected; its mode decides
  Held,     // stall, idle: the mode's work is done, it is only kept open
  Closing,  // done and counted; waits for the server's FIN
};

struct Connection {
  Driver* driver = nullptr;
  Client* client = nullptr;  // lent by the loop while the connection needs one
  int fd = -1;
  int spare = -1;           // the socket of the slot's last connection, disconnected, and still watched
  std::uint32_t index = 0;  // in the load's slab
  Stage stage = Stage::Free;
  bool counted = false;        // it has one start open that has neither succeeded nor failed
  bool sampled = false;        // TCP_INFO is read at its end
  bool wants_output = false;   // the socket was full (or not connected): EPOLLOUT continues
  bool output_armed = false;   // EPOLLOUT is among its events
  bool listed_again = false;   // in the loop's list of those that have more to read
  bool shut = false;           // our FIN is sent
  bool ending = false;         // the server's FIN or RST is there or under way: reads go on until it comes
  bool peer_ended = false;     // and it came
  bool broken = false;         // sending failed: what the server still said is read, then it is over
  std::uint8_t step = 0;       // of its mode; 0 at the start
  std::uint64_t intended = 0;  // ns: what its latency counts from
  std::uint64_t source = 0;    // number of the address it comes from
  KeptBytes kept;              // of an incomplete record
  TimedHook deadline;
  TimedHook tick;  // in a list of its mode's
};

}  // namespace breakwater::flood
