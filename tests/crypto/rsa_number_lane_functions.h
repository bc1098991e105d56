// RSA's Montgomery arithmetic in lanes as plain functions, one table for each unit, so that one test runs them all and
// none of its own code is compiled for AVX-512. Numbers of the halves of RSA-2048, twenty limbs of 52 bits for each
// lane.
#pragma once

#include <array>

#include "core/crypto/lane_count.h"
#include "core/crypto/rsa_private_key.h"

namespace breakwater::test {

using RsaLaneNumber = std::array<std::array<crypto::Limb, crypto::kLanes>, 20>;
using RsaLaneModuli = std::array<const crypto::RsaModulus<crypto::kMaxRsaHalfLimbs>*, crypto::kLanes>;

struct RsaNumberLaneFunctions {
  // out = left right / R and left^2 / R modulo m, loose. R = 2^1040.
  void (*multiply)(RsaLaneNumber& out, const RsaLaneNumber& left, const RsaLaneNumber& right,
                   const RsaLaneModuli& moduli) noexcept;
  void (*square)(RsaLaneNumber& out, const RsaLaneNumber& left, const RsaLaneModuli& moduli) noexcept;
  void (*tighten)(RsaLaneNumber& value, const RsaLaneModuli& moduli) noexcept;
};

// By rsa_lane_karatsuba.h and by rsa_lane_schoolbook.h.
namespace emulated {
extern const RsaNumberLaneFunctions kRsaNumber, kRsaNumberSchoolbook;
}
namespace ifma {
extern const RsaNumberLaneFunctions kRsaNumber, kRsaNumberSchoolbook;
}

}  // namespace breakwater::test
