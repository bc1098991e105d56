#include "proxy/serve/kernel_rules.h"

#include <algorithm>

#include "core/guard/network_list.h"

namespace breakwater::proxy {

KernelRules::KernelRules(const Config& config) : spared_(config.guard.allow) {
  std::vector<std::uint16_t> open;
  for (std::size_t i = 0; i < config.listen.size(); ++i) {
    (config.listen_rules[i].is_judged(config.guard) ? ports_ : open).push_back(config.listen[i].port());
  }
  std::erase_if(ports_, [&open](std::uint16_t port) { return std::ranges::find(open, port) != open.end(); });
  spared_.insert(spared_.end(), config.front_ends.begin(), config.front_ends.end());
  spared_.resize(guard::NetworkList::normalise(spared_));
}

bool KernelRules::may_drop(const guard::Network& client) const noexcept {
  return !guard::NetworkList(spared_).meets(client);
}

}  // namespace breakwater::proxy
