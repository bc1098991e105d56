// Once warm, the library allocates nothing for a handshake or a record: every allocation of the process is counted
// while a call into it runs, those of the C libraries it uses included.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "tests/library/ends.h"

namespace {
std::size_t allocations = 0;  // by the library; this test has one thread

void count() {
  if (breakwater::test::library_depth > 0) ++allocations;
}
}  // namespace

// glibc lets a program put its own functions in front of its allocator; operator new comes this way too.
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* memory, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;

void* malloc(std::size_t size) noexcept {
  count();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  count();
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  count();
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  count();
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}

namespace breakwater::test {
namespace {

class Allocations : public testing::Test {
 protected:
  // One connection of the mix: full and resumed handshakes of both versions, data, closes, noise, giving up half way.
  void run_one(int number) {
    Script script;
    script.seed = static_cast<std::uint64_t>(number);
    script.now_ms = kNow;
    const bool tls13 = number % 2 == 0;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    auto& sessions = tls13 ? sessions13_ : sessions12_;
    const int kind = number / 2 % 10;
    if (kind >= 3 && !sessions.empty()) script.offer.sessions = {sessions.back()};
    if (kind == 1) {
      ServerEnd noise(worker_, *server_);
      noise.give(view_of("\x16\x03\x01\x02"));
      noise.give(view_of("not a hello at all"));
      return;
    }
    if (kind == 2) {
      Client client(script);
      ServerEnd half(worker_, *server_);
      half.give(client.start());
      if (number % 4 == 0) run_all_jobs(worker_);
      return;
    }
    Both both(worker_, *server_, script);
    ASSERT_TRUE(both.client.connected()) << both.client.error();
    ++handshakes_;
    if (!both.client.sessions().empty()) sessions = {both.client.sessions().back()};
    both.server.connection().release_handshake();
    both.server.give(both.client.send(view_of("ping")));
    ASSERT_EQ(to_text(both.server.plaintext()), "ping");
    both.client.receive(both.server.seal(view_of("pong")));
    ASSERT_EQ(to_text(both.client.received()), "pong");
  }

  ServerPtr server_ = server_of(options_for(Keys::Ecdsa));
  Worker worker_{server_};
  std::vector<Session> sessions12_, sessions13_;
  int handshakes_ = 0;
};

// Keeps the compiler from leaving the allocation out.
void use(void* memory) { __asm__ volatile("" : : "r"(memory) : "memory"); }

TEST_F(Allocations, AreSeen) {
  allocations = 0;
  {
    const InLibrary mark;
    use(std::make_unique<int>(1).get());
    use(std::unique_ptr<void, void (*)(void*)>(std::malloc(16), std::free).get());
  }
  use(std::make_unique<int>(1).get());
  EXPECT_EQ(allocations, 2u);
}

TEST_F(Allocations, EndWithTheWarmUp) {
  int number = 0;
  while (number < 100) run_one(number++);
  handshakes_ = 0;
  allocations = 0;
  while (handshakes_ < 10000 && !HasFailure()) {
    server_->rotate_ticket_keys(kNow + static_cast<unsigned>(number) * 10'000);
    run_one(number++);
    ASSERT_EQ(allocations, 0u) << "in connection " << number;
  }
}

}  // namespace
}  // namespace breakwater::test
