// Whether there is more to do than can be done, with hysteresis: a machine that was held up for a moment has much to
// do, too, and catches up; and what is refused because of load makes less of it, and must not turn the refusing off at
// once.
#pragma once

#include <cstdint>

namespace breakwater::guard {

// Times in nanoseconds.
struct LoadLimits {
  std::uint64_t high = 20'000'000;     // work waits longer than this,
  std::uint64_t lasting = 80'000'000;  // all this time: under load
  std::uint64_t low = 5'000'000;       // and no longer than this,
  std::uint64_t calm = 1'000'000'000;  // all this time: no more
};

class Load {
 public:
  explicit Load(const LoadLimits& limits = {}) noexcept : limits_(limits) {}

  // delay: how long work that comes now has to wait, from all there is to know of it. Times do not go back.
  void note(std::uint64_t delay, std::uint64_t now) noexcept {
    if (delay <= limits_.high) {
      above_since_ = kNever;
    } else if (above_since_ == kNever) {
      above_since_ = now;
    }
    if (!high_ && above_since_ != kNever && now - above_since_ >= limits_.lasting) {
      high_ = true;
      since_ = now;
    }
    if (delay > limits_.low) busy_until_ = now + limits_.calm;
    if (high_ && now >= busy_until_) high_ = false;
  }

  // What was refused would have been too much: while it is high, it stays so.
  void hold(std::uint64_t now) noexcept { busy_until_ = now + limits_.calm; }

  void use(const LoadLimits& limits) noexcept { limits_ = limits; }

  bool is_high() const noexcept { return high_; }
  std::uint64_t since() const noexcept { return since_; }  // when it became high last

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  LoadLimits limits_;
  std::uint64_t above_since_ = kNever;
  std::uint64_t busy_until_ = 0;
  std::uint64_t since_ = 0;
  bool high_ = false;
};

}  // namespace breakwater::guard
