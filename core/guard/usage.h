// What many clients have cost lately, in bounded memory: for each a sum that fades. For one thread; no locks, no
// allocation, one set of eight entries is looked at for each question.
//
// A sum loses half in a half-life. Whoever costs a share s of a CPU all the time has about s * window() on record.
//
// When a new client finds no free entry in its set, the one with the least on record goes. Where a key leads is decided
// by a keyed hash (siphash.h). To drive out a client that has c on record, an attacker has to hold all other seven
// entries of its set, which it does not know, at c or more each: with n sets, about 8 n clients that each cost as much.
// A flood of addresses that come once drives out only its like, and a client that is driven out is taken for a new one,
// which is no worse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/guard/prefetch.h"

namespace breakwater::guard {

class Usage {
 public:
  static constexpr std::size_t kWays = 8;

  struct Entry {
    std::uint64_t key;
    std::uint32_t cost;  // microseconds, as of `at`
    std::uint32_t at;    // time in units of 2^20 ns, modulo 2^32: 52 days
  };
  struct alignas(64) Set {
    Entry entries[kWays];
  };

  // How fast it forgets: the half-life is 2^n ticks of 2^20 nanoseconds. Long tells apart clients who come now and then
  // from those who come all the time; short sees soon that somebody takes most of everything.
  enum class Memory : std::uint8_t { Short = 7, Long = 10 };  // 134 ms, 1.07 s

  // What a whole CPU has on record: a half-life / ln 2. Microseconds.
  static constexpr std::uint32_t window(Memory memory) noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{1'512'775} << static_cast<unsigned>(memory)) / 1'000);
  }

  // sets: a power of two of them, all zero; the host's, and in use until it takes them back.
  Usage(std::span<Set> sets, Memory memory) noexcept : sets_(sets), bits_(static_cast<unsigned>(memory)) {}

  // Adds a cost in microseconds; returns what is on record then. key: a keyed hash of the client. now: nanoseconds, of
  // a clock that does not go back.
  std::uint32_t add(std::uint64_t key, std::uint64_t now, std::uint32_t cost) noexcept {
    const std::uint32_t at = tick(now);
    Entry* place = nullptr;
    std::uint32_t least = ~std::uint32_t{0}, mine = 0;
    for (Entry& entry : set_of(key).entries) {
      const std::uint32_t left = faded(entry, at);
      if (entry.key == key) {
        place = &entry;
        mine = left;
        break;
      }
      if (place == nullptr || left < least) {
        place = &entry;
        least = left;
      }
    }
    const std::uint32_t sum = mine + cost < mine ? ~std::uint32_t{0} : mine + cost;
    *place = {key, sum, at};
    return sum;
  }

  void prefetch(std::uint64_t key) const noexcept { guard::prefetch(set_of(key)); }

  std::uint32_t of(std::uint64_t key, std::uint64_t now) const noexcept {
    for (const Entry& entry : set_of(key).entries) {
      if (entry.key == key) return faded(entry, tick(now));
    }
    return 0;
  }

 private:
  static std::uint32_t tick(std::uint64_t now) noexcept { return static_cast<std::uint32_t>(now >> 20); }

  // Whole half-lives exactly, the rest along 1 - ax + bx^2, which is never more than 1 % below the curve. It begins as
  // steeply as the curve, so that those who are added to often fade like the others; a straight line would leave them
  // 39 % more.
  std::uint32_t faded(const Entry& entry, std::uint32_t at) const noexcept {
    constexpr std::uint32_t kA = 45'426, kB = kA - 32'768;  // in 1/2^16: ln 2, and half is left at x = 1
    const std::uint32_t passed = at - entry.at, halves = passed >> bits_, rest = passed & ((1U << bits_) - 1);
    if (halves > 31) return 0;
    const std::uint32_t cost = entry.cost >> halves;
    const std::uint32_t lost = rest * (kA - (kB * rest >> bits_));  // of 2^(bits_ + 16), which is at most 2^26
    return cost - static_cast<std::uint32_t>(std::uint64_t{cost} * lost >> (bits_ + 16));
  }

  // Its set is told by the lowest bits.
  Set& set_of(std::uint64_t key) const noexcept { return sets_[key & (sets_.size() - 1)]; }

  std::span<Set> sets_;
  unsigned bits_;
};

}  // namespace breakwater::guard
