// A list of networks that does not change: who is always let in, who never is, which front ends are trusted. For any
// number of threads.
#pragma once

#include <cstddef>
#include <span>

#include "core/guard/address.h"

namespace breakwater::guard {

class NetworkList {
 public:
  constexpr NetworkList() noexcept = default;  // nobody

  // networks: in the order that normalise() makes; the host's, and in use as long as the list is.
  explicit constexpr NetworkList(std::span<const Network> networks) noexcept : networks_(networks) {}

  // Puts networks in order of their addresses, without those that lie inside others, and returns how many are left at
  // the front; what is behind them means nothing. In place; n log n steps for any order (100,000 networks: less than
  // 0.1 s).
  static std::size_t normalise(std::span<Network> networks) noexcept;

  // Whether the address lies in one of them. log n steps.
  bool contains(const Address& address) const noexcept;
  // Whether an address of the network lies in one of them. log n steps.
  bool meets(const Network& network) const noexcept;

  std::size_t size() const noexcept { return networks_.size(); }

 private:
  std::size_t up_to(const Address& address) const noexcept;

  std::span<const Network> networks_;
};

}  // namespace breakwater::guard
