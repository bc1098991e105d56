// Timers that all run for the same time: a list in order of arming is a list in order of deadlines, so that arming,
// renewing and cancelling are O(1) and the next to expire is in front.
#pragma once

#include <cstdint>

#include "proxy/reactor/intrusive_list.h"

namespace breakwater::proxy {

struct TimerTag;

// What an element derives from. Times are milliseconds of the monotonic clock.
struct TimerHook : ListHook<TimerTag> {
  std::uint64_t deadline = 0;
};

template <class T>
class DeadlineList {
 public:
  // A change applies to timers armed from now on; running ones keep their deadline.
  // (After a change to a shorter time one may expire late, by the difference at most.)
  void set_duration(std::uint64_t duration_ms) noexcept { duration_ = duration_ms; }
  std::uint64_t duration() const noexcept { return duration_; }

  // Starts or restarts the element's timer. It leaves any other deadline list it is in.
  void arm(T& element, std::uint64_t now) noexcept {
    element.deadline = now + duration_;
    list_.push_back(element);
  }

  bool empty() const noexcept { return list_.empty(); }
  T* oldest() noexcept { return list_.front(); }

  // Removes and returns an element whose time is up, null when there is none.
  T* pop_expired(std::uint64_t now) noexcept {
    T* const first = list_.front();
    return first != nullptr && first->deadline <= now ? list_.pop_front() : nullptr;
  }

  // When pop_expired() will have something to say; `otherwise` when the list is empty.
  std::uint64_t next_deadline(std::uint64_t otherwise) noexcept {
    T* const first = list_.front();
    return first != nullptr && first->deadline < otherwise ? first->deadline : otherwise;
  }

  template <class Visit>
  void for_each(Visit&& visit) {
    list_.for_each(visit);
  }

 private:
  IntrusiveList<T, TimerTag> list_;
  std::uint64_t duration_ = 0;
};

}  // namespace breakwater::proxy
