#include "proxy/connection/context.h"

#include "proxy/connection/session.h"

namespace breakwater::proxy {

Context::Context(ServerPtr server, std::size_t chunk_capacity, std::size_t chunk_limit)
    : tls(std::move(server)), pool(chunk_capacity, chunk_limit) {}

Context::~Context() = default;

bool evict_one(Context& context) noexcept {
  Session* victim = context.lingering.oldest();
  // One that still has something to say goes last.
  const bool dispensable = victim != nullptr && victim->phase() == Phase::Lingering;
  if (!dispensable && !context.handshakes.empty()) victim = context.handshakes.oldest();
  if (victim == nullptr) return false;
  context.counters.evicted.add();
  victim->kill(false, HandshakeEnd::Evicted);
  return true;
}

}  // namespace breakwater::proxy
