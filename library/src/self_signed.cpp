// Self-signed certificates for tests and first steps.
#include <openssl/err.h>
#include <openssl/pem.h>

#include "breakwater/breakwater.h"
#include "library/port/system_entropy.h"
#include "library/src/host_name.h"
#include "library/src/openssl_handles.h"

namespace breakwater {
namespace {

constexpr long kLifetime = 90L * 24 * 3600;
constexpr long kClockSkew = 300;            // a client's clock may be behind ours by this much
constexpr std::size_t kMaxCommonName = 64;  // RFC 5280 A.1, ub-common-name

KeyHandle make_key(SelfSignedKey type) {
  return KeyHandle(type == SelfSignedKey::EcdsaP256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048));
}

// RFC 5280 4.1.2.2: positive, at most 20 bytes. 127 random bits, the top one set so that the length is constant.
bool set_serial(X509* certificate) {
  std::uint8_t bytes[16];
  system_entropy().fill(bytes);
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7F) | 0x40);
  const BignumHandle number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  return number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_validity(X509* certificate) {
  return X509_gmtime_adj(X509_getm_notBefore(certificate), -kClockSkew) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kLifetime) != nullptr;
}

bool set_subject(X509* certificate, const std::string& name) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const std::string& text = name.size() <= kMaxCommonName ? name : std::string("breakwater");
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

// An IP address when it reads as one, else a DNS name; null when it is neither.
GeneralNameHandle general_name(const std::string& name) {
  GeneralNameHandle entry(GENERAL_NAME_new());
  if (entry == nullptr) return nullptr;
  if (ASN1_OCTET_STRING* const address = a2i_IPADDRESS(name.c_str())) {
    GENERAL_NAME_set0_value(entry.get(), GEN_IPADD, address);
    return entry;
  }
  const std::string lower = lower_case(name);
  ASN1_IA5STRING* const text = host_name_problem(lower).empty() ? ASN1_IA5STRING_new() : nullptr;
  if (text == nullptr) return nullptr;
  GENERAL_NAME_set0_value(entry.get(), GEN_DNS, text);
  if (ASN1_STRING_set(text, lower.data(), static_cast<int>(lower.size())) != 1) return nullptr;
  return entry;
}

bool add_alternative_names(X509* certificate, std::span<const std::string> names) {
  const GeneralNamesHandle list(GENERAL_NAMES_new());
  if (list == nullptr) return false;
  for (const std::string& name : names) {
    GeneralNameHandle entry = general_name(name);
    if (entry == nullptr || sk_GENERAL_NAME_push(list.get(), entry.get()) == 0) return false;
    static_cast<void>(entry.release());
  }
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool add_extension(X509* certificate, int type, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const X509ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, type, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// An end-entity certificate, not an authority: browsers refuse an authority's certificate from a server. Signing is all
// its key does, RSA key transport not being offered.
bool add_extensions(X509* certificate, std::span<const std::string> names) {
  return add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
         add_extension(certificate, NID_subject_key_identifier, "hash") && add_alternative_names(certificate, names);
}

X509Handle make_certificate(EVP_PKEY* key, std::span<const std::string> names) {
  X509Handle certificate(X509_new());
  X509* const raw = certificate.get();
  const bool complete = raw != nullptr && X509_set_version(raw, X509_VERSION_3) == 1 && set_serial(raw) &&
                        set_validity(raw) && set_subject(raw, names.front()) && X509_set_pubkey(raw, key) == 1 &&
                        add_extensions(raw, names) && X509_sign(raw, key, EVP_sha256()) > 0;
  return complete ? std::move(certificate) : nullptr;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size <= 0 ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

std::optional<CertificateOptions> make_self_signed(SelfSignedKey type, std::span<const std::string> names) {
  if (names.empty()) return std::nullopt;
  const KeyHandle key = make_key(type);
  const X509Handle certificate = key == nullptr ? nullptr : make_certificate(key.get(), names);
  const BioHandle chain(BIO_new(BIO_s_mem()));
  const BioHandle secret(BIO_new(BIO_s_secmem()));
  const bool written = certificate != nullptr && chain != nullptr && secret != nullptr &&
                       PEM_write_bio_X509(chain.get(), certificate.get()) == 1 &&
                       PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  ERR_clear_error();
  if (!written) return std::nullopt;
  return CertificateOptions{.chain_pem = text_of(chain.get()),
                            .key_pem = text_of(secret.get()),
                            .origin = type == SelfSignedKey::EcdsaP256 ? "self-signed ECDSA" : "self-signed RSA",
                            .names = {}};
}

}  // namespace breakwater
