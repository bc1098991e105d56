// /metrics: numbers come out under their names.
#include "proxy/admin/metrics_page.h"

#include <gtest/gtest.h>

#include "tests/admin/sample_totals.h"

namespace breakwater::proxy {
namespace {

TEST(MetricsPage, SaysWhatWasCounted) {
  const std::string page = metrics_page(test::sample_facts(), test::sample_totals());
  for (const char* line :
       {"breakwater_build_info{version=\"1.2.3\",arithmetic=\"adx\"} 1",
        "breakwater_uptime_seconds 60.5",
        "breakwater_draining 0",
        "breakwater_workers 2",
        "breakwater_handshake_capacity{certificate=\"ecdsa\"} 8000",
        "breakwater_handshake_capacity{certificate=\"none\"} 16000",
        "breakwater_accepted_total 1001",
        "breakwater_open 12",
        "breakwater_half_open 5",
        "breakwater_buffers_most 9",
        "breakwater_handshakes_by_kind_total{version=\"1.2\",certificate=\"ecdsa\",resumed=\"no\"} 11",
        "breakwater_handshakes_by_kind_total{version=\"1.2\",certificate=\"none\",resumed=\"yes\"} 13",
        "breakwater_handshakes_by_kind_total{version=\"1.3\",certificate=\"rsa\",resumed=\"no\"} 22",
        "breakwater_handshakes_failed_by_reason_total{reason=\"evicted\"} 31",
        "breakwater_handshakes_failed_by_reason_total{reason=\"evicted\",version=\"1.2\"} 32",
        "breakwater_handshakes_failed_by_reason_total{reason=\"evicted\",version=\"1.3\",certificate=\"rsa\",resumed="
        "\"no\"} 33",
        "breakwater_handshakes_failed_by_reason_total{reason=\"evicted\",version=\"1.2\",certificate=\"none\",resumed="
        "\"yes\"} 34",
        "breakwater_handshakes_failed_by_reason_total{reason=\"timeout\"} 0",
        "breakwater_failures_total{reason=\"bad \\\"record\\\"\",detail=\"decode_error\"} 4",
        "breakwater_failures_total{reason=\"line\\nend\",detail=\"\"} 1",
        "breakwater_jobs_alone_total{operation=\"P-256 sign\"} 41",
        "breakwater_lane_runs_by_fill_total{operation=\"P-256 sign\",lanes=\"8\"} 42",
        "breakwater_lane_runs_by_fill_total{operation=\"P-256 sign\",lanes=\"1\"} 0",
        "breakwater_job_wait_seconds_bucket{le=\"5e-05\"} 2",
        "breakwater_job_wait_seconds_bucket{le=\"0.0001\"} 2",
        "breakwater_job_wait_seconds_bucket{le=\"0.00025\"} 5",
        "breakwater_job_wait_seconds_bucket{le=\"10\"} 5",
        "breakwater_job_wait_seconds_bucket{le=\"+Inf\"} 6",
        "breakwater_job_wait_seconds_sum 2.5",
        "breakwater_job_wait_seconds_count 6",
        "breakwater_cpu_seconds_total{worker=\"0\",class=\"arithmetic\"} 1.5",
        "breakwater_cpu_seconds_total{worker=\"0\",class=\"rest\"} 0.25",
        "breakwater_worker_open{worker=\"1\"} 5",
        "breakwater_worker_handshakes_total{worker=\"1\"} 52",
        "breakwater_guard_enabled 1",
        "breakwater_guard_under_load 1",
        "breakwater_guard_level 0.25",
        "breakwater_guard_queue_seconds 0.0125",
        "breakwater_guard_blocks 1",
        "breakwater_refusals_total{reason=\"address over its share\"} 1234",
        "# TYPE breakwater_accepted_total counter",
        "# TYPE breakwater_open gauge",
        "# TYPE breakwater_job_wait_seconds histogram"}) {
    EXPECT_NE(page.find(std::string("\n") + line + "\n"), std::string::npos) << line;
  }
}

// What is not known of a failure has no label, and a series that nothing has happened to has no line.
TEST(MetricsPage, FailedHandshakesHaveTheLabelsThatAreKnown) {
  const std::string page = metrics_page(test::sample_facts(), test::sample_totals());
  EXPECT_EQ(page.find("reason=\"timeout\",version"), std::string::npos);
  for (std::size_t i = 0; i < kProspects; ++i) EXPECT_EQ(index_of(prospect_at(i)), i);
}

}  // namespace
}  // namespace breakwater::proxy
