#include "library/src/rsa_key_loader.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <cstdint>
#include <vector>

#include "core/port/bytes.h"

namespace breakwater {
namespace {

// A number of the key, wiped at the end.
class Number {
 public:
  Number() = default;
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  ~Number() { wipe(bytes_.data(), bytes_.size()); }

  // False when the key does not have it.
  bool read(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
      ERR_clear_error();
      return false;
    }
    const BignumHandle handle(number);
    bytes_.resize(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, bytes_.data());
    return true;
  }

  ConstBytes bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

RsaKeyUse use_of(crypto::RsaKeyError error) {
  switch (error) {
    case crypto::RsaKeyError::None:
      return RsaKeyUse::Ours;
    case crypto::RsaKeyError::Size:
    case crypto::RsaKeyError::ExponentTooLarge:
    case crypto::RsaKeyError::PrimeSize:
      return RsaKeyUse::Libcrypto;
    case crypto::RsaKeyError::EvenModulus:
    case crypto::RsaKeyError::EvenExponent:
    case crypto::RsaKeyError::ExponentTooSmall:
    case crypto::RsaKeyError::EqualPrimes:
    case crypto::RsaKeyError::Product:
    case crypto::RsaKeyError::ExponentP:
    case crypto::RsaKeyError::ExponentQ:
    case crypto::RsaKeyError::Coefficient:
      break;
  }
  return RsaKeyUse::Refused;
}

}  // namespace

RsaKeyUse load_rsa_key(const EVP_PKEY* key, crypto::RsaPrivateKey& loaded, std::string& why) {
  loaded = {};
  Number n, e, p, q, dp, dq, qinv, third;
  if (!n.read(key, OSSL_PKEY_PARAM_RSA_N) || !e.read(key, OSSL_PKEY_PARAM_RSA_E)) {
    why = "it is not an RSA key";
    return RsaKeyUse::Refused;
  }
  if (third.read(key, OSSL_PKEY_PARAM_RSA_FACTOR3)) {
    why = "it has more than two primes";
    return RsaKeyUse::Libcrypto;
  }
  if (!p.read(key, OSSL_PKEY_PARAM_RSA_FACTOR1) || !q.read(key, OSSL_PKEY_PARAM_RSA_FACTOR2) ||
      !dp.read(key, OSSL_PKEY_PARAM_RSA_EXPONENT1) || !dq.read(key, OSSL_PKEY_PARAM_RSA_EXPONENT2) ||
      !qinv.read(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1)) {
    why = "it comes without its primes, their exponents or their coefficient";
    return RsaKeyUse::Libcrypto;
  }
  const crypto::RsaKeyError error =
      loaded.load({n.bytes(), e.bytes(), p.bytes(), q.bytes(), dp.bytes(), dq.bytes(), qinv.bytes()});
  why = error == crypto::RsaKeyError::None ? "" : crypto::rsa_key_error_text(error);
  return use_of(error);
}

}  // namespace breakwater
