// The addresses that connections come from, in turn.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "flood/load/sockets.h"
#include "flood/plan/plan.h"

namespace breakwater::flood {

class Sources {
 public:
  explicit Sources(std::vector<SourceRange> ranges) : ranges_(std::move(ranges)) {}

  // The number of the next address in turn.
  std::uint64_t next() noexcept { return number_++; }
  // The address with this number, counted around; nullptr when the kernel is to choose. Valid until the next call.
  const SocketAddress* at(std::uint64_t number) noexcept;

  // Empty, or a sentence that says which address cannot be used and what to do. Looks at the ends of each range.
  std::string trouble(const Address& target) const;

 private:
  std::vector<SourceRange> ranges_;
  std::uint64_t number_ = 0;
  SocketAddress current_;
};

// Whether packets to this address come to this machine, whichever way it was arranged (an address of an interface, or a
// local route). True as well when the kernel does not tell.
bool is_local(const Address& address) noexcept;

}  // namespace breakwater::flood
