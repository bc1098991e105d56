// What the CPU can run. Freestanding: asks the CPU itself, through CPUID.
#pragma once

#include <cstdint>

namespace breakwater::crypto {

struct CpuFeatures {
  bool adx = false;  // MULX of BMI2, and ADCX and ADOX of ADX: general registers only, so the system has no say in it
};

// Takes some hundred cycles, or some thousand in a virtual machine: ask once, at start.
inline CpuFeatures detect_cpu() noexcept {
  CpuFeatures features;
#if defined(__x86_64__)
  struct Leaf {
    std::uint32_t eax, ebx, ecx, edx;
  };
  const auto cpuid = [](std::uint32_t leaf) noexcept {
    Leaf out{leaf, 0, 0, 0};
    __asm__("cpuid" : "+a"(out.eax), "=b"(out.ebx), "+c"(out.ecx), "=d"(out.edx));
    return out;
  };
  constexpr std::uint32_t kBmi2 = 1U << 8, kAdx = 1U << 19;
  if (cpuid(0).eax >= 7) features.adx = (cpuid(7).ebx & (kBmi2 | kAdx)) == (kBmi2 | kAdx);
#endif
  return features;
}

}  // namespace breakwater::crypto
