// Linking count_allocations.cpp puts it in front of the program's allocator: every allocation, by malloc or by new,
// calls note_allocation(), which the test defines. It must not allocate.
#pragma once

namespace breakwater::test {

void note_allocation() noexcept;

}  // namespace breakwater::test
