#include "proxy/reactor/chunk_pool.h"

#include <new>

namespace breakwater::proxy {
namespace {

constexpr std::size_t round_up(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

}  // namespace

ChunkPool::ChunkPool(std::size_t capacity, std::size_t limit)
    : capacity_(capacity), stride_(round_up(sizeof(Chunk) + capacity, alignof(Chunk))), limit_(limit) {
  blocks_.reserve((limit + kReserve) / kChunksPerBlock + 1);  // so that growing never moves the list
}

bool ChunkPool::grow() noexcept {
  auto* const memory = static_cast<std::uint8_t*>(
      ::operator new[](stride_* kChunksPerBlock, std::align_val_t{alignof(Chunk)}, std::nothrow));
  if (memory == nullptr) return false;
  blocks_.emplace_back(memory);
  for (std::size_t i = 0; i < kChunksPerBlock; ++i) {
    auto* const chunk = new (memory + i * stride_) Chunk;
    chunk->capacity = static_cast<std::uint32_t>(capacity_);
    chunk->next = free_;
    free_ = chunk;
  }
  return true;
}

Chunk* ChunkPool::take() noexcept {
  if (free_ == nullptr && !grow()) return nullptr;
  Chunk* const chunk = free_;
  free_ = chunk->next;
  chunk->next = nullptr;
  chunk->begin = chunk->end = 0;
  ++leased_;
  if (leased_ > most_leased_) most_leased_ = leased_;
  return chunk;
}

void ChunkPool::give_back(Chunk* chunk) noexcept {
  if (chunk == nullptr) return;
  chunk->next = free_;  // last in, first out: the next user finds it in the cache
  free_ = chunk;
  --leased_;
}

void ChunkPool::give_back_all(Chunk* first) noexcept {
  while (first != nullptr) {
    Chunk* const following = first->next;
    give_back(first);
    first = following;
  }
}

}  // namespace breakwater::proxy
