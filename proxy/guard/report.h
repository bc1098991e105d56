// What the guard tells people about clients.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace breakwater::proxy {

using RefusalCounts = std::vector<std::pair<std::string, std::uint64_t>>;  // reason -> since start; zeros too

struct GuardReport {  // a copy for people, made by each worker about once a second
  bool enabled = false, under_load = false;
  double level = 1;     // share of the capacity that one address may take now; 1: no limit
  double queue_ms = 0;  // how long work waits
  struct Talker {
    std::string kind /*address, network, fingerprint, name*/, who;
    double hellos_per_s = 0, refused_per_s = 0, cpu_share = 0;
  };
  std::vector<Talker> talkers;
  struct Block {
    std::string who;
    std::uint64_t seconds_left = 0;
    std::uint32_t strikes = 0;
    bool in_kernel = false;
  };
  std::vector<Block> blocks;
  RefusalCounts refusals;
};

}  // namespace breakwater::proxy
