#include "proxy/speed/speed.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <utility>

namespace breakwater::proxy {
namespace {

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

void print_json(const std::vector<Measurement>& list) {
  fmt::print("{{\n  \"version\": \"{}\",\n  \"cpu\": {},\n  \"auto\": {},\n  \"results\": [\n", BREAKWATER_VERSION,
             quoted(cpu_name()), quoted(arithmetic_of_auto()));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Measurement& m = list[i];
    fmt::print("    {{\"operation\": {}, \"implementation\": {}, \"microseconds\": {:.3f}, \"per_second\": {:.0f}",
               quoted(m.operation), quoted(m.implementation), m.nanoseconds / 1e3, 1e9 / m.nanoseconds);
    if (m.bytes != 0) fmt::print(", \"bytes\": {}", m.bytes);
    fmt::print("}}{}\n", i + 1 == list.size() ? "" : ",");
  }
  fmt::print("  ]\n}}\n");
}

void print_table(const std::vector<Measurement>& list) {
  fmt::print("{}, one core; --crypto auto takes {}\n\n{:<34}{:<14}{:>12}{:>14}{:>10}\n", cpu_name(),
             arithmetic_of_auto(), "operation", "by", "us each", "per second", "GB/s");
  for (const Measurement& m : list) {
    fmt::print("{:<34}{:<14}{:>12.3f}{:>14.0f}", m.operation, m.implementation, m.nanoseconds / 1e3,
               1e9 / m.nanoseconds);
    if (m.bytes != 0) fmt::print("{:>10.2f}", static_cast<double>(m.bytes) / m.nanoseconds);
    fmt::print("\n");
  }
}

}  // namespace

int speed(bool json) {
  try {
    std::vector<Measurement> list;
    std::vector<Measurement> own = measure_breakwater();
    // All of ours for an operation are followed by libcrypto's; what only libcrypto does comes last.
    std::vector<Measurement> others = measure_libcrypto();
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
    json ? print_json(list) : print_table(list);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "breakwater: {}\n", error.what());
    return 1;
  }
}

}  // namespace breakwater::proxy
