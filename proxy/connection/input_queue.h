// Received bytes that are not done with: at most two chunks, the second only while a record reaches over the end of
// the first. Nothing is copied: later reads go behind what is there.
//
// Positions are counted from the first byte in the queue.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "proxy/reactor/chunk_pool.h"

namespace breakwater::proxy {

struct ByteRange {
  std::size_t offset = 0;
  std::size_t size = 0;
};

class InputQueue {
 public:
  std::size_t size() const noexcept {
    return first_ == nullptr ? 0 : first_->size() + (first_->next != nullptr ? first_->next->size() : 0);
  }
  bool empty() const noexcept { return size() == 0; }
  bool holds_chunks() const noexcept { return first_ != nullptr; }

  // The bytes from `offset` on, in one or two pieces.
  using Pieces = std::array<std::span<std::uint8_t>, 2>;
  std::span<const std::span<std::uint8_t>> pieces(std::size_t offset, Pieces& storage) const noexcept;

  // Appends the memory of a range to list[count...] as one or two entries; there must be room for two.
  void append_range(ByteRange range, std::span<iovec> list, std::size_t& count) const noexcept;

  // Room to read into: the rest of what is held, then up to `fresh` new chunks, of which the queue needs two at most.
  // Returns the number of entries in `room`, 0 when the pool is empty.
  std::size_t prepare(ChunkPool& pool, std::size_t fresh, std::array<iovec, 2>& room) noexcept;
  // `size` bytes were read into the room. Chunks that got nothing go back.
  void filled(std::size_t size, ChunkPool& pool) noexcept;

  // Appends bytes, which must fit into one chunk with what is there. False when even the pool's reserve is empty.
  bool put(std::span<const std::uint8_t> bytes, ChunkPool& pool) noexcept;

  // Drops `size` bytes from the front; chunks that become empty go back.
  void consume(std::size_t size, ChunkPool& pool) noexcept;
  void clear(ChunkPool& pool) noexcept;

  // Moves the given ranges, in order, together so that they end where the last one ends, and returns where they are
  // now. Ranges are in ascending order and do not overlap.
  ByteRange gather_right(std::span<const ByteRange> ranges) noexcept;

 private:
  void drop_empty(ChunkPool& pool) noexcept;
  std::uint8_t* at(std::size_t offset) const noexcept;
  // Bytes at and before `end`, going left, that are contiguous in memory.
  std::size_t run_before(std::size_t end) const noexcept;
  void move_right(ByteRange source, std::size_t target) noexcept;

  Chunk* first_ = nullptr;  // its `next` is the second one
};

}  // namespace breakwater::proxy
