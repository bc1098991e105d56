// SHA-256's compression function (FIPS 180-4 6.2) on a block of each lane. W holds a 32-bit word for each lane
// (words_ifma.h, words_emulated.h). Bytes, lengths and padding are the caller's. Constant time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/crypto/constant_time.h"

namespace breakwater::crypto {

template <class W>
class Sha256Lanes {
 public:
  using State = std::array<W, 8>;   // a digest too: big-endian words in their order
  using Block = std::array<W, 16>;  // big-endian words

  // Before the first block.
  static State initial() noexcept {
    State state;
    for (std::size_t i = 0; i < 8; ++i) state[i] = W::broadcast(kInitial[i]);
    return state;
  }

  // One more block.
  [[gnu::noinline]] static void compress(State& state, const Block& block) noexcept {
    Secret<Block> schedule(block);
    Secret<State> working(state);
    const std::uint32_t* constants = kConstants.data();
    for (int i = 0; i < 3; ++i, constants += 16) rounds<true>(working.value, schedule.value, constants, kSixteen);
    rounds<false>(working.value, schedule.value, constants, kSixteen);
    for (std::size_t i = 0; i < 8; ++i) state[i] = state[i] + working.value[i];
  }

 private:
  // Members, and not variables of the namespace, so that each unit has its own.
  static constexpr std::array<std::uint32_t, 8> kInitial{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  static constexpr std::array<std::uint32_t, 64> kConstants{
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

  static constexpr std::make_index_sequence<16> kSixteen{};

  // Sixteen rounds. Each word of the schedule that has been used makes room for the one sixteen later, if that is
  // wanted: its work fills the gaps between rounds, which wait for each other.
  template <bool kExtend, std::size_t... kIndex>
  [[gnu::always_inline]] static void rounds(State& s, Block& w, const std::uint32_t* constants,
                                            std::index_sequence<kIndex...>) noexcept {
    const auto one = [&]<std::size_t k>(std::integral_constant<std::size_t, k>) noexcept {
      round<k>(s, w[k] + W::broadcast(constants[k]));
      if constexpr (kExtend) extend<k>(w);
    };
    (one(std::integral_constant<std::size_t, kIndex>()), ...);
  }

  template <std::size_t kIndex>
  [[gnu::always_inline]] static void extend(Block& w) noexcept {
    const W early = w[(kIndex + 1) % 16], late = w[(kIndex + 14) % 16];
    const W sigma0 = exclusive_or(early.template rotate_right<7>(), early.template rotate_right<18>(),
                                  early.template shift_right<3>());
    const W sigma1 = exclusive_or(late.template rotate_right<17>(), late.template rotate_right<19>(),
                                  late.template shift_right<10>());
    w[kIndex] = (w[kIndex] + w[(kIndex + 9) % 16] + sigma0) + sigma1;
  }

  // Instead of moving the eight words down, each round counts from another one of them: after eight rounds they are
  // back in their places. Sums are made in the order in which their terms become known: from e to the next e it is a
  // rotation, an exclusive or and an addition.
  template <std::size_t kIndex>
  [[gnu::always_inline]] static void round(State& s, const W& input) noexcept {
    const auto at = [&](std::size_t letter) noexcept -> W& { return s[(letter + 16 - kIndex) % 8]; };
    const W a = at(0), e = at(4);
    const W sum1 =
        exclusive_or(e.template rotate_right<6>(), e.template rotate_right<11>(), e.template rotate_right<25>());
    const W sum0 =
        exclusive_or(a.template rotate_right<2>(), a.template rotate_right<13>(), a.template rotate_right<22>());
    const W chosen = choose(e, at(5), at(6));
    const W known = at(7) + input;
    const W sum = (known + chosen).in_order() + sum1;
    at(3) = ((at(3) + known).in_order() + chosen).in_order() + sum1;
    at(7) = (sum.in_order() + majority(a, at(1), at(2))).in_order() + sum0;
  }
};

}  // namespace breakwater::crypto
