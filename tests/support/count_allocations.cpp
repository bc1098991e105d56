#include "tests/support/count_allocations.h"

#include <cerrno>
#include <cstddef>

// glibc lets a program put its own functions in front of its allocator; operator new comes this way too.
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* memory, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;

void* malloc(std::size_t size) noexcept {
  breakwater::test::note_allocation();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  breakwater::test::note_allocation();
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  breakwater::test::note_allocation();
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  breakwater::test::note_allocation();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  breakwater::test::note_allocation();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  breakwater::test::note_allocation();
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}
