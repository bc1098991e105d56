#include "proxy/admin/metrics_page.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "proxy/admin/prometheus_text.h"

namespace breakwater::proxy {
namespace {

using Type = PrometheusText::Type;

double seconds(std::uint64_t microseconds) { return static_cast<double>(microseconds) / 1e6; }

void add_gauge(PrometheusText& text, std::string_view name, std::string_view help, double value) {
  text.family(name, Type::Gauge, help);
  text.sample({}, value);
}

void add_state(PrometheusText& text, const ServerFacts& facts, const Totals& totals) {
  text.family("breakwater_build_info", Type::Gauge, "1, with the version and the arithmetic in use");
  text.sample({{"version", facts.version}, {"arithmetic", facts.arithmetic}}, std::uint64_t{1});
  add_gauge(text, "breakwater_uptime_seconds", "seconds since the server has started",
            static_cast<double>(totals.at_ms - facts.start_ms) / 1000);
  add_gauge(text, "breakwater_draining", "1 while connections have their last time to finish", facts.draining ? 1 : 0);
  add_gauge(text, "breakwater_workers", "threads that serve", static_cast<double>(totals.workers.size()));
  text.family("breakwater_handshake_capacity", Type::Gauge,
              "handshakes a second that all workers could do if they did nothing else, by what they cost at start");
  for (const auto& [certificate, per_second] :
       {std::pair("ecdsa", facts.capacity.ecdsa), std::pair("rsa", facts.capacity.rsa),
        std::pair("none", facts.capacity.resumed)}) {
    text.sample({{"certificate", certificate}}, std::floor(per_second));
  }
  text.family("breakwater_reloads_total", Type::Counter, "reloads that were carried out");
  text.sample({}, facts.reloads);
}

// All that the statistics of the log have, under the same names.
void add_counters(PrometheusText& text, const CounterValues& counters) {
  const auto add = [&text](std::string_view name, CounterKind kind, std::string_view what, std::uint64_t value) {
    const bool grows = kind == CounterKind::Total;
    text.family(fmt::format("breakwater_{}{}", name, grows ? "_total" : ""), grows ? Type::Counter : Type::Gauge, what);
    text.sample({}, value);
  };
#define BREAKWATER_ADD(name, kind, what) add(#name, CounterKind::kind, what, counters.name);
  BREAKWATER_COUNTERS(BREAKWATER_ADD)
#undef BREAKWATER_ADD
}

std::string_view name_of(Version version) noexcept { return version == Version::Tls12 ? "1.2" : "1.3"; }

std::string_view certificate_of(HandshakeKind kind) noexcept {
  constexpr std::string_view kCertificates[kHandshakeKinds] = {"ecdsa", "rsa", "none"};
  return kCertificates[static_cast<std::size_t>(kind)];
}

std::string_view resumed(HandshakeKind kind) noexcept { return kind == HandshakeKind::Resumed ? "yes" : "no"; }

// Series that say no more than the reason are there from the start, the others from their first failure on.
void add_failed(PrometheusText& text, std::string_view reason, const Prospect& prospect, std::uint64_t count) {
  if (!prospect.version) return text.sample({{"reason", reason}}, count);
  if (count == 0) return;
  const std::string_view version = name_of(*prospect.version);
  if (!prospect.kind) return text.sample({{"reason", reason}, {"version", version}}, count);
  text.sample({{"reason", reason},
               {"version", version},
               {"certificate", certificate_of(*prospect.kind)},
               {"resumed", resumed(*prospect.kind)}},
              count);
}

void add_handshakes(PrometheusText& text, const Totals& totals) {
  text.family("breakwater_handshakes_by_kind_total", Type::Counter,
              "handshakes completed, by version, the certificate that signed, and whether a ticket made one needless");
  for (const auto& [version, counts] :
       {std::pair(Version::Tls12, &totals.handshakes_tls12), std::pair(Version::Tls13, &totals.handshakes_tls13)}) {
    for (std::size_t i = 0; i < kHandshakeKinds; ++i) {
      const auto kind = static_cast<HandshakeKind>(i);
      text.sample({{"version", name_of(version)}, {"certificate", certificate_of(kind)}, {"resumed", resumed(kind)}},
                  (*counts)[i]);
    }
  }
  text.family("breakwater_handshakes_failed_by_reason_total", Type::Counter,
              "connections that ended before the handshake was done, by reason and what was known of the handshake");
  for (std::size_t end = 0; end < kHandshakeEnds; ++end) {
    for (std::size_t i = 0; i < kProspects; ++i) {
      add_failed(text, kHandshakeEndNames[end], prospect_at(i), totals.handshakes_failed[end][i]);
    }
  }
  text.family("breakwater_failures_total", Type::Counter, "failures of connections, as the log sums them up");
  for (const FailureTotal& failure : totals.failures) {
    text.sample({{"reason", failure.what}, {"detail", failure.detail}}, failure.count);
  }
}

void add_jobs(PrometheusText& text, const Totals& totals) {
  text.family("breakwater_jobs_alone_total", Type::Counter, "operations done one by one");
  for (const OperationTotals& operation : totals.operations)
    text.sample({{"operation", operation.name}}, operation.alone);
  text.family("breakwater_lane_runs_by_fill_total", Type::Counter, "lane runs, by how many of the lanes were filled");
  for (const OperationTotals& operation : totals.operations) {
    for (std::size_t i = 0; i < kLanesAtMost; ++i) {
      text.sample({{"operation", operation.name}, {"lanes", fmt::format("{}", i + 1)}}, operation.runs_of[i]);
    }
  }
  text.family("breakwater_job_wait_seconds", Type::Histogram,
              "time that connections wait until the operations they need begin");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kJobWaitBounds.size(); ++i) {
    below += totals.job_wait.counts[i];
    text.part("_bucket", {{"le", fmt::format("{}", seconds(kJobWaitBounds[i]))}}, below);
  }
  text.part("_bucket", {{"le", "+Inf"}}, totals.job_wait.total());
  text.part("_sum", {}, seconds(totals.job_wait.sum));
  text.part("_count", {}, totals.job_wait.total());
}

void add_workers(PrometheusText& text, const Totals& totals) {
  const auto add = [&](std::string_view name, Type type, std::string_view help, auto&& value) {
    text.family(name, type, help);
    for (std::size_t i = 0; i < totals.workers.size(); ++i) {
      text.sample({{"worker", fmt::format("{}", i)}}, value(totals.workers[i]));
    }
  };
  text.family("breakwater_cpu_seconds_total", Type::Counter,
              "CPU time of each worker: private-key and key-exchange operations, and the rest");
  for (std::size_t i = 0; i < totals.workers.size(); ++i) {
    const std::string worker = fmt::format("{}", i);
    text.sample({{"worker", worker}, {"class", "arithmetic"}}, seconds(totals.workers[i].cpu.arithmetic));
    text.sample({{"worker", worker}, {"class", "rest"}}, seconds(totals.workers[i].cpu.rest));
  }
  add("breakwater_worker_open", Type::Gauge, "connections of each worker", [](const auto& w) { return w.open; });
  add("breakwater_worker_handshakes_total", Type::Counter, "handshakes completed by each worker",
      [](const auto& w) { return w.handshakes; });
}

void add_kernel(PrometheusText& text, const ServerFacts& facts) {
  text.family("breakwater_xdp_dropped_total", Type::Counter, "packets of blocked addresses dropped in the kernel");
  text.sample({}, facts.xdp_dropped);
  text.family("breakwater_xdp_dropped_syns_total", Type::Counter, "of these, such as would have opened a connection");
  text.sample({}, facts.xdp_dropped_syns);
}

void add_guard(PrometheusText& text, const GuardReport& guard) {
  add_gauge(text, "breakwater_guard_enabled", "1 if clients are judged", guard.enabled ? 1 : 0);
  add_gauge(text, "breakwater_guard_under_load", "1 while there is more work than can be done",
            guard.under_load ? 1 : 0);
  add_gauge(text, "breakwater_guard_level", "share of the capacity that one address may take; 1: no limit",
            guard.level);
  add_gauge(text, "breakwater_guard_queue_seconds", "how long work waits, as the guard sees it", guard.queue_ms / 1000);
  add_gauge(text, "breakwater_guard_blocks", "clients and networks that are blocked",
            static_cast<double>(guard.blocks.size()));
  text.family("breakwater_refusals_total", Type::Counter, "clients that the guard refused, by reason");
  for (const auto& [reason, count] : guard.refusals) text.sample({{"reason", reason}}, count);
}

}  // namespace

std::string metrics_page(const ServerFacts& facts, const Totals& totals) {
  PrometheusText text;
  add_state(text, facts, totals);
  add_counters(text, totals.counters);
  add_handshakes(text, totals);
  add_jobs(text, totals);
  add_workers(text, totals);
  add_guard(text, totals.guard);
  add_kernel(text, facts);
  return text.take();
}

}  // namespace breakwater::proxy
