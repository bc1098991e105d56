// Jobs with all they need, for tests of those who run them.
#pragma once

#include <array>
#include <deque>
#include <random>
#include <vector>

#include "core/batch/operation.h"
#include "core/batch/tuning.h"
#include "tests/crypto/support.h"

namespace breakwater::test {

using batch::Job;
using batch::JobKind;
using batch::JobStatus;
using batch::Operation;
using tls::Group;
using tls::SignatureScheme;

// The operations that need no RSA key.
inline constexpr Operation kCurveOperations[] = {Operation::X25519KeyPair, Operation::X25519Agreement,
                                                 Operation::P256KeyPair, Operation::P256Agreement,
                                                 Operation::EcdsaSignature};

// Randomness that can be replayed: the same seed gives the same bytes.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : engine_(seed) {}
  void fill(MutableBytes out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
  }
  Entropy entropy() {
    return {[](void* self, MutableBytes out) noexcept { static_cast<Stream*>(self)->fill(out); }, this};
  }

 private:
  std::mt19937_64 engine_;
};

// Those that this CPU can run, and the emulated one.
std::vector<const crypto::Implementation*> implementations();

// One pending job with its memory. Does not move.
struct Specimen {
  Specimen(Operation operation, Stream& random);
  Specimen(const Specimen&) = delete;
  Specimen& operator=(const Specimen&) = delete;

  // Everything that running it may have written.
  bool operator==(const Specimen& other) const {
    return job.status == other.job.status && job.output_size == other.job.output_size && output == other.output &&
           private_key == other.private_key;
  }

  Job job;
  Bytes32 private_key{};
  Bytes input;
  std::array<std::uint8_t, batch::kMaxSignatureSize> output{};
  batch::SigningKey key;
};

// So many of one operation; the same ones for the same seed.
class Specimens {
 public:
  Specimens(Operation operation, std::size_t count, std::uint64_t seed = 1) : random_(seed) {
    while (count-- != 0) add(operation);
  }
  Specimen& add(Operation operation) { return list_.emplace_back(operation, random_); }

  Specimen& operator[](std::size_t i) { return list_[i]; }
  std::size_t size() const { return list_.size(); }
  auto begin() { return list_.begin(); }
  auto end() { return list_.end(); }

 private:
  Stream random_;
  std::deque<Specimen> list_;
};

}  // namespace breakwater::test
