// The text format of Prometheus, version 0.0.4: families, samples, escapes.
#include "proxy/admin/prometheus_text.h"

#include <gtest/gtest.h>

namespace breakwater::proxy {
namespace {

TEST(PrometheusText, Families) {
  PrometheusText text;
  text.family("a_total", PrometheusText::Type::Counter, "what it is");
  text.sample({}, std::uint64_t{UINT64_MAX});
  text.family("b", PrometheusText::Type::Gauge, "another");
  text.sample({{"x", "1"}, {"y", "2"}}, 0.25);
  text.family("c", PrometheusText::Type::Histogram, "a third");
  text.part("_bucket", {{"le", "+Inf"}}, std::uint64_t{3});
  EXPECT_EQ(text.take(),
            "# HELP a_total what it is\n# TYPE a_total counter\na_total 18446744073709551615\n"
            "# HELP b another\n# TYPE b gauge\nb{x=\"1\",y=\"2\"} 0.25\n"
            "# HELP c a third\n# TYPE c histogram\nc_bucket{le=\"+Inf\"} 3\n");
}

TEST(PrometheusText, Escapes) {
  PrometheusText text;
  text.family("a", PrometheusText::Type::Gauge, "back\\slash, \"quoted\", line\nend");
  text.sample({{"x", "back\\slash, \"quoted\", line\nend\\"}}, std::uint64_t{1});
  EXPECT_EQ(text.take(),
            "# HELP a back\\\\slash, \"quoted\", line\\nend\n# TYPE a gauge\n"
            "a{x=\"back\\\\slash, \\\"quoted\\\", line\\nend\\\\\"} 1\n");
}

}  // namespace
}  // namespace breakwater::proxy
