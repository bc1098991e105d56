#include "core/crypto/implementation.h"

#include "core/crypto/x25519.h"

namespace breakwater::crypto {

namespace {

constinit const X25519Functions kPortableX25519{.public_key = x25519_public_key, .shared_secret = x25519_shared_secret};

}  // namespace

constinit const Implementation kPortable{.name = "portable",
                                         .p256 = &kP256,
                                         .x25519 = &kPortableX25519,
                                         .rsa = &kRsaPortable,
                                         .p256_lanes = nullptr,
                                         .x25519_lanes = nullptr,
                                         .rsa_lanes = nullptr,
                                         .sha512_lanes = nullptr};

constinit const Implementation kEmulated{.name = "emulated",
                                         .p256 = &kP256,
                                         .x25519 = &kPortableX25519,
                                         .rsa = &kRsaPortable,
                                         .p256_lanes = &emulated::kP256Lanes,
                                         .x25519_lanes = &emulated::kX25519Lanes,
                                         .rsa_lanes = &emulated::kRsaLanes,
                                         .sha512_lanes = &emulated::kSha512Lanes};

#if defined(__x86_64__)
constinit const Implementation kAdx{
    .name = "adx",
    .p256 = &adx::kP256,
    .x25519 = &adx::kX25519,
    .rsa = &adx::kRsa,
    .p256_lanes = nullptr,
    .x25519_lanes = nullptr,
    .rsa_lanes = nullptr,
    .sha512_lanes = nullptr,
};

namespace {

constexpr Implementation ifma_with(const RsaLaneFunctions& rsa_lanes) noexcept {
  return {
      .name = "ifma",
      .p256 = &adx::kP256,
      .x25519 = &adx::kX25519,
      .rsa = &adx::kRsa,
      .p256_lanes = &ifma::kP256Lanes,
      .x25519_lanes = &ifma::kX25519Lanes,
      .rsa_lanes = &rsa_lanes,
      .sha512_lanes = &ifma::kSha512Lanes,
  };
}

}  // namespace

constinit const Implementation kIfma = ifma_with(ifma::kRsaLanes);
constinit const Implementation kIfmaTwoPorts = ifma_with(ifma::kRsaLanesSchoolbook);

const Implementation& ifma_for(const CpuFeatures& cpu) noexcept { return cpu.two_vector_ports ? kIfmaTwoPorts : kIfma; }
#endif

ImplementationList implementations_for(const CpuFeatures& cpu) noexcept {
  ImplementationList list;
#if defined(__x86_64__)
  if (cpu.ifma) list.add(ifma_for(cpu));
  if (cpu.adx) list.add(kAdx);
#else
  static_cast<void>(cpu);
#endif
  list.add(kPortable);
  return list;
}

Selection best_working(std::span<const Implementation* const> candidates, RsaSelfTestRoom& room) noexcept {
  Selection selection;
  for (const Implementation* const candidate : candidates) {
    if (gives_known_answers(*candidate, room)) {
      selection.chosen = candidate;
      return selection;
    }
    if (selection.rejected == nullptr) selection.rejected = candidate;
  }
  return selection;
}

}  // namespace breakwater::crypto
