// New blocks, on their way from a worker to the main thread, which tells the kernel of them. A lock is taken once for
// each block, never on the path of a handshake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/guard/address.h"

namespace breakwater::proxy {

struct NewBlock {
  guard::Network network;
  std::uint64_t until_ns;  // of the monotonic clock
};

class BlockOutbox {
 public:
  static constexpr std::size_t kMost =
      4096;  // what is not fetched in time is lost: the worker itself blocks in any case

  BlockOutbox() { list_.reserve(kMost); }

  void put(const NewBlock& block) noexcept {
    const std::lock_guard guard(lock_);
    if (list_.size() < kMost) list_.push_back(block);
  }
  std::vector<NewBlock> take() {
    const std::lock_guard guard(lock_);
    if (list_.empty()) return {};
    std::vector<NewBlock> taken(list_);
    list_.clear();
    return taken;
  }

 private:
  std::mutex lock_;
  std::vector<NewBlock> list_;
};

}  // namespace breakwater::proxy
