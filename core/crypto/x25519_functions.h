// X25519 as a table of functions, one for each implementation (implementation.h). What they do: x25519.h.
#pragma once

#include <cstdint>

namespace breakwater::crypto {

struct X25519Functions {
  void (*public_key)(std::uint8_t public_key[32], const std::uint8_t scalar[32]) noexcept;
  bool (*shared_secret)(std::uint8_t shared[32], const std::uint8_t scalar[32], const std::uint8_t peer[32]) noexcept;
};

// Runs on CPUs with MULX, ADCX and ADOX only.
namespace adx {
extern const X25519Functions kX25519;
}

}  // namespace breakwater::crypto
