// RSA signatures, written once over the layers (rsa_limb_layer.h, rsa_lane_layer.h): both halves, what they make
// together, and the check. The functions of RsaFunctions and RsaLaneFunctions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/rsa_blinding.h"
#include "core/crypto/rsa_functions.h"
#include "core/crypto/rsa_half.h"
#include "core/crypto/rsa_limbs.h"
#include "core/crypto/rsa_private_key.h"
#include "core/crypto/rsa_whole.h"

namespace breakwater::crypto {

template <class Layer, std::size_t kBits>
class RsaOperation {
 public:
  // One to kWidth requests, all of keys of kBits.
  static void sign(std::span<RsaSignRequest> requests, const Entropy& random, RsaScratch& scratch) noexcept {
    static_assert(sizeof(RsaOperation) <= kRsaScratchSize);
    static_assert(alignof(RsaOperation) <= alignof(RsaScratch));
    // Nothing in it has a destructor, and nothing is read before it is written.
    RsaOperation& self = *reinterpret_cast<RsaOperation*>(scratch.bytes);
    self.run(requests, random);
    wipe(&self, sizeof self);
  }

 private:
  static constexpr std::size_t kWidth = Layer::kWidth;
  static constexpr std::size_t kLimbs = kBits / 64;
  using Half = RsaHalf<Layer, kBits / 2>;
  using Whole = RsaWhole<Layer, kBits / 2>;

  void run(std::span<RsaSignRequest> requests, const Entropy& random) noexcept {
    const std::size_t count = requests.size();
    unsigned valid = 0;
    bool renew = false;
    for (std::size_t i = 0; i < count; ++i) {
      RsaSignRequest& request = requests[i];
      request.done = false;
      limbs_from_bytes(messages_[i], request.message);
      // That a message is no message is the caller's mistake, and no secret; zero is signed in its place.
      if (declassify(mask_less(messages_[i], ConstLimbSpan(request.key->parts().n.value).first(kLimbs)))) {
        valid |= 1U << i;
      } else {
        messages_[i] = {};
      }
      renew |= request.blinding->slots[i].uses_left == 0;
    }
    run_halves(requests, renew, random);

    std::array<RsaWholeJob, kWidth> jobs;
    for (std::size_t i = 0; i < count; ++i) {
      jobs[i] = {.key = requests[i].key,
                 .message = messages_[i].data(),
                 .p_half = p_halves_[i].data(),
                 .q_half = q_halves_[i].data(),
                 .signature = signatures_[i].data()};
    }
    const unsigned right = whole().run(std::span(jobs).first(count));
    for (std::size_t i = 0; i < count; ++i) {
      RsaSignRequest& request = requests[i];
      RsaBlinding::Slot& slot = request.blinding->slots[i];
      // Whether a signature is right is seen by everybody who waits for it.
      request.done = declassify(mask_from_bit(((valid & right) >> i) & 1));
      if (request.done) {
        slot.uses_left = (renew ? RsaBlinding::kUses : slot.uses_left) - 1;
        limbs_to_bytes(request.signature, signatures_[i]);
      } else {
        slot.uses_left = 0;  // it may be what was wrong
        wipe(request.signature, kBits / 8);
      }
    }
  }

  // All halves modulo p, then all modulo q; or, where there is room for both, together in half the time.
  void run_halves(std::span<RsaSignRequest> requests, bool renew, const Entropy& random) noexcept {
    const std::size_t count = requests.size();
    std::array<RsaHalfJob, 2 * kWidth> jobs;
    for (std::size_t i = 0; i < count; ++i) {
      const RsaPrivateKey::Parts& key = requests[i].key->parts();
      RsaBlinding::Slot& slot = requests[i].blinding->slots[i];
      jobs[i] = {.prime = &key.p,
                 .public_exponent = key.public_exponent,
                 .message = messages_[i].data(),
                 .pair = &slot.p,
                 .result = p_halves_[i].data()};
      jobs[count + i] = {.prime = &key.q,
                         .public_exponent = key.public_exponent,
                         .message = messages_[i].data(),
                         .pair = &slot.q,
                         .result = q_halves_[i].data()};
    }
    const std::span<const RsaHalfJob> all = std::span(jobs).first(2 * count);
    if (2 * count <= kWidth) return half().run(all, renew, random);
    half().run(all.first(count), renew, random);
    half().run(all.last(count), renew, random);
  }

  // They follow each other in the same place.
  Half& half() noexcept { return *reinterpret_cast<Half*>(work_); }
  Whole& whole() noexcept { return *reinterpret_cast<Whole*>(work_); }

  std::array<std::array<Limb, kLimbs>, kWidth> messages_, signatures_;
  std::array<std::array<Limb, kLimbs / 2>, kWidth> p_halves_, q_halves_;
  alignas(Half) alignas(Whole) std::uint8_t work_[sizeof(Half) > sizeof(Whole) ? sizeof(Half) : sizeof(Whole)];
};

// By the keys' size; LayerOf2048: for keys of 2048 bits. Requests that must not come together, of keys of two sizes or
// too many, are refused.
template <class Layer, class LayerOf2048 = Layer>
struct RsaBatch {
  static void sign(std::span<RsaSignRequest> requests, const Entropy& random, RsaScratch& scratch) noexcept {
    if (requests.empty()) return;
    const std::size_t bits = requests.front().key->bits();
    bool same = requests.size() <= Layer::kWidth;
    for (const RsaSignRequest& request : requests) same = same && request.key->bits() == bits;
    if (same && bits == 2048) return RsaOperation<LayerOf2048, 2048>::sign(requests, random, scratch);
    if (same && bits == 3072) return RsaOperation<Layer, 3072>::sign(requests, random, scratch);
    if (same && bits == 4096) return RsaOperation<Layer, 4096>::sign(requests, random, scratch);
    for (RsaSignRequest& request : requests) {
      request.done = false;
      wipe(request.signature, request.key->size());  // of a key that is not loaded: nothing
    }
  }
};

template <class Layer>
struct RsaSingle {
  static void sign(RsaSignRequest& request, const Entropy& random, RsaScratch& scratch) noexcept {
    RsaBatch<Layer>::sign(std::span(&request, 1), random, scratch);
  }
};

}  // namespace breakwater::crypto
