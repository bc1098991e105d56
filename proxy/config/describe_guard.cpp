#include "proxy/config/describe_guard.h"

#include <fmt/format.h>

#include "proxy/guard/guard_limits.h"

namespace breakwater::proxy {
namespace {

// Full handshakes in a second that cost this share of a worker.
std::string handshakes(double share, const Server& server) {
  std::string text;
  const auto add = [&](double per_second, std::string_view name) {
    if (per_second != 0) text += fmt::format("{}{:.0f} {}", text.empty() ? "" : " or ", share * per_second, name);
  };
  const HandshakesPerSecond most = handshakes_per_second(server);
  add(most.ecdsa, "ECDSA");
  add(most.rsa, "RSA");
  return text;
}

std::string time_text(std::uint64_t ms) {
  if (ms % 60'000 == 0) return fmt::format("{} min", ms / 60'000);
  return ms % 1000 == 0 ? fmt::format("{} s", ms / 1000) : fmt::format("{} ms", ms);
}

std::string blocks_text(const GuardConfig& guard) {
  if (guard.block_first_ms == 0) return "nobody is blocked";
  return fmt::format("blocked after {} refusals, for {} to {}", guard.block_after, time_text(guard.block_first_ms),
                     time_text(guard.block_most_ms));
}

// Addresses for which another rule holds than for all.
std::string exceptions(const Config& config) {
  std::string text;
  for (std::size_t i = 0; i < config.listen.size(); ++i) {
    if (config.listen_rules[i].guard.value_or(config.guard.on) == config.guard.on) continue;
    text += (text.empty() ? "" : ", ") + config.listen[i].text();
  }
  if (text.empty()) return text;
  return fmt::format("{} on {}", config.guard.on ? ", off" : ", on", text);
}

}  // namespace

std::string describe_guard(const Config& config, const Server& server, std::string_view between) {
  const GuardConfig& guard = config.guard;
  const std::string others = exceptions(config);
  if (!guard.on && others.empty()) return "off";
  const std::uint32_t limit = guard_limits(guard, server, config.workers).address;
  const double share = static_cast<double>(limit) / guard::Usage::window(guard::Usage::Memory::Long);
  return fmt::format(
      "{}{}: an address may take {:.2g}% of a worker, about {} handshakes a second, before others come first under "
      "load{}refusals by {}; {}; allow list {}, deny list {}",
      guard.on ? "on" : "off", others, share * 100, handshakes(share, server), between,
      guard.alerts ? "alert" : "reset", blocks_text(guard), guard.allow.size(), guard.deny.size());
}

}  // namespace breakwater::proxy
