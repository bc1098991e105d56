// Connections that wait for jobs, by rank, each rank in the order in which they came.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "breakwater/breakwater.h"
#include "library/src/link_queue.h"

namespace breakwater {

class RankedQueue {
 public:
  bool empty() const noexcept {
    return std::all_of(ranks_.begin(), ranks_.end(), [](const LinkQueue& queue) { return queue.empty(); });
  }

  // Whether there are so many; looks at no more.
  bool has(std::size_t count) const noexcept {
    for (const LinkQueue& queue : ranks_) {
      for (const QueueLink* link = queue.first(); link != nullptr; link = queue.next(*link)) {
        if (--count == 0) return true;
      }
    }
    return false;
  }

  // The one whose turn it is: of the best rank, the oldest or the newest. Null: none waits.
  QueueLink* first(bool newest_first) const noexcept {
    for (const LinkQueue& queue : ranks_) {
      if (!queue.empty()) return newest_first ? queue.last() : queue.first();
    }
    return nullptr;
  }

  // The one that can be done without best: the oldest of the worst rank.
  QueueLink* least() const noexcept {
    for (std::size_t rank = ranks_.size(); rank-- > 0;) {
      if (!ranks_[rank].empty()) return ranks_[rank].first();
    }
    return nullptr;
  }

  // The best rank that anybody has; kRanks: nobody waits.
  std::size_t best() const noexcept {
    std::size_t rank = 0;
    while (rank != ranks_.size() && ranks_[rank].empty()) ++rank;
    return rank;
  }

  // The worst rank that anybody has; 0: nobody waits.
  std::size_t worst() const noexcept {
    std::size_t rank = ranks_.size() - 1;
    while (rank != 0 && ranks_[rank].empty()) --rank;
    return rank;
  }

  // link is in no queue; rank < kRanks.
  void append(QueueLink& link, std::size_t rank) noexcept { ranks_[rank].append(link); }

  void append_all(RankedQueue& other) noexcept {
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) ranks_[rank].append_all(other.ranks_[rank]);
  }

  // Calls visit(queue) for each rank.
  template <class Visit>
  void for_each_rank(Visit&& visit) {
    for (LinkQueue& queue : ranks_) visit(queue);
  }

 private:
  std::array<LinkQueue, kRanks> ranks_;
};

// Those with an RSA signature to make wait apart: it takes as long as ten others.
struct JobQueue {
  RankedQueue cheap;
  RankedQueue dear;

  bool empty() const noexcept { return cheap.empty() && dear.empty(); }
  void append_all(JobQueue& other) noexcept {
    cheap.append_all(other.cheap);
    dear.append_all(other.dear);
  }
};

}  // namespace breakwater
