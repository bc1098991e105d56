#include "flood/report/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "flood/plan/address.h"
#include "flood/plan/names.h"
#include "flood/plan/sources.h"
#include "flood/report/outcome.h"
#include "flood/report/units.h"

namespace breakwater::flood {
namespace {

// "  handshake      p50 1.2 ms ..."
void line(std::string& out, std::string_view name, const std::string& text) {
  fmt::format_to(std::back_inserter(out), "  {:<16}{}\n", name, text);
}

std::string settings_text(const Load& load) {
  std::string text = fmt::format("mode {}", to_text(load.mode));
  if (load.mode != Mode::Garbage && load.mode != Mode::Plain) {
    text += fmt::format(", TLS {}, auth {}, {}, shape {}", name_of(load.tls.version), name_of(load.tls.auth),
                        name_of(load.tls.group), name_of(load.tls.shape));
  }
  text += load.rate > 0 ? fmt::format(", {}/s wanted, at most {} at once", load.rate, load.connections)
                        : fmt::format(", {} at once", load.connections);
  const std::uint64_t sources = count_sources(load.sources);
  if (sources != 0) text += fmt::format(", from {} address{}", sources, sources == 1 ? "" : "es");
  return text;
}

std::string latency_text(const Histogram& latency) {
  const auto at = [&latency](double quantile) { return time_text(static_cast<double>(latency.quantile(quantile))); };
  return fmt::format("p50 {}   p90 {}   p99 {}   p99.9 {}   max {}   mean {}", at(0.5), at(0.9), at(0.99), at(0.999),
                     time_text(static_cast<double>(latency.max())), time_text(latency.mean()));
}

void add_counts(std::string& out, const Load& load, const Tally& tally) {
  const bool held = load.mode == Mode::Stall || load.mode == Mode::Idle;  // ends when we say so: that is no rate
  line(out, "succeeded",
       held ? std::to_string(tally.succeeded)
            : fmt::format("{:<12}{}", tally.succeeded, rate_text(per_second(tally.succeeded, tally))));
  std::string failed = std::to_string(tally.failed);
  if (tally.failed != 0) {
    const double all = static_cast<double>(tally.failed + tally.succeeded);
    failed = fmt::format("{:<12}{:.3g}% of what ended", tally.failed, 100 * static_cast<double>(tally.failed) / all);
  }
  line(out, "failed", failed);
  if (tally.unfinished != 0) line(out, "unfinished", std::to_string(tally.unfinished));
  if (held) line(out, "held at most", std::to_string(tally.held_max));
  if (load.mode == Mode::Renegotiate) {
    line(out, "renegotiations",
         fmt::format("{:<12}{}", tally.renegotiations, rate_text(per_second(tally.renegotiations, tally))));
  }
  if (tally.handshakes != 0) {
    line(out, "handshakes",
         fmt::format("{:<12}{}   {} resumed", tally.handshakes, rate_text(per_second(tally.handshakes, tally)),
                     tally.resumed));
  }
  if (tally.requests != 0) {
    line(out, "requests", fmt::format("{:<12}{}", tally.requests, rate_text(per_second(tally.requests, tally))));
  }
}

void add_load(std::string& out, const Load& load, const Tally& tally) {
  fmt::format_to(std::back_inserter(out), "\n{}: {}; measured for {:.1f} s\n", load.name, settings_text(load),
                 tally.measured_s);
  add_counts(out, load, tally);
  if (tally.handshake_latency.count() != 0) {
    line(out, load.mode == Mode::Plain ? "exchange" : "handshake", latency_text(tally.handshake_latency));
  }
  if (tally.request_latency.count() != 0) line(out, "request", latency_text(tally.request_latency));
  for (const auto& [description, count] : tally.negotiated) {
    line(out, "negotiated", fmt::format("{:<12}{}", count, description));
  }
  line(out, "bytes",
       fmt::format("{} sent, {} received", bytes_text(static_cast<double>(tally.bytes_sent)),
                   bytes_text(static_cast<double>(tally.bytes_received))));
  if (const TcpSample& tcp = tally.tcp; tcp.connections != 0) {
    const auto each = [&tcp](std::uint64_t sum) {
      return static_cast<double>(sum) / static_cast<double>(tcp.connections);
    };
    line(out, "each connection",
         fmt::format("{:.1f} segments out, {:.1f} in; {} out, {} in; {:.2g} sent again ({} sampled)",
                     each(tcp.segments_out), each(tcp.segments_in), bytes_text(each(tcp.bytes_out)),
                     bytes_text(each(tcp.bytes_in)), each(tcp.retransmitted), tcp.connections));
  }
  for (const FailureCount& failure : list_failures(tally)) {
    line(out, "failure", fmt::format("{:<12}{}", failure.count, failure.text));
    if (!failure.hint.empty()) line(out, "", fmt::format("{:<12}{}", "", failure.hint));
  }
}

void add_generator(std::string& out, const GeneratorLoad& generator) {
  fmt::format_to(std::back_inserter(out), "\ngenerator: busy {:.0f}% of the time, CPU {} user and {} system, {}{}",
                 100 * generator.busy_share(), time_text(generator.cpu_user_us * 1000),
                 time_text(generator.cpu_system_us * 1000), generator.spinning ? "spinning" : "sleeping between events",
                 generator.cpu >= 0 ? fmt::format(" on CPU {}", generator.cpu) : "");
  if (generator.lateness.count() != 0) {
    out +=
        fmt::format("; starts late by p50 {}, p99 {}", time_text(static_cast<double>(generator.lateness.quantile(0.5))),
                    time_text(static_cast<double>(generator.lateness.quantile(0.99))));
  }
  out += '\n';
  if (generator.was_the_limit()) {
    fmt::format_to(std::back_inserter(out),
                   "WARNING: the generator was the limit, not the server ({}): these rates are less than\nwhat the "
                   "server can do, and "
                   "latencies hold time lost here. Give it a CPU of its own (--cpu), lower --rate, or\nstart several "
                   "generators.\n",
                   generator.was_busy() ? "it had no time left" : "its starts came late");
  }
}

}  // namespace

std::string report_text(const Plan& plan, const RunResult& result) {
  const std::string address = to_text(plan.address, plan.port);
  std::string out =
      fmt::format("{}{} for {:.1f} s{}\n", plan.target, plan.target == address ? "" : fmt::format(" ({})", address),
                  result.duration_s, result.interrupted ? ", interrupted" : "");
  for (std::size_t i = 0; i < std::min(plan.loads.size(), result.loads.size()); ++i) {
    add_load(out, plan.loads[i], result.loads[i]);
  }
  add_generator(out, result.generator);
  return out;
}

}  // namespace breakwater::flood
