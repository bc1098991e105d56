// Certificates and keys of every kind, good and bad, made by libcrypto, as PEM.
#pragma once

#include <string>
#include <vector>

#include "breakwater/breakwater.h"
#include "library/src/openssl_handles.h"

namespace breakwater::test {

KeyHandle p256_key();
KeyHandle ec_key(const char* curve);
KeyHandle rsa_key();  // 2,048 bits, one per process: making one is slow
KeyHandle rsa_key(unsigned bits);
KeyHandle key_of_type(const char* type);  // "ED25519"
// An RSA key whose numbers only look like one: it has a size, and makes wrong signatures.
KeyHandle hollow_rsa_key(int bits);

struct Pair {
  KeyHandle key;
  X509Handle certificate;

  std::string chain_pem() const;
  std::string key_pem() const;
  std::string encrypted_key_pem() const;
  CertificateOptions options(std::string origin = "pair.pem") const;
};

struct Recipe {
  std::vector<std::string> dns = {};  // subjectAltName
  std::string address = {};           // an IP address in subjectAltName
  std::string common_name = "test";
  const EVP_MD* digest = EVP_sha256();
  const Pair* issuer = nullptr;  // null: self-signed
  bool pss = false;              // an RSA issuer signs with RSASSA-PSS
  bool expired = false;
};
Pair issue(KeyHandle key, const Recipe& recipe);

}  // namespace breakwater::test
