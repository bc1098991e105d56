#include "library/src/ticket_key_store.h"

#include <algorithm>
#include <limits>

#include "core/port/bytes.h"
#include "library/port/system_entropy.h"

namespace breakwater {
namespace {

// The key that seals does not expire: when it stops sealing is known once it is replaced.
constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

void make_key(tls::TicketKey& key) {
  const Entropy entropy = system_entropy();
  entropy.fill(key.name);
  entropy.fill(key.secret);
  key.not_after_ms = kNoEnd;
}

}  // namespace

TicketKeys::TicketKeys() {
  make_key(ring_.keys[0]);
  ring_.count = 1;
  // Never replaced: a cookie lives for one round trip and says only what the server itself told a client.
  system_entropy().fill(ring_.cookie_secret);
}

TicketKeys::~TicketKeys() { wipe(&ring_, sizeof ring_); }

void TicketKeys::configure(std::uint32_t lifetime_s, std::uint32_t rotation_s) {
  const std::lock_guard lock(mutex_);
  lifetime_ms_ = std::uint64_t{lifetime_s} * 1000;
  // During one lifetime at most ceil(lifetime / interval) keys stop sealing; they and the sealing one must have room.
  constexpr std::uint64_t kRetired = tls::kMaxTicketKeys - 1;
  interval_ms_ = std::max(std::uint64_t{rotation_s} * 1000, (lifetime_ms_ + kRetired - 1) / kRetired);
}

void TicketKeys::rotate(std::uint64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const bool dropped = drop_dead_keys(now_ms);
  const bool rotated = seal_with_next_key(now_ms);
  if (dropped || rotated) generation_.fetch_add(1, std::memory_order_release);
}

bool TicketKeys::drop_dead_keys(std::uint64_t now_ms) {
  const std::uint8_t before = ring_.count;
  // Keys are ordered from new to old, but a lifetime that was shortened by a reload may end newer ones first.
  std::uint8_t kept = 0;
  for (std::uint8_t i = 0; i < before; ++i) {
    if (ring_.keys[i].not_after_ms <= now_ms) continue;
    if (kept != i) ring_.keys[kept] = ring_.keys[i];
    ++kept;
  }
  wipe(ring_.keys + kept, sizeof ring_.keys[0] * (before - kept));
  ring_.count = kept;
  return kept != before;
}

bool TicketKeys::seal_with_next_key(std::uint64_t now_ms) {
  // A clock set back begins the interval anew, rather than keeping one key until the old time comes again.
  if (sealing_since_ms_ == 0 || now_ms < sealing_since_ms_) sealing_since_ms_ = now_ms;
  if (now_ms - sealing_since_ms_ < interval_ms_) return false;
  ring_.keys[0].not_after_ms = now_ms + lifetime_ms_;
  ring_.count = static_cast<std::uint8_t>(std::min<std::size_t>(ring_.count + 1u, tls::kMaxTicketKeys));
  for (std::size_t i = ring_.count - 1u; i > 0; --i) ring_.keys[i] = ring_.keys[i - 1];
  make_key(ring_.keys[0]);
  sealing_since_ms_ = now_ms;
  return true;
}

std::uint64_t TicketKeys::copy_to(tls::TicketKeyRing& ring) const {
  const std::lock_guard lock(mutex_);
  ring = ring_;
  return generation_.load(std::memory_order_relaxed);
}

}  // namespace breakwater
