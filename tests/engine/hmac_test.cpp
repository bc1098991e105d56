// HMAC in groups, with lanes and without, against libcrypto.
#include "core/tls/hmac.h"

#include <gtest/gtest.h>

#include <deque>

#include "core/crypto/cpu.h"
#include "tests/client/primitives.h"

namespace breakwater::test {
namespace {

using tls::HashKind;

struct Unit {
  const char* name;
  const crypto::Sha512LaneFunctions* lanes;
};

class HmacGroups : public testing::TestWithParam<Unit> {
 protected:
  void SetUp() override {
    if (std::string(GetParam().name) == "ifma" && !crypto::detect_cpu().ifma) {
      GTEST_SKIP() << "this CPU lacks AVX-512 IFMA";
    }
  }
  tls::HashLanes lanes() const { return {GetParam().lanes}; }
};

INSTANTIATE_TEST_SUITE_P(Units, HmacGroups,
                         testing::Values(
#if defined(__x86_64__)
                             Unit{"ifma", &crypto::ifma::kSha512Lanes},
#endif
                             Unit{"none", nullptr}, Unit{"emulated", &crypto::emulated::kSha512Lanes}),
                         [](const auto& info) { return info.param.name; });

struct Kind {
  HashKind kind;
  Hash hash;
  std::size_t longest;  // message
};
constexpr Kind kKinds[] = {{HashKind::Sha256, Hash::Sha256, 119}, {HashKind::Sha384, Hash::Sha384, 239}};

// RFC 4231 4.2 and 4.3
TEST_P(HmacGroups, Rfc4231) {
  struct Case {
    HashKind kind;
    const char* key;
    const char* data;
    const char* answer;
  };
  const Case cases[] = {
      {HashKind::Sha256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {HashKind::Sha384, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
       "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
      {HashKind::Sha256, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {HashKind::Sha384, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
       "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
  };
  for (const Case& one : cases) {
    tls::HmacKey key;
    tls::HmacGroup group(one.kind, lanes());
    group.add_key(key, from_hex(one.key));
    group.run();
    std::array<Bytes, 4> out;
    for (Bytes& answer : out) {
      answer.resize(tls::digest_size(one.kind));
      group.add(key, {from_hex(one.data)}, answer);
    }
    group.run();
    for (const Bytes& answer : out) EXPECT_EQ(to_hex(answer), one.answer);
  }
}

// Every length that fits, in parts, in groups of every size, with results of every length; more than fit at once too.
TEST_P(HmacGroups, EveryLength) {
  Random random(1);
  for (const Kind& kind : kKinds) {
    std::size_t size = 0;
    for (std::size_t count = 1; size <= kind.longest; count = count % 19 + 1) {
      struct One {
        Bytes secret, message, out;
        std::size_t cut;
        tls::HmacKey key;
      };
      std::deque<One> all;
      tls::HmacGroup group(kind.kind, lanes());
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t this_size = size <= kind.longest ? size++ : random.below(kind.longest + 1);
        One& one = all.emplace_back();
        one.secret = random.bytes(random.below(tls::block_size(kind.kind) + 1));
        one.message = random.bytes(this_size);
        one.cut = random.below(this_size + 1);
        one.out.resize(random.below(tls::digest_size(kind.kind)) + 1);
        group.add_key(one.key, one.secret);
      }
      group.run();
      for (One& one : all) {
        group.add(one.key, {View(one.message).first(one.cut), View(one.message).subspan(one.cut)}, one.out);
      }
      group.run();
      for (const One& one : all) {
        Bytes expected = hmac(kind.hash, one.secret, one.message);
        expected.resize(one.out.size());
        EXPECT_EQ(one.out, expected) << one.message.size() << " bytes, " << count << " together";
      }
    }
  }
}

// Keys and messages in one group: neither waits for the other.
TEST_P(HmacGroups, KeysBesideMessages) {
  Random random(2);
  for (const Kind& kind : kKinds) {
    const Bytes first = random.bytes(48), second = random.bytes(48), message = random.bytes(70);
    tls::HmacKey first_key, second_key;
    tls::HmacGroup group(kind.kind, lanes());
    group.add_key(first_key, first);
    group.run();
    Bytes out(tls::digest_size(kind.kind)), later(out.size());
    group.add(first_key, {message}, out);
    group.add_key(second_key, second);
    group.run();
    EXPECT_EQ(out, hmac(kind.hash, first, message));
    group.add(second_key, {message}, later);
    group.run();
    EXPECT_EQ(later, hmac(kind.hash, second, message));
  }
}

TEST_P(HmacGroups, OneMessageAlone) {
  Random random(3);
  for (const Kind& kind : kKinds) {
    const Bytes secret = random.bytes(32), message = random.bytes(44);
    Bytes out(tls::digest_size(kind.kind));
    tls::hmac(kind.kind, secret, {message}, out);
    EXPECT_EQ(out, hmac(kind.hash, secret, message));
  }
}

// What does not fit is a mistake of ours: it must not write beyond its place.
TEST_P(HmacGroups, TooMuchStopsTheProcess) {
  for (const Kind& kind : kKinds) {
    const Bytes message(kind.longest + 1), secret(tls::block_size(kind.kind) + 1);
    Bytes out(tls::digest_size(kind.kind));
    tls::HmacKey key{};
    EXPECT_DEATH(tls::HmacGroup(kind.kind, lanes()).add(key, {message}, out), "");
    EXPECT_DEATH(tls::HmacGroup(kind.kind, lanes()).add_key(key, secret), "");
  }
}

}  // namespace
}  // namespace breakwater::test
