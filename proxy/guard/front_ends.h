// The front ends that are trusted to say who their clients are (PROXY protocol). Does not change; for any thread.
#pragma once

#include <utility>
#include <vector>

#include "core/guard/address.h"
#include "core/guard/network_list.h"

namespace breakwater::proxy {

class FrontEnds {
 public:
  explicit FrontEnds(std::vector<guard::Network> networks) : networks_(std::move(networks)) {
    networks_.resize(guard::NetworkList::normalise(networks_));
  }

  bool contains(const guard::Address& address) const noexcept {
    return !networks_.empty() && guard::NetworkList(networks_).contains(address);
  }

 private:
  std::vector<guard::Network> networks_;
};

}  // namespace breakwater::proxy
