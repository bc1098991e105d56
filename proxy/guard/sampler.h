// Of whom a report takes notice: of everybody where that costs little, else of one in kOneIn, who stands for all.
#pragma once

#include <cstdint>

namespace breakwater::proxy {

class Sampler {
 public:
  static constexpr std::uint8_t kOneIn = 16;
  // From so many arrivals in a second on there is a rush: to take notice of each would be a good part of what it costs
  // to refuse one, and a sample is large enough to tell who they are.
  static constexpr std::uint64_t kRush = 2'000;

  // Times do not go back.
  void begin_pass(std::uint64_t now_us) noexcept {
    const std::uint64_t passed = now_us - begun_us_;
    if (passed < kPeriod) return;
    rush_ = arrived_ * 1'000'000 > kRush * passed;
    begun_us_ = now_us;
    arrived_ = 0;
  }
  void arrived() noexcept { ++arrived_; }
  bool is_rush() const noexcept { return rush_; }

  // How many one stands for who has come now; 0: no notice is taken of him. all: of everybody, if there is no rush.
  std::uint8_t weight(bool all) noexcept {
    if (all && !rush_) return 1;
    return throw_dice() % kOneIn == 0 ? kOneIn : 0;
  }

 private:
  // Marsaglia's xorshift: clients that come in turn would fall into step with a count.
  std::uint32_t throw_dice() noexcept {
    dice_ ^= dice_ << 13;
    dice_ ^= dice_ >> 17;
    dice_ ^= dice_ << 5;
    return dice_;
  }

  static constexpr std::uint64_t kPeriod = 100'000;

  std::uint64_t begun_us_ = 0;
  std::uint64_t arrived_ = 0;
  std::uint32_t dice_ = 0x9e3779b9;
  bool rush_ = false;
};

}  // namespace breakwater::proxy
