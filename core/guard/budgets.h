// Budgets of many clients in bounded memory: how much each has had lately, and whether it may have more. For one
// thread; no locks, no allocation, one set of eight entries is looked at for each question.
//
// A budget is a leaky bucket kept as one number (GCRA): the time until which what was taken is paid for. Who takes
// something that is worth `cost` moves that time on by `cost`, and may not move it further ahead of now than the burst
// that the limit allows. So a client whose time lies in the past has nothing on record, and its entry is free.
//
// When a new client finds no free entry in its set, the one whose time is least far ahead goes: who has taken least
// loses least. Where a key leads is decided by a keyed hash (siphash.h). To drive out a client that has taken c, an
// attacker has to hold all other seven entries of its set, which it does not know, at more than c each: with n sets,
// about 8 n clients that each pay c. A flood of addresses that come once drives out only its like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace breakwater::guard {

// What one client may have. Times in nanoseconds.
struct Limit {
  std::uint64_t burst;  // ahead of now, at most: what may be taken at once
};

class Budgets {
 public:
  static constexpr std::size_t kWays = 8;

  // The place of one client.
  struct Entry {
    std::uint64_t key;
    std::uint64_t paid_until;  // 0, like any time in the past: free
  };
  struct alignas(64) Set {
    Entry entries[kWays];
  };

  // sets: a power of two of them, all zero; the host's, and in use until it takes them back.
  explicit Budgets(std::span<Set> sets) noexcept : sets_(sets) {}

  // Whether the client may take `cost` more now; then it has taken it. One that may not has taken nothing, and a client
  // that is unknown is still unknown then. key: a keyed hash of the client. Times do not go back.
  bool take(std::uint64_t key, std::uint64_t now, std::uint64_t cost, const Limit& limit) noexcept {
    Entry& entry = place_of(key, now);
    const std::uint64_t from = entry.key == key && entry.paid_until > now ? entry.paid_until : now;
    if (cost > limit.burst || from - now > limit.burst - cost) return false;
    entry = {key, from + cost};
    return true;
  }

  // Takes in any case, for costs that turn out later; ahead of now at most by `most`.
  void charge(std::uint64_t key, std::uint64_t now, std::uint64_t cost, std::uint64_t most) noexcept {
    Entry& entry = place_of(key, now);
    const std::uint64_t from = entry.key == key && entry.paid_until > now ? entry.paid_until : now;
    const bool beyond = cost > most || from - now > most - cost;
    entry = {key, beyond ? now + most : from + cost};
  }

  // What the client has on record: how far ahead of now it is.
  std::uint64_t taken(std::uint64_t key, std::uint64_t now) const noexcept {
    for (const Entry& entry : set_of(key).entries) {
      if (entry.key == key && entry.paid_until > now) return entry.paid_until - now;
    }
    return 0;
  }

 private:
  // Its set is told by the lowest bits.
  Set& set_of(std::uint64_t key) const noexcept { return sets_[key & (sets_.size() - 1)]; }

  // The client's own entry, or the one that it may have: a free one, or the one that is least far ahead.
  Entry& place_of(std::uint64_t key, std::uint64_t now) noexcept {
    Set& set = set_of(key);
    Entry* place = &set.entries[0];
    for (Entry& entry : set.entries) {
      if (entry.key == key && entry.paid_until > now) return entry;
      if (entry.paid_until < place->paid_until) place = &entry;
    }
    return *place;
  }

  std::span<Set> sets_;
};

}  // namespace breakwater::guard
