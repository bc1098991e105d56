// What the kernel may drop for us. It knows the addresses and ports of packets, but neither lists nor front ends nor
// what a listener's rules say.
#pragma once

#include <cstdint>
#include <vector>

#include "core/guard/address.h"
#include "proxy/config/config.h"

namespace breakwater::proxy {

class KernelRules {
 public:
  explicit KernelRules(const Config& config);

  // Those that are listened on, without any where somebody is not judged.
  const std::vector<std::uint16_t>& ports() const noexcept { return ports_; }
  // Whether everybody in a blocked client's network may be kept away: nobody there is on the list `allow` or a front
  // end. As many steps as their number has bits.
  bool may_drop(const guard::Network& client) const noexcept;

 private:
  std::vector<std::uint16_t> ports_;
  std::vector<guard::Network> spared_;  // in the order of NetworkList::normalise
};

}  // namespace breakwater::proxy
