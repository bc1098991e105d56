#include "library/src/certificate_loader.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <string_view>

#include "core/crypto/p256.h"
#include "library/src/certificate_message.h"
#include "library/src/host_name.h"
#include "library/src/rsa_key_loader.h"

namespace breakwater {
namespace {

// Every step says what is wrong, or nothing.
using Problem = std::optional<std::string>;

constexpr std::size_t kMaxPem = std::size_t{1} << 20;

BioHandle open_text(const std::string& text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// libcrypto's reason for the latest failure, for the end of a message; empties its queue.
std::string take_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason == nullptr ? "" : std::string(" (") + reason + ")";
  ERR_clear_error();
  return text;
}

bool at_end_of_pem() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

Problem read_chain(const std::string& pem, std::vector<X509Handle>& chain) {
  if (pem.size() > kMaxPem) return "the certificate file is longer than 1 MiB";
  const BioHandle text = open_text(pem);
  if (text == nullptr) return "out of memory";
  ERR_clear_error();
  while (X509Handle certificate{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)}) {
    chain.push_back(std::move(certificate));
  }
  if (!at_end_of_pem()) return "certificate " + std::to_string(chain.size() + 1) + " cannot be read" + take_reason();
  ERR_clear_error();
  if (chain.empty()) return "no certificate in it: a PEM block BEGIN CERTIFICATE is needed";
  return {};
}

// Stands in for libcrypto's own callback, which would ask on the terminal. Notes that a passphrase was wanted.
int refuse_passphrase(char*, int, int, void* wanted) {
  *static_cast<bool*>(wanted) = true;
  return -1;
}

Problem read_key(const std::string& pem, KeyHandle& key) {
  if (pem.empty()) return "no private key was given";
  if (pem.size() > kMaxPem) return "the private key file is longer than 1 MiB";
  const BioHandle text = open_text(pem);
  if (text == nullptr) return "out of memory";
  ERR_clear_error();
  bool passphrase_wanted = false;
  key.reset(PEM_read_bio_PrivateKey(text.get(), nullptr, refuse_passphrase, &passphrase_wanted));
  if (key != nullptr) {
    ERR_clear_error();  // decoders that did not fit leave their complaints behind
    return {};
  }
  const std::string reason = take_reason();
  if (passphrase_wanted) return "the private key is encrypted: decrypt it first (openssl pkey)";
  return "the private key cannot be read" + reason;
}

Problem check_match(const std::vector<X509Handle>& chain, const EVP_PKEY* key) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const EVP_PKEY* const certified = X509_get0_pubkey(chain[i].get());
    const bool equal = certified != nullptr && EVP_PKEY_eq(certified, key) == 1;
    ERR_clear_error();
    if (equal && i == 0) return {};
    if (equal) {
      return "the private key belongs to certificate " + std::to_string(i + 1) + " of the chain: put that one first";
    }
  }
  return "the private key does not belong to the certificate";
}

// The scalar goes to core/crypto, which must agree with libcrypto about the public key that belongs to it.
Problem take_ecdsa_key(const EVP_PKEY* key, LoadedCertificate& certificate) {
  char curve[64] = {};
  std::size_t curve_size = 0;
  if (EVP_PKEY_get_group_name(key, curve, sizeof curve, &curve_size) != 1) curve[0] = '\0';
  if (std::string_view(curve) != "prime256v1") {
    return "the key is on the curve " + std::string(curve_size == 0 ? "(unnamed)" : curve) +
           ": ECDSA keys must be on P-256";
  }
  BIGNUM* scalar = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) != 1) {
    return "the private key cannot be taken out" + take_reason();
  }
  const BignumHandle owned(scalar);
  std::uint8_t expected[65] = {};
  std::uint8_t computed[65] = {};
  std::size_t expected_size = 0;
  // The encoding asked for is uncompressed whatever form the file uses.
  if (BN_bn2binpad(scalar, certificate.key.scalar, sizeof certificate.key.scalar) != sizeof certificate.key.scalar ||
      !crypto::p256_scalar_is_valid(certificate.key.scalar) ||
      !crypto::p256_public_key(computed, certificate.key.scalar)) {
    return "the private key is not a number from 1 to n - 1";
  }
  BIGNUM* x = nullptr;
  BIGNUM* y = nullptr;
  const bool has_point = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
                         EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;
  const BignumHandle owned_x(x);
  const BignumHandle owned_y(y);
  expected[0] = 0x04;
  if (has_point && BN_bn2binpad(x, expected + 1, 32) == 32 && BN_bn2binpad(y, expected + 33, 32) == 32) {
    expected_size = sizeof expected;
  }
  if (!std::equal(computed, computed + sizeof computed, expected, expected + expected_size)) {
    return "the private key does not belong to its public key";
  }
  certificate.key.type = batch::KeyType::EcdsaP256;
  return {};
}

// 1, 2, 3...: never one twice in a process.
std::uint64_t next_key_id() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// For core/crypto, where it takes keys of this kind; the others stay libcrypto's.
Problem give_to_our_arithmetic(const EVP_PKEY* key, LoadedCertificate& certificate) {
  auto own = std::make_unique<crypto::RsaPrivateKey>();
  std::string why;
  switch (load_rsa_key(key, *own, why)) {
    case RsaKeyUse::Libcrypto:
      return {};
    case RsaKeyUse::Refused:
      return "the private key is damaged: " + why;
    case RsaKeyUse::Ours:
      break;
  }
  certificate.key.rsa = own.get();
  certificate.key.id = next_key_id();
  certificate.rsa_key = std::move(own);
  return {};
}

Problem take_rsa_key(KeyHandle key, LoadedCertificate& certificate) {
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return "the RSA key has " + std::to_string(bits) + " bits: from 2048 to 4096 are supported";
  }
  certificate.rsa_signer = RsaSigner::make(key.get());
  if (certificate.rsa_signer == nullptr) return "the private key cannot sign" + take_reason();
  certificate.rsa_signer->serve(certificate.key);
  // A key whose parts do not fit together shows here, not at the first client: every signature is verified.
  constexpr std::array<std::uint8_t, 32> kDigest{};
  std::array<std::uint8_t, kMaxRsaBits / 8> signature;
  if (certificate.key.sign(certificate.key, tls::SignatureScheme::RsaPssRsaeSha256, kDigest, signature) == 0) {
    return "the private key makes wrong signatures: its parts do not belong together";
  }
  return give_to_our_arithmetic(key.get(), certificate);
}

Problem take_key(KeyHandle key, LoadedCertificate& certificate) {
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_EC:
      return take_ecdsa_key(key.get(), certificate);
    case EVP_PKEY_RSA:
      return take_rsa_key(std::move(key), certificate);
  }
  const char* const type = EVP_PKEY_get0_type_name(key.get());
  return "keys of type " + std::string(type == nullptr ? "(unknown)" : type) +
         " are not supported: ECDSA on P-256 and RSA are";
}

std::string_view text_of(const ASN1_STRING* string) noexcept {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// DNS names of subjectAltName. found: the extension is there, whatever it holds.
std::vector<std::string> alternative_names(const X509* leaf, bool& found) {
  std::vector<std::string> names;
  const GeneralNamesHandle alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)));
  found = alternatives != nullptr;
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (name->type == GEN_DNS) names.emplace_back(text_of(name->d.dNSName));
  }
  return names;
}

// The common name, when it is a host name: the field is free text (RFC 6125 6.4.4 allows it as a last resort only).
std::vector<std::string> common_name(const X509* leaf) {
  const X509_NAME* const subject = X509_get_subject_name(leaf);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return {};
  std::string name(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index))));
  if (!host_name_problem(lower_case(name)).empty()) return {};
  return {std::move(name)};
}

Problem take_names(const CertificateOptions& options, const X509* leaf, LoadedCertificate& certificate) {
  bool has_extension = false;
  certificate.names = options.names.empty() ? alternative_names(leaf, has_extension) : options.names;
  if (options.names.empty() && !has_extension) certificate.names = common_name(leaf);
  for (std::string& name : certificate.names) {
    name = lower_case(name);
    const std::string_view problem = host_name_problem(name);
    if (problem.empty()) continue;
    for (char& c : name) {
      if (c < ' ' || c > '~') c = '?';  // it ends in a log
    }
    return "the host name \"" + name + "\" cannot be served: " + std::string(problem);
  }
  std::sort(certificate.names.begin(), certificate.names.end());
  certificate.names.erase(std::unique(certificate.names.begin(), certificate.names.end()), certificate.names.end());
  return {};
}

Problem load(const CertificateOptions& options, LoadedCertificate& certificate) {
  std::vector<X509Handle> chain;
  KeyHandle key;
  if (Problem problem = read_chain(options.chain_pem, chain)) return problem;
  if (Problem problem = read_key(options.key_pem, key)) return problem;
  if (Problem problem = check_match(chain, key.get())) return problem;
  if (Problem problem = take_key(std::move(key), certificate)) return problem;
  if (Problem problem = take_names(options, chain.front().get(), certificate)) return problem;
  if (!encode_chain(chain, certificate)) return "the certificate chain is longer than 64 KiB";
  return {};
}

}  // namespace

LoadResult load_certificate(const CertificateOptions& options, std::size_t number) {
  auto certificate = std::make_unique<LoadedCertificate>();
  certificate->origin = options.origin.empty() ? "certificate " + std::to_string(number) : options.origin;
  if (const Problem problem = load(options, *certificate)) return {nullptr, certificate->origin + ": " + *problem};
  return {std::move(certificate), {}};
}

}  // namespace breakwater
