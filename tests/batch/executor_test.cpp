// batch::run(): every job kind, and every way a job can be refused or fail.
#include "core/batch/executor.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/p256.h"
#include "core/crypto/x25519.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using batch::Job;
using batch::JobKind;
using batch::JobStatus;
using tls::Group;
using tls::SignatureScheme;

// Plays back the given blocks, then random bytes.
class Source {
 public:
  explicit Source(std::vector<Bytes32> blocks = {}) : blocks_(std::move(blocks)) {}

  Entropy entropy() {
    return {[](void* self, MutableBytes out) noexcept { static_cast<Source*>(self)->fill(out); }, this};
  }
  std::size_t used() const { return used_; }

 private:
  void fill(MutableBytes out) {
    const Bytes32 block = used_ < blocks_.size() ? blocks_[used_] : random_.bytes();
    ++used_;
    ASSERT_EQ(out.size(), block.size());
    std::ranges::copy(block, out.begin());
  }

  std::vector<Bytes32> blocks_;
  std::size_t used_ = 0;
  Random random_;
};

struct Side {
  Bytes32 private_key{};
  std::array<std::uint8_t, 65> public_key{};
  Job job;

  Job& key_pair(Group group) {
    job = Job();
    job.kind = JobKind::KeyPair;
    job.status = JobStatus::Pending;
    job.group = group;
    job.private_key = private_key.data();
    job.output = public_key;
    return job;
  }
};

JobStatus run(Job& job, Source& source) {
  batch::run(job, source.entropy());
  EXPECT_EQ(job.status == JobStatus::Done, job.output_size != 0);
  return job.status;
}

JobStatus run(Job& job) {
  Source source;
  return run(job, source);
}

Job agreement(Group group, Side& side, ConstBytes peer, MutableBytes shared) {
  Job job;
  job.kind = JobKind::KeyAgreement;
  job.status = JobStatus::Pending;
  job.group = group;
  job.private_key = side.private_key.data();
  job.input = peer;
  job.output = shared;
  return job;
}

class ExecutorGroupTest : public testing::TestWithParam<Group> {};

TEST_P(ExecutorGroupTest, TwoSidesAgree) {
  const std::size_t size = batch::public_key_size(GetParam());
  Side left, right;
  Source source;
  ASSERT_EQ(run(left.key_pair(GetParam()), source), JobStatus::Done);
  ASSERT_EQ(run(right.key_pair(GetParam()), source), JobStatus::Done);
  EXPECT_EQ(left.job.output_size, size);
  EXPECT_NE(left.private_key, right.private_key);

  Bytes32 left_shared{}, right_shared{};
  Job left_job = agreement(GetParam(), left, {right.public_key.data(), size}, left_shared);
  Job right_job = agreement(GetParam(), right, {left.public_key.data(), size}, right_shared);
  ASSERT_EQ(run(left_job), JobStatus::Done);
  ASSERT_EQ(run(right_job), JobStatus::Done);
  EXPECT_EQ(left_job.output_size, 32);
  EXPECT_EQ(left_shared, right_shared);
  EXPECT_NE(left_shared, Bytes32{});
}

TEST_P(ExecutorGroupTest, ChecksSizes) {
  const std::size_t size = batch::public_key_size(GetParam());
  Side side;
  side.key_pair(GetParam()).output = {side.public_key.data(), size - 1};
  EXPECT_EQ(run(side.job), JobStatus::Failed);
  side.key_pair(GetParam()).private_key = nullptr;
  EXPECT_EQ(run(side.job), JobStatus::Failed);

  ASSERT_EQ(run(side.key_pair(GetParam())), JobStatus::Done);
  Bytes32 shared{};
  const ConstBytes peer(side.public_key.data(), size);
  Job job = agreement(GetParam(), side, peer, MutableBytes(shared).first(31));
  EXPECT_EQ(run(job), JobStatus::Failed);
  job = agreement(GetParam(), side, peer, shared);
  job.private_key = nullptr;
  EXPECT_EQ(run(job), JobStatus::Failed);
  // A key share of the wrong length is the peer's doing.
  job = agreement(GetParam(), side, peer.first(size - 1), shared);
  EXPECT_EQ(run(job), JobStatus::Refused);
  job = agreement(GetParam(), side, {}, shared);
  EXPECT_EQ(run(job), JobStatus::Refused);
}

TEST_P(ExecutorGroupTest, RefusesInvalidPeer) {
  const std::size_t size = batch::public_key_size(GetParam());
  Side side;
  ASSERT_EQ(run(side.key_pair(GetParam())), JobStatus::Done);
  // All zero: a point of small order for X25519, no encoding at all for P-256.
  Bytes peer(size);
  Bytes32 shared{};
  Job job = agreement(GetParam(), side, peer, shared);
  EXPECT_EQ(run(job), JobStatus::Refused);
  EXPECT_EQ(shared, Bytes32{});
}

INSTANTIATE_TEST_SUITE_P(Groups, ExecutorGroupTest, testing::Values(Group::Secp256r1, Group::X25519));

TEST(ExecutorTest, KeyPairsMatchTheirScalars) {
  Side p256, x25519;
  ASSERT_EQ(run(p256.key_pair(Group::Secp256r1)), JobStatus::Done);
  EXPECT_EQ(Bytes(p256.public_key.begin(), p256.public_key.end()),
            reference_p256().multiply_generator(bignum(p256.private_key).get()));
  ASSERT_EQ(run(x25519.key_pair(Group::X25519)), JobStatus::Done);
  Bytes32 expected;
  crypto::x25519_public_key(expected.data(), x25519.private_key.data());
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), x25519.public_key.begin()));
}

TEST(ExecutorTest, RejectsScalarsOutOfRange) {
  const Bytes32 n = to_bytes32(reference_p256().n());
  Bytes32 ones;
  ones.fill(0xff);
  const Bytes32 good{0, 7};
  Source source({Bytes32{}, n, ones, good});
  Side side;
  ASSERT_EQ(run(side.key_pair(Group::Secp256r1), source), JobStatus::Done);
  EXPECT_EQ(source.used(), 4U);
  EXPECT_EQ(side.private_key, good);
}

TEST(ExecutorTest, GivesUpOnBrokenEntropy) {
  Bytes32 ones;
  ones.fill(0xff);
  Source source(std::vector<Bytes32>(1000, ones));
  Side side;
  EXPECT_EQ(run(side.key_pair(Group::Secp256r1), source), JobStatus::Failed);
  EXPECT_LE(source.used(), 16U);
  EXPECT_EQ(side.private_key, Bytes32{});
}

TEST(ExecutorTest, OwnBadScalarIsOurFault) {
  Side side, peer;
  ASSERT_EQ(run(peer.key_pair(Group::Secp256r1)), JobStatus::Done);
  Bytes32 shared{};
  Job job = agreement(Group::Secp256r1, side, peer.public_key, shared);  // scalar zero
  EXPECT_EQ(run(job), JobStatus::Failed);
}

TEST(ExecutorTest, UnknownGroupFails) {
  Side side;
  EXPECT_EQ(run(side.key_pair(Group::None)), JobStatus::Failed);
  Bytes32 shared{};
  Job job = agreement(Group::None, side, {}, shared);
  EXPECT_EQ(run(job), JobStatus::Failed);
}

TEST(ExecutorTest, RunsPendingJobsOnly) {
  for (const JobStatus status : {JobStatus::Idle, JobStatus::Done, JobStatus::Refused, JobStatus::Failed}) {
    Side side;
    side.key_pair(Group::X25519).status = status;
    Source source;
    batch::run(side.job, source.entropy());
    EXPECT_EQ(side.job.status, status);
    EXPECT_EQ(source.used(), 0U);
    EXPECT_EQ(side.private_key, Bytes32{});
  }
}

struct Signing {
  batch::SigningKey key;
  Bytes digest = Bytes(32, 0x5a);
  std::array<std::uint8_t, batch::kMaxSignatureSize> signature{};
  Job job;

  explicit Signing(batch::KeyType type) {
    key.type = type;
    key.scalar[31] = 9;
  }

  Job& make(SignatureScheme scheme) {
    job = Job();
    job.kind = JobKind::Signature;
    job.status = JobStatus::Pending;
    job.scheme = scheme;
    job.key = &key;
    job.input = digest;
    job.output = signature;
    return job;
  }
};

TEST(ExecutorSignatureTest, EcdsaVerifies) {
  Signing signing(batch::KeyType::EcdsaP256);
  const Bytes key = reference_p256().multiply_generator(bignum(std::span(signing.key.scalar)).get());
  Bytes32 digest;
  std::ranges::copy(signing.digest, digest.begin());
  Source source;
  std::vector<Bytes> seen;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(run(signing.make(SignatureScheme::EcdsaSecp256r1Sha256), source), JobStatus::Done);
    seen.emplace_back(signing.signature.begin(), signing.signature.begin() + signing.job.output_size);
    EXPECT_TRUE(reference_p256().verify(key, digest, seen.back()));
  }
  // Fresh hedges: the same digest is never signed with the same nonce twice.
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST(ExecutorSignatureTest, EcdsaFaults) {
  Signing signing(batch::KeyType::EcdsaP256);
  const SignatureScheme scheme = SignatureScheme::EcdsaSecp256r1Sha256;
  signing.make(scheme).input = ConstBytes(signing.digest).first(31);
  EXPECT_EQ(run(signing.job), JobStatus::Failed);
  signing.make(scheme).output = MutableBytes(signing.signature).first(crypto::kMaxEcdsaDerSize - 1);
  EXPECT_EQ(run(signing.job), JobStatus::Failed);
  signing.make(scheme).output = MutableBytes(signing.signature).first(crypto::kMaxEcdsaDerSize);
  EXPECT_EQ(run(signing.job), JobStatus::Done);
  signing.make(scheme).key = nullptr;
  EXPECT_EQ(run(signing.job), JobStatus::Failed);
  EXPECT_EQ(run(signing.make(SignatureScheme::RsaPssRsaeSha256)), JobStatus::Failed);
  signing.key.scalar[31] = 0;
  EXPECT_EQ(run(signing.make(scheme)), JobStatus::Failed);
  std::ranges::fill(signing.key.scalar, std::uint8_t{0xff});
  EXPECT_EQ(run(signing.make(scheme)), JobStatus::Failed);
}

TEST(ExecutorSignatureTest, RsaGoesThroughTheKey) {
  Signing signing(batch::KeyType::Rsa);
  EXPECT_EQ(run(signing.make(SignatureScheme::RsaPssRsaeSha256)), JobStatus::Failed);  // no signer

  signing.key.sign = [](const batch::SigningKey&, SignatureScheme scheme, ConstBytes digest,
                        MutableBytes out) noexcept -> std::size_t {
    out[0] = static_cast<std::uint8_t>(static_cast<unsigned>(scheme) >> 8);
    out[1] = digest[0];
    return 256;
  };
  struct Case {
    SignatureScheme scheme;
    std::size_t digest_size;
  };
  for (const Case& c : {Case{SignatureScheme::RsaPkcs1Sha256, 32}, Case{SignatureScheme::RsaPkcs1Sha384, 48},
                        Case{SignatureScheme::RsaPkcs1Sha512, 64}, Case{SignatureScheme::RsaPssRsaeSha256, 32},
                        Case{SignatureScheme::RsaPssRsaeSha384, 48}, Case{SignatureScheme::RsaPssRsaeSha512, 64}}) {
    signing.digest.assign(c.digest_size, 0x5a);
    ASSERT_EQ(run(signing.make(c.scheme)), JobStatus::Done);
    EXPECT_EQ(signing.job.output_size, 256);
    EXPECT_EQ(signing.signature[0], static_cast<unsigned>(c.scheme) >> 8);
    EXPECT_EQ(signing.signature[1], 0x5a);
    signing.digest.push_back(0);
    EXPECT_EQ(run(signing.make(c.scheme)), JobStatus::Failed);
  }
  signing.digest.assign(32, 0);
  EXPECT_EQ(run(signing.make(SignatureScheme::EcdsaSecp256r1Sha256)), JobStatus::Failed);

  // What the signer says it wrote is believed only as far as the room it was given.
  signing.make(SignatureScheme::RsaPssRsaeSha256).output = MutableBytes(signing.signature).first(255);
  EXPECT_EQ(run(signing.job), JobStatus::Failed);
  signing.key.sign = [](const batch::SigningKey&, SignatureScheme, ConstBytes, MutableBytes) noexcept -> std::size_t {
    return 0;
  };
  EXPECT_EQ(run(signing.make(SignatureScheme::RsaPssRsaeSha256)), JobStatus::Failed);
}

}  // namespace
}  // namespace breakwater::test
