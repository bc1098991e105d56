#include "core/guard/blocks.h"

#include <algorithm>

namespace breakwater::guard {

std::uint64_t Blocks::block(std::uint64_t key, const Network& network, std::uint64_t now) noexcept {
  Set& set = set_of(key);
  const std::size_t place = place_in(set, key, now);
  Blocked& client = set.clients[place];
  std::uint8_t strikes = 0;
  if (set.keys[place] == key) {
    if (client.until > now) return client.until;
    strikes = strikes_left(client, now);
  }
  // A strike that would not make the block longer is not counted, so that all are forgotten in bounded time.
  if (strikes == 0 || duration(strikes) < back_off_.most) ++strikes;
  const std::uint64_t until = now + duration(strikes);
  set.keys[place] = key;
  client = {network, until, until + back_off_.forget, strikes};
  return until;
}

void Blocks::take_over(std::uint64_t key, const Blocked& found, std::uint64_t now) noexcept {
  if (found.until <= now) return;
  Set& set = set_of(key);
  const std::size_t place = place_in(set, key, now);
  Blocked& client = set.clients[place];
  Blocked taken = found;
  if (set.keys[place] == key) {
    if (client.until >= found.until) return;
    taken.strikes = std::max(found.strikes, strikes_left(client, now));
  } else if (client.until > found.until) {
    return;  // what would go lasts longer
  }
  set.keys[place] = key;
  client = taken;
}

bool Blocks::release(std::uint64_t key, std::uint64_t now) noexcept {
  Set& set = set_of(key);
  for (std::size_t i = 0; i < kWays; ++i) {
    if (set.keys[i] != key) continue;
    const bool blocked = set.clients[i].until > now;
    set.clients[i] = {};
    return blocked;
  }
  return false;
}

// The client's own place, or the one that it may have.
std::size_t Blocks::place_in(const Set& set, std::uint64_t key, std::uint64_t now) const noexcept {
  for (std::size_t i = 0; i < kWays; ++i) {
    if (set.keys[i] == key) return i;
  }
  // Who has nothing left to remember goes first, even if its block ended later than that of one who has.
  std::size_t soonest = 0;
  for (std::size_t i = 0; i < kWays; ++i) {
    if (strikes_left(set.clients[i], now) == 0) return i;
    if (set.clients[i].until < set.clients[soonest].until) soonest = i;
  }
  return soonest;
}

std::uint8_t Blocks::strikes_left(const Blocked& client, std::uint64_t now) const noexcept {
  if (now < client.forget_at) return client.strikes;
  if (client.strikes == 0 || back_off_.forget == 0) return 0;
  const std::uint64_t forgotten = 1 + (now - client.forget_at) / back_off_.forget;
  return forgotten < client.strikes ? static_cast<std::uint8_t>(client.strikes - forgotten) : std::uint8_t{0};
}

// first, doubled with each strike after the first, at most `most`.
std::uint64_t Blocks::duration(unsigned strikes) const noexcept {
  std::uint64_t duration = back_off_.first;
  for (unsigned i = 1; i < strikes && duration < back_off_.most; ++i) {
    duration = duration > back_off_.most / 2 ? back_off_.most : 2 * duration;
  }
  return duration < back_off_.most ? duration : back_off_.most;
}

}  // namespace breakwater::guard
