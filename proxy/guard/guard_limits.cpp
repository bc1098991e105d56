#include "proxy/guard/guard_limits.h"

#include <algorithm>

namespace breakwater::proxy {
namespace {

using guard::microseconds_of_share;
using Memory = guard::Usage::Memory;

// Of its address one handshake must not exceed a part of what it may have.
constexpr std::uint32_t kHandshakesOfAnAddress = 8;
constexpr std::uint32_t kUsesOfATicket = 4;
constexpr std::uint64_t kHandshakesInQueue = 4;

}  // namespace

guard::GuardLimits guard_limits(const GuardConfig& config, const Server& server, std::size_t workers) {
  const auto share_of = [workers](std::uint32_t rate) {
    return rate == 0 ? 0 : std::max<std::uint32_t>(1, static_cast<std::uint32_t>(rate / workers));
  };
  const std::uint32_t dearest = server.dearest_handshake_ns() / 1000;
  guard::GuardLimits limits;
  limits.address = std::max(microseconds_of_share(config.address_share, Memory::Long),
                            kHandshakesOfAnAddress * (dearest + guard::GuardCosts{}.connection));
  // A browser that opens a few connections at once uses one ticket for all.
  limits.ticket = std::max(microseconds_of_share(config.ticket_share, Memory::Long),
                           kUsesOfATicket * (server.resumption_ns() / 1000 + guard::GuardCosts{}.connection));
  limits.network = microseconds_of_share(config.network_share, Memory::Short);
  limits.fingerprint = microseconds_of_share(config.fingerprint_share, Memory::Short);
  limits.host = microseconds_of_share(config.host_share, Memory::Short);
  limits.half_open_of_address = std::max<std::uint64_t>(1, config.half_open_per_address / workers);
  limits.rsa_rate = share_of(config.rsa_rate);
  limits.tls12_rate = share_of(config.tls12_rate);
  limits.strikes = config.block_first_ms == 0 ? 0 : config.block_after;
  limits.retry = config.retry;
  return limits;
}

HandshakesPerSecond handshakes_per_second(const Server& server) {
  const auto rate = [](std::uint32_t arithmetic_ns) {
    return arithmetic_ns == 0 ? 0 : 1e6 / (arithmetic_ns / 1000 + guard::GuardCosts{}.connection);
  };
  return {.ecdsa = rate(server.dearest_handshake_ns(SignatureKind::Ecdsa)),
          .rsa = rate(server.dearest_handshake_ns(SignatureKind::Rsa)),
          .resumed = rate(server.resumption_ns())};
}

std::uint64_t queue_limit_ns(const GuardConfig& config, const Server& server) {
  return std::max(config.queue_limit_ms * 1'000'000, kHandshakesInQueue * server.dearest_handshake_ns());
}

std::vector<std::uint32_t> host_limits(const GuardConfig& config, const Server& server) {
  std::vector<std::uint32_t> limits;
  for (std::size_t host = 0; host < server.host_count(); ++host) {
    std::uint32_t share = 1'000'000;
    for (const std::uint32_t certificate : server.certificates_of(host)) {
      const bool known = certificate < config.certificate_shares.size();  // self-signed ones are not
      share = std::min(share, known ? config.certificate_shares[certificate] : config.host_share);
    }
    limits.push_back(microseconds_of_share(share, Memory::Short));
  }
  return limits;
}

}  // namespace breakwater::proxy
