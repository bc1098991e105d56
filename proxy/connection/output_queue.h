// Bytes to be sent, in chunks, each with one contiguous range.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "proxy/reactor/chunk_pool.h"

namespace breakwater::proxy {

class OutputQueue {
 public:
  bool empty() const noexcept { return last_ == nullptr; }

  std::size_t chunks() const noexcept {  // a handful at most
    std::size_t count = 0;
    for_each([&](const Chunk&) {
      ++count;
      return true;
    });
    return count;
  }

  void push(Chunk* chunk) noexcept {
    chunk->next = last_ == nullptr ? chunk : last_->next;
    if (last_ != nullptr) last_->next = chunk;
    last_ = chunk;
  }

  // The last chunk when at least `room` bytes are free behind what it holds, else null.
  Chunk* open_tail(std::size_t room) noexcept { return last_ != nullptr && last_->room() >= room ? last_ : nullptr; }

  // Describes what is to be sent, from the front; returns the number of entries.
  std::size_t gather(std::span<iovec> list) const noexcept {
    std::size_t count = 0;
    for_each([&](Chunk& chunk) {
      list[count++] = {chunk.data() + chunk.begin, chunk.size()};
      return count < list.size();
    });
    return count;
  }

  // `size` bytes from the front have been sent.
  void sent(std::size_t size, ChunkPool& pool) noexcept {
    while (last_ != nullptr) {
      Chunk* const first = last_->next;
      if (size < first->size()) {
        first->begin += static_cast<std::uint32_t>(size);
        return;
      }
      size -= first->size();
      drop_first(pool);
    }
  }

  void clear(ChunkPool& pool) noexcept {
    while (last_ != nullptr) drop_first(pool);
  }

 private:
  template <class Visit>
  void for_each(Visit&& visit) const {
    if (last_ == nullptr) return;
    Chunk* chunk = last_;
    do {
      chunk = chunk->next;
      if (!visit(*chunk)) return;
    } while (chunk != last_);
  }

  void drop_first(ChunkPool& pool) noexcept {
    Chunk* const first = last_->next;
    if (first == last_) {
      last_ = nullptr;
    } else {
      last_->next = first->next;
    }
    pool.give_back(first);
  }

  Chunk* last_ = nullptr;  // its `next` is the first one: one pointer is all that an idle connection pays
};

}  // namespace breakwater::proxy
