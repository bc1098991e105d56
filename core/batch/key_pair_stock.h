// Ephemeral key pairs of one thread, made ahead. A server's signature covers its key share, so with a pair at hand a
// handshake asks for its signature (and, in TLS 1.3, the shared secret) in the pass in which its hello has come. Only
// key pairs are made ahead, never signing nonces.
//
// Bounded; each pair is handed out once, and wiped from here as it is. An object whose bytes are all zero is an empty
// stock. Hosts that can fork keep it in memory that a child gets as zeros, so that no pair is ever used by two
// processes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/batch/job.h"
#include "core/port/bytes.h"
#include "core/tls/registry.h"

namespace breakwater::batch {

class KeyPairStock {
 public:
  static constexpr std::size_t kCapacity = 64;  // of each group

  KeyPairStock() noexcept = default;
  ~KeyPairStock() { clear(); }
  KeyPairStock(const KeyPairStock&) = delete;
  KeyPairStock& operator=(const KeyPairStock&) = delete;

  // Moves a pair out: kPrivateKeySize bytes, and public_key_size(group) bytes. False: there is none, nothing is
  // written.
  bool take(tls::Group group, std::uint8_t* private_key, std::uint8_t* public_key) noexcept {
    if (group == tls::Group::Secp256r1) return p256_.take(private_key, public_key);
    return group == tls::Group::X25519 && x25519_.take(private_key, public_key);
  }

  std::size_t size(tls::Group group) const noexcept {
    return group == tls::Group::Secp256r1 ? p256_.size : group == tls::Group::X25519 ? x25519_.size : 0;
  }
  bool has_room_for(tls::Group group, std::size_t count) const noexcept {
    return public_key_size(group) != 0 && size(group) + count <= kCapacity;
  }

  // For those who fill it: where the pair behind the last one and `ahead` more would lie, for a group that has room for
  // it; then how many of these places hold a pair now, the first ones.
  void place(tls::Group group, std::size_t ahead, std::uint8_t*& private_key, MutableBytes& public_key) noexcept {
    group == tls::Group::Secp256r1 ? p256_.place(ahead, private_key, public_key)
                                   : x25519_.place(ahead, private_key, public_key);
  }
  void keep(tls::Group group, std::size_t count) noexcept {
    (group == tls::Group::Secp256r1 ? p256_.size : x25519_.size) += count;
  }

  void clear() noexcept { wipe(this, sizeof *this); }

 private:
  template <std::size_t kPublicSize>
  struct Shelf {
    std::size_t size;
    std::uint8_t private_keys[kCapacity][kPrivateKeySize];
    std::uint8_t public_keys[kCapacity][kPublicSize];

    // The pair that was made last goes first: it has lain in memory for the shortest time.
    bool take(std::uint8_t* private_key, std::uint8_t* public_key) noexcept {
      if (size == 0) return false;
      --size;
      memcpy(private_key, private_keys[size], kPrivateKeySize);
      memcpy(public_key, public_keys[size], kPublicSize);
      wipe(private_keys[size], kPrivateKeySize);
      wipe(public_keys[size], kPublicSize);
      return true;
    }

    void place(std::size_t ahead, std::uint8_t*& private_key, MutableBytes& public_key) noexcept {
      private_key = private_keys[size + ahead];
      public_key = public_keys[size + ahead];
    }
  };

  Shelf<public_key_size(tls::Group::Secp256r1)> p256_{};
  Shelf<public_key_size(tls::Group::X25519)> x25519_{};
};

}  // namespace breakwater::batch
