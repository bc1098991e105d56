// Takes decisions out of the fuzzer's bytes, from front to back. Behind the end everything is 0, which every target
// reads as "leave it as it is".
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tests/client/bytes.h"

namespace breakwater::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t u8() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  std::uint16_t u16() {
    const std::uint8_t high = u8();
    return static_cast<std::uint16_t>(high << 8 | u8());
  }
  // 0 <= result < bound, bound <= 65536.
  std::size_t below(std::size_t bound) { return bound <= 1 ? 0 : (bound <= 256 ? u8() : u16()) % bound; }
  // At most `size` bytes: as many as there are.
  test::View bytes(std::size_t size) {
    const test::View taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  test::View rest_;
};

}  // namespace breakwater::fuzz
