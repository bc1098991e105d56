// Seam: running SHA-2. Each host defines these functions once, at link time.
// States are plain bytes: copying one forks the hash. No call may sleep, allocate or fail.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::port {

// Room for OpenSSL's SHA256_CTX / SHA512_CTX and the kernel's sha256_state / sha512_state.
struct alignas(8) Sha256State {
  std::uint8_t opaque[112];
};
struct alignas(8) Sha512State {  // SHA-384 and SHA-512 differ in their start value and output length only
  std::uint8_t opaque[216];
};

// The chaining value of SHA-512 and SHA-384: H(0) .. H(7) of FIPS 180-4. Of SHA-256 likewise, 32 bits each.
using Sha512Chain = std::array<std::uint64_t, 8>;
using Sha256Chain = std::array<std::uint32_t, 8>;

void sha256_init(Sha256State& state) noexcept;
void sha256_update(Sha256State& state, ConstBytes data) noexcept;
void sha256_final(Sha256State& state, std::uint8_t out[32]) noexcept;  // the state is spent afterwards

void sha384_init(Sha512State& state) noexcept;
void sha512_init(Sha512State& state) noexcept;
void sha512_update(Sha512State& state, ConstBytes data) noexcept;
void sha384_final(Sha512State& state, std::uint8_t out[48]) noexcept;
void sha512_final(Sha512State& state, std::uint8_t out[64]) noexcept;

// The compression functions: one block, of 64 or 128 bytes, into the chaining value.
void sha256_compress(Sha256Chain& chain, const std::uint8_t block[64]) noexcept;
void sha512_compress(Sha512Chain& chain, const std::uint8_t block[128]) noexcept;

}  // namespace breakwater::port
