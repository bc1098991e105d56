// Eight jobs of one operation with all they need, to be run again and again for measurements.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/batch/operation.h"
#include "core/batch/tools.h"
#include "core/crypto/lane_count.h"

namespace breakwater {

class Specimens {
 public:
  // key signs, where the operation is a signature, and outlives the object, as the tools do.
  Specimens(batch::Operation operation, const batch::SigningKey* key, const batch::Tools& tools);
  Specimens(const Specimens&) = delete;
  Specimens& operator=(const Specimens&) = delete;

  void run_alone();
  void run_in_lanes(std::size_t count);  // 1 to kLanes; only where the arithmetic has lanes for the operation

  // Whether the first `count` jobs succeeded when they were run last.
  bool are_done(std::size_t count) const;

 private:
  void prepare_agreement(batch::Job& job, std::array<std::uint8_t, batch::kMaxPublicKeySize>& peer);

  batch::Operation operation_;
  const batch::Tools& tools_;
  std::array<batch::Job, crypto::kLanes> jobs_;
  std::array<batch::Job*, crypto::kLanes> pointers_{};
  std::array<std::array<std::uint8_t, batch::kPrivateKeySize>, crypto::kLanes> private_keys_{};
  std::array<std::array<std::uint8_t, batch::kMaxPublicKeySize>, crypto::kLanes> peers_{};
  std::array<std::array<std::uint8_t, batch::kMaxSignatureSize>, crypto::kLanes> outputs_{};
  std::array<std::uint8_t, 32> digest_{};
};

}  // namespace breakwater
