// Once warm, the library allocates nothing for a handshake or a record: every allocation of the process is counted
// while a call into it runs, those of the C libraries it uses included.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "tests/library/ends.h"
#include "tests/support/count_allocations.h"

namespace {
std::size_t allocations = 0;  // by the library; this test has one thread
}  // namespace

void breakwater::test::note_allocation() noexcept {
  if (library_depth > 0) ++allocations;
}

namespace breakwater::test {
namespace {

class Allocations : public testing::TestWithParam<Keys> {
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

  void prepare() {
    const InLibrary mark;
    worker_.prepare();
  }

  ServerPtr server_ = server_of(options_for(GetParam()));
  Worker worker_{server_};
  std::vector<Session> sessions12_, sessions13_;
  int handshakes_ = 0;
};

// Keeps the compiler from leaving the allocation out.
void use(void* memory) { __asm__ volatile("" : : "r"(memory) : "memory"); }

INSTANTIATE_TEST_SUITE_P(Keys, Allocations, testing::Values(Keys::Ecdsa, Keys::Rsa),
                         [](const auto& tested) { return tested.param == Keys::Ecdsa ? "Ecdsa" : "Rsa"; });

TEST(AllocationCounter, SeesThem) {
  allocations = 0;
  {
    const InLibrary mark;
    use(std::make_unique<int>(1).get());
    use(std::unique_ptr<void, void (*)(void*)>(std::malloc(16), std::free).get());
  }
  use(std::make_unique<int>(1).get());
  EXPECT_EQ(allocations, 2u);
}

TEST_P(Allocations, EndWithTheWarmUp) {
  int number = 0;
  while (number < 100) run_one(number++);
  handshakes_ = 0;
  allocations = 0;
  while (handshakes_ < 10000 && !HasFailure()) {
    if (number % 3 == 0) prepare();
    server_->rotate_ticket_keys(kNow + static_cast<unsigned>(number) * 10'000);
    run_one(number++);
    ASSERT_EQ(allocations, 0u) << "in connection " << number;
  }
}

}  // namespace
}  // namespace breakwater::test
