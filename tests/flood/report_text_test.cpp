// The report for people.
#include "flood/report/report_text.h"

#include <gtest/gtest.h>

#include "flood/report/outcome.h"
#include "flood/report/units.h"
#include "tests/flood/report_support.h"

namespace breakwater::flood {
namespace {

void expect(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
}

TEST(ReportText, SaysWhatWasDone) {
  const std::string text = report_text(sample_plan(), sample_result());
  expect(text, {"localhost:8443 (127.0.0.1:8443) for 10.0 s\n",
                "full: mode full, TLS 1.2, auth ecdsa, secp256r1, shape tool, 64 at once; measured for 8.0 s\n",
                "  succeeded       800         100/s\n", "  failed          200         20% of what ended\n",
                "  unfinished      3\n", "  handshakes      800         100/s   7 resumed\n",
                "  handshake       p50 50 ns   p90 90 ns   p99 99 ns   p99.9 100 ns   max 100 ns   mean 50 ns\n",
                "  negotiated      800         TLS 1.2 ECDHE-ECDSA AES128-GCM secp256r1\n",
                "  bytes           400 kB sent, 1.50 MB received\n",
                "  each connection 4.5 segments out, 3.1 in; 400 B out, 1.50 kB in; 0.1 sent again (10 sampled)\n",
                "generator: busy 25% of the time, CPU 1.20 s user and 800 ms system, sleeping between events\n"});
  EXPECT_EQ(text.find("WARNING"), std::string::npos);
  EXPECT_EQ(text.find("held at most"), std::string::npos);
  EXPECT_EQ(text.find("interrupted"), std::string::npos);
}

TEST(ReportText, FailuresComeWithWhatToDoTheMostFrequentFirst) {
  const std::string text = report_text(sample_plan(), sample_result());
  expect(text, {"120         ", "--source", "50          alert handshake_failure", "--auth", "is the server running"});
  EXPECT_LT(text.find("--source"), text.find("alert handshake_failure"));
  EXPECT_LT(text.find("alert handshake_failure"), text.find("is the server running"));
}

TEST(ReportText, EveryFailureHasAName) {
  Tally tally;
  for (std::size_t i = 1; i < static_cast<std::size_t>(Failure::kCount); ++i) {
    if (static_cast<Failure>(i) != Failure::Alert) tally.fail(static_cast<Failure>(i));
  }
  for (int alert = 0; alert < 256; ++alert) tally.fail(Failure::Alert, static_cast<std::uint8_t>(alert));
  const auto failures = list_failures(tally);
  EXPECT_EQ(failures.size(), tally.failures.size() - 2 + 256);
  for (const FailureCount& failure : failures) {
    EXPECT_EQ(failure.count, 1u);
    EXPECT_GT(failure.text.size(), 3u);
  }
  for (const Failure failure : {Failure::OutOfPorts, Failure::OutOfDescriptors, Failure::ConnectionRefused}) {
    Tally one;
    one.fail(failure);
    ASSERT_EQ(list_failures(one).size(), 1u);
    EXPECT_FALSE(list_failures(one)[0].hint.empty());
  }
}

TEST(ReportText, SaysWhenTheGeneratorWasTheLimit) {
  RunResult result = sample_result();
  result.generator.busy_s = 7.9;
  result.generator.spinning = true;
  result.generator.cpu = 1;
  result.interrupted = true;
  result.generator.lateness.add(12'000'000);
  expect(report_text(sample_plan(), result),
         {"WARNING: the generator was the limit, not the server (it had no time left)", "--cpu", "spinning on CPU 1",
          "starts late by p50 12.0 ms", "for 10.0 s, interrupted\n"});
}

TEST(ReportText, SaysWhenTheGeneratorWasLate) {
  RunResult result = sample_result();
  result.generator.lateness.add(12'000'000);
  result.loads[0].succeeded = 0;
  expect(report_text(sample_plan(), result),
         {"WARNING: the generator was the limit, not the server (its starts came late)",
          "200         100% of what ended"});
}

TEST(ReportText, EachModeNamesWhatMatters) {
  Plan plan = sample_plan();
  plan.target = "127.0.0.1:8443";
  RunResult result = sample_result();
  plan.loads[0].mode = Mode::Stall;
  plan.loads[0].rate = 12.5;
  plan.loads[0].sources = {{plan.address, 1}};
  expect(report_text(plan, result),
         {"succeeded       800\n", "held at most    64\n", "12.5/s wanted, at most 64 at once, from 1 address;"});
  EXPECT_EQ(report_text(plan, result).rfind("127.0.0.1:8443 for", 0), 0u);  // not twice
  plan.loads[0].mode = Mode::Renegotiate;
  result.loads[0].renegotiations = 4000;
  expect(report_text(plan, result), {"renegotiations  4000        500/s\n"});
  plan.loads[0].mode = Mode::Plain;
  expect(report_text(plan, result), {"mode plain, 12.5/s wanted", "  exchange        p50"});
  plan.loads[0].mode = Mode::Request;
  result.loads[0].requests = 1600;
  result.loads[0].request_latency.add(1'234'567);
  expect(report_text(plan, result), {"requests        1600        200/s\n", "  request         p50 1.23 ms"});
}

TEST(ReportText, ALoadThatWasNotMeasuredDividesByNothing) {
  RunResult result;
  result.loads.resize(1);
  const std::string text = report_text(sample_plan(), result);
  expect(text, {"succeeded       0           0/s\n", "failed          0\n", "busy 0% of the time"});
  EXPECT_EQ(text.find("nan"), std::string::npos);
  EXPECT_EQ(text.find("inf"), std::string::npos);
}

TEST(Units, ThreeFigures) {
  EXPECT_EQ(time_text(0), "0 ns");
  EXPECT_EQ(time_text(999), "999 ns");
  EXPECT_EQ(time_text(999.6), "1.00 µs");
  EXPECT_EQ(time_text(1234), "1.23 µs");
  EXPECT_EQ(time_text(12'340), "12.3 µs");
  EXPECT_EQ(time_text(99'960), "100 µs");
  EXPECT_EQ(time_text(999'499), "999 µs");
  EXPECT_EQ(time_text(999'500), "1.00 ms");
  EXPECT_EQ(time_text(9'994'000), "9.99 ms");
  EXPECT_EQ(time_text(9'996'000), "10.0 ms");
  EXPECT_EQ(time_text(1e9), "1.00 s");
  EXPECT_EQ(time_text(3.6e12), "3600 s");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1000), "1.00 kB");
  EXPECT_EQ(bytes_text(52'100'000), "52.1 MB");
  EXPECT_EQ(bytes_text(3e15), "3000 TB");
  EXPECT_EQ(rate_text(0), "0/s");
  EXPECT_EQ(rate_text(0.25), "0.25/s");
  EXPECT_EQ(rate_text(42), "42.0/s");
  EXPECT_EQ(rate_text(16012.4), "16012/s");
}

}  // namespace
}  // namespace breakwater::flood
