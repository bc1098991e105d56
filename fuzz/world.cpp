#include "fuzz/world.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include <cstring>
#include <utility>

#include "fuzz/require.h"
#include "library/port/initialise.h"

namespace breakwater::fuzz {
namespace {

using test::Bytes;
using test::View;
using tls::Group;

constexpr std::string_view kServerScalar = "a58913b9af032b831ebf9c009703d71235932827c4c5076473b47c200d9eeb73";
// Self-signed by that key, for fuzz.example. Kept, because making one takes randomness and the date.
constexpr std::string_view kCertificate =
    "3082019e30820144a00302010202144e31a629a56f0cf264577607234b9a51e6cbaf58300a06082a8648ce3d0403023017311530130603"
    "5504030c0c66757a7a2e6578616d706c653020170d3236313132323136313535365a180f32313236313032393136313535365a30173115"
    "301306035504030c0c66757a7a2e6578616d706c653059301306072a8648ce3d020106082a8648ce3d030107034200043e70bca0fa4150"
    "c35e4c9cfc79e41a77d2e9b9e8ca778aa9a74ac14e3ef0c9cb9c52510ed682d40c36af286d65f5723dae09369d7aa0229c2b6ffb72e6a6"
    "37eaa36c306a301d0603551d0e04160414efc7e3f6a9f8bddf2f7271a978cd522b6a19ce64301f0603551d23041830168014efc7e3f6a9"
    "f8bddf2f7271a978cd522b6a19ce64300f0603551d130101ff040530030101ff30170603551d110410300e820c66757a7a2e6578616d70"
    "6c65300a06082a8648ce3d0403020348003045022066dbf6b814e70ce1e2763801e989d8b40df28f969d6754a8454aadf97753d1c40221"
    "00fbeb7df86a2e4d421bddca194539c832110177de378a6912ec506400bffbd1ac";

// The abscissa of the base point of P-256, and its order.
constexpr std::string_view kBaseX = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
constexpr std::string_view kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

BIGNUM* number(View bytes) { return BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr); }

// ECDSA with the nonce 1, so r is the base point's x and s = z + r d. Worthless as a signature scheme, but it verifies,
// costs no curve arithmetic and gives the same bytes in every run.
Bytes sign(View digest) {
  static const Bytes base_x = test::from_hex(kBaseX);
  static BIGNUM* const order = number(test::from_hex(kOrder));
  static BIGNUM* const r_times_d = [] {
    BN_CTX* context = BN_CTX_new();
    BIGNUM* r = number(base_x);
    BIGNUM* d = number(test::from_hex(kServerScalar));
    BIGNUM* product = BN_new();
    require(BN_mod_mul(product, r, d, order, context) == 1, "BN_mod_mul");
    BN_free(d);
    BN_free(r);
    BN_CTX_free(context);
    return product;
  }();
  BN_CTX* context = BN_CTX_new();
  BIGNUM* z = number(digest);
  BIGNUM* s = BN_new();
  require(BN_mod_add(s, z, r_times_d, order, context) == 1, "BN_mod_add");
  BN_free(z);
  BN_CTX_free(context);
  ECDSA_SIG* signature = ECDSA_SIG_new();
  require(ECDSA_SIG_set0(signature, number(base_x), s) == 1, "ECDSA_SIG_set0");
  Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature, nullptr)));
  std::uint8_t* position = der.data();
  i2d_ECDSA_SIG(signature, &position);
  ECDSA_SIG_free(signature);
  return der;
}

const test::ServerIdentity& identity() {
  static const test::ServerIdentity identity = [] {
    test::ServerIdentity made;
    made.name = "fuzz.example";
    made.scalar = test::from_hex(kServerScalar);
    made.der = test::from_hex(kCertificate);
    return made;
  }();
  return identity;
}

const test::KeyPair& pair_of(const std::vector<test::KeyPair>& pairs, Group group) {
  for (const test::KeyPair& pair : pairs) {
    if (pair.group == group) return pair;
  }
  require(false, "a job for a group that is not configured");
  return pairs.front();
}

std::vector<test::KeyPair> make_pairs(std::uint8_t fill) {
  return {test::make_key_pair(Group::X25519, Bytes(32, fill)), test::make_key_pair(Group::Secp256r1, Bytes(32, fill))};
}

// The well-behaved client always sends the same keys: what they agree on is computed once.
Bytes agree(Group group, View peer) {
  const test::KeyPair& own = pair_of(server_pairs(), group);
  static const auto known = [] {
    std::vector<std::pair<Bytes, Bytes>> made;
    for (const test::KeyPair& pair : client_pairs()) {
      made.emplace_back(pair.public_key, test::agree(pair_of(server_pairs(), pair.group), pair.public_key));
    }
    return made;
  }();
  for (const auto& [key, shared] : known) {
    if (test::same(key, peer)) return shared;
  }
  return test::agree(own, peer);
}

}  // namespace

const std::vector<test::KeyPair>& server_pairs() {
  static const std::vector<test::KeyPair> pairs = make_pairs(0x21);
  return pairs;
}

const std::vector<test::KeyPair>& client_pairs() {
  static const std::vector<test::KeyPair> pairs = make_pairs(0x43);
  return pairs;
}

const test::ServerSetup& setup() {
  static const auto made = [] {
    port::initialise();
    test::CertificateSpec certificate;
    certificate.identity = &identity();
    test::HostSpec everybody;
    everybody.certificates = {certificate};
    everybody.protocols = {"h2", "http/1.1"};
    test::HostSpec named;
    named.certificates = {certificate};
    named.names = {"fuzz.example", "*.fuzz.example"};
    auto setup = std::make_unique<test::ServerSetup>(std::vector<test::HostSpec>{everybody, named});
    setup->rotate_ticket_keys(2);
    // Small enough that a script gets there.
    setup->configuration.key_update_after = 6;
    setup->configuration.max_early_data_skip = 600;
    return setup;
  }();
  return *made;
}

void run_job(batch::Job& job) {
  require(job.status == batch::JobStatus::Pending, "a job that is not pending was handed out");
  Bytes result;
  switch (job.kind) {
    case batch::JobKind::KeyPair: {
      const test::KeyPair& pair = pair_of(server_pairs(), job.group);
      std::memcpy(job.private_key, pair.private_key.data(), batch::kPrivateKeySize);
      result = pair.public_key;
      break;
    }
    case batch::JobKind::KeyAgreement:
      result = agree(job.group, job.input);
      break;
    case batch::JobKind::Signature:
      require(job.scheme == tls::SignatureScheme::EcdsaSecp256r1Sha256 && job.input.size() == 32, "the digest");
      result = sign(job.input);
      break;
  }
  require(result.size() <= job.output.size(), "a job has too little room for its result");
  if (!result.empty()) std::memcpy(job.output.data(), result.data(), result.size());
  job.output_size = static_cast<std::uint16_t>(result.size());
  job.status = result.empty() ? batch::JobStatus::Refused : batch::JobStatus::Done;
}

test::Script script(test::Offer offer) {
  test::Script made;
  made.offer = std::move(offer);
  made.key_pairs = client_pairs();
  return made;
}

}  // namespace breakwater::fuzz
