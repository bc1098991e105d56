// One half of RSA signatures: message^d modulo a prime, blinded in base and exponent. Written once over the layers; a
// lane is one signature's half.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crypto/rsa_blinding.h"
#include "core/crypto/rsa_limbs.h"
#include "core/crypto/rsa_private_key.h"
#include "core/crypto/rsa_raise.h"
#include "core/port/entropy.h"

namespace breakwater::crypto {

struct RsaHalfJob {
  const RsaPrivateKey::Prime* prime = nullptr;
  std::uint32_t public_exponent = 0;
  const Limb* message = nullptr;      // twice the prime's limbs, below R^2
  RsaBlinding::Pair* pair = nullptr;  // used, and replaced by its square
  Limb* result = nullptr;             // the prime's limbs: message^d modulo the prime, tight
};

template <class Layer, std::size_t kHalfBits>
class RsaHalf {
 public:
  // Jobs of at most kWidth. renew: make the blinding anew first. The object lies in the caller's scratch.
  void run(std::span<const RsaHalfJob> jobs, bool renew, const Entropy& random) noexcept {
    std::array<const RsaModulus<kMaxRsaHalfLimbs>*, kWidth> moduli;
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      public_exponents_[lane] = job_of(jobs, lane).public_exponent;
      moduli[lane] = &job_of(jobs, lane).prime->modulus;
    }
    Layer::load(modulus_, moduli);
    if (renew) make_blinding(jobs, random);
    load_message(jobs);
    std::array<const Limb*, kWidth> forward{}, backward{};
    for (std::size_t lane = 0; lane < jobs.size(); ++lane) {
      forward[lane] = jobs[lane].pair->forward.data();
      backward[lane] = jobs[lane].pair->backward.data();
    }
    Layer::set(forward_, forward);
    Layer::set(backward_, backward);

    Number& base = table_[1];
    Layer::multiply(base, message_, forward_, modulus_);
    Layer::multiply(base, base, modulus_.square, modulus_);
    blind_exponents(jobs, random);
    Raise::secret(modulus_, table_, entry_, exponents_, kHalfBits + kBlindingBits);
    Number& power = modulus_.accumulator;
    Layer::multiply(power, power, backward_, modulus_);  // a plain number again
    store(power, jobs, [](const RsaHalfJob& job) { return job.result; });
    next_blinding(jobs);
  }

 private:
  static constexpr std::size_t kWidth = Layer::kWidth;
  static constexpr std::size_t kCount = Layer::limbs(kHalfBits);
  static constexpr std::size_t kLimbs = kHalfBits / 64;
  static constexpr std::size_t kBlindingBits = 64;
  using Number = typename Layer::template Number<kCount>;
  using Raise = RsaRaise<Layer, kCount>;
  static constexpr std::size_t kExponentLimbs = kLimbs + kBlindingBits / 64 + 1;

  // Lanes without a job compute with the key of the first, on zeros.
  static const RsaHalfJob& job_of(std::span<const RsaHalfJob> jobs, std::size_t lane) noexcept {
    return jobs[lane < jobs.size() ? lane : 0];
  }

  template <class Target>
  void store(Number& value, std::span<const RsaHalfJob> jobs, Target&& target) noexcept {
    std::array<Limb*, kWidth> limbs{};
    for (std::size_t lane = 0; lane < jobs.size(); ++lane) limbs[lane] = target(jobs[lane]);
    Layer::tighten(value, modulus_);
    Layer::template get<kCount>(value, limbs);
  }

  // message_ = message R modulo the prime, tight. With message = high R + low: R^2 high + R low. high and low are below
  // R only, but what they are multiplied by is tight, so the product is below R m, and what comes out loose.
  void load_message(std::span<const RsaHalfJob> jobs) noexcept {
    std::array<const Limb*, kWidth> limbs{};
    for (std::size_t lane = 0; lane < jobs.size(); ++lane) limbs[lane] = jobs[lane].message;
    Layer::set(whole_, limbs);
    for (std::size_t i = 0; i < kCount; ++i) {
      message_[i] = whole_[i];
      entry_[i] = whole_[kCount + i];
    }
    Layer::multiply(message_, message_, modulus_.square, modulus_);
    Layer::multiply(entry_, entry_, modulus_.square, modulus_);
    Layer::multiply(entry_, entry_, modulus_.square, modulus_);
    Layer::tighten(message_, modulus_);
    Layer::tighten(entry_, modulus_);
    Layer::add(message_, entry_, modulus_);
  }

  // d + k (p - 1) for a random k of 64 bits: below 2^64 p.
  void blind_exponents(std::span<const RsaHalfJob> jobs, const Entropy& random) noexcept {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      auto& exponent = exponents_[lane];
      exponent = {};
      if (lane >= jobs.size()) continue;
      const RsaPrivateKey::Prime& prime = *jobs[lane].prime;
      Secret<std::array<std::uint8_t, 8>> bytes;
      random.fill(bytes.value);
      Secret<Limb> factor(load_big_endian(bytes.value.data()));
      Limb carry = 0;
      for (std::size_t i = 0; i < kLimbs; ++i) {
        const Limb limb = i == 0 ? prime.modulus.value[i] ^ 1 : prime.modulus.value[i];
        exponent[i] = multiply_add(limb, factor.value, prime.exponent[i], carry);
      }
      exponent[kLimbs] = carry;
    }
  }

  // r below 2^kHalfBits: what is taken modulo the prime is not quite evenly spread, and need not be.
  void make_blinding(std::span<const RsaHalfJob> jobs, const Entropy& random) noexcept {
    std::array<const Limb*, kWidth> drawn{};
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      auto& exponent = exponents_[lane];  // holds r first, then p - 2
      exponent = {};
      if (lane >= jobs.size()) continue;
      random.fill(MutableBytes(reinterpret_cast<std::uint8_t*>(exponent.data()), kHalfBits / 8));
      drawn[lane] = exponent.data();
    }
    Layer::set(backward_, drawn);
    for (std::size_t lane = 0; lane < jobs.size(); ++lane) {
      constexpr std::array<Limb, kLimbs> kTwo{2};
      for (std::size_t i = 0; i < kLimbs; ++i) exponents_[lane][i] = jobs[lane].prime->modulus.value[i];
      subtract_masked(LimbSpan(exponents_[lane]).first(kLimbs), kTwo, ~Mask{0});
    }
    Number& base = table_[1];
    Layer::multiply(base, backward_, modulus_.square, modulus_);
    Raise::open(modulus_, base, backward_, forward_, entry_, public_exponents_);
    store(modulus_.accumulator, jobs, [](const RsaHalfJob& job) { return job.pair->forward.data(); });
    Raise::secret(modulus_, table_, entry_, exponents_, kHalfBits);
    Layer::set_one(backward_);
    Layer::multiply(backward_, modulus_.accumulator, backward_, modulus_);
    store(backward_, jobs, [](const RsaHalfJob& job) { return job.pair->backward.data(); });
  }

  void next_blinding(std::span<const RsaHalfJob> jobs) noexcept {
    for (Number* const value : {&forward_, &backward_}) {
      Layer::square(*value, *value, modulus_);
      Layer::multiply(*value, *value, modulus_.square, modulus_);
    }
    store(forward_, jobs, [](const RsaHalfJob& job) { return job.pair->forward.data(); });
    store(backward_, jobs, [](const RsaHalfJob& job) { return job.pair->backward.data(); });
  }

  std::array<std::uint32_t, kWidth> public_exponents_;
  typename Layer::template Modulus<kCount> modulus_;
  typename Layer::template Number<2 * kCount> whole_;
  Number message_, forward_, backward_, entry_;
  std::array<RsaExponent<kExponentLimbs>, kWidth> exponents_;
  typename Raise::Table table_;
};

}  // namespace breakwater::crypto
