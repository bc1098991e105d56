// An object in memory of its own that the kernel hands to a forked child as zeros (MADV_WIPEONFORK, Linux 4.14), so
// that what a process has made for itself alone is never used by two.
#pragma once

#include <sys/mman.h>

#include <new>

#include "core/port/bytes.h"

namespace breakwater {

// T is empty when all its bytes are zero, and its destructor may run on such a one.
template <class T>
class WipedOnFork {
 public:
  // Throws std::bad_alloc when there is no memory.
  WipedOnFork() {
    void* const mapped = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    is_promised_ = madvise(mapped, sizeof(T), MADV_WIPEONFORK) == 0;
    madvise(mapped, sizeof(T), MADV_DONTDUMP);  // keeps secrets out of core files where the kernel can
    object_ = new (mapped) T;
  }
  WipedOnFork(const WipedOnFork&) = delete;
  WipedOnFork& operator=(const WipedOnFork&) = delete;
  ~WipedOnFork() {
    object_->~T();
    wipe(static_cast<void*>(object_), sizeof(T));
    munmap(static_cast<void*>(object_), sizeof(T));
  }

  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }

  // False: this kernel copies the memory to a child as any other.
  bool is_promised() const noexcept { return is_promised_; }

 private:
  T* object_;
  bool is_promised_;
};

}  // namespace breakwater
