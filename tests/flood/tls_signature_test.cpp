// The server's signature: looked at with check_signature on, not even read with it off.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/batch/executor.h"
#include "tests/flood/tls_support.h"

namespace breakwater::flood::testing {
namespace {

using breakwater::test::EngineServer;
using breakwater::test::HostSpec;
using breakwater::test::ServerSetup;

struct Case {
  Version version;
  bool rsa;
};

class TlsSignature : public ::testing::TestWithParam<Case> {
 protected:
  TlsSignature()
      : setup_({HostSpec{
            {{GetParam().rsa ? &breakwater::test::rsa_identity() : &breakwater::test::ecdsa_identity(), {}, {}}},
            {},
            {}}}) {}

  ClientSettings settings(bool check) const {
    ClientSettings settings;
    settings.version = GetParam().version;
    settings.check_signature = check;
    return settings;
  }

  Failure run(const ClientSettings& settings, EngineServer& server) {
    const Profile profile(settings);
    Talk talk;
    talk.start(profile);
    talk.run(engine(server));
    return talk.client.failure();
  }

  ServerSetup setup_;
};

TEST_P(TlsSignature, RightOnesPass) {
  for (const Shape shape : {Shape::Tool, Shape::Curl, Shape::Browser}) {
    for (const Auth auth : {Auth::Any, GetParam().rsa ? Auth::Rsa : Auth::Ecdsa}) {
      EngineServer server(setup_);
      ClientSettings checking = settings(true);
      checking.shape = shape;
      checking.auth = auth;
      EXPECT_EQ(run(checking, server), Failure::None);
      EXPECT_TRUE(server.done());
    }
  }
}

Entropy fixed_entropy() {
  return {[](void*, MutableBytes out) noexcept {
            for (std::uint8_t& byte : out) byte = 0x33;
          },
          nullptr};
}

TEST_P(TlsSignature, OfSomethingElseIsSeenWhenItIsLookedAt) {
  for (const bool check : {true, false}) {
    EngineServer server(setup_);
    Bytes other;
    server.job_hook = [&](batch::Job& job) {
      if (job.kind != batch::JobKind::Signature) return false;
      other = breakwater::test::to_bytes(job.input);
      other.back() ^= 1;
      job.input = other;
      return false;
    };
    EXPECT_EQ(run(settings(check), server), check ? Failure::BadSignature : Failure::None);
  }
}

TEST_P(TlsSignature, WithAFlippedBitIsSeenWhenItIsLookedAt) {
  for (const bool check : {true, false}) {
    EngineServer server(setup_);
    server.job_hook = [&](batch::Job& job) {
      if (job.kind != batch::JobKind::Signature) return false;
      batch::run(job, fixed_entropy());
      job.output[job.output_size - 1U] ^= 1;
      return true;
    };
    EXPECT_EQ(run(settings(check), server), check ? Failure::BadSignature : Failure::None);
  }
}

TEST_P(TlsSignature, ByAnotherKeyIsSeenWhenItIsLookedAt) {
  const auto other = breakwater::test::make_ecdsa_identity("other.example", 99);
  batch::SigningKey key;
  std::copy(other->scalar.begin(), other->scalar.end(), key.scalar);
  for (const bool check : {true, false}) {
    EngineServer server(setup_);
    server.job_hook = [&](batch::Job& job) {
      if (job.kind == batch::JobKind::Signature && !GetParam().rsa) job.key = &key;
      if (job.kind != batch::JobKind::Signature || !GetParam().rsa) return false;
      batch::Job wrong = job;  // an ECDSA signature where an RSA one was announced
      wrong.key = &key;
      wrong.scheme = breakwater::tls::SignatureScheme::EcdsaSecp256r1Sha256;
      const Bytes digest(32, 7);
      wrong.input = digest;
      batch::run(wrong, fixed_entropy());
      job.output_size = wrong.output_size;
      job.status = wrong.status;
      return true;
    };
    EXPECT_EQ(run(settings(check), server), check ? Failure::BadSignature : Failure::None);
  }
}

// The leaf cannot be read: nothing can be checked, and without checking nothing is amiss.
TEST_P(TlsSignature, NoCertificateAtAll) {
  for (const bool check : {true, false}) {
    breakwater::test::ServerIdentity garbled = {"x", GetParam().rsa, nullptr, {}, Bytes(100, 0x30)};
    ServerSetup setup;
    const Bytes body = GetParam().version == Version::Tls12 ? garbled.message_tls12({}) : garbled.message_tls13({});
    batch::SigningKey key = *setup.configuration.hosts[0].certificates[GetParam().rsa ? 1 : 0].key;
    breakwater::tls::Certificate certificate;
    certificate.key = &key;
    certificate.message_tls12 = certificate.message_tls13 = body;
    breakwater::tls::VirtualHost host;
    host.certificates = {&certificate, 1};
    setup.configuration.hosts = {&host, 1};
    EngineServer server(setup);
    EXPECT_EQ(run(settings(check), server), check ? Failure::BadSignature : Failure::None);
  }
}

INSTANTIATE_TEST_SUITE_P(All, TlsSignature,
                         ::testing::Values(Case{Version::Tls12, false}, Case{Version::Tls12, true},
                                           Case{Version::Tls13, false}, Case{Version::Tls13, true}),
                         [](const auto& tested) {
                           return std::string(tested.param.version == Version::Tls12 ? "Tls12" : "Tls13") +
                                  (tested.param.rsa ? "Rsa" : "Ecdsa");
                         });

}  // namespace
}  // namespace breakwater::flood::testing
