// How a closed loop behaves when connections cannot even be made: it must not turn into a loop of millions of failures.
#pragma once

#include <algorithm>
#include <cstdint>

#include "flood/load/clock.h"

namespace breakwater::flood {

class BackOff {
 public:
  explicit BackOff(std::uint32_t connections) noexcept : connections_(connections), usable_(connections) {}

  // May another connection be started, with so many in use?
  bool allows(std::uint64_t now, std::uint32_t active) noexcept {
    if (now < until_) return false;
    if (usable_ < connections_ && now >= retry_) usable_ = connections_;
    return active < usable_;
  }
  // When to ask again, if `allows` was false for another reason than connections in use.
  std::uint64_t next(std::uint32_t active) const noexcept {
    return active >= connections_ ? ~std::uint64_t{0} : std::max(until_, active >= usable_ ? retry_ : 0);
  }

  void connected() noexcept { row_ = 0; }

  // Refused, unreachable, no port: a few at once may be chance (a full backlog); after that one every 10 ms, and after
  // a hundred one every 100 ms.
  void connect_failed(std::uint64_t now) noexcept {
    ++row_;
    if (row_ >= 16) until_ = now + (row_ < 100 ? 10 : 100) * kMillisecond;
  }

  // No descriptor: goes on with as many connections as there are, and tries again for more in a second.
  void out_of_descriptors(std::uint64_t now, std::uint32_t active) noexcept {
    usable_ = active;
    retry_ = now + kSecond;
  }

 private:
  std::uint32_t connections_;
  std::uint32_t usable_;
  std::uint32_t row_ = 0;  // connect failures without a success between them
  std::uint64_t until_ = 0;
  std::uint64_t retry_ = 0;
};

}  // namespace breakwater::flood
