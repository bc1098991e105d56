#include "proxy/top/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace breakwater::proxy {
namespace {

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kDim = "\x1b[2m";

std::string short_number(double value) {
  if (value >= 1e9) return fmt::format("{:.3g} G", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.3g} M", value / 1e6);
  if (value >= 1e4) return fmt::format("{:.3g} k", value / 1e3);
  if (value >= 100) return fmt::format("{:.0f}", value);
  if (value >= 10) return fmt::format("{:.1f}", value);
  return value < 0.005 ? "0" : fmt::format("{:.2f}", value);
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

std::string duration(double seconds) {
  const auto s = static_cast<std::uint64_t>(std::max(seconds, 0.0));
  if (s < 120) return fmt::format("{} s", s);
  if (s < 7200) return fmt::format("{} min", s / 60);
  if (s < 172'800) return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
  return fmt::format("{} d {} h", s / 86'400, s % 86'400 / 3600);
}

// Puts lines together, cut to the width. Colours take no room, so they are put around a whole line only.
class Screen {
 public:
  Screen(const RenderOptions& options, std::vector<std::string>& lines) : options_(options), lines_(lines) {}

  void line(std::string text, std::string_view style = {}) {
    if (!has_room()) return;
    if (text.size() > options_.columns) text.resize(options_.columns);
    if (options_.live && !style.empty()) text = fmt::format("{}{}{}", style, text, kPlain);
    lines_.push_back(std::move(text));
  }
  void whole_line(std::string text) {
    if (has_room()) lines_.push_back(std::move(text));
  }
  bool has_room() const { return options_.rows == 0 || lines_.size() < options_.rows; }
  std::size_t rows_left() const { return options_.rows == 0 ? SIZE_MAX : options_.rows - lines_.size(); }
  std::size_t columns() const { return options_.columns; }

 private:
  const RenderOptions& options_;
  std::vector<std::string>& lines_;
};

void add_head(Screen& screen, const ServerStatus& now) {
  screen.line(
      fmt::format("Breakwater {}  {}  up {}  {}, {} arithmetic, {} worker{}", now.version, now.state,
                  duration(now.uptime_s), now.service, now.arithmetic, now.workers, now.workers == 1 ? "" : "s"),
      now.state == "serving" ? kBold : kRed);
  const GuardReport& guard = now.guard;
  if (!guard.enabled) {
    screen.line("guard off", kDim);
  } else if (guard.under_load) {
    screen.line(fmt::format("guard: UNDER ATTACK, work waits {:.1f} ms, an address may take {}", guard.queue_ms,
                            percent(guard.level)),
                kRed);
  } else {
    screen.line("guard: quiet");
  }
}

void add_rates(Screen& screen, const ServerStatus& now) {
  const std::array<const Rates*, 3> columns = {&now.last_second, &now.last_10, &now.last_60};
  const auto row = [&](std::string_view name, auto&& value, std::string_view style = {}) {
    std::string text = fmt::format("{:<30}", name);
    for (const Rates* rates : columns) text += fmt::format("{:>11}", value(*rates));
    screen.line(std::move(text), style);
  };
  screen.line("");
  screen.line(fmt::format("{:<30}{:>11}{:>11}{:>11}", "", "1 s", "10 s", "60 s"), kDim);
  row(
      "handshakes/s", [](const Rates& r) { return short_number(r.ecdsa + r.rsa + r.resumed); }, kBold);
  row("  ECDSA", [](const Rates& r) { return short_number(r.ecdsa); });
  row("  RSA", [](const Rates& r) { return short_number(r.rsa); });
  row("  resumed", [](const Rates& r) { return short_number(r.resumed); });
  row(
      "refused/s", [](const Rates& r) { return short_number(r.refused); }, now.last_second.refused > 0 ? kRed : kBold);
  row(
      "failed/s", [](const Rates& r) { return short_number(r.failed); }, kBold);
  row("  after work was done", [](const Rates& r) { return short_number(r.wasted); });
  row(
      fmt::format("CPUs in use, of {}", now.workers),
      [](const Rates& r) { return fmt::format("{:.2f}", r.cpu_arithmetic + r.cpu_rest); }, kBold);
  row("  arithmetic", [](const Rates& r) { return fmt::format("{:.2f}", r.cpu_arithmetic); });
  row("work waits, ms: half below", [](const Rates& r) { return fmt::format("{:.2f}", r.wait_p50_ms); });
  row("  99 % below", [](const Rates& r) { return fmt::format("{:.2f}", r.wait_p99_ms); });
  row("lanes filled", [](const Rates& r) { return r.batch_fill == 0 ? std::string("-") : percent(r.batch_fill); });
  row("bytes/s from clients", [](const Rates& r) { return short_number(r.bytes_in); });
  row("  to clients", [](const Rates& r) { return short_number(r.bytes_out); });
  screen.line(fmt::format("{:<30}{:>11} open{:>11} half-open", "connections", now.open, now.half_open), kBold);
}

// A character of eight heights for each second.
void add_sparkline(Screen& screen, const ServerStatus& now) {
  static constexpr std::array<std::string_view, 9> kBars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::string name = "handshakes/s ";
  if (screen.columns() < name.size() + 10 || now.handshakes.empty()) return;
  const std::size_t count = std::min(screen.columns() - name.size(), now.handshakes.size());
  const auto first = now.handshakes.end() - static_cast<std::ptrdiff_t>(count);
  const double most = std::max(1.0, *std::max_element(first, now.handshakes.end()));
  std::string text = name;
  for (auto value = first; value != now.handshakes.end(); ++value) {
    const double height = std::ceil(*value / most * 8);
    text += kBars[static_cast<std::size_t>(std::clamp(height, 0.0, 8.0))];
  }
  screen.whole_line(std::move(text));
}

void add_refusals(Screen& screen, const ServerStatus& now, const ServerStatus* before, std::size_t most) {
  if (now.guard.refusals.empty()) return;
  auto refusals = now.guard.refusals;
  std::stable_sort(refusals.begin(), refusals.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  screen.line("");
  screen.line(fmt::format("{:<42}{:>14}{:>11}", "REFUSED", "since start", "per s"), kDim);
  for (const auto& [reason, total] : refusals) {
    if (most-- == 0) return;
    double rate = 0;
    const double seconds = before == nullptr ? 0 : now.uptime_s - before->uptime_s;
    if (seconds > 0) {
      const auto& old = before->guard.refusals;
      const auto same =
          std::find_if(old.begin(), old.end(), [&name = reason](const auto& one) { return one.first == name; });
      const std::uint64_t then = same == old.end() ? 0 : same->second;
      rate = static_cast<double>(std::max(then, total) - then) / seconds;
    }
    screen.line(fmt::format("{:<42.42}{:>14}{:>11}", reason, total, before == nullptr ? "-" : short_number(rate)));
  }
}

void add_talkers(Screen& screen, const GuardReport& guard, std::size_t most) {
  if (guard.talkers.empty()) return;
  screen.line("");
  screen.line(fmt::format("{:<12}{:<32}{:>10}{:>11}{:>7}", "WHO TALKS", "", "hellos/s", "refused/s", "CPU"), kDim);
  for (const GuardReport::Talker& talker : guard.talkers) {
    if (most-- == 0) return;
    screen.line(fmt::format("{:<11.11} {:<31.31} {:>10}{:>11}{:>7}", talker.kind, talker.who,
                            short_number(talker.hellos_per_s), short_number(talker.refused_per_s),
                            percent(talker.cpu_share)));
  }
}

void add_blocks(Screen& screen, const GuardReport& guard, std::size_t most) {
  if (guard.blocks.empty()) return;
  screen.line("");
  screen.line(fmt::format("{:<44}{:>12}{:>9}  {}", fmt::format("BLOCKED: {}", guard.blocks.size()), "for", "strikes",
                          "dropped by"),
              kDim);
  for (const GuardReport::Block& block : guard.blocks) {
    if (most-- == 0) return;
    screen.line(fmt::format("{:<43.43} {:>12}{:>9}  {}", block.who, duration(static_cast<double>(block.seconds_left)),
                            block.strikes, block.in_kernel ? "kernel" : "server"));
  }
}

void add_failures(Screen& screen, const ServerStatus& now, std::size_t most) {
  if (now.failures.empty()) return;
  screen.line("");
  screen.line(fmt::format("{:<12}{}", "FAILED", "since start"), kDim);
  for (const auto& [reason, count] : now.failures) {
    if (most-- == 0) return;
    screen.line(fmt::format("{:>10}  {}", count, reason));
  }
}

}  // namespace

std::vector<std::string> render(const ServerStatus& now, const ServerStatus* before, const RenderOptions& options) {
  std::vector<std::string> lines;
  Screen screen(options, lines);
  add_head(screen, now);
  add_rates(screen, now);
  if (options.live) add_sparkline(screen, now);
  // What is left is shared by the tables that have something to say, each with an empty line and a title.
  const std::size_t tables =
      static_cast<std::size_t>(!now.guard.refusals.empty()) + static_cast<std::size_t>(!now.guard.talkers.empty()) +
      static_cast<std::size_t>(!now.guard.blocks.empty()) + static_cast<std::size_t>(!now.failures.empty());
  if (tables == 0) return lines;
  const std::size_t share = screen.rows_left() / tables;
  const std::size_t most = std::min<std::size_t>(share < 3 ? 1 : share - 2, options.rows == 0 ? 10 : 20);
  add_talkers(screen, now.guard, most);
  add_blocks(screen, now.guard, most);
  add_refusals(screen, now, before, most);
  add_failures(screen, now, most);
  return lines;
}

}  // namespace breakwater::proxy
