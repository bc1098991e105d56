// The lane functions of x25519_functions.h over any Lanes. Constant time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/x25519_field_lanes.h"
#include "core/crypto/x25519_functions.h"
#include "core/crypto/x25519_multiply.h"

namespace breakwater::crypto {

template <class Lanes>
class X25519LaneOperations {
 public:
  static void public_keys(std::span<X25519PublicKeyLane> lanes) noexcept {
    Secret<Transposed> words;
    for (std::size_t i = 0; i < lanes.size(); ++i) words.value.set(i, limbs_from_little_endian(lanes[i].scalar));
    const Secret<Words<Lanes>> scalars(words.value.load());
    words.value.store(x25519_multiply_base<Field>(scalars.value));
    for (std::size_t i = 0; i < lanes.size(); ++i) limbs_to_little_endian(lanes[i].public_key, words.value.get(i));
  }

  // All inputs are read before the first output is written: outputs may be inputs.
  static void shared_secrets(std::span<X25519SharedSecretLane> lanes) noexcept {
    Secret<Transposed> words;
    for (std::size_t i = 0; i < lanes.size(); ++i) words.value.set(i, limbs_from_little_endian(lanes[i].scalar));
    const Secret<Words<Lanes>> scalars(words.value.load());
    for (std::size_t i = 0; i < lanes.size(); ++i) words.value.set(i, limbs_from_little_endian(lanes[i].peer));
    words.value.store(x25519_multiply_point<Field>(scalars.value, words.value.load()));
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const Secret<Limbs> shared(words.value.get(i));
      limbs_to_little_endian(lanes[i].shared, shared.value);
      // Zero comes of a peer's point of small order, whatever the scalar (every clamped one is a multiple of 8), so
      // this tells nothing of the scalar.
      lanes[i].done = !declassify(mask_is_zero(shared.value));
    }
  }

 private:
  using Field = X25519FieldLanes<Lanes>;

  // Word by word, what Lanes load and store. A lane that nobody asks for keeps zeros: as good as any other scalar and
  // coordinate.
  class Transposed {
   public:
    void set(std::size_t lane, const Limbs& limbs) noexcept {
      for (std::size_t i = 0; i < 4; ++i) words_[i][lane] = limbs[i];
    }
    Limbs get(std::size_t lane) const noexcept {
      return {words_[0][lane], words_[1][lane], words_[2][lane], words_[3][lane]};
    }
    Words<Lanes> load() const noexcept {
      return {Lanes::load(words_[0]), Lanes::load(words_[1]), Lanes::load(words_[2]), Lanes::load(words_[3])};
    }
    void store(const Words<Lanes>& words) noexcept {
      for (std::size_t i = 0; i < 4; ++i) words[i].store(words_[i]);
    }

   private:
    Words<std::array<Limb, kLanes>> words_{};
  };
};

}  // namespace breakwater::crypto
