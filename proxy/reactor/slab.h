// Memory for sessions: blocks that are never given back, so that connections come and go without allocation.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace breakwater::proxy {

template <class T>
class Slab {
 public:
  // Null when memory is exhausted.
  template <class... Arguments>
  T* make(Arguments&&... arguments) noexcept {
    if (free_ == nullptr && !grow()) return nullptr;
    Place* const place = free_;
    free_ = place->next;
    return new (place->bytes) T(std::forward<Arguments>(arguments)...);
  }

  void recycle(T* object) noexcept {
    object->~T();
    Place* const place = new (object) Place;
    place->next = free_;
    free_ = place;
  }

 private:
  union Place {
    Place* next;
    alignas(T) std::byte bytes[sizeof(T)];
  };
  static constexpr std::size_t kPerBlock = 128;

  bool grow() noexcept {
    try {
      blocks_.push_back(std::make_unique<Place[]>(kPerBlock));
    } catch (const std::bad_alloc&) {
      return false;
    }
    Place* const block = blocks_.back().get();
    for (std::size_t i = kPerBlock; i-- > 0;) {
      block[i].next = free_;
      free_ = &block[i];
    }
    return true;
  }

  Place* free_ = nullptr;
  std::vector<std::unique_ptr<Place[]>> blocks_;
};

}  // namespace breakwater::proxy
