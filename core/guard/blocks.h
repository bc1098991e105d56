// Clients that are blocked for a while, in bounded memory. For one thread; no locks, no allocation. A client that is
// not there costs one cache line.
//
// The first block is short, and each further one twice as long as the one before, up to a most. A block ends by time
// alone. Once it has ended, one strike is forgotten for each `forget` that passes without another.
//
// When a new client finds no place in its set of eight, the block that ends soonest goes; a client whose block is over,
// but whose strikes are remembered, goes before any that is blocked. So, with n sets and a keyed hash (siphash.h):
// - A block that has r left is driven out only when all other seven places of its set hold blocks with r or more
//   left. Where that set is, an attacker does not know: it needs about 7 n clients that are blocked for longer. Those
//   who are blocked for the first time have `first`, and drive out nobody who has more than that left.
// - What an attacker with many addresses can have forgotten are the strikes of clients that are not blocked just now.
//   They begin again with `first`.
// - n should be such that long blocks take an eighth of the places at most: then one set in 100,000 is full of them,
//   and loses one for each new client (Poisson, mean 1; at a quarter one in 900).
// A strike must be worth a proof that the address is not forged: whoever can strike for others can have them blocked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/guard/address.h"
#include "core/guard/prefetch.h"

namespace breakwater::guard {

// How long, in nanoseconds.
struct BackOff {
  std::uint64_t first = 1'000'000'000;     // the first block; at least 1
  std::uint64_t most = 600'000'000'000;    // the longest; at least `first`
  std::uint64_t forget = 600'000'000'000;  // what forgets one strike, counted from the end of the block
};

// What is known of one client.
struct Blocked {
  Network network;  // whom the block is for
  std::uint64_t until;
  std::uint64_t forget_at;  // when the first of its strikes is forgotten
  std::uint8_t strikes;     // at most as many as make the longest block; 0: the place is free
};

class Blocks {
 public:
  static constexpr std::size_t kWays = 8;

  struct alignas(64) Set {
    std::uint64_t keys[kWays];
    Blocked clients[kWays];
  };

  // sets: a power of two of them, all zero or from another object of this class; the host's, and in use until it takes
  // them back. An object with another BackOff may take over: blocks keep their ends.
  explicit Blocks(std::span<Set> sets, const BackOff& back_off = {}) noexcept : sets_(sets), back_off_(back_off) {}

  // From now on; what is blocked keeps its end.
  void use(const BackOff& back_off) noexcept { back_off_ = back_off; }

  // Of its keys; those who are blocked are few.
  void prefetch(std::uint64_t key) const noexcept { guard::prefetch(set_of(key).keys); }

  // The client's block, nullptr: it is not blocked now. Valid until the next change. key: a keyed hash of the network.
  const Blocked* find(std::uint64_t key, std::uint64_t now) const noexcept {
    const Set& set = set_of(key);
    for (std::size_t i = 0; i < kWays; ++i) {
      if (set.keys[i] == key) return set.clients[i].until > now ? &set.clients[i] : nullptr;
    }
    return nullptr;
  }
  bool is_blocked(std::uint64_t key, std::uint64_t now) const noexcept { return find(key, now) != nullptr; }

  // A strike: blocks the client, and returns until when. For one that is blocked already nothing changes: what it had
  // under way when it was blocked is one offence, however many connections it shows in. Times do not go back.
  std::uint64_t block(std::uint64_t key, const Network& network, std::uint64_t now) noexcept;

  // A block that somebody else has found, with tables of its own: the later end counts, and the more strikes. Its times
  // are of the same clock.
  void take_over(std::uint64_t key, const Blocked& found, std::uint64_t now) noexcept;

  // Ends the client's block and forgets its strikes. False: it was not blocked.
  bool release(std::uint64_t key, std::uint64_t now) noexcept;

  // Calls visit(key, blocked) for all that are blocked now, in no order. Looks at all of the memory.
  template <class Visit>
  void for_each(std::uint64_t now, Visit&& visit) const {
    for (const Set& set : sets_) {
      for (std::size_t i = 0; i < kWays; ++i) {
        if (set.clients[i].until > now) visit(set.keys[i], set.clients[i]);
      }
    }
  }

 private:
  // Its set is told by the lowest bits.
  Set& set_of(std::uint64_t key) const noexcept { return sets_[key & (sets_.size() - 1)]; }
  std::size_t place_in(const Set& set, std::uint64_t key, std::uint64_t now) const noexcept;
  std::uint8_t strikes_left(const Blocked& client, std::uint64_t now) const noexcept;
  std::uint64_t duration(unsigned strikes) const noexcept;

  std::span<Set> sets_;
  BackOff back_off_;
};

}  // namespace breakwater::guard
