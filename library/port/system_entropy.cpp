#include "library/port/system_entropy.h"

#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace breakwater {
namespace {

void read_kernel(MutableBytes out) noexcept {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got > 0) {
      out = out.subspan(static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      std::fprintf(stderr, "breakwater: the kernel gives no randomness: getrandom: %s\n", std::strerror(errno));
      std::abort();
    }
  }
}

// Random bytes read ahead for one thread. They and their count lie together in one page that the kernel hands to a
// forked child as zeros (MADV_WIPEONFORK, Linux 4.14), so a child sees a count of zero and reads its own.
class ReadAhead {
 public:
  ReadAhead() noexcept {
    void* const mapped = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return;
    if (madvise(mapped, sizeof(Page), MADV_WIPEONFORK) != 0) {
      munmap(mapped, sizeof(Page));  // without that promise reading ahead is unsafe: ask the kernel every time
      return;
    }
    madvise(mapped, sizeof(Page), MADV_DONTDUMP);  // keeps future keys out of core files where the kernel can
    page_ = static_cast<Page*>(mapped);
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() {
    if (page_ == nullptr) return;
    wipe(page_, sizeof(Page));
    munmap(page_, sizeof(Page));
    page_ = nullptr;
  }

  void fill(MutableBytes out) noexcept {
    if (page_ == nullptr || out.size() > sizeof page_->bytes) return read_kernel(out);
    while (!out.empty()) {
      if (page_->unused == 0) {
        read_kernel(page_->bytes);
        page_->unused = sizeof page_->bytes;
      }
      const std::size_t size = std::min(out.size(), page_->unused);
      std::uint8_t* const taken = page_->bytes + (page_->unused - size);
      memcpy(out.data(), taken, size);
      wipe(taken, size);
      page_->unused -= size;
      out = out.subspan(size);
    }
  }

 private:
  struct Page {
    std::size_t unused;  // the first `unused` bytes have not been handed out
    std::uint8_t bytes[4096 - sizeof(std::size_t)];
  };
  static_assert(sizeof(Page) == 4096);

  Page* page_ = nullptr;
};

void fill_from_thread(void*, MutableBytes out) noexcept {
  static thread_local ReadAhead read_ahead;
  read_ahead.fill(out);
}

}  // namespace

Entropy system_entropy() noexcept { return {fill_from_thread, nullptr}; }

}  // namespace breakwater
