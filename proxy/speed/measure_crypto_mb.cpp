// Intel's crypto_mb, which Debian 12 lacks: used when the library happens to be there, never needed.
#include <dlfcn.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "proxy/speed/speed.h"

namespace breakwater::proxy {
namespace {

constexpr std::size_t kLanes = 8;
constexpr const char* kNames[] = {"libcrypto_mb.so.12", "libcrypto_mb.so.11", "libcrypto_mb.so"};

using Status = std::uint32_t;  // four bits for each lane, 0: done
using Bytes = std::uint8_t* const*;
using ConstBytes = const std::uint8_t* const*;
using Limbs = std::uint64_t* const*;  // 64 bits each, the least significant first
using ConstLimbs = const std::uint64_t* const*;

// Eight vectors of one size, and the pointers that the library takes.
template <class Word, std::size_t kSize>
struct Lanes {
  Lanes() {
    for (std::size_t i = 0; i < kLanes; ++i) pointers[i] = words[i].data();
  }
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  Word* const* get() { return pointers.data(); }
  const Word* const* get_const() { return const_cast<const Word* const*>(pointers.data()); }

  std::array<std::array<Word, kSize>, kLanes> words{};
  std::array<Word*, kLanes> pointers{};
};
using Numbers = Lanes<std::uint64_t, 4>;  // P-256 scalars and coordinates
using Strings = Lanes<std::uint8_t, 32>;
using Halves = Lanes<std::uint64_t, 32>;  // of an RSA modulus
using Wholes = Lanes<std::uint8_t, 512>;

// What the calls read and write.
struct Curves {
  Numbers scalars, nonces, x, y;
  Strings digests, r, s, private_keys, public_keys;
};
struct Rsa {
  Halves p, q, dp, dq, qinv;
  Wholes from, to;
};

class CryptoMb : public std::enable_shared_from_this<CryptoMb> {
 public:
  CryptoMb() {
    for (const char* const name : kNames) {
      if (library_ == nullptr) library_ = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    }
    can_run_ = can_run();
  }
  ~CryptoMb() {
    if (library_ != nullptr) ::dlclose(library_);
  }
  CryptoMb(const CryptoMb&) = delete;
  CryptoMb& operator=(const CryptoMb&) = delete;

  void add_curves(std::vector<Measurement>& list) {
    const auto of = std::make_shared<Curves>();
    for (std::size_t i = 0; i < kLanes; ++i) {
      of->scalars.words[i] = {i + 3, 5, 7, 9};
      of->nonces.words[i] = {i + 11, 13, 15, 17};
      of->private_keys.words[i].fill(static_cast<std::uint8_t>(i + 1));
    }
    add<Status(Bytes, Bytes, ConstBytes, ConstLimbs, ConstLimbs, std::uint8_t*)>(
        list, "P-256 sign", "mbx_nistp256_ecdsa_sign_mb8", of, of->r.get(), of->s.get(), of->digests.get_const(),
        of->nonces.get_const(), of->scalars.get_const(), nullptr);
    add<Status(Limbs, Limbs, Limbs, ConstLimbs, std::uint8_t*)>(list, "P-256 key pair", "mbx_nistp256_ecpublic_key_mb8",
                                                                of, of->x.get(), of->y.get(), nullptr,
                                                                of->scalars.get_const(), nullptr);
    add<Status(Bytes, ConstLimbs, ConstLimbs, ConstLimbs, ConstLimbs, std::uint8_t*)>(
        list, "P-256 ECDH", "mbx_nistp256_ecdh_mb8", of, of->r.get(), of->scalars.get_const(), of->x.get_const(),
        of->y.get_const(), nullptr, nullptr);
    add<Status(Bytes, ConstBytes)>(list, "X25519 key pair", "mbx_x25519_public_key_mb8", of, of->public_keys.get(),
                                   of->private_keys.get_const());
    add<Status(Bytes, ConstBytes, ConstBytes)>(list, "X25519 ECDH", "mbx_x25519_mb8", of, of->r.get(),
                                               of->private_keys.get_const(), of->public_keys.get_const());
  }

  // Without blinding and without a check of the result, both of which are the caller's there.
  void add_rsa(std::vector<Measurement>& list, const EVP_PKEY* key, unsigned bits) {
    const auto of = std::make_shared<Rsa>();
    if (!take(key, OSSL_PKEY_PARAM_RSA_FACTOR1, of->p) || !take(key, OSSL_PKEY_PARAM_RSA_FACTOR2, of->q) ||
        !take(key, OSSL_PKEY_PARAM_RSA_EXPONENT1, of->dp) || !take(key, OSSL_PKEY_PARAM_RSA_EXPONENT2, of->dq) ||
        !take(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, of->qinv)) {
      return;
    }
    for (auto& message : of->from.words) message[bits / 8 - 1] = 2;
    add<Status(ConstBytes, Bytes, ConstLimbs, ConstLimbs, ConstLimbs, ConstLimbs, ConstLimbs, int, const void*,
               std::uint8_t*)>(list, "RSA-" + std::to_string(bits) + " sign", "mbx_rsa_private_crt_mb8", of,
                               of->from.get_const(), of->to.get(), of->p.get_const(), of->q.get_const(),
                               of->dp.get_const(), of->dq.get_const(), of->qinv.get_const(), static_cast<int>(bits),
                               nullptr, nullptr);
  }

 private:
  // Its functions do not look at the CPU themselves: without AVX-512 IFMA they end the process.
  bool can_run() const {
    if (library_ == nullptr) return false;
    constexpr std::uint64_t kOfThisCpu = 0;
    using IsApplicable = int(std::uint64_t features);
    auto* const is_applicable = reinterpret_cast<IsApplicable*>(::dlsym(library_, "mbx_is_crypto_mb_applicable"));
    return is_applicable != nullptr && is_applicable(kOfThisCpu) != 0;
  }

  static bool take(const EVP_PKEY* key, const char* name, Halves& numbers) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return false;
    auto* const bytes = reinterpret_cast<unsigned char*>(numbers.words[0].data());
    const bool fits = BN_bn2lebinpad(number, bytes, sizeof numbers.words[0]) >= 0;
    BN_clear_free(number);
    numbers.words.fill(numbers.words[0]);
    return fits;
  }

  // owner: of what the arguments point to.
  template <class Function, class... Arguments>
  void add(std::vector<Measurement>& list, const std::string& operation, const char* name,
           const std::shared_ptr<void>& owner, Arguments... arguments) {
    if (!can_run_) return;
    auto* const function = reinterpret_cast<Function*>(::dlsym(library_, name));
    if (function == nullptr || function(arguments...) != 0) return;
    const auto call = [library = shared_from_this(), owner, function, arguments...] { function(arguments...); };
    list.push_back({operation, "crypto_mb", call, 0, kLanes});
  }

  void* library_ = nullptr;
  bool can_run_ = false;
};

}  // namespace

std::vector<Measurement> crypto_mb_measurements(const RsaKeys& rsa) {
  std::vector<Measurement> list;
  const auto library = std::make_shared<CryptoMb>();
  library->add_curves(list);
  for (std::size_t i = 0; i < rsa.keys.size(); ++i) library->add_rsa(list, rsa.keys[i].get(), RsaKeys::kBits[i]);
  return list;
}

}  // namespace breakwater::proxy
