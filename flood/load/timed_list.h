// Things that are due after a delay which is the same for all of them: a list in order of arrival is in order of time
// too, so arming, disarming and expiring are O(1) and allocate nothing.
#pragma once

#include <cstdint>

namespace breakwater::flood {

struct Connection;
class TimedList;

struct TimedHook {
  TimedHook* before = nullptr;
  TimedHook* after = nullptr;
  TimedList* list = nullptr;  // the one it is in, if any
  std::uint64_t due = 0;      // ns
  Connection* owner = nullptr;
};

class TimedList {
 public:
  TimedList() = default;
  TimedList(const TimedList&) = delete;
  TimedList& operator=(const TimedList&) = delete;

  // Takes the hook out of the list it is in, and puts it at the end of this one.
  void push_back(TimedHook& hook, std::uint64_t due) noexcept {
    remove(hook);
    hook.due = due;
    hook.list = this;
    hook.before = last_;
    hook.after = nullptr;
    (last_ != nullptr ? last_->after : first_) = &hook;
    last_ = &hook;
  }

  // From whichever list it is in; nothing happens when it is in none.
  static void remove(TimedHook& hook) noexcept {
    if (hook.list == nullptr) return;
    (hook.before != nullptr ? hook.before->after : hook.list->first_) = hook.after;
    (hook.after != nullptr ? hook.after->before : hook.list->last_) = hook.before;
    hook.list = nullptr;
  }

  TimedHook* front() const noexcept { return first_; }
  bool empty() const noexcept { return first_ == nullptr; }

  // When the first is due; the end of time when there is none.
  std::uint64_t next_due() const noexcept { return first_ != nullptr ? first_->due : ~std::uint64_t{0}; }

 private:
  TimedHook* first_ = nullptr;
  TimedHook* last_ = nullptr;
};

}  // namespace breakwater::flood
