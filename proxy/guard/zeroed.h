// Memory of zeros from the system, which costs nothing before it is used: for tables that are mostly empty in peace.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <span>

namespace breakwater::proxy {

template <class T>
class Zeroed {
 public:
  // Throws std::bad_alloc.
  explicit Zeroed(std::size_t count) : size_(count) {
    void* const place =
        ::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    first_ = static_cast<T*>(place);
  }
  ~Zeroed() { ::munmap(first_, size_ * sizeof(T)); }
  Zeroed(const Zeroed&) = delete;
  Zeroed& operator=(const Zeroed&) = delete;

  std::span<T> all() noexcept { return {first_, size_}; }

 private:
  T* first_;
  std::size_t size_;
};

}  // namespace breakwater::proxy
