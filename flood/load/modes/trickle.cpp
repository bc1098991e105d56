#include "flood/load/driver.h"
#include "flood/load/modes/hostile.h"

namespace breakwater::flood {

TrickleMode::TrickleMode(Driver& driver, const Load& load)
    : FullMode(driver, load), interval_ns_(load.interval_ms * kMillisecond), hellos_(load.connections) {}

void TrickleMode::begin(Connection& connection) {
  FullMode::begin(connection);
  hellos_[connection.index] = {connection.client->output().size(), true};
}

void TrickleMode::connected(Connection& connection) { driver_.disarm_deadline(connection); }

ConstBytes TrickleMode::output(Connection& connection) {
  const Hello& hello = hellos_[connection.index];
  const ConstBytes all = FullMode::output(connection);
  return hello.left == 0 ? all : all.first(hello.may_send ? 1 : 0);
}

void TrickleMode::sent(Connection& connection, std::size_t size) {
  Hello& hello = hellos_[connection.index];
  if (hello.left > 0) {
    hello.may_send = false;
    if (--hello.left > 0) {
      ticks_.push_back(connection.tick, clock_now() + interval_ns_);
    } else {
      driver_.arm_deadline(connection);
    }
  }
  FullMode::sent(connection, size);
}

void TrickleMode::ticked(Connection& connection) {
  hellos_[connection.index].may_send = true;
  driver_.flush(connection);
}

}  // namespace breakwater::flood
