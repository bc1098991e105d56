// What is known of clients of one kind (software by its fingerprint, an aggregate of addresses), in bounded memory: how
// many handshakes they begin, complete, and leave after our flight. For one thread; no locks, no allocation, one set of
// eight entries is looked at for each question.
//
// The counts fade with one half-life, in steps of a sixteenth of it. They are whole numbers of 1/256 of a handshake,
// rounded down at each step: at most 0.1 of a handshake is lost to that, and what is not seen any more comes to nothing
// after some half-lives.
//
// A new key takes the entry of its set that has completed least, and of several with as much the one not seen for
// longest. By handshakes that were begun or left, it takes only an entry that has less than one completed. So, with n
// sets and a keyed hash (siphash.h):
// - Whoever has completed one handshake, or more, as faded, is not driven out by any number of keys that complete none.
//   These drive out each other.
// - To drive out a key with c completed, an attacker has to complete c handshakes or more with each of seven other
//   keys of its set, and one with an eighth, within about a half-life. Where the set is it does not know: so about
//   7 n c handshakes, from addresses of its own, since a forged one completes nothing.
// - A new key of honest clients may be forgotten among many others until its first handshake is completed; with that
//   it takes a place in any case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace breakwater::guard {

// Counts, faded, in 1/256 of a handshake. They end at 2^32 - 1, sixteen million handshakes.
struct Standing {
  static constexpr std::uint32_t kOne = 256;

  std::uint32_t begun = 0;
  std::uint32_t completed = 0;
  std::uint32_t abandoned = 0;  // gone after our flight
  bool known = false;           // false: all counts are 0
};

class Reputation {
 public:
  static constexpr std::size_t kWays = 8;

  struct Entry {
    std::uint64_t key;
    std::uint64_t last_seen;                    // the counts are those of then
    std::uint32_t begun, completed, abandoned;  // as in Standing
  };
  struct alignas(64) Set {
    Entry entries[kWays];
  };

  // sets: a power of two of them, all zero; the host's, and in use until it takes them back. half_life: in nanoseconds,
  // at least 16.
  Reputation(std::span<Set> sets, std::uint64_t half_life) noexcept;

  // What a client of this key did. key: a keyed hash. An end whose beginning is forgotten counts as both: no more have
  // ended than have begun. Times do not go back.
  void begin(std::uint64_t key, std::uint64_t now) noexcept;
  void completed(std::uint64_t key, std::uint64_t now) noexcept;
  void abandoned(std::uint64_t key, std::uint64_t now) noexcept;

  Standing of(std::uint64_t key, std::uint64_t now) const noexcept;

 private:
  Set& set_of(std::uint64_t key) const noexcept { return sets_[key & (sets_.size() - 1)]; }
  Entry* settled(std::uint64_t key, std::uint64_t now) noexcept;
  Entry* take_place(std::uint64_t key, std::uint64_t now, bool has_completed) noexcept;
  std::uint64_t steps(const Entry& entry, std::uint64_t now) const noexcept;

  std::span<Set> sets_;
  std::uint64_t step_;  // in nanoseconds
};

}  // namespace breakwater::guard
