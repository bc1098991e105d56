// Buffers of one size, leased from a bounded pool per worker. A chunk belongs to a burst: a connection that waits
// for its peer with nothing in hand holds none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace breakwater::proxy {

// A buffer with the range [begin, end) of it that is in use. Its bytes lie behind this header.
struct alignas(64) Chunk {
  Chunk* next = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t capacity = 0;

  std::uint8_t* data() noexcept { return reinterpret_cast<std::uint8_t*>(this + 1); }
  std::span<std::uint8_t> whole() noexcept { return {data(), capacity}; }
  std::span<std::uint8_t> used() noexcept { return {data() + begin, end - begin}; }
  std::uint32_t size() const noexcept { return end - begin; }
  std::uint32_t room() const noexcept { return capacity - end; }
};

// The longest record a peer may send (5 + 16384 + 2048 bytes) fits, and so does one of ours with head and tail room.
inline constexpr std::size_t kChunkCapacity = 18 * 1024 + 512 - sizeof(Chunk);

class ChunkPool {
 public:
  // At most `limit` chunks for ordinary leases, and kReserve more for lease_reserved().
  ChunkPool(std::size_t capacity, std::size_t limit);
  ChunkPool(const ChunkPool&) = delete;
  ChunkPool& operator=(const ChunkPool&) = delete;

  // An empty chunk, or null at the limit. Memory is taken from the system block by block and kept.
  Chunk* lease() noexcept { return leased_ < limit_ ? take() : nullptr; }
  // For what must not fail for want of a chunk, such as a closing alert.
  Chunk* lease_reserved() noexcept { return leased_ < limit_ + kReserve ? take() : nullptr; }
  void give_back(Chunk* chunk) noexcept;
  void give_back_all(Chunk* first) noexcept;  // a list linked by next

  std::size_t available() const noexcept { return leased_ < limit_ ? limit_ - leased_ : 0; }
  std::size_t leased() const noexcept { return leased_; }
  std::size_t most_leased() const noexcept { return most_leased_; }
  std::size_t limit() const noexcept { return limit_; }
  std::size_t capacity() const noexcept { return capacity_; }

  static constexpr std::size_t kReserve = 16;

 private:
  static constexpr std::size_t kChunksPerBlock = 16;
  struct FreeBlock {
    void operator()(std::uint8_t* block) const noexcept {
      ::operator delete[](block, std::align_val_t{alignof(Chunk)});
    }
  };

  Chunk* take() noexcept;
  bool grow() noexcept;

  std::size_t capacity_;
  std::size_t stride_;
  std::size_t limit_;
  std::size_t leased_ = 0;
  std::size_t most_leased_ = 0;
  Chunk* free_ = nullptr;
  std::vector<std::unique_ptr<std::uint8_t[], FreeBlock>> blocks_;
};

}  // namespace breakwater::proxy
