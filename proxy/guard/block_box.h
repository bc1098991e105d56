// Blocks on their way from one thread to another: new ones from a worker to the main thread, which tells the kernel and
// the other workers, and from there to each of them. A lock is taken once for each block, never on the path of a
// handshake.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "core/guard/blocks.h"

namespace breakwater::proxy {

struct NewBlock {
  guard::Blocked blocked;  // times of the monotonic clock, in nanoseconds
  bool direct = false;     // it comes itself, and not by a front end: the kernel can tell it by its address
};

class BlockBox {
 public:
  // What is not fetched in time is lost: who found the block keeps it in any case, and others find out by themselves.
  static constexpr std::size_t kMost = 1024;

  BlockBox() {
    list_.reserve(kMost);
    taken_.reserve(kMost);
  }

  void put(const NewBlock& block) noexcept {
    const std::lock_guard guard(lock_);
    if (list_.size() == kMost) return;
    list_.push_back(block);
    empty_.store(false, std::memory_order_relaxed);
  }

  bool empty() const noexcept { return empty_.load(std::memory_order_relaxed); }

  // All there are; valid until the next call. For one thread, always the same.
  const std::vector<NewBlock>& take() noexcept {
    taken_.clear();
    if (empty()) return taken_;
    const std::lock_guard guard(lock_);
    taken_.swap(list_);
    empty_.store(true, std::memory_order_relaxed);
    return taken_;
  }

 private:
  std::mutex lock_;
  std::vector<NewBlock> list_, taken_;
  std::atomic<bool> empty_{true};
};

}  // namespace breakwater::proxy
