// Failures by reason, so that an attack becomes one line of log and not a million. One thread writes, another reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace breakwater::proxy {

class FailureTable {
 public:
  static constexpr std::size_t kEntries = 64;

  // Both texts must live as long as the process. Reasons beyond the table's size are counted in its last entry.
  void note(std::string_view what, std::string_view detail) noexcept {
    for (std::size_t i = 0; i + 1 < kEntries; ++i) {
      Entry& entry = entries_[i];
      const std::uint64_t count = entry.count.load(std::memory_order_relaxed);
      if (count == 0) {
        entry.what = what;
        entry.detail = detail;
        entry.count.store(1, std::memory_order_release);  // publishes the texts
        return;
      }
      if (entry.what.data() == what.data() && entry.detail.data() == detail.data()) {
        entry.count.store(count + 1, std::memory_order_relaxed);
        return;
      }
    }
    Entry& rest = entries_[kEntries - 1];
    const std::uint64_t count = rest.count.load(std::memory_order_relaxed);
    if (count == 0) rest.what = "other reasons";
    rest.count.store(count + 1, std::memory_order_release);
  }

  // Calls visit(index, what, detail, count) for every entry in use.
  template <class Visit>
  void read(Visit&& visit) const {
    for (std::size_t i = 0; i < kEntries; ++i) {
      const std::uint64_t count = entries_[i].count.load(std::memory_order_acquire);
      if (count != 0) visit(i, entries_[i].what, entries_[i].detail, count);
    }
  }

 private:
  struct Entry {
    std::string_view what;
    std::string_view detail;
    std::atomic<std::uint64_t> count{0};  // 0: free; never goes back to 0
  };
  std::array<Entry, kEntries> entries_;
};

}  // namespace breakwater::proxy
