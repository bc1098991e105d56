#include "proxy/speed/speed.h"

#include <fmt/format.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <initializer_list>
#include <stdexcept>

namespace breakwater::proxy {
namespace {

struct Report {
  std::string arithmetic;  // of --crypto auto
  std::vector<Measurement> results;
  std::vector<Threshold> thresholds;
};

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown CPU";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') out += '\\';
    if (static_cast<unsigned char>(byte) >= 0x20) out += byte;
  }
  return out + '"';
}

void print_json(const Report& report) {
  fmt::print("{{\n  \"version\": \"{}\",\n  \"cpu\": {},\n  \"auto\": {},\n  \"cycles_of\": {},\n  \"thresholds\": [\n",
             BREAKWATER_VERSION, quoted(cpu_name()), quoted(report.arithmetic), quoted(cycle_counter().source()));
  for (std::size_t i = 0; i < report.thresholds.size(); ++i) {
    const Threshold& t = report.thresholds[i];
    fmt::print("    {{\"operation\": {}, \"lanes_from\": {}}}{}\n", quoted(t.operation),
               t.lanes_from == 0 ? "null" : std::to_string(t.lanes_from), i + 1 == report.thresholds.size() ? "" : ",");
  }
  fmt::print("  ],\n  \"results\": [\n");
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const Measurement& m = report.results[i];
    fmt::print("    {{\"operation\": {}, \"implementation\": {}, \"microseconds\": {:.3f}, \"per_second\": {:.0f}",
               quoted(m.operation), quoted(m.implementation), m.timing.nanoseconds / 1e3, 1e9 / m.timing.nanoseconds);
    if (m.timing.cycles != 0) fmt::print(", \"cycles\": {:.0f}", m.timing.cycles);
    if (m.bytes != 0) fmt::print(", \"bytes\": {}", m.bytes);
    if (m.lanes != 0) fmt::print(", \"lanes\": {}", m.lanes);
    fmt::print("}}{}\n", i + 1 == report.results.size() ? "" : ",");
  }
  fmt::print("  ]\n}}\n");
}

std::string_view meaning_of_cycles() {
  const std::string_view source = cycle_counter().source();
  if (source == "core") return "cycles: of the core, in user space";
  return source == "tsc" ? "cycles: ticks of the time stamp counter (this machine does not let the core's be counted)"
                         : "cycles: not known on this machine";
}

void print_head(const Report& report) {
  fmt::print("{}, one core; --crypto auto takes {}\n{}\n\n{:<34}{:<14}{:>12}{:>14}{:>12}{:>14}{:>8}\n", cpu_name(),
             report.arithmetic, meaning_of_cycles(), "operation", "by", "us each", "per second", "cycles",
             "x libcrypto's", "GB/s");
}

// All rows of one operation.
void print_group(const std::vector<Measurement>& group) {
  const auto libcrypto =
      std::find_if(group.begin(), group.end(), [](const Measurement& m) { return m.implementation == "libcrypto"; });
  for (const Measurement& m : group) {
    const std::string by = m.lanes == 0 ? m.implementation : fmt::format("{}, {} lanes", m.implementation, m.lanes);
    const std::string times =
        libcrypto == group.end() ? "" : fmt::format("{:.2f}", libcrypto->timing.nanoseconds / m.timing.nanoseconds);
    fmt::print("{:<34}{:<14}{:>12.3f}{:>14.0f}{:>12.0f}{:>14}", m.operation, by, m.timing.nanoseconds / 1e3,
               1e9 / m.timing.nanoseconds, m.timing.cycles, times);
    if (m.bytes != 0) fmt::print("{:>8.2f}", static_cast<double>(m.bytes) / m.timing.nanoseconds);
    fmt::print("\n");
  }
  std::fflush(stdout);  // the next ones take a while
}

void print_thresholds(const Report& report) {
  fmt::print("\n{} runs operations of several connections in lanes\n", report.arithmetic);
  for (const Threshold& t : report.thresholds) {
    fmt::print("  {:<24}{}\n", t.operation, t.lanes_from == 0 ? "never" : fmt::format("from {} on", t.lanes_from));
  }
}

// By operation, in the order in which the first of each comes.
std::vector<std::vector<Measurement>> grouped(std::initializer_list<std::vector<Measurement>> lists) {
  std::vector<std::vector<Measurement>> groups;
  for (const std::vector<Measurement>& list : lists) {
    for (const Measurement& one : list) {
      const auto is_same = [&](const auto& group) { return group.front().operation == one.operation; };
      const auto group = std::find_if(groups.begin(), groups.end(), is_same);
      if (group != groups.end()) {
        group->push_back(one);
      } else {
        groups.push_back({one});
      }
    }
  }
  return groups;
}

// All that do the same are timed in turn, again and again, and the fastest time of each counts: what disturbs the
// machine for a while disturbs them alike, and nothing makes a program faster than it is.
void measure(std::vector<Measurement>& group) {
  constexpr int kRounds = 7;
  constexpr std::chrono::milliseconds kRun(20);
  std::vector<std::uint64_t> calls;
  calls.reserve(group.size());
  for (const Measurement& one : group) calls.push_back(calls_within(kRun, one.call));
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      Timing timing = time_calls(group[i].call, calls[i]);
      const auto operations = static_cast<double>(std::max<std::size_t>(1, group[i].lanes));
      timing.nanoseconds /= operations;
      timing.cycles /= operations;
      if (round == 0 || timing.nanoseconds < group[i].timing.nanoseconds) group[i].timing = timing;
    }
  }
}

}  // namespace

RsaKeys make_rsa_keys() {
  RsaKeys rsa;
  for (std::size_t i = 0; i < rsa.keys.size(); ++i) {
    rsa.keys[i].reset(EVP_RSA_gen(RsaKeys::kBits[i]));
    if (rsa.keys[i] == nullptr) throw std::runtime_error("libcrypto makes no RSA key");
  }
  return rsa;
}

int speed(bool json) {
  try {
    const RsaKeys rsa = make_rsa_keys();
    Report report;
    report.arithmetic = arithmetic_of_auto();
    report.thresholds = thresholds_of_auto(rsa);
    if (!json) print_head(report);
    for (auto& group :
         grouped({breakwater_measurements(rsa), libcrypto_measurements(rsa), crypto_mb_measurements(rsa)})) {
      measure(group);
      if (!json) print_group(group);
      report.results.insert(report.results.end(), group.begin(), group.end());
    }
    json ? print_json(report) : print_thresholds(report);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "breakwater: {}\n", error.what());
    return 1;
  }
}

}  // namespace breakwater::proxy
