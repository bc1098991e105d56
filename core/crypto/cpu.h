// What the CPU can run. Freestanding: asks the CPU itself, through CPUID.
#pragma once

#include <cstdint>

namespace breakwater::crypto {

struct CpuFeatures {
  bool adx = false;   // MULX of BMI2, and ADCX and ADOX of ADX: general registers only, so the system has no say in it
  bool ifma = false;  // adx, and AVX-512 F, DQ, BW, VL and IFMA, whose registers the system saves
  // Whether all work on 512-bit registers shares two ports, so that adding costs what multiplying costs: Intel's.
  // (Those of Zen 4 and 5 add beside the products.) Says what is fast, not what can run.
  bool two_vector_ports = false;
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
  constexpr std::uint32_t kAvx512 = 1U << 16 | 1U << 17 | 1U << 21 | 1U << 30 | 1U << 31;  // F, DQ, IFMA, BW, VL
  constexpr std::uint32_t kOsxsave = 1U << 27;
  constexpr std::uint32_t kVectorState = 0xe6;  // of XCR0: XMM, YMM, and the three parts of AVX-512
  const Leaf vendor = cpuid(0);
  if (vendor.eax < 7) return features;
  constexpr std::uint32_t kIntel[] = {0x756e6547, 0x49656e69, 0x6c65746e};  // "Genu", "ineI", "ntel"
  features.two_vector_ports = vendor.ebx == kIntel[0] && vendor.edx == kIntel[1] && vendor.ecx == kIntel[2];
  const std::uint32_t extensions = cpuid(7).ebx;
  features.adx = (extensions & (kBmi2 | kAdx)) == (kBmi2 | kAdx);
  if (features.adx && (extensions & kAvx512) == kAvx512 && (cpuid(1).ecx & kOsxsave) != 0) {
    std::uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    features.ifma = (low & kVectorState) == kVectorState;
  }
#endif
  return features;
}

}  // namespace breakwater::crypto
