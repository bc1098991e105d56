// Slots of one size from blocks that live as long as the slab: taking and giving back allocate nothing once it has
// grown. For one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define BREAKWATER_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BREAKWATER_POISON 1
#endif
#endif
#ifdef BREAKWATER_POISON
#include <sanitizer/asan_interface.h>
#endif

namespace breakwater {

// Slots fit a T; the caller constructs and destroys it.
template <class T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    while (blocks_ != nullptr) {
      Block* const block = blocks_;
      blocks_ = block->older;
      unpoison(block, sizeof *block);
      ::operator delete (block, std::align_val_t{alignof(Block)});
    }
  }

  // Null when memory is exhausted.
  void* take() noexcept {
    if (Free* const slot = free_) {
      unpoison(slot, sizeof(Slot));
      free_ = slot->next;
      return slot;
    }
    if (unused_ == 0 && !grow()) return nullptr;
    void* const slot = &blocks_->slots[kSlots - unused_--];
    unpoison(slot, sizeof(Slot));
    return slot;
  }

  // slot came from take(). The last one given back is the first taken: its cache lines are warm.
  void give_back(void* slot) noexcept {
    free_ = new (slot) Free{free_};
    poison(slot, sizeof(Slot));
  }

  static constexpr std::size_t slot_size() noexcept { return sizeof(Slot); }

 private:
  struct Free {
    Free* next;
  };
  union Slot {
    Free free;
    alignas(T) std::uint8_t bytes[sizeof(T)];
  };
  static constexpr std::size_t kBlockSize = 65536;
  static constexpr std::size_t kSlots = kBlockSize / sizeof(Slot) < 2 ? 1 : kBlockSize / sizeof(Slot) - 1;
  struct Block {
    Block* older;
    Slot slots[kSlots];
  };

  bool grow() noexcept {
    void* const memory = ::operator new (sizeof(Block), std::align_val_t{alignof(Block)}, std::nothrow);
    if (memory == nullptr) return false;
    auto* const block = static_cast<Block*>(memory);
    block->older = blocks_;
    blocks_ = block;
    unused_ = kSlots;
    poison(block->slots, sizeof block->slots);
    return true;
  }

  // Slots that nobody owns are out of bounds for AddressSanitizer.
#ifdef BREAKWATER_POISON
  static void poison(void* memory, std::size_t size) noexcept { __asan_poison_memory_region(memory, size); }
  static void unpoison(void* memory, std::size_t size) noexcept { __asan_unpoison_memory_region(memory, size); }
#else
  static void poison(void*, std::size_t) noexcept {}
  static void unpoison(void*, std::size_t) noexcept {}
#endif

  Block* blocks_ = nullptr;
  Free* free_ = nullptr;
  std::size_t unused_ = 0;  // slots of the newest block that were never taken
};

}  // namespace breakwater
