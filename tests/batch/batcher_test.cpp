// The batcher: whatever the number, the mix and the faults of its jobs, the results are those of batch::run.
#include "core/batch/batcher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/batch/executor.h"
#include "core/crypto/p256.h"
#include "tests/batch/jobs.h"

namespace breakwater::test {
namespace {

using batch::Batcher;
using batch::Tools;
using batch::Tuning;
using crypto::Implementation;
using crypto::kEmulated;
using crypto::kLanes;

// Lanes from so many jobs on, whatever they cost.
Tuning tuning_from(std::size_t count) {
  Tuning tuning = batch::default_tuning(kEmulated);
  tuning.lanes_from.fill(static_cast<std::uint8_t>(count));
  return tuning;
}

std::size_t place(Operation operation) { return batch::index_of(operation); }

// What this CPU can run, and the lanes in plain C++.
void run_batch(Batcher& batcher, Specimens& specimens, Stream& random, const Implementation& arithmetic,
               const Tuning& tuning) {
  const Tools tools{.random = random.entropy(), .arithmetic = &arithmetic};
  for (Specimen& specimen : specimens) ASSERT_TRUE(batcher.add(specimen.job, tools));
  batcher.run(tools, tuning);
  EXPECT_TRUE(batcher.empty());
}

void run_alone(Specimens& specimens, Stream& random) {
  for (Specimen& specimen : specimens) batch::run(specimen.job, random.entropy(), crypto::kPortable);
}

class BatcherTest : public testing::TestWithParam<const Implementation*> {};
INSTANTIATE_TEST_SUITE_P(Implementations, BatcherTest, testing::ValuesIn(implementations()),
                         [](const auto& info) { return std::string(info.param->name); });

// Randomness is asked for in the order of the jobs, so key pairs and signatures are the same too.
TEST_P(BatcherTest, AnyCountGivesWhatSingleJobsGive) {
  for (const Operation operation : kCurveOperations) {
    for (std::size_t count = 1; count <= 17; ++count) {
      Specimens together(operation, count, count);
      Specimens alone(operation, count, count);
      Stream random(7), same_random(7);
      Batcher batcher;
      run_batch(batcher, together, random, *GetParam(), tuning_from(1));
      run_alone(alone, same_random);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(together[i].job.status, JobStatus::Done);
        ASSERT_TRUE(together[i] == alone[i]) << batch::operation_name(operation) << " " << i << " of " << count;
      }
    }
  }
}

// One that is wrong, in each place of eight, by every way to be wrong.
TEST_P(BatcherTest, AFaultStaysWithItsJob) {
  struct Fault {
    Operation operation;
    JobStatus status;
    void (*spoil)(Specimen& specimen);
  };
  const Fault faults[] = {
      {Operation::P256Agreement, JobStatus::Refused, [](Specimen& s) { s.input[64] ^= 1; }},  // off the curve
      {Operation::P256Agreement, JobStatus::Refused, [](Specimen& s) { s.input[0] = 0; }},
      {Operation::P256Agreement, JobStatus::Refused, [](Specimen& s) { s.job.input = s.job.input.first(64); }},
      {Operation::P256Agreement, JobStatus::Failed, [](Specimen& s) { s.private_key.fill(0); }},
      {Operation::P256Agreement, JobStatus::Failed, [](Specimen& s) { s.private_key.fill(0xff); }},
      {Operation::X25519Agreement, JobStatus::Refused, [](Specimen& s) { std::ranges::fill(s.input, 0); }},
      {Operation::X25519Agreement, JobStatus::Refused, [](Specimen& s) { s.job.input = {}; }},
      {Operation::X25519Agreement, JobStatus::Failed, [](Specimen& s) { s.job.output = s.job.output.first(31); }},
      {Operation::X25519KeyPair, JobStatus::Failed, [](Specimen& s) { s.job.private_key = nullptr; }},
      {Operation::P256KeyPair, JobStatus::Failed, [](Specimen& s) { s.job.output = s.job.output.first(64); }},
      {Operation::EcdsaSignature, JobStatus::Failed, [](Specimen& s) { std::ranges::fill(s.key.scalar, 0xff); }},
      {Operation::EcdsaSignature, JobStatus::Failed, [](Specimen& s) { std::ranges::fill(s.key.scalar, 0); }},
      {Operation::EcdsaSignature, JobStatus::Failed, [](Specimen& s) { s.job.key = nullptr; }},
      {Operation::EcdsaSignature, JobStatus::Failed, [](Specimen& s) { s.job.input = s.job.input.first(31); }},
  };
  for (const Fault& fault : faults) {
    const auto at = static_cast<std::size_t>(&fault - faults);
    for (std::size_t bad = 0; bad < kLanes; ++bad) {
      Specimens together(fault.operation, kLanes);
      Specimens alone(fault.operation, kLanes);
      fault.spoil(together[bad]);
      fault.spoil(alone[bad]);
      Stream random(7), same_random(7);
      Batcher batcher;
      run_batch(batcher, together, random, *GetParam(), tuning_from(1));
      run_alone(alone, same_random);
      for (std::size_t i = 0; i < kLanes; ++i) {
        ASSERT_EQ(together[i].job.status, i == bad ? fault.status : JobStatus::Done) << "fault " << at;
        ASSERT_TRUE(together[i] == alone[i]) << "fault " << at << " in " << bad << ", job " << i;
      }
    }
  }
}

// All operations among one another, more of each than a lane run takes, faults among them.
TEST_P(BatcherTest, MixedJobsAreToldApart) {
  Specimens together(Operation::EcdsaSignature, 0);
  Specimens alone(Operation::EcdsaSignature, 0);
  for (std::size_t i = 0; i < 60; ++i) {
    for (Specimens* const list : {&together, &alone}) {
      Specimen& specimen = list->add(kCurveOperations[i * 7 % std::size(kCurveOperations)]);
      if (i % 11 == 3 && !specimen.input.empty()) specimen.job.input = specimen.job.input.first(5);
    }
  }
  Stream random(7), same_random(7);
  Batcher batcher;
  run_batch(batcher, together, random, *GetParam(), tuning_from(2));
  run_alone(alone, same_random);
  for (std::size_t i = 0; i < together.size(); ++i) {
    const Specimen& specimen = together[i];
    ASSERT_EQ(specimen.job.status, alone[i].job.status) << i;
    if (specimen.job.status != JobStatus::Done) continue;
    if (specimen.job.kind == JobKind::KeyAgreement) {
      ASSERT_TRUE(specimen == alone[i]) << i;
    } else if (specimen.job.group == Group::Secp256r1) {
      ASSERT_EQ(Bytes(specimen.output.begin(), specimen.output.begin() + 65),
                reference_p256().multiply_generator(bignum(specimen.private_key).get()));
    } else if (specimen.job.kind == JobKind::Signature) {
      Bytes32 digest;
      std::ranges::copy(specimen.input, digest.begin());
      ASSERT_TRUE(
          reference_p256().verify(reference_p256().multiply_generator(bignum(std::span(specimen.key.scalar)).get()),
                                  digest, ConstBytes(specimen.output).first(specimen.job.output_size)));
    }
  }
}

TEST(Batcher, RunsEachGroupAsTheThresholdsSay) {
  for (std::size_t from = 1; from <= batch::kNeverInLanes; ++from) {
    for (std::size_t count = 1; count <= 17; ++count) {
      Specimens specimens(Operation::X25519KeyPair, count);
      Stream random(1);
      Batcher batcher;
      run_batch(batcher, specimens, random, kEmulated, tuning_from(from));
      const std::size_t rest = count % kLanes;
      const std::size_t full = from <= kLanes ? count / kLanes : 0;
      const bool rest_in_lanes = rest != 0 && rest >= from;
      const batch::OperationCount& seen = batcher.counts()[place(Operation::X25519KeyPair)];
      ASSERT_EQ(seen.lane_runs, full + (rest_in_lanes ? 1 : 0)) << count << " jobs, lanes from " << from;
      ASSERT_EQ(seen.lanes_filled, full * kLanes + (rest_in_lanes ? rest : 0));
      ASSERT_EQ(seen.alone + seen.lanes_filled, count);
      std::array<std::uint64_t, kLanes> runs_of{};
      runs_of[kLanes - 1] = full;
      if (rest_in_lanes) ++runs_of[rest - 1];
      ASSERT_EQ(seen.runs_of, runs_of);
    }
  }
}

TEST(Batcher, DoesWithoutLanesWhereThereAreNone) {
  Specimens specimens(Operation::EcdsaSignature, 9);
  Stream random(1);
  Batcher batcher;
  run_batch(batcher, specimens, random, crypto::kPortable, tuning_from(1));
  for (Specimen& specimen : specimens) EXPECT_EQ(specimen.job.status, JobStatus::Done);
  EXPECT_EQ(batcher.counts()[place(Operation::EcdsaSignature)].alone, 9U);
}

TEST(Batcher, TakesNoMoreThanItHasRoomFor) {
  Specimens specimens(Operation::X25519KeyPair, Batcher::kCapacity + 1);
  Stream random(1);
  const Tools tools{.random = random.entropy(), .arithmetic = &kEmulated};
  Batcher batcher;
  for (std::size_t i = 0; i < Batcher::kCapacity; ++i) ASSERT_TRUE(batcher.add(specimens[i].job, tools));
  Specimen& last = specimens[Batcher::kCapacity];
  EXPECT_FALSE(batcher.add(last.job, tools));
  batcher.run(tools, tuning_from(1));
  EXPECT_EQ(last.job.status, JobStatus::Pending);
  for (std::size_t i = 0; i < Batcher::kCapacity; ++i) ASSERT_EQ(specimens[i].job.status, JobStatus::Done);
  EXPECT_TRUE(batcher.add(last.job, tools));
  batcher.run(tools, tuning_from(1));
  EXPECT_EQ(last.job.status, JobStatus::Done);
}

TEST(Batcher, RunsPendingJobsOnly) {
  Specimens specimens(Operation::X25519KeyPair, 4);
  const JobStatus others[] = {JobStatus::Idle, JobStatus::Done, JobStatus::Refused, JobStatus::Failed};
  for (std::size_t i = 0; i < 4; ++i) specimens[i].job.status = others[i];
  Stream random(1);
  Batcher batcher;
  run_batch(batcher, specimens, random, kEmulated, tuning_from(1));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(specimens[i].job.status, others[i]);
    EXPECT_EQ(specimens[i].private_key, Bytes32{});
  }
}

// Ones are no P-256 scalar. The third job gets eight blocks of them and fails; the others get good ones.
TEST(Batcher, BrokenRandomnessFailsTheJobThatMeetsIt) {
  struct Source {
    int calls = 0;
    static void fill(void* self, MutableBytes out) noexcept {
      const int call = ++static_cast<Source*>(self)->calls;
      std::ranges::fill(out, call > 2 && call <= 10 ? 0xff : static_cast<std::uint8_t>(call));
    }
  } source;
  Specimens specimens(Operation::P256KeyPair, 5);
  const Tools tools{.random = {Source::fill, &source}, .arithmetic = &kEmulated};
  Batcher batcher;
  for (Specimen& specimen : specimens) ASSERT_TRUE(batcher.add(specimen.job, tools));
  batcher.run(tools, tuning_from(1));
  EXPECT_EQ(source.calls, 12);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(specimens[i].job.status, i == 2 ? JobStatus::Failed : JobStatus::Done) << i;
    EXPECT_EQ(specimens[i].private_key == Bytes32{}, i == 2) << i;
  }
}

// The order in which kinds are run: RSA (here a signer of the host's) last.
TEST(Batcher, RunsTheDearKindsLast) {
  static std::vector<int> order;
  order.clear();
  Specimens dear(Operation::HostSignature, 3);
  for (Specimen& specimen : dear) {
    specimen.key.sign = [](const batch::SigningKey&, SignatureScheme, ConstBytes, MutableBytes) noexcept {
      order.push_back(2);
      return std::size_t{256};
    };
  }
  Specimens cheap(Operation::EcdsaSignature, 2);
  crypto::P256Functions p256 = *crypto::kPortable.p256;
  p256.sign = [](std::uint8_t*, const std::uint8_t*, const std::uint8_t*, ConstBytes) noexcept {
    order.push_back(1);
    return true;
  };
  Implementation arithmetic = crypto::kPortable;
  arithmetic.p256 = &p256;
  Stream random(1);
  const Tools tools{.random = random.entropy(), .arithmetic = &arithmetic};
  Batcher batcher;
  for (Specimen& specimen : dear) batcher.add(specimen.job, tools);
  for (Specimen& specimen : cheap) batcher.add(specimen.job, tools);
  batcher.run(tools, batch::default_tuning(arithmetic));
  EXPECT_EQ(order, (std::vector<int>{1, 1, 2, 2, 2}));
}

}  // namespace
}  // namespace breakwater::test
