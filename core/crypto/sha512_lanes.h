// SHA-512's compression function (FIPS 180-4 6.4.2), which is SHA-384's as well, on eight messages at once. Written
// once over the lane layers. Constant time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/crypto/constant_time.h"
#include "core/crypto/limbs.h"
#include "core/crypto/sha512_functions.h"

namespace breakwater::crypto {

template <class Unit>
class Sha512Lanes {
 public:
  // Lanes without a message compute on zeros.
  static void compress(std::span<const Sha512Block> blocks) noexcept {
    Lanes window[16];
    for (std::size_t half = 0; half < 2; ++half) {
      std::array<Lanes, kLanes> rows;
      for (std::size_t lane = 0; lane < blocks.size(); ++lane) {
        rows[lane] = Lanes::load_bytes(blocks[lane].bytes + 64 * half).reverse_bytes();
      }
      transpose(rows);
      for (std::size_t i = 0; i < kLanes; ++i) window[kLanes * half + i] = rows[i];
    }
    std::array<Lanes, kLanes> before, state;
    for (std::size_t lane = 0; lane < blocks.size(); ++lane) before[lane] = Lanes::load(*blocks[lane].chain);
    transpose(before);
    state = before;

    const Limb* constants = kConstants.data();
    rounds(state, constants, window, [](Lanes*, auto) __attribute__((always_inline)){});
    for (unsigned pass = 1; pass < 5; ++pass) {
      constants += 16;
      rounds(
          state, constants, window, [](Lanes * w, auto i) __attribute__((always_inline)) { schedule<i>(w); });
    }

    for (std::size_t i = 0; i < kLanes; ++i) state[i] = state[i] + before[i];
    transpose(state);
    for (std::size_t lane = 0; lane < blocks.size(); ++lane) state[lane].store(*blocks[lane].chain);
  }

 private:
  using Lanes = typename Unit::Lanes;

  // clang-format off
  // FIPS 180-4 4.2.3: the first 64 bits of the fractions of the cube roots of the first 80 primes.
  static constexpr std::array<Limb, 80> kConstants{
      0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
      0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
      0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
      0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
      0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
      0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
      0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
      0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
      0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
      0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
      0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
      0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
      0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
      0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
      0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
      0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};
  // clang-format on

  // Sixteen rounds. Where FIPS 180-4 moves eight variables along, their names move here.
  template <class Prepare>
  [[gnu::always_inline]] static void rounds(std::array<Lanes, 8>& state, const Limb* constants, Lanes* window,
                                            Prepare&& prepare) noexcept {
    [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) __attribute__((always_inline)) {
      ((prepare(window, std::integral_constant<std::size_t, kIndex>{}),
        round<kIndex>(state, Lanes::broadcast(constants[kIndex]) + window[kIndex])),
       ...);
    }
    (std::make_index_sequence<16>{});
  }

  template <std::size_t kRound>
  [[gnu::always_inline]] static void round(std::array<Lanes, 8>& state, const Lanes& input) noexcept {
    const auto at = [&](std::size_t i) __attribute__((always_inline))->Lanes& { return state[(i - kRound) % 8]; };
    const Lanes &a = at(16 + 0), &b = at(16 + 1), &c = at(16 + 2), &e = at(16 + 4), &f = at(16 + 5), &g = at(16 + 6);
    Lanes &d = at(16 + 3), &h = at(16 + 7);
    const Lanes sum1 =
        exclusive_or(e.template rotate_right<14>(), e.template rotate_right<18>(), e.template rotate_right<41>());
    const Lanes sum0 =
        exclusive_or(a.template rotate_right<28>(), a.template rotate_right<34>(), a.template rotate_right<39>());
    // In this order, so that the next round waits for a rotation, the exclusive or and one sum only.
    const Lanes next = (((h + input) + d) + choose(e, f, g)) + sum1;
    h = ((next - d) + majority(a, b, c)) + sum0;
    d = next;
  }

  template <std::size_t kIndex>
  [[gnu::always_inline]] static void schedule(Lanes* window) noexcept {
    const Lanes &before2 = window[(kIndex + 14) % 16], &before15 = window[(kIndex + 1) % 16];
    const Lanes sigma1 = exclusive_or(before2.template rotate_right<19>(), before2.template rotate_right<61>(),
                                      before2.template shift_right<6>());
    const Lanes sigma0 = exclusive_or(before15.template rotate_right<1>(), before15.template rotate_right<8>(),
                                      before15.template shift_right<7>());
    window[kIndex] = (window[kIndex] + window[(kIndex + 9) % 16]) + (sigma0 + sigma1);
  }
};

}  // namespace breakwater::crypto
