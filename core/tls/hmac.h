// HMAC (RFC 2104) with SHA-256 or SHA-384 for the key schedules: several at once, in lanes where there are some.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "core/crypto/sha512_functions.h"
#include "core/port/bytes.h"
#include "core/port/hash.h"
#include "core/tls/hash.h"

namespace breakwater::tls {

// How SHA-384 is computed of several messages.
struct HashLanes {
  const crypto::Sha512LaneFunctions* sha512 = nullptr;  // null: one message after the other
};

// A key, hashed as far as it goes: HMAC of a message begins with these two. As secret as the key.
struct HmacKey {
  union Chain {
    port::Sha256Chain sha256;
    port::Sha512Chain sha512;
  };

  Chain inner;
  Chain outer;
};

// Collects work and does it together; what is added must not wait for a result of what was added since the last run().
// What is pointed to must stay until then. Wiped when it goes; what has not run by then is not done.
class HmacGroup {
 public:
  HmacGroup(HashKind kind, HashLanes lanes) noexcept : lanes_(lanes), kind_(kind) {}
  HmacGroup(const HmacGroup&) = delete;
  HmacGroup& operator=(const HmacGroup&) = delete;
  ~HmacGroup() { wipe(slots_, used_ * sizeof slots_[0]); }

  HashKind kind() const noexcept { return kind_; }

  // bytes: at most a block of the hash, 64 or 128 bytes; a longer key is a mistake of ours, and stops the process.
  void add_key(HmacKey& key, ConstBytes bytes) noexcept;

  // out: the first bytes of the HMAC of the parts, one after the other; at most the hash's size. Their sum is at most
  // two blocks less what SHA-2 pads with: 119 or 239 bytes; more stops the process.
  void add(const HmacKey& key, std::initializer_list<ConstBytes> parts, MutableBytes out) noexcept;

  // Also called by add and add_key when there is no room left.
  void run() noexcept;

 private:
  static constexpr std::size_t kMaxBlock = 128;

  struct Slot {
    std::uint8_t bytes[2 * kMaxBlock];  // the message, padded
    HmacKey::Chain chain;
    HmacKey::Chain* key_part;  // where the chain goes when it is a key's; else null
    const HmacKey* key;        // a message's
    std::uint8_t* out;
    std::uint8_t out_size;
    std::uint8_t blocks;
  };

  Slot& take(std::size_t count) noexcept;
  void pad(Slot& slot, std::size_t size) const noexcept;
  void compress(std::size_t block) noexcept;

  Slot slots_[crypto::kLanes];
  HashLanes lanes_;
  HashKind kind_;
  std::uint8_t count_ = 0;
  std::uint8_t used_ = 0;  // slots that hold or held something
};

// One message under a key that is used once.
void hmac(HashKind kind, ConstBytes key, std::initializer_list<ConstBytes> parts, MutableBytes out) noexcept;

}  // namespace breakwater::tls
