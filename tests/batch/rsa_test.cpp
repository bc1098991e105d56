// RSA jobs of the batcher: our own arithmetic, alone and in lanes, and what is left to the host.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <map>
#include <memory>

#include "core/batch/batcher.h"
#include "core/batch/rsa_workspace.h"
#include "library/src/openssl_handles.h"
#include "library/src/rsa_key_loader.h"
#include "tests/batch/jobs.h"

namespace breakwater::test {
namespace {

using batch::Batcher;
using batch::RsaWorkspace;
using batch::Tools;
using crypto::Implementation;

// A key in both forms.
struct Key {
  KeyHandle reference;
  crypto::RsaPrivateKey own;
};

const Key& key_of(unsigned bits, int number = 0) {
  static std::map<std::pair<unsigned, int>, Key> made;
  Key& key = made[{bits, number}];
  if (key.reference == nullptr) {
    key.reference.reset(EVP_RSA_gen(bits));
    std::string why;
    EXPECT_EQ(load_rsa_key(key.reference.get(), key.own, why), RsaKeyUse::Ours) << why;
  }
  return key;
}

bool verifies(const Key& key, const Specimen& specimen) {
  const KeyContextHandle context(EVP_PKEY_CTX_new(key.reference.get(), nullptr));
  const bool pss = specimen.job.scheme >= SignatureScheme::RsaPssRsaeSha256;
  const EVP_MD* const digest = specimen.input.size() == 32   ? EVP_sha256()
                               : specimen.input.size() == 48 ? EVP_sha384()
                                                             : EVP_sha512();
  return EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context.get(), digest) == 1 &&
         (!pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) == 1) &&
         EVP_PKEY_verify(context.get(), specimen.output.data(), specimen.job.output_size, specimen.input.data(),
                         specimen.input.size()) == 1;
}

// A job for this key, by the scheme that comes next in a list of all.
Specimen& add(Specimens& list, const Key& key, std::uint64_t id) {
  struct Scheme {
    SignatureScheme scheme;
    std::size_t digest_size;
  };
  constexpr Scheme kSchemes[] = {{SignatureScheme::RsaPssRsaeSha256, 32}, {SignatureScheme::RsaPkcs1Sha256, 32},
                                 {SignatureScheme::RsaPssRsaeSha384, 48}, {SignatureScheme::RsaPkcs1Sha384, 48},
                                 {SignatureScheme::RsaPssRsaeSha512, 64}, {SignatureScheme::RsaPkcs1Sha512, 64}};
  const Scheme& next = kSchemes[list.size() % std::size(kSchemes)];
  Specimen& specimen = list.add(Operation::Rsa2048Signature);
  specimen.key.rsa = &key.own;
  specimen.key.id = id;
  specimen.job.scheme = next.scheme;
  specimen.input.resize(next.digest_size, 0x3c);
  specimen.job.input = specimen.input;
  return specimen;
}

batch::Tuning always_in_lanes() {
  batch::Tuning tuning = batch::default_tuning(crypto::kEmulated);
  tuning.lanes_from.fill(1);
  return tuning;
}

class RsaBatchTest : public testing::TestWithParam<const Implementation*> {
 protected:
  void run(Specimens& list) {
    const Tools tools{.random = random_.entropy(), .arithmetic = GetParam(), .rsa = workspace_.get()};
    for (Specimen& specimen : list) ASSERT_TRUE(batcher_.add(specimen.job, tools));
    batcher_.run(tools, always_in_lanes());
  }
  // What was run of an operation, and that lanes were used where there are any.
  std::uint64_t count(Operation operation) const {
    const batch::OperationCount& seen = batcher_.counts()[batch::index_of(operation)];
    EXPECT_EQ(seen.lane_runs != 0, GetParam()->rsa_lanes != nullptr && seen.alone + seen.lanes_filled != 0);
    return seen.alone + seen.lanes_filled;
  }

  Stream random_{1};
  std::unique_ptr<RsaWorkspace> workspace_ = std::make_unique<RsaWorkspace>();
  Batcher batcher_;
};
INSTANTIATE_TEST_SUITE_P(Implementations, RsaBatchTest, testing::ValuesIn(implementations()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST_P(RsaBatchTest, AnyCountGivesSignatures) {
  const Key& key = key_of(2048);
  const bool is_slow = GetParam() == &crypto::kEmulated;
  for (std::size_t count = 1; count <= 17; count += is_slow && count > 1 ? 5 : 1) {
    Specimens list(Operation::Rsa2048Signature, 0);
    for (std::size_t i = 0; i < count; ++i) add(list, key, 1);
    run(list);
    for (const Specimen& specimen : list) {
      ASSERT_EQ(specimen.job.status, JobStatus::Done);
      ASSERT_EQ(specimen.job.output_size, 256);
      ASSERT_TRUE(verifies(key, specimen)) << count;
    }
  }
}

TEST_P(RsaBatchTest, SizesGoInGroupsOfTheirOwn) {
  Specimens list(Operation::Rsa2048Signature, 0);
  std::vector<const Key*> keys;
  for (const unsigned bits : {2048U, 3072U, 2048U, 3072U, 4096U}) {
    keys.push_back(&key_of(bits));
    add(list, *keys.back(), bits);
  }
  run(list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    ASSERT_EQ(list[i].job.status, JobStatus::Done);
    EXPECT_TRUE(verifies(*keys[i], list[i])) << i;
  }
  EXPECT_EQ(count(Operation::Rsa2048Signature), 2U);
  EXPECT_EQ(count(Operation::Rsa3072Signature), 2U);
  EXPECT_EQ(count(Operation::Rsa4096Signature), 1U);
}

// A batch whose keys come by turns is one run; and a key that has lost its place finds nothing of another's there.
TEST_P(RsaBatchTest, KeysTakeTurns) {
  const Key& first = key_of(2048);
  const Key& second = key_of(2048, 1);
  const std::uint64_t other = 1 + RsaWorkspace::kPlaces;
  for (const std::vector<bool>& order : {std::vector<bool>{true, true, false, true, false, false},
                                         {true, false},
                                         {false, false, false},
                                         {true, false, true},
                                         {true, true, true}}) {
    Specimens list(Operation::Rsa2048Signature, 0);
    for (const bool is_first : order) {
      add(list, is_first ? first : second, is_first ? 1 : other);
    }
    run(list);
    // Between batches others take all places.
    for (std::uint64_t id = 100; id < 100 + RsaWorkspace::kPlaces; ++id) workspace_->blinding_of(id);
    for (std::size_t i = 0; i < list.size(); ++i) {
      ASSERT_EQ(list[i].job.status, JobStatus::Done);
      EXPECT_TRUE(verifies(list[i].key.id == 1 ? first : second, list[i])) << i;
    }
  }
}

TEST_P(RsaBatchTest, AFaultStaysWithItsJob) {
  const Key& key = key_of(2048);
  static const crypto::RsaPrivateKey kEmpty;
  crypto::RsaPrivateKey damaged = key.own;
  const_cast<crypto::RsaPrivateKey::Parts&>(damaged.parts()).p.exponent[0] ^= 2;
  Specimens list(Operation::Rsa2048Signature, 0);
  for (int i = 0; i < 8; ++i) add(list, key, 1);
  list[1].key.rsa = &kEmpty;
  list[2].job.output = list[2].job.output.first(255);
  list[4].job.input = list[4].job.input.first(31);
  list[5].key.rsa = &damaged;
  list[5].key.id = 2;
  run(list);
  for (const std::size_t i : {0U, 3U, 6U, 7U}) {
    ASSERT_EQ(list[i].job.status, JobStatus::Done) << i;
    EXPECT_TRUE(verifies(key, list[i])) << i;
  }
  for (const std::size_t i : {1U, 2U, 4U, 5U}) {
    EXPECT_EQ(list[i].job.status, JobStatus::Failed) << i;
    EXPECT_EQ(list[i].job.output_size, 0);
    EXPECT_TRUE(std::ranges::all_of(list[i].output, [](std::uint8_t byte) { return byte == 0; })) << i;
  }
}

// One more RSA job costs nothing where the last lane run has a lane free: not beside a full run, a full half run or
// jobs that run alone; and cheap operations never count.
TEST(RsaBatch, FreeLanes) {
  batch::Tuning tuning = batch::default_tuning(crypto::kEmulated);
  tuning.cost(Operation::Rsa2048Signature) = {100, 150, 300};
  tuning.derive();
  ASSERT_EQ(tuning.from(Operation::Rsa2048Signature), 2);
  const auto workspace = std::make_unique<RsaWorkspace>();
  Stream random(1);
  const Tools tools{.random = random.entropy(), .arithmetic = &crypto::kEmulated, .rsa = workspace.get()};
  const auto has_free_lanes = [&](std::size_t rsa, std::size_t ecdsa) {
    Specimens list(Operation::EcdsaSignature, ecdsa);
    for (std::size_t i = 0; i < rsa; ++i) add(list, key_of(2048), 1);
    Batcher batcher;
    for (Specimen& specimen : list) EXPECT_TRUE(batcher.add(specimen.job, tools));
    EXPECT_EQ(batcher.estimate(tuning),
              tuning.estimate(Operation::Rsa2048Signature, rsa) + tuning.estimate(Operation::EcdsaSignature, ecdsa));
    return batcher.has_free_lanes(tuning);
  };
  const std::vector<bool> expected{false, false, true, true, false, true, true, true, false, false, true};
  for (std::size_t count = 0; count < expected.size(); ++count) {
    EXPECT_EQ(has_free_lanes(count, 0), expected[count]) << count;
    EXPECT_EQ(has_free_lanes(count, 3), expected[count]) << count;
    EXPECT_FALSE(has_free_lanes(0, count)) << count;
  }
  tuning.cost(Operation::Rsa2048Signature) = {100, 300, 300};
  tuning.derive();
  EXPECT_TRUE(has_free_lanes(4, 0));  // no half runs
}

// Without a workspace, or without functions for it, the host signs, as it does for keys that only it has.
TEST(RsaBatch, WhatOursCannotDoIsTheHosts) {
  Implementation without = crypto::kPortable;
  without.rsa = nullptr;
  const auto workspace = std::make_unique<RsaWorkspace>();
  Stream random(1);
  for (const bool has_functions : {true, false}) {
    Specimens list(Operation::Rsa2048Signature, 0);
    Specimen& specimen = add(list, key_of(2048), 1);
    specimen.key.sign = [](const batch::SigningKey&, SignatureScheme, ConstBytes, MutableBytes out) noexcept {
      out[0] = 77;
      return std::size_t{256};
    };
    const Tools tools{.random = random.entropy(),
                      .arithmetic = has_functions ? &crypto::kPortable : &without,
                      .rsa = has_functions ? nullptr : workspace.get()};
    Batcher batcher;
    batcher.add(specimen.job, tools);
    batcher.run(tools, always_in_lanes());
    EXPECT_EQ(specimen.job.status, JobStatus::Done);
    EXPECT_EQ(specimen.output[0], 77);
    EXPECT_EQ(batcher.counts()[batch::index_of(Operation::HostSignature)].alone, 1U);
  }
}

TEST(RsaWorkspace, BlindingGoesWithItsKey) {
  const auto workspace = std::make_unique<RsaWorkspace>();
  crypto::RsaBlinding& blinding = workspace->blinding_of(3);
  blinding.slots[0].uses_left = 5;
  EXPECT_EQ(workspace->blinding_of(3).slots[0].uses_left, 5U);
  EXPECT_EQ(workspace->blinding_of(4).slots[0].uses_left, 0U);
  // The key that was used the longest time ago makes room, and leaves nothing behind.
  for (std::uint64_t id = 5; id < 5 + RsaWorkspace::kPlaces - 2; ++id) workspace->blinding_of(id);
  EXPECT_EQ(workspace->blinding_of(3).slots[0].uses_left, 5U);
  workspace->blinding_of(100);  // in the place of 4
  EXPECT_EQ(workspace->blinding_of(3).slots[0].uses_left, 5U);
  for (std::uint64_t id = 200; id < 200 + RsaWorkspace::kPlaces; ++id) {
    EXPECT_EQ(workspace->blinding_of(id).slots[0].uses_left, 0U);
  }
  EXPECT_EQ(blinding.slots[0].uses_left, 0U);
  EXPECT_EQ(workspace->blinding_of(3).slots[0].uses_left, 0U);
}

// However many keys there are, those of one batch each keep a place to the end of it.
TEST(RsaWorkspace, KeysOfABatchDoNotMeet) {
  const auto workspace = std::make_unique<RsaWorkspace>();
  for (std::uint64_t round = 0; round < 50; ++round) {
    std::vector<crypto::RsaBlinding*> places;
    for (std::uint64_t i = 0; i < crypto::kLanes; ++i) {
      places.push_back(&workspace->blinding_of(1 + (round * 13 + i * RsaWorkspace::kPlaces) % 97));
    }
    std::ranges::sort(places);
    EXPECT_EQ(std::ranges::adjacent_find(places), places.end());
  }
}

}  // namespace
}  // namespace breakwater::test
