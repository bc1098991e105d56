// The end of RSA signatures: the halves made one by Garner's formula, and the check with the public key. Written once
// over the layers; a lane is one signature.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/rsa_limbs.h"
#include "core/crypto/rsa_private_key.h"
#include "core/crypto/rsa_raise.h"

namespace breakwater::crypto {

struct RsaWholeJob {
  const RsaPrivateKey* key = nullptr;
  const Limb* message = nullptr;  // below n
  const Limb* p_half = nullptr;   // message^d modulo p, tight
  const Limb* q_half = nullptr;   // and modulo q
  Limb* signature = nullptr;      // as many limbs as n: message^d modulo n, right or wrong
};

template <class Layer, std::size_t kHalfBits>
class RsaWhole {
 public:
  // Jobs of at most kWidth. Bit i is set when signature^e = message for job i. The object lies in the caller's scratch.
  std::uint8_t run(std::span<const RsaWholeJob> jobs) noexcept {
    combine(jobs);
    return verify(jobs);
  }

 private:
  static constexpr std::size_t kWidth = Layer::kWidth;
  static constexpr std::size_t kCount = Layer::limbs(kHalfBits);
  using Half = typename Layer::template Number<kCount>;
  using Whole = typename Layer::template Number<2 * kCount>;

  static const RsaPrivateKey::Parts& key_of(std::span<const RsaWholeJob> jobs, std::size_t lane) noexcept {
    return jobs[lane < jobs.size() ? lane : 0].key->parts();
  }

  // s = s_q + q ((s_p - s_q) qinv modulo p). It does not matter which of the primes is greater: both have their top bit
  // set, so s_q < q < 2 p.
  void combine(std::span<const RsaWholeJob> jobs) noexcept {
    std::array<const RsaModulus<kMaxRsaHalfLimbs>*, kWidth> moduli;
    std::array<const Limb*, kWidth> q{}, coefficient{}, p_half{}, q_half{};
    for (std::size_t lane = 0; lane < kWidth; ++lane) moduli[lane] = &key_of(jobs, lane).p.modulus;
    for (std::size_t lane = 0; lane < jobs.size(); ++lane) {
      q[lane] = key_of(jobs, lane).q.modulus.value.data();
      coefficient[lane] = key_of(jobs, lane).coefficient.data();
      p_half[lane] = jobs[lane].p_half;
      q_half[lane] = jobs[lane].q_half;
    }
    Layer::load(p_, moduli);
    Layer::set(q_half_, q_half);
    Layer::set(difference_, p_half);
    factor_ = q_half_;
    Layer::tighten(factor_, p_);
    Layer::subtract(difference_, factor_, p_);
    Layer::set(factor_, coefficient);
    Layer::multiply(difference_, difference_, p_.square, p_);
    Layer::multiply(difference_, difference_, factor_, p_);
    Layer::tighten(difference_, p_);
    Layer::set(factor_, q);
    Layer::multiply_add(signature_, difference_, factor_, q_half_, p_);
  }

  std::uint8_t verify(std::span<const RsaWholeJob> jobs) noexcept {
    std::array<const RsaModulus<kMaxRsaLimbs>*, kWidth> moduli;
    std::array<std::uint32_t, kWidth> exponents;
    std::array<const Limb*, kWidth> messages{};
    std::array<Limb*, kWidth> signatures{};
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      moduli[lane] = &key_of(jobs, lane).n;
      exponents[lane] = key_of(jobs, lane).public_exponent;
    }
    for (std::size_t lane = 0; lane < jobs.size(); ++lane) {
      messages[lane] = jobs[lane].message;
      signatures[lane] = jobs[lane].signature;
    }
    Layer::load(n_, moduli);
    Layer::multiply(montgomery_, signature_, n_.square, n_);
    RsaRaise<Layer, 2 * kCount>::open(n_, montgomery_, signature_, one_, message_, exponents);
    Layer::tighten(n_.accumulator, n_);
    Layer::set(message_, messages);
    Layer::template get<2 * kCount>(signature_, signatures);
    return Layer::equal_numbers(n_.accumulator, message_);
  }

  typename Layer::template Modulus<kCount> p_;
  typename Layer::template Modulus<2 * kCount> n_;
  Half q_half_, difference_, factor_;
  Whole signature_, montgomery_, one_, message_;
};

}  // namespace breakwater::crypto
