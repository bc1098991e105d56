#include "proxy/connection/context.h"

#include "proxy/connection/session.h"

namespace breakwater::proxy {

Context::Context(ServerPtr server, std::size_t chunk_capacity, std::size_t chunk_limit)
    : tls(std::move(server)), pool(chunk_capacity, chunk_limit) {}

Context::~Context() = default;

bool evict_one(Context& context) noexcept {
  Session* victim = context.lingering.oldest();
  if (victim == nullptr) victim = context.handshakes.oldest();
  if (victim == nullptr) return false;
  context.counters.evicted.add();
  victim->kill(false);
  return true;
}

}  // namespace breakwater::proxy
