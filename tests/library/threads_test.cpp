// Workers of several threads on one server while its ticket keys rotate and the server is replaced.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/library/ends.h"

namespace breakwater::test {
namespace {

constexpr int kThreads = 4;
constexpr std::uint64_t kRotation = 1200'000;
constexpr std::uint64_t kLifetime = 3600'000;

class Threads : public testing::Test {
 protected:
  static ServerOptions settings() {
    ServerOptions options = options_for(Keys::Ecdsa);
    options.ticket_lifetime_s = kLifetime / 1000;
    options.ticket_rotation_s = kRotation / 1000;
    return options;
  }

  static Script script_at(std::uint64_t now, std::uint64_t seed, bool tls13) {
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    script.now_ms = now;
    script.seed = seed;
    return script;
  }

  // Takes a ticket from one connection to the next; every one that is not too old must resume.
  void work(Worker& worker, std::uint64_t thread) {
    std::optional<Session> session;
    bool tls13 = thread % 2 == 0;
    for (std::uint64_t i = 0; !stop_; ++i) {
      const ServerPtr server = current();
      worker.use(server);
      const std::uint64_t now = clock_;
      Script script = script_at(now, thread << 32 | i, tls13);
      if (session) script.offer.sessions = {*session};
      Both both(worker, *server, script);
      ASSERT_TRUE(both.client.connected()) << both.client.error();
      if (session) {
        ++attempts_;
        if (both.client.facts().resumed) ++resumed_;
      }
      session.reset();
      if (i % 8 != 0 && !both.client.sessions().empty()) session = both.client.sessions().back();
      if (!session) tls13 = !tls13;
      ++handshakes_;
    }
  }

  ServerPtr current() {
    const std::lock_guard lock(mutex_);
    return server_;
  }

  std::mutex mutex_;
  ServerPtr server_ = server_of(settings());
  std::atomic<std::uint64_t> clock_{kNow};
  std::atomic<bool> stop_{false};
  std::atomic<int> handshakes_{0}, attempts_{0}, resumed_{0};
};

TEST_F(Threads, ResumeEachOthersSessionsThroughRotationsAndReloads) {
  server_->rotate_ticket_keys(kNow);
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < kThreads; ++i) {
    workers.push_back(std::make_unique<Worker>(server_));
    threads.emplace_back([this, i, worker = workers.back().get()] { work(*worker, i); });
  }
  // The clock goes on by a third of an interval with every few handshakes: a ticket of the connection before is never
  // as old as a lifetime, yet keys come and go all the time.
  int seen = 0;
  for (int step = 0; step < 60 && !HasFailure(); ++step) {
    while (handshakes_ < seen + kThreads && !HasFailure()) std::this_thread::yield();
    seen = handshakes_;
    clock_ += kRotation / 12;
    current()->rotate_ticket_keys(clock_);
    if (step % 10 == 9) {
      ServerPtr next = server_of(settings(), current().get());
      const std::lock_guard lock(mutex_);
      server_ = std::move(next);
    }
  }
  stop_ = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(attempts_, 100);
  EXPECT_EQ(attempts_, resumed_);
}

TEST_F(Threads, ShareOneKeyLogAndOneSetOfKeys) {
  std::mutex mutex;
  std::size_t lines = 0;
  ServerOptions options = options_for(Keys::Both);
  options.key_log = [&](std::string_view) {
    const std::lock_guard lock(mutex);
    ++lines;
  };
  const ServerPtr server = server_of(options);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Worker worker(server);
      for (std::uint64_t k = 0; k < 10; ++k) {
        Script script = script_at(kNow, i * 100 + k, k % 2 == 0);
        if (k % 3 == 0) script.offer.schemes = {0x0804};  // RSA: libcrypto signs on all threads at once
        Both both(worker, *server, script);
        ASSERT_TRUE(both.client.connected()) << both.client.error();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // At least one for each TLS 1.2 connection and four for each TLS 1.3 connection.
  EXPECT_GE(lines, kThreads * 25u);
}

}  // namespace
}  // namespace breakwater::test
