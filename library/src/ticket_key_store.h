// The ticket keys of a server and of those that replace it: rotated by one thread, copied by all workers.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "breakwater/breakwater.h"
#include "core/tls/ticket_keys.h"

namespace breakwater {

// A key seals for one rotation interval and then opens for one ticket lifetime, so that no ticket dies before its time.
class TicketKeys {
 public:
  TicketKeys();  // one random key, and the secret of the cookies
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // Takes effect at the next rotation. Where the two would need more than tls::kMaxTicketKeys keys at a time, keys seal
  // for longer than rotation_s.
  void configure(std::uint32_t lifetime_s, std::uint32_t rotation_s);

  // Makes the next key when the interval is over, and wipes keys whose tickets are all dead. The first call begins the
  // interval of the first key.
  void rotate(std::uint64_t now_ms);

  // Changes with every change of the keys; never 0. One load: cheap enough to ask before every handshake.
  std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

  // Copies the keys; returns the generation they are of.
  std::uint64_t copy_to(tls::TicketKeyRing& ring) const;

 private:
  bool drop_dead_keys(std::uint64_t now_ms);
  bool seal_with_next_key(std::uint64_t now_ms);

  mutable std::mutex mutex_;  // guards all but generation_'s reading
  tls::TicketKeyRing ring_;
  std::uint64_t lifetime_ms_ = 0;
  std::uint64_t interval_ms_ = 0;
  std::uint64_t sealing_since_ms_ = 0;  // 0: not known yet
  std::atomic<std::uint64_t> generation_{1};
};

}  // namespace breakwater
