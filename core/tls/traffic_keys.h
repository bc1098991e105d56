// Record keys: raw ones, which a connection keeps, and expanded ones, which belong to a burst of records.
#pragma once

#include <cstdint>

#include "core/port/aead.h"
#include "core/port/bytes.h"

namespace breakwater::tls {

// The raw key of one direction.
struct TrafficKey {
  std::uint8_t key[port::kAeadMaxKeySize];
  std::uint8_t iv[port::kAeadNonceSize];  // TLS 1.2 GCM: only the first 4 bytes, RFC 5288 3
  std::uint64_t sequence;                 // of the next record
  std::uint64_t generation;               // names the expansion in ExpandedKeys; 0: never expanded
};

// Scratch of one thread: the expanded keys of the connection served last. Switching to another connection costs one key
// expansion (about 0.2 us), which is why an idle connection keeps raw keys only.
class ExpandedKeys {
 public:
  // first_generation keeps the scratches of different threads apart: give each thread a multiple of 2^48 of its own if
  // a connection may be served by several of them (never by two at once).
  explicit ExpandedKeys(std::uint64_t first_generation = 0) noexcept : last_generation_(first_generation) {}

  const port::AeadKey& for_reading(TrafficKey& key, port::Aead aead) noexcept { return get(read_, key, aead); }
  const port::AeadKey& for_writing(TrafficKey& key, port::Aead aead) noexcept { return get(write_, key, aead); }

  // Drops what a key that is about to go was expanded to.
  void forget(const TrafficKey& key) noexcept {
    for (Slot* slot : {&read_, &write_}) {
      if (slot->generation != 0 && slot->generation == key.generation) wipe(slot, sizeof *slot);
    }
  }

 private:
  struct Slot {
    port::AeadKey expanded;
    std::uint64_t generation = 0;
  };

  const port::AeadKey& get(Slot& slot, TrafficKey& key, port::Aead aead) noexcept {
    if (key.generation == 0 || slot.generation != key.generation) {
      // A new number each time, so that neither a key that has passed through the scratch earlier nor one at the same
      // address can be taken for this one. 64 bits do not wrap.
      key.generation = ++last_generation_;
      slot.generation = key.generation;
      port::aead_expand(slot.expanded, aead, key.key);
    }
    return slot.expanded;
  }

  Slot read_;
  Slot write_;
  std::uint64_t last_generation_;
};

}  // namespace breakwater::tls
