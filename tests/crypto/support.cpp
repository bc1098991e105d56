#include "tests/crypto/support.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace breakwater::test {

namespace {

// A fault of the test itself. Tests of core/ may be built without exceptions.
[[noreturn]] void fail(const char* reason) {
  std::fprintf(stderr, "%s\n", reason);
  std::abort();
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  fail("not a hex digit");
}

// Sanitizers look at every limb: the random tests are shortened under them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kSlowdown = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kSlowdown = 10;
#else
constexpr int kSlowdown = 1;
#endif
#else
constexpr int kSlowdown = 1;
#endif

bool is_nightly() {
  const char* value = std::getenv("BREAKWATER_NIGHTLY");
  return value != nullptr && std::string_view(value) == "1";
}

std::uint64_t seed() {
  static const std::uint64_t value = [] {
    std::uint64_t chosen = 0x6272656b77617465;
    if (const char* given = std::getenv("BREAKWATER_SEED")) {
      chosen = std::strtoull(given, nullptr, 0);
    } else if (is_nightly()) {
      chosen = (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}();
    }
    std::printf("BREAKWATER_SEED=0x%llx\n", static_cast<unsigned long long>(chosen));
    return chosen;
  }();
  return value;
}

void require(bool condition) {
  if (!condition) fail("libcrypto call failed");
}

}  // namespace

Bytes from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) fail("odd hex");
  Bytes bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
  }
  return bytes;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

Bytes32 bytes32(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  if (bytes.size() != 32) fail("not 32 bytes");
  Bytes32 result;
  std::ranges::copy(bytes, result.begin());
  return result;
}

int rounds(int count) { return is_nightly() ? 50 * count : count; }
int long_rounds(int count) { return is_nightly() ? 100 * count : (count + kSlowdown - 1) / kSlowdown; }
std::size_t thinning() { return is_nightly() ? 1 : kSlowdown; }

Random::Random() : engine_(seed()) {}

Bytes32 Random::bytes() {
  Bytes32 bytes;
  for (std::size_t i = 0; i < 32; i += 8) {
    std::uint64_t word = engine_();
    for (std::size_t j = 0; j < 8; ++j, word >>= 8) bytes[i + j] = static_cast<std::uint8_t>(word);
  }
  return bytes;
}

Bytes32 Random::scalar() {
  Bytes32 bytes = this->bytes();
  if (engine_() % 4 != 0) return bytes;
  auto bit = static_cast<unsigned>(engine_() & 1);
  std::size_t left = 0;
  for (auto& byte : bytes) {
    byte = 0;
    for (int i = 0; i < 8; ++i, --left) {
      if (left == 0) {
        left = 1 + engine_() % 80;
        bit ^= 1;
      }
      byte = static_cast<std::uint8_t>(static_cast<unsigned>(byte) << 1 | bit);
    }
  }
  return bytes;
}

std::vector<Bytes32> edge_values(const BIGNUM* modulus) {
  std::vector<Bytes32> values;
  const auto push = [&](const BIGNUM* value) {
    if (!BN_is_negative(value) && BN_num_bits(value) <= 256) values.push_back(to_bytes32(value));
  };
  Bignum value(BN_new());
  for (int i = -3; i <= 3; ++i) {
    require(BN_copy(value.get(), modulus));
    require(i < 0 ? BN_sub_word(value.get(), static_cast<BN_ULONG>(-i))
                  : BN_add_word(value.get(), static_cast<BN_ULONG>(i)));
    push(value.get());
  }
  for (BN_ULONG small = 0; small <= 18; ++small) {
    require(BN_set_word(value.get(), small));
    push(value.get());
  }
  // 2^i - 1, 2^i, 2^i + 1 and 2^256 - 2^i at window, limb and word boundaries.
  for (const int i : {5, 10, 31, 32, 51, 63, 64, 96, 127, 128, 160, 191, 192, 224, 250, 254, 255, 256}) {
    for (int offset = -1; offset <= 1; ++offset) {
      BN_zero(value.get());
      require(BN_set_bit(value.get(), i));
      require(offset < 0 ? BN_sub_word(value.get(), 1) : BN_add_word(value.get(), static_cast<BN_ULONG>(offset)));
      push(value.get());
    }
    Bignum top(BN_new());
    require(BN_set_bit(top.get(), 256));
    BN_zero(value.get());
    require(BN_set_bit(value.get(), i));
    require(BN_sub(value.get(), top.get(), value.get()));
    push(value.get());
  }
  // Half of the modulus and patterns.
  require(BN_rshift1(value.get(), modulus));
  push(value.get());
  for (const int pattern : {0x55, 0xaa, 0x0f, 0xf0, 0x42, 0x84, 0x21}) {
    Bytes32 bytes;
    bytes.fill(static_cast<std::uint8_t>(pattern));
    values.push_back(bytes);
  }
  return values;
}

Bignum bignum(std::span<const std::uint8_t> big_endian) {
  return Bignum(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
}

Bignum bignum(const crypto::Limbs& limbs) {
  Bytes32 bytes;
  crypto::limbs_to_bytes(bytes.data(), limbs);
  return bignum(bytes);
}

Bignum bignum_hex(const char* hex) {
  BIGNUM* value = nullptr;
  require(BN_hex2bn(&value, hex) != 0);
  return Bignum(value);
}

Bytes32 to_bytes32(const BIGNUM* value) {
  Bytes32 bytes;
  require(BN_bn2binpad(value, bytes.data(), 32) == 32);
  return bytes;
}

crypto::Limbs to_limbs(const BIGNUM* value) { return crypto::limbs_from_bytes(to_bytes32(value).data()); }

ReferenceP256::ReferenceP256()
    : context_(BN_CTX_new()),
      group_(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)),
      p_(BN_new()),
      n_(BN_dup(EC_GROUP_get0_order(group_.get()))),
      b_(BN_new()) {
  require(EC_GROUP_get_curve(group_.get(), p_.get(), nullptr, b_.get(), context_.get()));
}

ReferenceP256::Point ReferenceP256::decode(std::span<const std::uint8_t> bytes) const {
  Point point(EC_POINT_new(group_.get()));
  if (EC_POINT_oct2point(group_.get(), point.get(), bytes.data(), bytes.size(), context_.get()) != 1) return nullptr;
  return point;
}

Bytes ReferenceP256::encode(const EC_POINT* point) const {
  if (EC_POINT_is_at_infinity(group_.get(), point)) return {};
  Bytes bytes(65);
  require(EC_POINT_point2oct(group_.get(), point, POINT_CONVERSION_UNCOMPRESSED, bytes.data(), 65, context_.get()) ==
          65);
  return bytes;
}

Bytes ReferenceP256::multiply_generator(const BIGNUM* scalar) const {
  const Point result(EC_POINT_new(group_.get()));
  require(EC_POINT_mul(group_.get(), result.get(), scalar, nullptr, nullptr, context_.get()));
  return encode(result.get());
}

Bytes ReferenceP256::multiply(std::span<const std::uint8_t> bytes, const BIGNUM* scalar) const {
  const Point point = decode(bytes);
  require(point != nullptr);
  require(EC_POINT_mul(group_.get(), point.get(), nullptr, point.get(), scalar, context_.get()));
  return encode(point.get());
}

Bytes ReferenceP256::add(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right) const {
  const Point a = decode(left), b = decode(right);
  require(a != nullptr && b != nullptr);
  require(EC_POINT_add(group_.get(), a.get(), a.get(), b.get(), context_.get()));
  return encode(a.get());
}

bool ReferenceP256::is_on_curve(std::span<const std::uint8_t> bytes) const { return decode(bytes) != nullptr; }

bool ReferenceP256::verify(std::span<const std::uint8_t> public_key, const Bytes32& digest,
                           std::span<const std::uint8_t> der) const {
  char group[] = "prime256v1";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(public_key.data()),
                                        public_key.size()),
      OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> import(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* raw = nullptr;
  require(EVP_PKEY_fromdata_init(import.get()) == 1);
  require(EVP_PKEY_fromdata(import.get(), &raw, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) == 1);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(raw, EVP_PKEY_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(key.get(), nullptr),
                                                                            EVP_PKEY_CTX_free);
  require(EVP_PKEY_verify_init(context.get()) == 1);
  return EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), digest.size()) == 1;
}

const ReferenceP256& reference_p256() {
  static const ReferenceP256 reference;
  return reference;
}

}  // namespace breakwater::test
