// How many times its share an address may have had lately and still come in: a level that falls while work waits for
// too long and rises while there is none. So as many are refused at accept as need be, where that costs least, and no
// more; whoever takes most goes first.
//
// The level moves by factors, since nobody knows beforehand where it has to be: down fast where much work waits, since
// it piles up fast; up slowly, since with it comes more work at once. Near where it has to be it moves down slowly too,
// and not while the work that waits gets less: else it would be too low most of the time, and the server idle.
#pragma once

#include <algorithm>
#include <cstdint>

namespace breakwater::guard {

// Times in nanoseconds.
struct LevelLimits {
  std::uint64_t far = 40'000'000;   // work waits so long: down fast
  std::uint64_t high = 10'000'000;  // so long: down
  std::uint64_t low = 4'000'000;    // no longer than this: up
};

class Level {
 public:
  static constexpr std::uint64_t kOne = 256;                             // the share itself
  static constexpr std::uint64_t kOpen = std::uint64_t{1 << 20} * kOne;  // everybody comes in
  static constexpr std::uint64_t kFirst = 256 * kOne;                    // where it begins to bind

  // delay: how long work that comes now has to wait. loaded: whether there is more to do than can be done. Times do not
  // go back.
  void note(std::uint64_t delay, bool loaded, std::uint64_t now) noexcept {
    if (loaded && level_ == kOpen) {
      level_ = kFirst;
      next_ = now + kStep;
      return;
    }
    if (level_ == kOpen || now < next_) return;
    next_ = now + kStep;
    const bool gets_less = delay < last_;
    last_ = delay;
    if (delay > limits_.high) {
      if (!gets_less) level_ = std::max(level_ - level_ / (delay > limits_.far ? 4 : 32), kOne);
    } else if (delay < limits_.low) {
      level_ += level_ / 64 + 1;
      if (level_ > kClosedMost) level_ = kOpen;
    }
  }

  bool is_open() const noexcept { return level_ == kOpen; }
  std::uint64_t value() const noexcept { return level_; }

  // Whether somebody with so much on record may come in. crowd: how many times its share his network has had: so many
  // times less is left for him. Whoever is within his own share comes in.
  bool admits(std::uint32_t used, std::uint32_t share, std::uint32_t crowd = 1) const noexcept {
    if (is_open()) return true;
    return std::uint64_t{used} * kOne <= std::max(level_ / std::max(crowd, 1U), kOne) * share;
  }

 private:
  static constexpr std::uint64_t kStep = 5'000'000;
  // A whole CPU is about a thousand times a share of a thousandth, and what is charged may be five times what it took.
  static constexpr std::uint64_t kClosedMost = 8192 * kOne;

  LevelLimits limits_{};
  std::uint64_t level_ = kOpen;
  std::uint64_t next_ = 0;
  std::uint64_t last_ = 0;  // the delay at the step before
};

}  // namespace breakwater::guard
