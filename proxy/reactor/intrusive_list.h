// Doubly linked lists threaded through the elements themselves: O(1), no allocation.
// An element derives from ListHook<Tag> once for every kind of list it can be in, and is in at most one list per tag.
#pragma once

#include <cstddef>

namespace breakwater::proxy {

template <class Tag>
struct ListHook {
  ListHook* previous = nullptr;
  ListHook* next = nullptr;

  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;

  bool linked() const noexcept { return next != nullptr; }
  void unlink() noexcept {
    if (!linked()) return;
    previous->next = next;
    next->previous = previous;
    previous = next = nullptr;
  }
};

template <class T, class Tag>
class IntrusiveList {
 public:
  IntrusiveList() noexcept { root_.previous = root_.next = &root_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  bool empty() const noexcept { return root_.next == &root_; }
  T* front() noexcept { return empty() ? nullptr : static_cast<T*>(root_.next); }

  // The element leaves the list of this tag it is in, if any.
  void push_back(T& element) noexcept {
    ListHook<Tag>& hook = element;
    hook.unlink();
    hook.previous = root_.previous;
    hook.next = &root_;
    root_.previous->next = &hook;
    root_.previous = &hook;
  }

  T* pop_front() noexcept {
    T* const first = front();
    if (first != nullptr) static_cast<ListHook<Tag>*>(first)->unlink();
    return first;
  }

  // Moves all elements to the end of `target`, in order.
  void move_all_to(IntrusiveList& target) noexcept {
    while (T* element = pop_front()) target.push_back(*element);
  }

  // Calls visit(element) for each; visit may unlink the element it is given, and no other.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (ListHook<Tag>* hook = root_.next; hook != &root_;) {
      ListHook<Tag>* const following = hook->next;
      visit(*static_cast<T*>(hook));
      hook = following;
    }
  }

 private:
  ListHook<Tag> root_;
};

}  // namespace breakwater::proxy
