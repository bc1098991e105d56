// Bytes that differ from connection to connection, fast (xoshiro256**, seeded by the kernel). Nothing here is secret: a
// load generator's keys protect nobody.
#pragma once

#include <sys/random.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace breakwater::flood {

class Random {
 public:
  Random() {
    // Always answered in full for so few bytes once the kernel has started; any other state than zero will do.
    if (getrandom(state_.data(), sizeof state_, 0) != sizeof state_) state_ = {1, 2, 3, 4};
  }

  std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // 0 <= result < bound; bound is small against 2^64, so the bias does not matter here.
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

  void fill(std::span<std::uint8_t> bytes) noexcept {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const std::uint64_t word = next();
      const std::size_t part = bytes.size() - done < sizeof word ? bytes.size() - done : sizeof word;
      std::memcpy(bytes.data() + done, &word, part);
      done += part;
    }
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace breakwater::flood
