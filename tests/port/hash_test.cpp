// The running hashes against libcrypto's EVP: every short size, every cut, forked by copying.
#include "core/port/hash.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

#include "tests/port/sealed_text.h"

namespace breakwater::port_test {
namespace {

Bytes digest_by_evp(const EVP_MD* algorithm, ConstBytes data) {
  Bytes digest(static_cast<std::size_t>(EVP_MD_get_size(algorithm)));
  EVP_Digest(data.data(), data.size(), digest.data(), nullptr, algorithm, nullptr);
  return digest;
}

// One shape for the three hashes of the seam.
struct Sha256 {
  port::Sha256State state;
  Sha256() { port::sha256_init(state); }
  void update(ConstBytes data) { port::sha256_update(state, data); }
  Bytes finish() {
    Bytes out(32);
    port::sha256_final(state, out.data());
    return out;
  }
  static const EVP_MD* reference() { return EVP_sha256(); }
};
struct Sha384 {
  port::Sha512State state;
  Sha384() { port::sha384_init(state); }
  void update(ConstBytes data) { port::sha512_update(state, data); }
  Bytes finish() {
    Bytes out(48);
    port::sha384_final(state, out.data());
    return out;
  }
  static const EVP_MD* reference() { return EVP_sha384(); }
};
struct Sha512 {
  port::Sha512State state;
  Sha512() { port::sha512_init(state); }
  void update(ConstBytes data) { port::sha512_update(state, data); }
  Bytes finish() {
    Bytes out(64);
    port::sha512_final(state, out.data());
    return out;
  }
  static const EVP_MD* reference() { return EVP_sha512(); }
};

template <typename Hash>
class HashTest : public testing::Test {};

struct HashName {
  template <typename Hash>
  static std::string GetName(int) {
    return EVP_MD_get0_name(Hash::reference());
  }
};
using Hashes = testing::Types<Sha256, Sha384, Sha512>;
TYPED_TEST_SUITE(HashTest, Hashes, HashName);

TYPED_TEST(HashTest, agrees_with_evp_for_every_size_and_cut) {
  const Bytes data = pattern(300, 1);
  for (std::size_t size = 0; size <= data.size(); ++size) {
    const ConstBytes input = ConstBytes(data).first(size);
    const Bytes expected = digest_by_evp(TypeParam::reference(), input);
    for (std::size_t first = 0; first <= size; ++first) {
      TypeParam hash;
      hash.update(input.first(first));
      hash.update(input.subspan(first));
      ASSERT_EQ(hash.finish(), expected) << first << " of " << size;
    }
  }
}

TYPED_TEST(HashTest, byte_by_byte_with_empty_updates_between) {
  const Bytes data = pattern(300, 2);
  TypeParam hash;
  for (const std::uint8_t& byte : data) {
    hash.update({});
    hash.update({&byte, 1});
  }
  EXPECT_EQ(hash.finish(), digest_by_evp(TypeParam::reference(), data));
}

TYPED_TEST(HashTest, a_copy_forks_the_hash) {
  const Bytes data = pattern(300, 3);
  for (std::size_t first = 0; first <= data.size(); first += 7) {
    TypeParam trunk;
    trunk.update(ConstBytes(data).first(first));
    TypeParam branch = trunk;
    const Bytes other = pattern(data.size() - first + 5, 4);
    branch.update(other);
    Bytes branch_input(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(first));
    branch_input.insert(branch_input.end(), other.begin(), other.end());
    ASSERT_EQ(branch.finish(), digest_by_evp(TypeParam::reference(), branch_input)) << first;
    TypeParam now = trunk;  // as a transcript is read: finish a copy, continue with the original
    ASSERT_EQ(now.finish(), digest_by_evp(TypeParam::reference(), ConstBytes(data).first(first))) << first;
    trunk.update(ConstBytes(data).subspan(first));
    ASSERT_EQ(trunk.finish(), digest_by_evp(TypeParam::reference(), data)) << first;
  }
}

TYPED_TEST(HashTest, agrees_with_evp_for_a_large_input) {
  const Bytes data = pattern(100'003, 5);
  TypeParam hash;
  hash.update(data);
  EXPECT_EQ(hash.finish(), digest_by_evp(TypeParam::reference(), data));
}

}  // namespace
}  // namespace breakwater::port_test
