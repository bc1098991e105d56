// libcrypto's objects as unique_ptrs.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace breakwater {

template <auto Free>
struct FreedBy {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using BioHandle = std::unique_ptr<BIO, FreedBy<BIO_free>>;
using BignumHandle = std::unique_ptr<BIGNUM, FreedBy<BN_clear_free>>;  // cleared: most of ours are secret
using KeyHandle = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using KeyContextHandle = std::unique_ptr<EVP_PKEY_CTX, FreedBy<EVP_PKEY_CTX_free>>;
using X509Handle = std::unique_ptr<X509, FreedBy<X509_free>>;
using X509ExtensionHandle = std::unique_ptr<X509_EXTENSION, FreedBy<X509_EXTENSION_free>>;
using GeneralNamesHandle = std::unique_ptr<GENERAL_NAMES, FreedBy<GENERAL_NAMES_free>>;
using GeneralNameHandle = std::unique_ptr<GENERAL_NAME, FreedBy<GENERAL_NAME_free>>;

}  // namespace breakwater
