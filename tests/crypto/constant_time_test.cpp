// Run under valgrind's memcheck: secrets are marked as uninitialised, so that every branch or address that depends on
// one is reported as an error. The sources of core/crypto are compiled for this program with
// BREAKWATER_CONSTANT_TIME_CHECK, which makes crypto::declassify() lift the mark.
//
//   constant_time_test                 runs everything; exits 0, and valgrind finds nothing
//   constant_time_test leak-branch     branches on a secret: valgrind must find it
//   constant_time_test leak-address    reads a table at a secret index: valgrind must find it
//   constant_time_test leak-compare    compares secrets with an early exit: valgrind must find it
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "core/crypto/implementation.h"
#include "core/crypto/p256.h"
#include "core/port/bytes.h"
#include "tests/crypto/constant_time_p256_lanes.h"
#include "tests/crypto/constant_time_rsa.h"
#include "tests/crypto/constant_time_sha512_lanes.h"
#include "tests/crypto/constant_time_support.h"
#include "tests/crypto/constant_time_x25519_lanes.h"

namespace {

using namespace breakwater;
using namespace breakwater::test::constant_time;
using Point65 = std::array<std::uint8_t, 65>;

void check_p256(const crypto::P256Functions& p256) {
  for (const std::uint8_t first : std::array<std::uint8_t, 3>{0x00, 0x31, 0x80}) {
    Bytes32 scalar = counting(first);
    poison(scalar);

    bool valid = crypto::p256_scalar_is_valid(scalar.data());
    declassify(valid);  // the caller branches on it
    expect(valid, "p256_scalar_is_valid");

    Point65 public_key;
    bool done = p256.public_key(public_key.data(), scalar.data());
    declassify(done);  // as above
    expect(done, "p256_public_key");
    expect(is_poisoned(public_key), "the public key depends on the scalar");
    declassify(public_key);  // sent to the peer

    Bytes32 shared;
    done = p256.shared_secret(shared.data(), scalar.data(), public_key.data());
    declassify(done);  // the peer's point is public, so is whether it was refused
    expect(done, "p256_shared_secret");
    expect(is_poisoned(shared), "the shared secret depends on the scalar");

    const Bytes32 digest = counting(7);
    Bytes32 hedge = counting(99);
    poison(hedge);
    std::array<std::uint8_t, 64> signature;
    done = p256.sign(signature.data(), scalar.data(), digest.data(), hedge);
    declassify(done);  // the caller branches on it
    expect(done, "p256_sign");
    expect(is_poisoned(signature), "the signature depends on the scalar");
    done = p256.sign(signature.data(), scalar.data(), digest.data(), {});
    declassify(done);
    expect(done, "p256_sign, deterministic");
  }
}

void check_p256_refusals(const crypto::P256Functions& p256) {
  Bytes32 scalar{};  // not a valid one; that it is not may be known
  poison(scalar);
  Point65 public_key;
  bool done = p256.public_key(public_key.data(), scalar.data());
  declassify(done);
  expect(!done, "p256_public_key refuses 0");
  std::array<std::uint8_t, 64> signature;
  const Bytes32 digest = counting(7);
  done = p256.sign(signature.data(), scalar.data(), digest.data(), {});
  declassify(done);
  expect(!done, "p256_sign refuses 0");
}

void check_x25519(const crypto::X25519Functions& x25519) {
  for (const std::uint8_t first : std::array<std::uint8_t, 3>{0x00, 0x31, 0x80}) {
    Bytes32 scalar = counting(first);
    poison(scalar);
    Bytes32 public_key;
    x25519.public_key(public_key.data(), scalar.data());
    expect(is_poisoned(public_key), "the public key depends on the scalar");
    declassify(public_key);  // sent to the peer

    Bytes32 shared;
    bool done = x25519.shared_secret(shared.data(), scalar.data(), public_key.data());
    declassify(done);  // depends on the peer's point alone
    expect(done, "x25519_shared_secret");
    expect(is_poisoned(shared), "the shared secret depends on the scalar");
  }
}

void check_equality() {
  Bytes32 left = counting(1), right = counting(1);
  poison(left);
  bool same = equal_constant_time(left, right);
  declassify(same);  // accepted or refused: the peer sees that
  expect(same, "equal");
  right[31] ^= 1;
  same = equal_constant_time(left, right);
  declassify(same);
  expect(!same, "unequal");
}

// The planted leaks: what each secret bit decides must be visible to the compiler as a real branch or address.
int plant(std::string_view leak) {
  Bytes32 secret = counting(3);
  poison(secret);
  volatile std::uint8_t observed = 0;
  if (leak == "leak-branch") {
    if ((secret[0] & 1) != 0) observed = 1;
    static volatile std::uint8_t counter = 0;
    if (secret[1] > 3) counter = static_cast<std::uint8_t>(counter + 1);
  } else if (leak == "leak-address") {
    static volatile std::uint8_t table[256] = {};
    observed = table[secret[0]];
  } else if (leak == "leak-compare") {
    const Bytes32 other = counting(3);
    std::size_t same = 0;
    while (same < secret.size() && secret[same] == other[same]) ++same;
    observed = static_cast<std::uint8_t>(same);
  } else {
    std::fprintf(stderr, "unknown mode\n");
    return 2;
  }
  static_cast<void>(observed);
  return 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (RUNNING_ON_VALGRIND == 0) {
    std::fprintf(stderr, "must run under valgrind\n");
    return 3;
  }
  if (argument_count > 1) return plant(arguments[1]);
  // Valgrind runs the instructions of all of them itself, whatever the CPU can do; but for AVX-512, which it does not
  // know: the lanes' algorithms run emulated.
  for (const crypto::Implementation* const implementation : crypto::implementations_for({.adx = true})) {
    check_p256(*implementation->p256);
    check_p256_refusals(*implementation->p256);
    check_x25519(*implementation->x25519);
  }
  check_rsa();
  check_x25519_lanes();
  check_sha512_lanes();
  check_p256_lanes();
  check_equality();
  return failures == 0 ? 0 : 1;
}
