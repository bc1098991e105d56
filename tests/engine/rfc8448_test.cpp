// The traces of RFC 8448. Sections 3 and 5 are run by the engine byte for byte, with the server's randomness, key
// pairs, signatures and cookie put in from outside. Section 4 needs early data and tickets of another shape than ours:
// its values are checked on the functions that the engine uses.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/x25519.h"
#include "core/tls/key_schedule13.h"
#include "core/tls/transcript.h"
#include "tests/engine/rfc8448_vectors.h"
#include "tests/support/exchange.h"

namespace breakwater::test {
namespace {

using namespace rfc8448;
using tls::HashKind;
using tls::Secret;

std::string hex(const Secret& secret) { return to_hex(secret.view(HashKind::Sha256)); }

Secret secret_of(const char* text) {
  Secret secret{};
  const Bytes bytes = from_hex(text);
  std::copy(bytes.begin(), bytes.end(), secret.bytes);
  return secret;
}

class Trace : public ::testing::Test {
 protected:
  Trace() {
    certificate_body_ = from_hex(kCertificateMessage);
    certificate_body_.erase(certificate_body_.begin(), certificate_body_.begin() + 4);
    key_.type = batch::KeyType::Rsa;
    certificate_.key = &key_;
    certificate_.message_tls12 = certificate_.message_tls13 = certificate_body_;
    host_.certificates = {&certificate_, 1};
    setup_.configuration.hosts = {&host_, 1};
    setup_.configuration.names = {&name_, 1};
    setup_.configuration.tickets = false;
    setup_.set_advertised_groups({0x001D, 0x0017, 0x0018, 0x0019, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104});
    setup_.configuration.key_log = {keep_secret, &log_};
  }

  static void keep_secret(void* context, std::string_view label, ConstBytes, ConstBytes secret) noexcept {
    *static_cast<std::string*>(context) += std::string(label) + " " + to_hex(secret) + "\n";
  }

  // What the server of a trace drew or computed in secret.
  struct ServerValues {
    const char* random;
    const char* private_key;
    Bytes public_key;
    Bytes signed_content;
    const char* signature;
  };

  // Puts them in through the engine's seams for randomness and jobs. unexpected_ names what was asked for otherwise.
  void inject(EngineServer& server, const ServerValues& values) {
    server.entropy_hook = [random = from_hex(values.random)](MutableBytes out) {
      if (out.size() != random.size()) return false;
      std::copy(random.begin(), random.end(), out.begin());
      return true;
    };
    server.job_hook = [this, values](batch::Job& job) {
      auto give = [&](const Bytes& output) {
        std::copy(output.begin(), output.end(), job.output.begin());
        job.output_size = static_cast<std::uint16_t>(output.size());
        job.status = batch::JobStatus::Done;
        return true;
      };
      switch (job.kind) {
        case batch::JobKind::KeyPair: {
          const Bytes scalar = from_hex(values.private_key);
          std::copy(scalar.begin(), scalar.end(), job.private_key);
          return give(values.public_key);
        }
        case batch::JobKind::Signature:
          if (job.scheme != SignatureScheme::RsaPssRsaeSha256) unexpected_ = "scheme";
          if (!same(job.input, digest(Hash::Sha256, values.signed_content))) unexpected_ = "signed content";
          return give(from_hex(values.signature));
        case batch::JobKind::KeyAgreement:
          break;
      }
      return false;  // computed for real
    };
  }

  static std::string secrets_log(const char* client_handshake, const char* server_handshake,
                                 const char* client_application, const char* server_application) {
    return std::string("CLIENT_HANDSHAKE_TRAFFIC_SECRET ") + client_handshake + "\nSERVER_HANDSHAKE_TRAFFIC_SECRET " +
           server_handshake + "\nCLIENT_TRAFFIC_SECRET_0 " + client_application + "\nSERVER_TRAFFIC_SECRET_0 " +
           server_application + "\n";
  }

  ServerSetup setup_;
  batch::SigningKey key_;
  Bytes certificate_body_;
  tls::Certificate certificate_;
  tls::VirtualHost host_;
  tls::HostName name_{"server", 0};
  std::string log_;
  std::string unexpected_;
};

TEST_F(Trace, Section3ByTheEngine) {
  EngineServer server(setup_);
  inject(server, {kServerRandom, kServerPrivateKey, from_hex(kServerPublicKey), from_hex(kSignedContent), kSignature});
  const Bytes flight = server.feed(from_hex(kClientHelloRecord));
  ASSERT_FALSE(server.failed()) << server.error().reason;
  EXPECT_EQ(unexpected_, "");
  const std::string hello = kServerHelloRecord;
  EXPECT_EQ(to_hex(flight).substr(0, hello.size()), hello);
  EXPECT_EQ(to_hex(flight).substr(std::min(hello.size(), to_hex(flight).size())), kServerFlightRecord);
  EXPECT_EQ(log_, secrets_log(kClientHandshakeTraffic, kServerHandshakeTraffic, kClientApplicationTraffic,
                              kServerApplicationTraffic));

  server.feed(from_hex(kClientFinishedRecord));
  ASSERT_TRUE(server.done()) << server.error().reason;
  server.feed(from_hex(kClientDataRecord));
  EXPECT_EQ(to_hex(server.received()), kApplicationData);
  // In the trace a ticket takes the first sequence number.
  server.send(view_of("in place of the ticket"));
  EXPECT_EQ(to_hex(server.send(from_hex(kApplicationData))), kServerDataRecord);
  server.feed(from_hex(kClientCloseRecord));
  EXPECT_TRUE(server.peer_closed());
  EXPECT_EQ(to_hex(server.close()), kServerCloseRecord);
  EXPECT_EQ(server.broken_promise(), "");
}

TEST(KeySchedule, Section3) {
  std::uint8_t shared[32];
  const Bytes client_hello = from_hex(kClientHelloRecord);
  const Bytes label = from_hex("001d0020");
  const auto share = std::search(client_hello.begin(), client_hello.end(), label.begin(), label.end());
  ASSERT_NE(share, client_hello.end());
  const Bytes peer(share + 4, share + 36);
  ASSERT_TRUE(crypto::x25519_shared_secret(shared, from_hex(kServerPrivateKey).data(), peer.data()));
  EXPECT_EQ(to_hex(shared), kSharedSecret);

  Secret early{};
  tls::hkdf_extract(HashKind::Sha256, {}, {}, early);
  EXPECT_EQ(hex(early), kEarlySecret);
  Secret derived{};
  tls::Expander(HashKind::Sha256, early).derive("derived", digest(Hash::Sha256, {}), derived);
  EXPECT_EQ(hex(derived), kDerivedFromEarly);
  Secret handshake{};
  tls::Expander(HashKind::Sha256, early).next_stage(shared, handshake);
  EXPECT_EQ(hex(handshake), kHandshakeSecret);
  Secret traffic{};
  tls::Expander(HashKind::Sha256, handshake).derive("c hs traffic", from_hex(kHelloHash), traffic);
  EXPECT_EQ(hex(traffic), kClientHandshakeTraffic);
  tls::Expander(HashKind::Sha256, handshake).derive("s hs traffic", from_hex(kHelloHash), traffic);
  EXPECT_EQ(hex(traffic), kServerHandshakeTraffic);
  tls::TrafficKey key{};
  tls::Expander(HashKind::Sha256, traffic).traffic_key(port::Aead::Aes128Gcm, key);
  EXPECT_EQ(to_hex(View(key.key).first(16)), kServerHandshakeKey);
  EXPECT_EQ(to_hex(key.iv), kServerHandshakeIv);
  Secret master{};
  tls::Expander(HashKind::Sha256, handshake).next_stage({}, master);
  EXPECT_EQ(hex(master), kMasterSecret);
  tls::Expander(HashKind::Sha256, secret_of(kClientApplicationTraffic)).traffic_key(port::Aead::Aes128Gcm, key);
  EXPECT_EQ(to_hex(View(key.key).first(16)), kClientApplicationKey);
  EXPECT_EQ(to_hex(key.iv), kClientApplicationIv);
}

TEST(KeySchedule, Section4) {
  Secret psk{};
  const std::uint8_t nonce[2] = {0, 0};
  tls::Expander(HashKind::Sha256, secret_of(kResumptionMaster)).expand("resumption", nonce, {psk.bytes, 32});
  EXPECT_EQ(hex(psk), kResumptionPsk);
  Secret early{};
  tls::hkdf_extract(HashKind::Sha256, {}, psk.view(HashKind::Sha256), early);
  EXPECT_EQ(hex(early), kResumedEarlySecret);
  Secret binder_key{};
  tls::Expander(HashKind::Sha256, early).derive("res binder", digest(Hash::Sha256, {}), binder_key);
  EXPECT_EQ(hex(binder_key), kBinderKey);

  tls::Transcript transcript;
  transcript.start();
  transcript.update(from_hex(kResumedHello));
  const tls::TranscriptHash hash = transcript.hash(HashKind::Sha256);
  EXPECT_EQ(to_hex(hash.view()), kBinderHash);
  std::uint8_t binder[48];
  tls::Expander(HashKind::Sha256, binder_key).finished_verify_data(hash.view(), binder);
  EXPECT_EQ(to_hex(View(binder).first(32)), kBinder);

  Secret handshake{};
  tls::Expander(HashKind::Sha256, early).next_stage(from_hex(kResumedSharedSecret), handshake);
  EXPECT_EQ(hex(handshake), kResumedHandshakeSecret);
  Secret master{};
  tls::Expander(HashKind::Sha256, handshake).next_stage({}, master);
  EXPECT_EQ(hex(master), kResumedMasterSecret);
}

TEST(KeySchedule, Section5) {
  tls::Transcript transcript;
  transcript.start();
  transcript.update(from_hex(kRetryHello1));
  transcript.settle(HashKind::Sha256);
  transcript.replace_by_message_hash();
  for (const char* message : {kRetryRequest, kRetryHello2, kRetryServerHello}) transcript.update(from_hex(message));
  const tls::TranscriptHash hash = transcript.hash();
  EXPECT_EQ(to_hex(hash.view()), kRetryHelloHash);
  Secret handshake{};
  tls::Expander(HashKind::Sha256, secret_of(kEarlySecret)).next_stage(from_hex(kRetrySharedSecret), handshake);
  EXPECT_EQ(hex(handshake), kRetryHandshakeSecret);
  Secret traffic{};
  tls::Expander(HashKind::Sha256, handshake).derive("c hs traffic", hash.view(), traffic);
  EXPECT_EQ(hex(traffic), kRetryClientHandshakeTraffic);
  tls::Expander(HashKind::Sha256, handshake).derive("s hs traffic", hash.view(), traffic);
  EXPECT_EQ(hex(traffic), kRetryServerHandshakeTraffic);
}

// The cookie of the trace is of another kind than ours: it is given to the engine as a fixed one.
TEST_F(Trace, Section5ByTheEngine) {
  const Bytes request = from_hex(kRetryRequest);
  const Bytes hello = from_hex(kRetryServerHello);
  const Bytes cookie(request.begin() + 4 + 2 + 32 + 1 + 2 + 1 + 2 + 6 + 6, request.end() - 6);
  ASSERT_EQ(cookie.size(), 114u);
  setup_.configuration.fixed_cookie = cookie;
  setup_.set_groups({Group::Secp256r1});
  setup_.set_advertised_groups({0x0017, 0x0018, 0x001D});

  // RFC 8446 4.4.1: the first hello enters the transcript as its hash.
  Bytes transcript = from_hex("fe000020");
  append(transcript, digest(Hash::Sha256, from_hex(kRetryHello1)));
  for (const char* message :
       {kRetryRequest, kRetryHello2, kRetryServerHello, kRetryEncryptedExtensions, kCertificateMessage}) {
    append(transcript, from_hex(message));
  }
  Bytes signed_content(64, 0x20);  // RFC 8446 4.4.3
  append(signed_content, view_of("TLS 1.3, server CertificateVerify"));
  signed_content.push_back(0);
  append(signed_content, digest(Hash::Sha256, transcript));

  EngineServer server(setup_);
  const std::string random = to_hex(View(hello).subspan(6, 32));
  const Bytes public_key(hello.end() - 6 - 65, hello.end() - 6);
  inject(server, {random.c_str(), kRetryServerPrivateKey, public_key, signed_content, kRetrySignature});

  const Bytes answer = server.feed(plain_record(22, from_hex(kRetryHello1), 0x0301));
  ASSERT_FALSE(server.failed()) << server.error().reason;
  EXPECT_EQ(to_hex(answer), to_hex(plain_record(22, request)));
  const Bytes flight = server.feed(plain_record(22, from_hex(kRetryHello2)));
  ASSERT_FALSE(server.failed()) << server.error().reason;
  EXPECT_EQ(unexpected_, "");
  EXPECT_EQ(to_hex(flight), to_hex(plain_record(22, hello)) + kRetryServerFlightRecord);
  EXPECT_EQ(log_, secrets_log(kRetryClientHandshakeTraffic, kRetryServerHandshakeTraffic,
                              kRetryClientApplicationTraffic, kRetryServerApplicationTraffic));

  server.feed(from_hex(kRetryClientFinishedRecord));
  ASSERT_TRUE(server.done()) << server.error().reason;
  server.feed(from_hex(kRetryClientCloseRecord));
  EXPECT_TRUE(server.peer_closed());
  EXPECT_EQ(to_hex(server.close()), kRetryServerCloseRecord);
  EXPECT_EQ(server.broken_promise(), "");
}

// A fixed cookie is compared in full, however it arrives.
TEST_F(Trace, Section5WithAnotherCookie) {
  const Bytes request = from_hex(kRetryRequest);
  const Bytes cookie(request.begin() + 4 + 2 + 32 + 1 + 2 + 1 + 2 + 6 + 6, request.end() - 6);
  Bytes shorter(cookie.begin(), cookie.end() - 1);
  Bytes longer = cookie;
  longer.push_back(0);
  Bytes first_differs = cookie;
  first_differs.front() ^= 1;
  Bytes last_differs = cookie;
  last_differs.back() ^= 0x80;
  setup_.set_groups({Group::Secp256r1});
  for (const Bytes& other : {shorter, longer, first_differs, last_differs}) {
    setup_.configuration.fixed_cookie = other;
    for (const bool byte_by_byte : {false, true}) {
      EngineServer server(setup_);
      server.feed(plain_record(22, from_hex(kRetryHello1), 0x0301));
      ASSERT_FALSE(server.failed()) << server.error().reason;
      const Bytes second = plain_record(22, from_hex(kRetryHello2));
      const std::size_t step = byte_by_byte ? 1 : second.size();
      for (std::size_t at = 0; at < second.size() && !server.failed(); at += step) {
        server.feed(View(second).subspan(at, step));
      }
      ASSERT_TRUE(server.failed());
      EXPECT_EQ(server.error().alert, tls::Alert::IllegalParameter);
    }
  }
}

}  // namespace
}  // namespace breakwater::test
