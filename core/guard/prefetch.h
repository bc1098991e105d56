// Asks the memory for what will be looked at soon, so that several misses come at the same time.
#pragma once

#include <cstddef>

namespace breakwater::guard {

// All of one set of a table. A function that does nothing but prefetch has no effect as GCC 12 sees it, and calls of it
// are dropped: the empty statement is one.
template <class Set>
void prefetch(const Set& set) noexcept {
  constexpr std::size_t kLine = 64;
  const auto* const bytes = reinterpret_cast<const char*>(&set);
  for (std::size_t at = 0; at < sizeof(Set); at += kLine) __builtin_prefetch(bytes + at);
  asm volatile("");
}

}  // namespace breakwater::guard
