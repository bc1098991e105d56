// A hand on XdpFilter, for tests: attaches, then obeys one command a line, and answers each with one line.
//
//   xdp_tool PORT[,PORT...] INTERFACE...
//
//   block ADDRESS[/LENGTH] MILLISECONDS   from now; "ok" or "refused"
//   release ADDRESS[/LENGTH]              "ok"
//   fill NUMBER MILLISECONDS              blocks so many IPv4 addresses, from 10.0.0.0 on: how many were taken
//   counts                                "PACKETS SYNS"
//   sweep                                 how many
//   user NAME                             becomes that user; "ok", or what is wrong
//   run FRAME                             in hexadecimal: the program's verdict, "pass", "drop", or what is wrong
//   cost NUMBER FRAME                     runs it so often: the verdict and nanoseconds for each
//   die                                   at once, with nothing put away
#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <optional>
#include <sstream>

#include "proxy/config/values.h"
#include "proxy/serve/process.h"
#include "proxy/xdp/xdp_filter.h"
#include "tests/xdp/test_run.h"

namespace {

using breakwater::guard::Address;
using breakwater::guard::Network;
using breakwater::proxy::XdpFilter;

constexpr int kExitRefused = 3;

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

// Without a length: what one client has.
std::optional<Network> parse_network(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string host = text.substr(0, slash);
  std::uint8_t bytes[16];
  Address address;
  unsigned more = 0;
  if (in_addr v4{}; ::inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    address = Address::v4(ntohl(v4.s_addr));
    more = 96;
  } else if (::inet_pton(AF_INET6, host.c_str(), bytes) == 1) {
    address = Address::v6(bytes);
  } else {
    return std::nullopt;
  }
  if (slash == std::string::npos) return breakwater::guard::client_of(address);
  return Network(address, more + static_cast<unsigned>(std::stoul(text.substr(slash + 1))));
}

std::string on_network(XdpFilter& filter, bool block, std::istringstream& rest) {
  std::string text;
  std::uint64_t milliseconds = 0;
  rest >> text >> milliseconds;
  const auto network = parse_network(text);
  if (!network) return "no address";
  if (block) return filter.block(*network, now_ns() + milliseconds * 1'000'000) ? "ok" : "refused";
  filter.release(*network);
  return "ok";
}

std::string fill(XdpFilter& filter, std::istringstream& rest) {
  std::uint32_t number = 0;
  std::uint64_t milliseconds = 0;
  rest >> number >> milliseconds;
  const std::uint64_t until = now_ns() + milliseconds * 1'000'000;
  std::uint32_t taken = 0;
  for (std::uint32_t i = 0; i < number; ++i) {
    taken += filter.block(breakwater::guard::client_of(Address::v4((10U << 24) + i)), until) ? 1U : 0U;
  }
  return fmt::format("{}", taken);
}

std::string obey(XdpFilter& filter, const std::string& line) {
  std::istringstream words(line);
  std::string command;
  words >> command;
  if (command == "block" || command == "release") return on_network(filter, command == "block", words);
  if (command == "fill") return fill(filter, words);
  if (command == "sweep") return fmt::format("{}", filter.sweep(now_ns()));
  if (command == "die") ::raise(SIGKILL);
  if (command == "counts") {
    const XdpFilter::Counts counts = filter.dropped();
    return fmt::format("{} {}", counts.packets, counts.syns);
  }
  if (command == "user") {
    std::string name;
    words >> name;
    const std::string error = breakwater::proxy::become_user(name);
    return error.empty() ? "ok" : error;
  }
  if (command == "run" || command == "cost") {
    unsigned repeat = 1;
    std::string frame;
    if (command == "cost") words >> repeat;
    words >> frame;
    return test_run(filter.program(), frame, repeat, command == "cost");
  }
  return "what?";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::vector<std::uint16_t> ports;
  for (const std::string& port : breakwater::proxy::split(argv[1], ',')) {
    ports.push_back(static_cast<std::uint16_t>(std::stoul(port)));
  }
  const std::vector<std::string> interfaces(argv + 2, argv + argc);
  std::string error;
  const auto filter = XdpFilter::attach(interfaces, ports, error);
  if (filter == nullptr) {
    std::cout << "refused: " << error << std::endl;
    return kExitRefused;
  }
  std::cout << filter->describe() << std::endl;
  for (std::string line; std::getline(std::cin, line);) std::cout << obey(*filter, line) << std::endl;
  return 0;
}
