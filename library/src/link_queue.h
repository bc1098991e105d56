// An intrusive queue: joining, leaving from anywhere and taking the first cost a few pointer writes and no memory.
#pragma once

#include <cstddef>

namespace breakwater {

struct QueueLink {
  QueueLink* previous = nullptr;
  QueueLink* next = nullptr;

  bool queued() const noexcept { return next != nullptr; }

  // Leaves whatever queue it is in; it is in one.
  void unlink() noexcept {
    previous->next = next;
    next->previous = previous;
    previous = next = nullptr;
  }
};

class LinkQueue {
 public:
  LinkQueue() noexcept { clear(); }
  LinkQueue(const LinkQueue&) = delete;
  LinkQueue& operator=(const LinkQueue&) = delete;

  bool empty() const noexcept { return head_.next == &head_; }
  QueueLink* first() const noexcept { return empty() ? nullptr : head_.next; }
  QueueLink* last() const noexcept { return empty() ? nullptr : head_.previous; }
  // The one behind a link of this queue, null behind the last.
  QueueLink* next(const QueueLink& link) const noexcept { return link.next == &head_ ? nullptr : link.next; }

  // link is in no queue.
  void append(QueueLink& link) noexcept {
    link.previous = head_.previous;
    link.next = &head_;
    head_.previous->next = &link;
    head_.previous = &link;
  }

  // Moves all of `other` behind what is here.
  void append_all(LinkQueue& other) noexcept {
    if (other.empty()) return;
    QueueLink* const first = other.head_.next;
    QueueLink* const last = other.head_.previous;
    first->previous = head_.previous;
    head_.previous->next = first;
    last->next = &head_;
    head_.previous = last;
    other.clear();
  }

 private:
  void clear() noexcept { head_.previous = head_.next = &head_; }

  QueueLink head_;  // before the first and behind the last
};

}  // namespace breakwater
