#include "flood/tls/suites.h"

namespace breakwater::flood::protocol {
namespace {

using port::Aead;

constexpr Suite kSuites[] = {
    // TLS 1.3 (RFC 8446 B.4)
    {0x1301, Version::Tls13, Auth::Any, Cipher::Aes128Gcm, HashKind::Sha256, Aead::Aes128Gcm, "AES128-GCM"},
    {0x1302, Version::Tls13, Auth::Any, Cipher::Aes256Gcm, HashKind::Sha384, Aead::Aes256Gcm, "AES256-GCM"},
    {0x1303, Version::Tls13, Auth::Any, Cipher::ChaCha20Poly1305, HashKind::Sha256, Aead::ChaCha20Poly1305,
     "CHACHA20-POLY1305"},
    // TLS 1.2 (RFC 5289, RFC 7905)
    {0xC02B, Version::Tls12, Auth::Ecdsa, Cipher::Aes128Gcm, HashKind::Sha256, Aead::Aes128Gcm,
     "ECDHE-ECDSA AES128-GCM"},
    {0xC02C, Version::Tls12, Auth::Ecdsa, Cipher::Aes256Gcm, HashKind::Sha384, Aead::Aes256Gcm,
     "ECDHE-ECDSA AES256-GCM"},
    {0xCCA9, Version::Tls12, Auth::Ecdsa, Cipher::ChaCha20Poly1305, HashKind::Sha256, Aead::ChaCha20Poly1305,
     "ECDHE-ECDSA CHACHA20-POLY1305"},
    {0xC02F, Version::Tls12, Auth::Rsa, Cipher::Aes128Gcm, HashKind::Sha256, Aead::Aes128Gcm, "ECDHE-RSA AES128-GCM"},
    {0xC030, Version::Tls12, Auth::Rsa, Cipher::Aes256Gcm, HashKind::Sha384, Aead::Aes256Gcm, "ECDHE-RSA AES256-GCM"},
    {0xCCA8, Version::Tls12, Auth::Rsa, Cipher::ChaCha20Poly1305, HashKind::Sha256, Aead::ChaCha20Poly1305,
     "ECDHE-RSA CHACHA20-POLY1305"},
};

}  // namespace

const Suite* find_suite(std::uint16_t code) noexcept {
  for (const Suite& suite : kSuites) {
    if (suite.code == code) return &suite;
  }
  return nullptr;
}

}  // namespace breakwater::flood::protocol
