// What one thread needs to sign with RSA keys: room for intermediate values, and the blinding of the keys it has used
// lately. An object whose bytes are all zero is an empty one. Hosts that can fork keep it in memory that a child gets
// as zeros, so that no two processes blind with the same values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/rsa_blinding.h"
#include "core/crypto/rsa_functions.h"

namespace breakwater::batch {

class RsaWorkspace {
 public:
  static constexpr std::size_t kPlaces = 16;

  RsaWorkspace() noexcept = default;
  RsaWorkspace(const RsaWorkspace&) = delete;
  RsaWorkspace& operator=(const RsaWorkspace&) = delete;

  // Keys are told apart by SigningKey::id. Two that want the same place take it from each other: correct, but each time
  // a blinding is made anew, so one batch may not hold both.
  static constexpr std::size_t place_of(std::uint64_t key_id) noexcept { return key_id % kPlaces; }

  crypto::RsaBlinding& blinding_of(std::uint64_t key_id) noexcept {
    Entry& entry = entries_[place_of(key_id)];
    if (entry.key_id != key_id) {
      wipe(&entry.blinding, sizeof entry.blinding);
      entry.key_id = key_id;
    }
    return entry.blinding;
  }

  crypto::RsaScratch& scratch() noexcept { return scratch_; }

 private:
  struct Entry {
    std::uint64_t key_id = 0;
    crypto::RsaBlinding blinding;
  };

  crypto::RsaScratch scratch_{};
  std::array<Entry, kPlaces> entries_{};
};

}  // namespace breakwater::batch
