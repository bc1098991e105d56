// Who takes most, in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005), with weights and with decay. For
// one thread; no locks, no allocation.
//
// Who has one of the kPlaces places has its weights added up there. Who has none takes the place of the one with the
// least, and goes on from that number: as much may have been its own before it lost its place, and no more. So, with W
// the sum of all weights, after any notes in any order:
// - What a place says is too high by its error at most: weight - error <= true weight <= weight.
// - Who has no place has least() at most, and least() <= W / kPlaces. So whoever has more than that has a place, and
//   no number of others that have little each drives it out.
//
// All numbers are halved, and rounded down, at each multiple of the half-life on the clock. The bounds hold for true
// weights that are halved and rounded in the same way.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace breakwater::guard {

// Label: what stands for one in a report; small, and copied when a place is taken.
template <class Label, std::size_t kPlaces>
class HeavyHitters {
 public:
  // In the unit of the weights.
  struct Estimate {
    std::uint64_t weight;
    std::uint64_t error;
  };

  // half_life: in nanoseconds; 0: nothing is halved.
  explicit constexpr HeavyHitters(std::uint64_t half_life) noexcept : half_life_(half_life) {}

  // One more weight. key: a keyed hash of the label (siphash.h). The place is found in a constant number of steps, as
  // expected for keys that nobody can aim; to keep the places in order takes log kPlaces at most. Sums end at 2^64 - 1.
  // Times do not go back.
  void note(std::uint64_t key, const Label& label, std::uint64_t weight, std::uint64_t now) noexcept {
    decay(now);
    if (weight == 0) return;
    total_ = sum(total_, weight);
    std::size_t place = place_of(key);
    if (place == kPlaces) place = take_place(key, label);
    weights_[place] = sum(weights_[place], weight);
    sink(places_[place].slot);
  }

  std::optional<Estimate> find(std::uint64_t key, std::uint64_t now) noexcept {
    decay(now);
    const std::size_t place = place_of(key);
    if (place == kPlaces || weights_[place] == 0) return std::nullopt;
    return Estimate{weights_[place], places_[place].error};
  }

  // Calls visit(label, weight, error) for all places with a weight, in no order.
  template <class Visit>
  void for_each(std::uint64_t now, Visit&& visit) noexcept {
    decay(now);
    for (std::size_t place = 0; place < used_; ++place) {
      if (weights_[place] == 0) continue;
      visit(std::as_const(places_[place].label), weights_[place], std::as_const(places_[place].error));
    }
  }

  // Of everybody.
  std::uint64_t total(std::uint64_t now) noexcept {
    decay(now);
    return total_;
  }

  // What somebody without a place has at most.
  std::uint64_t least(std::uint64_t now) noexcept {
    decay(now);
    return used_ < kPlaces ? 0 : weights_[order_[0]];
  }

 private:
  using Index = std::uint16_t;
  static_assert(kPlaces > 0 && kPlaces < 0x8000, "an Index holds a place, or one more");
  static constexpr std::size_t kChains = std::bit_ceil(2 * kPlaces);

  // Places whose keys end alike are chained. Links are one more than a place; 0 ends a chain.
  struct Place {
    std::uint64_t key;
    std::uint64_t error;
    Index next;
    Index slot;  // where order_ names it
    Label label;
  };

  static constexpr std::uint64_t sum(std::uint64_t a, std::uint64_t b) noexcept { return a + b < a ? ~0ULL : a + b; }
  Index& chain_of(std::uint64_t key) noexcept { return chains_[key & (kChains - 1)]; }

  // kPlaces: it has none.
  std::size_t place_of(std::uint64_t key) noexcept {
    for (Index link = chain_of(key); link != 0; link = places_[link - 1U].next) {
      if (places_[link - 1U].key == key) return link - 1U;
    }
    return kPlaces;
  }

  // A new one, or that of the one with the least.
  std::size_t take_place(std::uint64_t key, const Label& label) noexcept {
    std::size_t place = order_[0];
    if (used_ < kPlaces) {
      place = used_++;
      places_[place].slot = static_cast<Index>(place);
      order_[place] = static_cast<Index>(place);
      rise(place);  // it has no weight yet
    } else {
      unchain(place);
    }
    Index& chain = chain_of(key);
    Place& taken = places_[place];
    taken.key = key;
    taken.error = weights_[place];
    taken.next = std::exchange(chain, static_cast<Index>(place + 1));
    taken.label = label;
    return place;
  }

  void unchain(std::size_t place) noexcept {
    Index* link = &chain_of(places_[place].key);
    while (*link != place + 1) link = &places_[*link - 1U].next;
    *link = places_[place].next;
  }

  // order_ is a heap with the least weight at the top.
  void sink(std::size_t slot) noexcept {
    const Index place = order_[slot];
    const std::uint64_t weight = weights_[place];
    for (std::size_t child = 2 * slot + 1; child < used_; child = 2 * slot + 1) {
      if (child + 1 < used_ && weights_[order_[child + 1]] < weights_[order_[child]]) ++child;
      if (weights_[order_[child]] >= weight) break;
      settle(order_[child], slot);
      slot = child;
    }
    settle(place, slot);
  }
  void rise(std::size_t slot) noexcept {
    const Index place = order_[slot];
    for (; slot != 0 && weights_[order_[(slot - 1) / 2]] > weights_[place]; slot = (slot - 1) / 2) {
      settle(order_[(slot - 1) / 2], slot);
    }
    settle(place, slot);
  }
  void settle(Index place, std::size_t slot) noexcept {
    order_[slot] = place;
    places_[place].slot = static_cast<Index>(slot);
  }

  // Halving keeps the order. An error is rounded up, since what it is the bound of was rounded down on both sides; it
  // never needs to be more than the weight.
  void decay(std::uint64_t now) noexcept {
    if (half_life_ == 0 || now < period_end_) return;
    const std::uint64_t period = now / half_life_, passed = period - period_;
    period_ = period;
    period_end_ = sum(period * half_life_, half_life_);
    const auto halved = [&](std::uint64_t value) { return passed < 64 ? value >> passed : 0; };
    total_ = halved(total_);
    for (std::size_t place = 0; place < used_; ++place) {
      std::uint64_t& error = places_[place].error;
      error = error == 0 ? 0 : halved(error - 1) + 1;
      weights_[place] = halved(weights_[place]);
      if (error > weights_[place]) error = weights_[place];
    }
  }

  std::uint64_t half_life_;
  std::uint64_t period_ = 0;      // how many half-lives had passed on the clock when all was halved last
  std::uint64_t period_end_ = 0;  // when the next one has
  std::uint64_t total_ = 0;
  std::size_t used_ = 0;
  std::array<std::uint64_t, kPlaces> weights_{};
  std::array<Index, kPlaces> order_{};
  std::array<Index, kChains> chains_{};
  std::array<Place, kPlaces> places_{};
};

}  // namespace breakwater::guard
