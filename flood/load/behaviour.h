// What a load does with its connections: one object for each load, in modes/. The driver owns sockets, time and counts;
// a behaviour says what is sent, judges what comes, and tells the driver (Driver::succeed(), fail(), hold() ...).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/port/bytes.h"
#include "flood/load/connection.h"
#include "flood/load/timed_list.h"
#include "flood/plan/plan.h"

namespace breakwater::flood {

class Driver;

enum class NextStart : std::uint8_t {
  Counted,    // an ordinary connection
  Uncounted,  // one that prepares the load (collects a session): no start, and no success
  None,       // not now: preparations are under way
};

class Behaviour {
 public:
  explicit Behaviour(Driver& driver) noexcept : driver_(driver) {}
  virtual ~Behaviour() = default;
  Behaviour(const Behaviour&) = delete;
  Behaviour& operator=(const Behaviour&) = delete;

  virtual NextStart next_start() { return NextStart::Counted; }

  // The number of the address that the connection about to be made is to come from; nothing: the next in turn.
  virtual std::optional<std::uint64_t> source(Connection&) { return std::nullopt; }

  // A connection is about to be made. What is to be sent first may be in output() from now on.
  virtual void begin(Connection& connection) = 0;
  virtual void connected(Connection&) {}

  // What is to be sent now (empty: nothing), and that the first `size` bytes of it were sent.
  virtual ConstBytes output(Connection& connection) = 0;
  virtual void sent(Connection& connection, std::size_t size) = 0;

  // Bytes of the server; returns how many were used: the rest comes again, with more behind it. Not called for held and
  // closing connections. May end the connection.
  virtual std::size_t input(Connection& connection, MutableBytes bytes) = 0;

  // The server sent FIN or RST. Ends the connection.
  virtual void peer_ended(Connection& connection, bool reset) = 0;

  // The deadline of a connected connection passed, or its entry in ticks() is due (and was taken out).
  virtual void expired(Connection& connection) = 0;
  virtual void ticked(Connection&) {}

  // The connection is done and counted, and is to be closed in order: the last bytes go into output().
  virtual void say_goodbye(Connection&) {}

  // The connection ends; what the behaviour keeps of it is to be forgotten.
  virtual void released(Connection&) {}

  // Work that is due by time, and when the next is. True: something was done.
  virtual bool advance(std::uint64_t /*now*/) { return false; }
  virtual std::uint64_t next_due() const { return ~std::uint64_t{0}; }

  TimedList& ticks() noexcept { return ticks_; }

 protected:
  Driver& driver_;
  TimedList ticks_;
};

std::unique_ptr<Behaviour> make_behaviour(Driver& driver, const Load& load);

}  // namespace breakwater::flood
