#include "flood/report/report_json.h"

#include <algorithm>

#include "flood/plan/address.h"
#include "flood/plan/names.h"
#include "flood/plan/sources.h"
#include "flood/report/json_writer.h"
#include "flood/report/outcome.h"

namespace breakwater::flood {
namespace {

double microseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }

void write_latency(JsonWriter& json, std::string_view name, const Histogram& histogram) {
  json.key(name).begin_object();
  json.member("count", histogram.count());
  json.member("min", microseconds(histogram.min()));
  json.member("mean", histogram.mean() / 1000);
  json.member("p50", microseconds(histogram.quantile(0.5)));
  json.member("p90", microseconds(histogram.quantile(0.9)));
  json.member("p99", microseconds(histogram.quantile(0.99)));
  json.member("p99.9", microseconds(histogram.quantile(0.999)));
  json.member("max", microseconds(histogram.max()));
  json.end_object();
}

void write_generator(JsonWriter& json, const GeneratorLoad& generator) {
  json.key("generator").begin_object();
  json.member("cpu_user_us", generator.cpu_user_us);
  json.member("cpu_system_us", generator.cpu_system_us);
  json.member("busy_s", generator.busy_s);
  json.member("busy_share", generator.busy_share());
  json.member("limit", generator.was_the_limit());
  json.member("wait", generator.spinning ? "spin" : "sleep");
  json.member("cpu", generator.cpu);
  write_latency(json, "lateness_us", generator.lateness);
  json.end_object();
}

void write_settings(JsonWriter& json, const Load& load) {
  json.member("name", load.name);
  json.member("mode", to_text(load.mode));
  json.member("tls", name_of(load.tls.version));
  json.member("auth", name_of(load.tls.auth));
  json.member("cipher", name_of(load.tls.cipher));
  json.member("group", name_of(load.tls.group));
  json.member("shape", name_of(load.tls.shape));
  json.member("connections", static_cast<std::uint64_t>(load.connections));
  json.member("rate", load.rate);
  json.member("sources", count_sources(load.sources));
}

void write_counts(JsonWriter& json, const Tally& tally) {
  json.member("measured_s", tally.measured_s);
  json.member("started", tally.started);
  json.member("succeeded", tally.succeeded);
  json.member("failed", tally.failed);
  json.member("unfinished", tally.unfinished);
  json.member("per_second", per_second(tally.succeeded, tally));
  json.member("handshakes", tally.handshakes);
  json.member("resumed", tally.resumed);
  json.member("requests", tally.requests);
  json.member("renegotiations", tally.renegotiations);
  json.member("held_max", tally.held_max);
}

void write_tcp(JsonWriter& json, const TcpSample& tcp) {
  const double connections = static_cast<double>(std::max<std::uint64_t>(tcp.connections, 1));
  json.key("tcp").begin_object();
  json.member("sampled", tcp.connections);
  json.member("segments_out", static_cast<double>(tcp.segments_out) / connections);
  json.member("segments_in", static_cast<double>(tcp.segments_in) / connections);
  json.member("bytes_out", static_cast<double>(tcp.bytes_out) / connections);
  json.member("bytes_in", static_cast<double>(tcp.bytes_in) / connections);
  json.member("retransmitted", static_cast<double>(tcp.retransmitted) / connections);
  json.end_object();
}

void write_load(JsonWriter& json, const Load& load, const Tally& tally) {
  json.begin_object();
  write_settings(json, load);
  write_counts(json, tally);
  json.key("failures").begin_object();
  for (const FailureCount& failure : list_failures(tally)) json.member(failure.text, failure.count);
  json.end_object();
  json.key("negotiated").begin_object();
  for (const auto& [description, count] : tally.negotiated) json.member(description, count);
  json.end_object();
  json.key("latency_us").begin_object();
  write_latency(json, "handshake", tally.handshake_latency);
  write_latency(json, "request", tally.request_latency);
  json.end_object();
  json.member("bytes_sent", tally.bytes_sent);
  json.member("bytes_received", tally.bytes_received);
  write_tcp(json, tally.tcp);
  json.key("seconds").begin_array();
  for (const Second& second : tally.seconds) {
    json.begin_object();
    json.member("t", static_cast<std::uint64_t>(second.t));
    json.member("succeeded", second.succeeded);
    json.member("failed", second.failed);
    json.member("p50_us", second.p50_us);
    json.member("p99_us", second.p99_us);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string report_json(const Plan& plan, const RunResult& result, const std::string& started) {
  JsonWriter json;
  json.begin_object();
  json.member("program", "breakwater-flood");
  json.member("version", BREAKWATER_VERSION);
  json.member("target", plan.target);
  json.member("address", to_text(plan.address, plan.port));
  json.member("started", started);
  json.member("begin_monotonic_s", result.begin_s);
  json.member("duration_s", result.duration_s);
  json.member("interrupted", result.interrupted);
  if (!result.error.empty()) json.member("error", result.error);
  write_generator(json, result.generator);
  json.key("loads").begin_array();
  for (std::size_t i = 0; i < std::min(plan.loads.size(), result.loads.size()); ++i) {
    write_load(json, plan.loads[i], result.loads[i]);
  }
  json.end_array().end_object();
  return json.text() + '\n';
}

}  // namespace breakwater::flood
