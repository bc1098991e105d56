#include "proxy/speed/speed.h"

#include <fmt/format.h>
#include <openssl/rsa.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <utility>

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

void print_table(const Report& report) {
  fmt::print("{}, one core; --crypto auto takes {}\n{}\n\n{:<34}{:<14}{:>12}{:>14}{:>12}{:>10}\n", cpu_name(),
             report.arithmetic, meaning_of_cycles(), "operation", "by", "us each", "per second", "cycles", "GB/s");
  for (const Measurement& m : report.results) {
    const std::string by = m.lanes == 0 ? m.implementation : fmt::format("{}, {} lanes", m.implementation, m.lanes);
    fmt::print("{:<34}{:<14}{:>12.3f}{:>14.0f}{:>12.0f}", m.operation, by, m.timing.nanoseconds / 1e3,
               1e9 / m.timing.nanoseconds, m.timing.cycles);
    if (m.bytes != 0) fmt::print("{:>10.2f}", static_cast<double>(m.bytes) / m.timing.nanoseconds);
    fmt::print("\n");
  }
  fmt::print("\n{} runs operations of several connections in lanes\n", report.arithmetic);
  for (const Threshold& t : report.thresholds) {
    fmt::print("  {:<24}{}\n", t.operation, t.lanes_from == 0 ? "never" : fmt::format("from {} on", t.lanes_from));
  }
}

// All of ours for an operation are followed by those of others; what only others do comes last.
std::vector<Measurement> merge(std::vector<Measurement> own, std::vector<Measurement> others) {
  std::vector<Measurement> list;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const std::string operation = own[i].operation;
    list.push_back(std::move(own[i]));
    if (i + 1 < own.size() && own[i + 1].operation == operation) continue;
    for (Measurement& other : others) {
      if (other.operation == operation) list.push_back(std::exchange(other, {}));
    }
  }
  for (Measurement& other : others) {
    if (!other.operation.empty()) list.push_back(std::move(other));
  }
  return list;
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
    std::vector<Measurement> own = measure_breakwater(rsa);
    std::vector<Measurement> others = measure_libcrypto(rsa);
    for (Measurement& one : measure_crypto_mb(rsa)) others.push_back(std::move(one));
    report.results = merge(std::move(own), std::move(others));
    json ? print_json(report) : print_table(report);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "breakwater: {}\n", error.what());
    return 1;
  }
}

}  // namespace breakwater::proxy
