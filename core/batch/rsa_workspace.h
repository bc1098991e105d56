// What one thread needs to sign with RSA keys: room for intermediate values, and the blinding of the keys it has used
// lately. An object whose bytes are all zero is an empty one. Hosts that can fork keep it in memory that a child gets
// as zeros, so that no two processes blind with the same values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/lane_count.h"
#include "core/crypto/rsa_blinding.h"
#include "core/crypto/rsa_functions.h"

namespace breakwater::batch {

class RsaWorkspace {
 public:
  static constexpr std::size_t kPlaces = 16;
  static_assert(kPlaces >= crypto::kLanes);

  RsaWorkspace() noexcept = default;
  RsaWorkspace(const RsaWorkspace&) = delete;
  RsaWorkspace& operator=(const RsaWorkspace&) = delete;

  // Keys are told apart by SigningKey::id, which is never 0. A key that is new here takes the place of the one that was
  // used the longest time ago, so the keys of one batch never take each other's. Where more than kPlaces keys are in
  // use by turns, a signature may cost twice as much: its blinding is made anew.
  crypto::RsaBlinding& blinding_of(std::uint64_t key_id) noexcept {
    Entry* found = &entries_[0];
    for (Entry& entry : entries_) {
      if (entry.key_id == key_id) {
        found = &entry;
        break;
      }
      if (entry.last_use < found->last_use) found = &entry;
    }
    if (found->key_id != key_id) {
      wipe(&found->blinding, sizeof found->blinding);
      found->key_id = key_id;
    }
    found->last_use = ++uses_;
    return found->blinding;
  }

  void forget_blindings() noexcept {
    for (Entry& entry : entries_) entry = Entry{};
  }

  crypto::RsaScratch& scratch() noexcept { return scratch_; }

 private:
  struct Entry {
    std::uint64_t key_id = 0;
    std::uint64_t last_use = 0;  // 64 bits do not wrap
    crypto::RsaBlinding blinding;
  };

  crypto::RsaScratch scratch_{};
  std::array<Entry, kPlaces> entries_{};
  std::uint64_t uses_ = 0;
};

}  // namespace breakwater::batch
