#include "proxy/connection/input_queue.h"

#include <algorithm>
#include <cstring>

namespace breakwater::proxy {

std::span<const std::span<std::uint8_t>> InputQueue::pieces(std::size_t offset, Pieces& storage) const noexcept {
  std::size_t count = 0;
  for (Chunk* chunk = first_; chunk != nullptr; chunk = chunk->next) {
    const std::span<std::uint8_t> used = chunk->used();
    if (offset < used.size()) {
      storage[count++] = used.subspan(offset);
      offset = 0;
    } else {
      offset -= used.size();
    }
  }
  return std::span(storage).first(count);
}

void InputQueue::append_range(ByteRange range, std::span<iovec> list, std::size_t& count) const noexcept {
  Pieces storage;
  for (const std::span<std::uint8_t> piece : pieces(range.offset, storage)) {
    const std::size_t size = std::min(piece.size(), range.size);
    if (size != 0) list[count++] = {piece.data(), size};
    range.size -= size;
  }
}

std::size_t InputQueue::prepare(ChunkPool& pool, std::size_t fresh, std::array<iovec, 2>& room) noexcept {
  if (first_ == nullptr) {
    first_ = pool.lease();
    if (first_ == nullptr) return 0;
    --fresh;
  }
  if (first_->next == nullptr && fresh > 0) first_->next = pool.lease();
  Chunk* const second = first_->next;
  std::size_t count = 0;
  // A first chunk is left alone once the second has bytes: they come behind.
  const bool first_open = second == nullptr || second->size() == 0;
  if (first_open && first_->room() > 0) room[count++] = {first_->data() + first_->end, first_->room()};
  if (second != nullptr && second->room() > 0) room[count++] = {second->data() + second->end, second->room()};
  return count;
}

void InputQueue::filled(std::size_t size, ChunkPool& pool) noexcept {
  Chunk* const second = first_->next;
  if (second == nullptr || second->size() == 0) {
    const auto taken = static_cast<std::uint32_t>(std::min<std::size_t>(size, first_->room()));
    first_->end += taken;
    size -= taken;
  }
  if (second != nullptr) second->end += static_cast<std::uint32_t>(size);
  drop_empty(pool);
}

bool InputQueue::put(std::span<const std::uint8_t> bytes, ChunkPool& pool) noexcept {
  if (bytes.empty()) return true;
  if (first_ == nullptr) first_ = pool.lease_reserved();
  if (first_ == nullptr) return false;
  std::memcpy(first_->data() + first_->end, bytes.data(), bytes.size());
  first_->end += static_cast<std::uint32_t>(bytes.size());
  return true;
}

void InputQueue::consume(std::size_t size, ChunkPool& pool) noexcept {
  for (Chunk* chunk = first_; chunk != nullptr; chunk = chunk->next) {
    const auto part = static_cast<std::uint32_t>(std::min<std::size_t>(size, chunk->size()));
    chunk->begin += part;
    size -= part;
  }
  drop_empty(pool);
}

void InputQueue::clear(ChunkPool& pool) noexcept {
  pool.give_back_all(first_);
  first_ = nullptr;
}

void InputQueue::drop_empty(ChunkPool& pool) noexcept {
  if (first_ == nullptr) return;
  if (first_->next != nullptr && first_->next->size() == 0) {
    pool.give_back(first_->next);
    first_->next = nullptr;
  }
  if (first_->size() == 0) {
    Chunk* const following = first_->next;
    pool.give_back(first_);
    first_ = following;
  }
}

std::uint8_t* InputQueue::at(std::size_t offset) const noexcept {
  const std::size_t in_first = first_->size();
  return offset < in_first ? first_->data() + first_->begin + offset
                           : first_->next->data() + first_->next->begin + (offset - in_first);
}

std::size_t InputQueue::run_before(std::size_t end) const noexcept {
  const std::size_t in_first = first_->size();
  return end > in_first ? end - in_first : end;
}

void InputQueue::move_right(ByteRange source, std::size_t target) noexcept {
  std::size_t source_end = source.offset + source.size;
  std::size_t target_end = target + source.size;
  while (source.size > 0) {  // from the back, because the target lies to the right and may overlap
    const std::size_t part = std::min({source.size, run_before(source_end), run_before(target_end)});
    source_end -= part;
    target_end -= part;
    source.size -= part;
    std::memmove(at(target_end), at(source_end), part);
  }
}

ByteRange InputQueue::gather_right(std::span<const ByteRange> ranges) noexcept {
  if (ranges.empty()) return {};
  ByteRange gathered = ranges.back();
  for (std::size_t i = ranges.size() - 1; i-- > 0;) {
    const std::size_t target = gathered.offset - ranges[i].size;
    if (target != ranges[i].offset) move_right(ranges[i], target);
    gathered = {target, gathered.size + ranges[i].size};
  }
  return gathered;
}

}  // namespace breakwater::proxy
