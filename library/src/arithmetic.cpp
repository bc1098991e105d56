#include "library/src/arithmetic.h"

namespace breakwater {

ArithmeticChoice first_working(std::span<const crypto::Implementation* const> candidates) {
  const auto [chosen, rejected] = crypto::best_working(candidates);
  if (chosen == nullptr) {
    return {nullptr,
            "arithmetic: no implementation gives the right answers on this machine: the build or the CPU is broken",
            {}};
  }
  if (rejected == nullptr) return {chosen, {}, {}};
  return {chosen,
          {},
          "arithmetic: " + std::string(rejected->name) + " gives wrong answers on this machine and is not used; " +
              chosen->name + " is. Please report this with the CPU's model"};
}

ArithmeticChoice choose_arithmetic(Arithmetic wanted, const crypto::CpuFeatures& cpu) {
  switch (wanted) {
    case Arithmetic::Portable: {
      const crypto::Implementation* const only[] = {&crypto::kPortable};
      return first_working(only);
    }
    case Arithmetic::Adx: {
#if defined(__x86_64__)
      if (cpu.adx) {
        const crypto::Implementation* const adx_first[] = {&crypto::kAdx, &crypto::kPortable};
        return first_working(adx_first);
      }
#endif
      return {nullptr, "arithmetic: adx needs a CPU with BMI2 and ADX, which this one lacks: use auto or portable", {}};
    }
    case Arithmetic::Ifma: {
#if defined(__x86_64__)
      if (cpu.ifma) {
        const crypto::Implementation* const ifma_first[] = {&crypto::kIfma, &crypto::kAdx, &crypto::kPortable};
        return first_working(ifma_first);
      }
#endif
      return {nullptr,
              "arithmetic: ifma needs a CPU with AVX-512 IFMA, BMI2 and ADX, which this one lacks: use auto, adx or "
              "portable",
              {}};
    }
    case Arithmetic::Auto:
      return first_working(crypto::implementations_for(cpu));
  }
  return {nullptr, "arithmetic: this value is not known: use auto, portable, adx or ifma", {}};
}

bool can_run(Arithmetic arithmetic) noexcept {
  switch (arithmetic) {
    case Arithmetic::Auto:
    case Arithmetic::Portable:
      return true;
    case Arithmetic::Adx:
      return crypto::detect_cpu().adx;
    case Arithmetic::Ifma:
      return crypto::detect_cpu().ifma;
  }
  return false;
}

}  // namespace breakwater
