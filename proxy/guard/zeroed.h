// Memory of zeros from the system, which costs nothing before it is used. For tables that are looked at in random
// places: in huge pages where the system has them, since of small ones there are more than the CPU remembers.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace breakwater::proxy {

template <class T>
class Zeroed {
  static_assert(std::is_trivially_copyable_v<T>);  // so zeros are one

 public:
  // Throws std::bad_alloc.
  Zeroed() {
    void* const place =
        ::mmap(nullptr, kMapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    mapped_ = place;
    const std::size_t beyond = reinterpret_cast<std::uintptr_t>(place) % kHugePage;
    void* const aligned = static_cast<std::byte*>(place) + (beyond == 0 ? 0 : kHugePage - beyond);
    ::madvise(aligned, sizeof(T), MADV_HUGEPAGE);  // advice: small pages do as well
    value_ = static_cast<T*>(aligned);
  }
  ~Zeroed() { ::munmap(mapped_, kMapped); }
  Zeroed(const Zeroed&) = delete;
  Zeroed& operator=(const Zeroed&) = delete;

  T* operator->() const noexcept { return value_; }

 private:
  static constexpr std::size_t kHugePage = 2 * 1024 * 1024;
  static constexpr std::size_t kMapped = sizeof(T) + kHugePage;  // address space to align in

  void* mapped_;
  T* value_;
};

}  // namespace breakwater::proxy
