// Which implementation is chosen, what its self-test sees, and that the executor uses the one it is given.
#include "core/crypto/implementation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "core/batch/executor.h"
#include "core/crypto/p256.h"
#include "tests/crypto/implementations.h"
#include "tests/crypto/support.h"

namespace breakwater::test {
namespace {

using crypto::CpuFeatures;
using crypto::Implementation;
using crypto::kPortable;

std::vector<std::string> names(const crypto::ImplementationList& list) {
  std::vector<std::string> names;
  for (const Implementation* const implementation : list) names.emplace_back(implementation->name);
  return names;
}

TEST(Implementations, FastestFirstAndPortableLast) {
  EXPECT_EQ(names(crypto::implementations_for({})), std::vector<std::string>{"portable"});
#if defined(__x86_64__)
  EXPECT_EQ(names(crypto::implementations_for({.adx = true})), (std::vector<std::string>{"adx", "portable"}));
  EXPECT_EQ(names(crypto::implementations_for({.adx = true, .ifma = true})),
            (std::vector<std::string>{"ifma", "adx", "portable"}));
#endif
}

#if defined(__x86_64__)
TEST(Implementations, WithTwoVectorPortsOnlyRsaInLanesDiffers) {
  const CpuFeatures cpu{.adx = true, .ifma = true, .two_vector_ports = true};
  EXPECT_EQ(names(crypto::implementations_for(cpu)), (std::vector<std::string>{"ifma", "adx", "portable"}));
  const Implementation& ports = crypto::ifma_for(cpu);
  EXPECT_EQ(*crypto::implementations_for(cpu).begin(), &ports);
  EXPECT_NE(ports.rsa_lanes, crypto::kIfma.rsa_lanes);
  Implementation otherwise = ports;
  otherwise.rsa_lanes = crypto::kIfma.rsa_lanes;
  EXPECT_EQ(std::memcmp(&otherwise, &crypto::kIfma, sizeof otherwise), 0);
}
#endif

TEST(Implementations, EmulatedLanesAreForTests) {
  EXPECT_STREQ(crypto::kEmulated.name, "emulated");
  EXPECT_EQ(crypto::kEmulated.p256, kPortable.p256);
  EXPECT_EQ(crypto::kEmulated.x25519, kPortable.x25519);
  EXPECT_NE(crypto::kEmulated.p256_lanes, nullptr);
  EXPECT_NE(crypto::kEmulated.x25519_lanes, nullptr);
  EXPECT_NE(crypto::kEmulated.sha512_lanes, nullptr);
  for (const CpuFeatures& cpu : {CpuFeatures{}, CpuFeatures{.adx = true}, CpuFeatures{.adx = true, .ifma = true}}) {
    const auto list = crypto::implementations_for(cpu);
    EXPECT_EQ(std::ranges::count(list, &crypto::kEmulated), 0);
  }
}

// The kernel's list of the CPU's features is another witness.
TEST(Implementations, DetectionAgreesWithTheKernel) {
  std::ifstream file("/proc/cpuinfo");
  std::set<std::string> flags;
  bool is_intel = false;
  for (std::string line; flags.empty() && std::getline(file, line);) {
    if (line.starts_with("vendor_id") && line.ends_with("GenuineIntel")) is_intel = true;
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) flags.insert(word);
  }
  const auto has = [&](std::initializer_list<const char*> wanted) {
    return std::ranges::all_of(wanted, [&](const char* flag) { return flags.contains(flag); });
  };
  EXPECT_EQ(crypto::detect_cpu().adx, has({"bmi2", "adx"}));
  EXPECT_EQ(crypto::detect_cpu().ifma,
            has({"bmi2", "adx", "avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512ifma"}));
  EXPECT_EQ(crypto::detect_cpu().two_vector_ports, is_intel);
}

bool gives_known_answers(const Implementation& implementation) {
  const auto room = std::make_unique<crypto::RsaSelfTestRoom>();
  return crypto::gives_known_answers(implementation, *room);
}

class KnownAnswersTest : public ImplementationTest {};
BREAKWATER_FOR_EACH_IMPLEMENTATION(KnownAnswersTest);
#if defined(__x86_64__)
INSTANTIATE_TEST_SUITE_P(TwoVectorPorts, KnownAnswersTest, testing::Values(&crypto::kIfmaTwoPorts),
                         [](const auto& info) { return std::string(info.param->name); });
#endif

TEST_P(KnownAnswersTest, AreGiven) { EXPECT_TRUE(gives_known_answers(*GetParam())); }

// kEmulated with one function that goes wrong.
struct Broken {
  crypto::P256Functions p256 = *kPortable.p256;
  crypto::X25519Functions x25519 = *kPortable.x25519;
  crypto::P256LaneFunctions p256_lanes = *crypto::kEmulated.p256_lanes;
  crypto::X25519LaneFunctions x25519_lanes = *crypto::kEmulated.x25519_lanes;
  crypto::RsaFunctions rsa = *kPortable.rsa;
  crypto::RsaLaneFunctions rsa_lanes = *crypto::kEmulated.rsa_lanes;
  crypto::Sha512LaneFunctions sha512_lanes = *crypto::kEmulated.sha512_lanes;
  Implementation table{.name = "broken",
                       .p256 = &p256,
                       .x25519 = &x25519,
                       .rsa = &rsa,
                       .p256_lanes = &p256_lanes,
                       .x25519_lanes = &x25519_lanes,
                       .rsa_lanes = &rsa_lanes,
                       .sha512_lanes = &sha512_lanes};
};

bool is_noticed(auto change) {
  Broken broken;
  change(broken);
  return !gives_known_answers(broken.table);
}

TEST(KnownAnswers, EveryFunctionIsTested) {
  EXPECT_FALSE(is_noticed([](Broken&) {}));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256.public_key = [](std::uint8_t* out, const std::uint8_t* scalar) noexcept {
      const bool done = kPortable.p256->public_key(out, scalar);
      out[64] ^= 1;
      return done;
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256.shared_secret = [](std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* peer) noexcept {
      const bool done = kPortable.p256->shared_secret(out, scalar, peer);
      out[0] ^= 1;
      return done;
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {  // takes a point that is not on the curve
    b.p256.shared_secret = [](std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* peer) noexcept {
      static_cast<void>(kPortable.p256->shared_secret(out, scalar, peer));
      return true;
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256.sign = [](std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* digest,
                     ConstBytes hedge) noexcept {
      const bool done = kPortable.p256->sign(out, scalar, digest, hedge);
      out[63] ^= 0x80;
      return done;
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.x25519.public_key = [](std::uint8_t* out, const std::uint8_t* scalar) noexcept {
      kPortable.x25519->public_key(out, scalar);
      out[31] ^= 0x40;
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.x25519.shared_secret = [](std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* peer) noexcept {
      const bool done = kPortable.x25519->shared_secret(out, scalar, peer);
      out[0] ^= 1;
      return done;
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {  // takes a point of small order
    b.x25519.shared_secret = [](std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* peer) noexcept {
      static_cast<void>(kPortable.x25519->shared_secret(out, scalar, peer));
      return true;
    };
  }));
}

TEST(KnownAnswers, RsaIsTested) {
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.rsa.sign = [](crypto::RsaSignRequest& request, const Entropy& random, crypto::RsaScratch& scratch) noexcept {
      kPortable.rsa->sign(request, random, scratch);
      if (request.done) request.signature[255] ^= 1;
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {  // takes what is not below the modulus
    b.rsa.sign = [](crypto::RsaSignRequest& request, const Entropy& random, crypto::RsaScratch& scratch) noexcept {
      kPortable.rsa->sign(request, random, scratch);
      request.done = true;
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {  // refuses everything
    b.rsa.sign = [](crypto::RsaSignRequest& request, const Entropy&, crypto::RsaScratch&) noexcept {
      memset(request.signature, 0, 256);
      request.done = false;
    };
  }));
}

// One lane of eight goes wrong: what is done there has a wrong bit, or what must be refused is not.
std::size_t wrong_lane;

void spoil(auto& lane, std::uint8_t* output) {
  if (lane.done) {
    output[0] ^= 1;
  } else {
    lane.done = true;
  }
}

TEST(KnownAnswers, EveryLaneOfEveryFunctionIsTested) {
  for (wrong_lane = 0; wrong_lane < crypto::kLanes; ++wrong_lane) {
    EXPECT_TRUE(is_noticed([](Broken& b) {
      b.p256_lanes.public_keys = [](std::span<crypto::P256PublicKeyLane> lanes) noexcept {
        crypto::kEmulated.p256_lanes->public_keys(lanes);
        spoil(lanes[wrong_lane], lanes[wrong_lane].public_key);
      };
    })) << wrong_lane;
    EXPECT_TRUE(is_noticed([](Broken& b) {
      b.p256_lanes.shared_secrets = [](std::span<crypto::P256SharedSecretLane> lanes) noexcept {
        crypto::kEmulated.p256_lanes->shared_secrets(lanes);
        spoil(lanes[wrong_lane], lanes[wrong_lane].shared);
      };
    })) << wrong_lane;
    EXPECT_TRUE(is_noticed([](Broken& b) {
      b.p256_lanes.sign = [](std::span<crypto::P256SignLane> lanes) noexcept {
        crypto::kEmulated.p256_lanes->sign(lanes);
        spoil(lanes[wrong_lane], lanes[wrong_lane].signature);
      };
    })) << wrong_lane;
    EXPECT_TRUE(is_noticed([](Broken& b) {
      b.x25519_lanes.public_keys = [](std::span<crypto::X25519PublicKeyLane> lanes) noexcept {
        crypto::kEmulated.x25519_lanes->public_keys(lanes);
        lanes[wrong_lane].public_key[31] ^= 0x40;
      };
    })) << wrong_lane;
    EXPECT_TRUE(is_noticed([](Broken& b) {
      b.x25519_lanes.shared_secrets = [](std::span<crypto::X25519SharedSecretLane> lanes) noexcept {
        crypto::kEmulated.x25519_lanes->shared_secrets(lanes);
        spoil(lanes[wrong_lane], lanes[wrong_lane].shared);
      };
    })) << wrong_lane;
    EXPECT_TRUE(is_noticed([](Broken& b) {
      b.rsa_lanes.sign = [](std::span<crypto::RsaSignRequest> requests, const Entropy& random,
                            crypto::RsaScratch& scratch) noexcept {
        crypto::kEmulated.rsa_lanes->sign(requests, random, scratch);
        if (requests.size() == crypto::kLanes) spoil(requests[wrong_lane], requests[wrong_lane].signature);
      };
    })) << wrong_lane;
    if (wrong_lane < crypto::kLanes / 2) {
      EXPECT_TRUE(is_noticed([](Broken& b) {
        b.rsa_lanes.sign = [](std::span<crypto::RsaSignRequest> requests, const Entropy& random,
                              crypto::RsaScratch& scratch) noexcept {
          crypto::kEmulated.rsa_lanes->sign(requests, random, scratch);
          if (requests.size() != crypto::kLanes) spoil(requests[wrong_lane], requests[wrong_lane].signature);
        };
      })) << wrong_lane;
    }
    EXPECT_TRUE(is_noticed([](Broken& b) {
      b.sha512_lanes.compress = [](std::span<const crypto::Sha512Block> blocks) noexcept {
        crypto::kEmulated.sha512_lanes->compress(blocks);
        blocks[wrong_lane].chain->front() ^= 1;
      };
    })) << wrong_lane;
  }
}

// A bad lane that takes its neighbour with it: by refusing that one too, or by spoiling what it gives.
void refuse_neighbours(auto lanes) {
  for (std::size_t i = 0; i + 1 < lanes.size(); ++i) {
    if (!lanes[i].done) {
      lanes[i + 1].done = false;
      return;
    }
  }
}

void spoil_neighbours(auto lanes, auto output) {
  for (std::size_t i = 0; i + 1 < lanes.size(); ++i) {
    if (!lanes[i].done) {
      (lanes[i + 1].*output)[0] ^= 1;
      return;
    }
  }
}

TEST(KnownAnswers, ABadLaneMustFailAlone) {
  using crypto::P256PublicKeyLane, crypto::P256SharedSecretLane, crypto::P256SignLane, crypto::X25519SharedSecretLane;
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256_lanes.public_keys = [](std::span<P256PublicKeyLane> lanes) noexcept {
      crypto::kEmulated.p256_lanes->public_keys(lanes);
      refuse_neighbours(lanes);
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256_lanes.public_keys = [](std::span<P256PublicKeyLane> lanes) noexcept {
      crypto::kEmulated.p256_lanes->public_keys(lanes);
      spoil_neighbours(lanes, &P256PublicKeyLane::public_key);
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256_lanes.shared_secrets = [](std::span<P256SharedSecretLane> lanes) noexcept {
      crypto::kEmulated.p256_lanes->shared_secrets(lanes);
      refuse_neighbours(lanes);
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256_lanes.shared_secrets = [](std::span<P256SharedSecretLane> lanes) noexcept {
      crypto::kEmulated.p256_lanes->shared_secrets(lanes);
      spoil_neighbours(lanes, &P256SharedSecretLane::shared);
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256_lanes.sign = [](std::span<P256SignLane> lanes) noexcept {
      crypto::kEmulated.p256_lanes->sign(lanes);
      refuse_neighbours(lanes);
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256_lanes.sign = [](std::span<P256SignLane> lanes) noexcept {
      crypto::kEmulated.p256_lanes->sign(lanes);
      spoil_neighbours(lanes, &P256SignLane::signature);
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.x25519_lanes.shared_secrets = [](std::span<X25519SharedSecretLane> lanes) noexcept {
      crypto::kEmulated.x25519_lanes->shared_secrets(lanes);
      refuse_neighbours(lanes);
    };
  }));
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.x25519_lanes.shared_secrets = [](std::span<X25519SharedSecretLane> lanes) noexcept {
      crypto::kEmulated.x25519_lanes->shared_secrets(lanes);
      spoil_neighbours(lanes, &X25519SharedSecretLane::shared);
    };
  }));
}

TEST(KnownAnswers, ALaneMustRefuseAPointOffTheCurve) {
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256_lanes.shared_secrets = [](std::span<crypto::P256SharedSecretLane> lanes) noexcept {
      crypto::kEmulated.p256_lanes->shared_secrets(lanes);
      for (auto& lane : lanes) lane.done = crypto::p256_scalar_is_valid(lane.scalar);
    };
  }));
}

// What is refused leaves nothing behind: here a signature that should have been wiped.
TEST(KnownAnswers, ARefusedLaneIsWiped) {
  EXPECT_TRUE(is_noticed([](Broken& b) {
    b.p256_lanes.sign = [](std::span<crypto::P256SignLane> lanes) noexcept {
      crypto::kEmulated.p256_lanes->sign(lanes);
      for (auto& lane : lanes) {
        if (!lane.done) lane.signature[0] = 1;
      }
    };
  }));
}

TEST(KnownAnswers, TheNextSlowerOneIsUsed) {
  Broken broken, other;
  broken.x25519.public_key = [](std::uint8_t*, const std::uint8_t*) noexcept {};
  other.p256.sign = [](std::uint8_t*, const std::uint8_t*, const std::uint8_t*, ConstBytes) noexcept { return false; };
  using List = std::vector<const Implementation*>;
  const auto room = std::make_unique<crypto::RsaSelfTestRoom>();
  const auto select = [&](const List& list) { return crypto::best_working(list, *room); };

  crypto::Selection selection = select({&broken.table, &other.table, &kPortable});
  EXPECT_EQ(selection.chosen, &kPortable);
  EXPECT_EQ(selection.rejected, &broken.table);
  selection = select({&kPortable, &broken.table});
  EXPECT_EQ(selection.chosen, &kPortable);
  EXPECT_EQ(selection.rejected, nullptr);
  selection = select({&broken.table});
  EXPECT_EQ(selection.chosen, nullptr);
  EXPECT_EQ(selection.rejected, &broken.table);
}

// The same random bytes for every run.
Entropy fixed_entropy() {
  return {[](void*, MutableBytes out) noexcept {
            std::uint8_t next = 0x31;
            for (std::uint8_t& byte : out) byte = next++;
          },
          nullptr};
}

// What each kind of job gives with an implementation: public keys, shared secrets, a signature.
std::vector<Bytes> all_jobs(const Implementation& arithmetic) {
  using batch::Job;
  using batch::JobKind;
  std::vector<Bytes> results;
  const auto run = [&](Job job) {
    Bytes output(batch::kMaxSignatureSize, 0xcc);
    job.status = batch::JobStatus::Pending;
    job.output = output;
    batch::run(job, fixed_entropy(), arithmetic);
    EXPECT_EQ(job.status, batch::JobStatus::Done);
    output.resize(job.output_size);
    results.push_back(output);
    return output;
  };
  for (const tls::Group group : {tls::Group::Secp256r1, tls::Group::X25519}) {
    Bytes32 private_key{};
    Job pair;
    pair.kind = JobKind::KeyPair;
    pair.group = group;
    pair.private_key = private_key.data();
    const Bytes peer = run(pair);
    Job agreement;
    agreement.kind = JobKind::KeyAgreement;
    agreement.group = group;
    agreement.private_key = private_key.data();
    agreement.input = peer;
    run(agreement);
  }
  batch::SigningKey key;
  key.scalar[31] = 9;
  const Bytes digest(32, 0x5a);
  Job signature;
  signature.kind = JobKind::Signature;
  signature.scheme = tls::SignatureScheme::EcdsaSecp256r1Sha256;
  signature.key = &key;
  signature.input = digest;
  run(signature);
  return results;
}

class ExecutorArithmeticTest : public ImplementationTest {};
BREAKWATER_FOR_EACH_IMPLEMENTATION(ExecutorArithmeticTest);

TEST_P(ExecutorArithmeticTest, GivesWhatPortableGives) { EXPECT_EQ(all_jobs(*GetParam()), all_jobs(kPortable)); }

int calls[5];

TEST(ExecutorTest, UsesWhatItIsGiven) {
  Broken counted;
  counted.p256 = {
      .public_key =
          [](std::uint8_t* out, const std::uint8_t* scalar) noexcept {
            ++calls[0];
            return kPortable.p256->public_key(out, scalar);
          },
      .shared_secret =
          [](std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* peer) noexcept {
            ++calls[1];
            return kPortable.p256->shared_secret(out, scalar, peer);
          },
      .sign =
          [](std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* digest, ConstBytes hedge) noexcept {
            ++calls[2];
            return kPortable.p256->sign(out, scalar, digest, hedge);
          }};
  counted.x25519 = {.public_key =
                        [](std::uint8_t* out, const std::uint8_t* scalar) noexcept {
                          ++calls[3];
                          kPortable.x25519->public_key(out, scalar);
                        },
                    .shared_secret =
                        [](std::uint8_t* out, const std::uint8_t* scalar, const std::uint8_t* peer) noexcept {
                          ++calls[4];
                          return kPortable.x25519->shared_secret(out, scalar, peer);
                        }};
  std::ranges::fill(calls, 0);
  EXPECT_EQ(all_jobs(counted.table), all_jobs(kPortable));
  for (const int count : calls) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace breakwater::test
