// P-256 as a table of functions, one for each implementation. What they do: p256.h.
#pragma once

#include <cstdint>

#include "core/port/bytes.h"

namespace breakwater::crypto {

struct P256Functions {
  bool (*public_key)(std::uint8_t public_key[65], const std::uint8_t scalar[32]) noexcept;
  bool (*shared_secret)(std::uint8_t shared[32], const std::uint8_t scalar[32], const std::uint8_t peer[65]) noexcept;
  bool (*sign)(std::uint8_t signature[64], const std::uint8_t scalar[32], const std::uint8_t digest[32],
               ConstBytes hedge) noexcept;
};

// Runs on CPUs with MULX, ADCX and ADOX only.
namespace adx {
extern const P256Functions kP256;
}

}  // namespace breakwater::crypto
