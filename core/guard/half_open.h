// How many connections of each client are in their handshake, in bounded memory. For one thread; no locks, no
// allocation.
//
// When a new client finds no free entry in its set, the one with the fewest goes, and is counted from zero again:
// counts are never too high. To drive out a client with c connections, an attacker has to hold c or more with each of
// seven other clients of its set, which it does not know: that many connections are over any limit before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/guard/prefetch.h"

namespace breakwater::guard {

class HalfOpen {
 public:
  static constexpr std::size_t kWays = 8;

  struct Entry {
    std::uint64_t key;
    std::uint64_t count;  // 0: free
  };
  struct alignas(64) Set {
    Entry entries[kWays];
  };

  // sets: a power of two of them, all zero; the host's, and in use until it takes them back.
  explicit HalfOpen(std::span<Set> sets) noexcept : sets_(sets) {}

  void prefetch(std::uint64_t key) const noexcept { guard::prefetch(set_of(key)); }

  // One more. key: a keyed hash of the client.
  void begin(std::uint64_t key) noexcept {
    Entry* place = nullptr;
    for (Entry& entry : set_of(key).entries) {
      if (entry.key == key && entry.count != 0) {
        ++entry.count;
        return;
      }
      if (place == nullptr || entry.count < place->count) place = &entry;
    }
    *place = {key, 1};
  }

  // One less, of one that has begun; nothing for a client that was driven out since.
  void end(std::uint64_t key) noexcept {
    for (Entry& entry : set_of(key).entries) {
      if (entry.key == key && entry.count != 0) {
        --entry.count;
        return;
      }
    }
  }

  std::uint64_t of(std::uint64_t key) const noexcept {
    for (const Entry& entry : set_of(key).entries) {
      if (entry.key == key) return entry.count;
    }
    return 0;
  }

 private:
  Set& set_of(std::uint64_t key) const noexcept { return sets_[key & (sets_.size() - 1)]; }

  std::span<Set> sets_;
};

}  // namespace breakwater::guard
