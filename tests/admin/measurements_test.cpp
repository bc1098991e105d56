// Histograms, and what a handshake is counted as.
#include "proxy/reactor/measurements.h"

#include <gtest/gtest.h>

namespace breakwater::proxy {
namespace {

TEST(Histogram, ABoundBelongsToTheRangeItEnds) {
  static constexpr std::array<std::uint64_t, 3> kBounds = {10, 20, 40};
  Histogram<3> histogram(kBounds);
  for (const std::uint64_t value : {0u, 10u, 11u, 20u, 21u, 40u, 41u, 1000u}) histogram.note(value);
  const HistogramCounts<3> counts = histogram.read();
  EXPECT_EQ(counts.counts, (std::array<std::uint64_t, 4>{2, 2, 2, 2}));
  EXPECT_EQ(counts.sum, 1143u);
  EXPECT_EQ(counts.total(), 8u);
  HistogramCounts<3> twice = counts;
  twice += counts;
  EXPECT_EQ(twice.total(), 16u);
  EXPECT_EQ(twice.sum, 2286u);
}

TEST(Measurements, BoundsAscend) { EXPECT_TRUE(std::is_sorted(kJobWaitBounds.begin(), kJobWaitBounds.end())); }

TEST(Measurements, Handshakes) {
  Measurements measured;
  Facts facts;
  facts.version = Version::Tls13;
  facts.signature_scheme = "ecdsa_secp256r1_sha256";
  measured.completed(facts);
  facts.signature_scheme = "rsa_pss_rsae_sha256";
  measured.completed(facts);
  facts.version = Version::Tls12;
  facts.signature_scheme = "rsa_pkcs1_sha256";
  measured.completed(facts);
  facts.signature_scheme = {};
  facts.resumed = true;
  measured.completed(facts);
  measured.completed(facts);
  const auto values = [](const std::array<Counter, kHandshakeKinds>& counters) {
    return std::array{counters[0].get(), counters[1].get(), counters[2].get()};
  };
  EXPECT_EQ(values(measured.handshakes_tls12), (std::array<std::uint64_t, 3>{0, 1, 2}));
  EXPECT_EQ(values(measured.handshakes_tls13), (std::array<std::uint64_t, 3>{1, 1, 0}));
  EXPECT_EQ(end_of(FailureCause::PeerViolation), HandshakeEnd::Violation);
  EXPECT_EQ(end_of(FailureCause::NothingInCommon), HandshakeEnd::NothingInCommon);
  EXPECT_EQ(end_of(FailureCause::PeerAlert), HandshakeEnd::ClientAlert);
  EXPECT_EQ(end_of(FailureCause::Internal), HandshakeEnd::Internal);
}

}  // namespace
}  // namespace breakwater::proxy
