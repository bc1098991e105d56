// Where a connection keeps the bytes of a record that has not arrived in full. Most connections never need one, so
// buffers come from a pool, in two sizes: thousands of connections that each wait for the rest of a record header must
// not cost a full record each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "core/port/bytes.h"
#include "flood/tls/client.h"

namespace breakwater::flood {

// Belongs to one connection; empty while no bytes are kept.
struct KeptBytes {
  std::unique_ptr<std::uint8_t[]> buffer;
  std::uint32_t capacity = 0;
  std::uint32_t size = 0;

  ConstBytes view() const noexcept { return {buffer.get(), size}; }
};

class RecordBuffers {
 public:
  static constexpr std::size_t kSmall = 1024;
  static constexpr std::size_t kLarge = Client::kMaxRecord;

  // Replaces what is kept. `bytes` has at most kLarge bytes and does not lie in `kept`.
  void keep(KeptBytes& kept, ConstBytes bytes) {
    if (bytes.empty()) return give_back(kept);
    const std::size_t capacity = bytes.size() <= kSmall ? kSmall : kLarge;
    if (kept.capacity != capacity) {
      give_back(kept);
      auto& free = free_of(capacity);
      if (free.empty()) {
        kept.buffer = std::make_unique<std::uint8_t[]>(capacity);
      } else {
        kept.buffer = std::move(free.back());
        free.pop_back();
      }
      kept.capacity = static_cast<std::uint32_t>(capacity);
    }
    copy_bytes(kept.buffer.get(), bytes);
    kept.size = static_cast<std::uint32_t>(bytes.size());
  }

  void give_back(KeptBytes& kept) {
    if (kept.capacity != 0) free_of(kept.capacity).push_back(std::move(kept.buffer));
    kept.capacity = 0;
    kept.size = 0;
  }

 private:
  std::vector<std::unique_ptr<std::uint8_t[]>>& free_of(std::size_t capacity) noexcept {
    return free_[capacity == kLarge ? 1 : 0];
  }

  std::array<std::vector<std::unique_ptr<std::uint8_t[]>>, 2> free_;
};

}  // namespace breakwater::flood
