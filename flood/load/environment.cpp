#include "flood/load/environment.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "flood/plan/address.h"

namespace breakwater::flood {

std::string pin_to_cpu(int cpu) {
  if (cpu < 0) return {};
  cpu_set_t set;
  CPU_ZERO(&set);
  if (cpu < CPU_SETSIZE) CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (sched_setaffinity(0, sizeof set, &set) == 0) return {};
  return "cannot run on CPU " + std::to_string(cpu) + " (" + std::strerror(errno) +
         "); choose one that `nproc --all` counts and `taskset -p $$` allows, or leave --cpu out";
}

std::string trouble_with_sources(const Plan& plan) {
  for (const Load& load : plan.loads) {
    std::string text = Sources(load.sources).trouble(plan.address);
    if (!text.empty()) return text;
  }
  return {};
}

std::string trouble_with_target(const Plan& plan, const Reach& reach) {
  if (reach.connected || reach.failures == 0) return {};
  const std::string where = to_text(plan.address, plan.port);
  switch (reach.error) {
    case ECONNREFUSED:
      return "nothing listens at " + where + " (connection refused); start the server, or check host and port";
    case ETIMEDOUT:
      return where + " does not answer; check the address, the route to it and firewalls in between, or give it more " +
             "--timeout";
    case EADDRNOTAVAIL:
      return "no local port is free for connections to " + where +
             "; give more addresses with --source, or widen /proc/sys/net/ipv4/ip_local_port_range";
    case EMFILE:
    case ENFILE:
      return "no descriptor is free for a single connection; raise the limit (ulimit -n)";
    default:
      return "cannot connect to " + where + " (" + std::strerror(reach.error) +
             "); check the address and the route to it";
  }
}

bool should_spin(const Plan& plan) noexcept {
  if (plan.wait != Wait::Auto) return plan.wait == Wait::Spin;
  if (sysconf(_SC_NPROCESSORS_ONLN) < 2) return false;
  constexpr double kBusyRate = 200;
  return std::any_of(plan.loads.begin(), plan.loads.end(), [](const Load& load) {
    switch (load.mode) {
      case Mode::Stall:
      case Mode::Idle:
      case Mode::Trickle:
      case Mode::Garbage:
        return false;
      default:
        return load.rate == 0 || load.rate > kBusyRate;
    }
  });
}

}  // namespace breakwater::flood
