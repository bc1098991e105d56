#include "library/src/arithmetic.h"

#include <memory>

#include "library/src/arithmetic_advice.h"

namespace breakwater {

std::string_view what_it_lacks(Arithmetic wanted, bool can_run_adx) noexcept {
  if (wanted == Arithmetic::Adx) return "needs a CPU with BMI2 and ADX, which this one lacks: use auto or portable";
  return can_run_adx
             ? "needs a CPU with AVX-512 IFMA, BMI2 and ADX; this one lacks AVX-512 IFMA: use auto, adx or portable"
             : "needs a CPU with AVX-512 IFMA, BMI2 and ADX; this one lacks BMI2 or ADX: use auto or portable";
}

ArithmeticChoice first_working(std::span<const crypto::Implementation* const> candidates) {
  const auto room = std::make_unique<crypto::RsaSelfTestRoom>();
  const auto [chosen, rejected] = crypto::best_working(candidates, *room);
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
      return {nullptr, "arithmetic: adx " + std::string(what_it_lacks(wanted, cpu.adx)), {}};
    }
    case Arithmetic::Ifma: {
#if defined(__x86_64__)
      if (cpu.ifma) {
        const crypto::Implementation* const ifma_first[] = {&crypto::ifma_for(cpu), &crypto::kAdx, &crypto::kPortable};
        return first_working(ifma_first);
      }
#endif
      return {nullptr, "arithmetic: ifma " + std::string(what_it_lacks(wanted, cpu.adx)), {}};
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
