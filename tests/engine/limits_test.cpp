// Bounds: memory per connection, no allocation in the engine, keys that do not outlive their limit.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "core/batch/executor.h"
#include "library/port/initialise.h"
#include "tests/support/exchange.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BREAKWATER_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define BREAKWATER_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef BREAKWATER_COUNTS_ALLOCATIONS
#define BREAKWATER_COUNTS_ALLOCATIONS 1
#endif

namespace {

thread_local bool counting = false;
std::atomic<std::size_t> allocations{0};

}  // namespace

#if BREAKWATER_COUNTS_ALLOCATIONS
// In place of the C library's own, which operator new ends in as well.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  if (counting) ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  if (counting) ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  if (counting) ++allocations;
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  if (counting) ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  if (counting) ++allocations;
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? 12 : 0;
}
}
#endif

namespace breakwater::test {
namespace {

TEST(Sizes, OfConnectionAndHandshake) {
  std::printf("sizeof(Connection) = %zu, sizeof(Handshake) = %zu\n", sizeof(tls::Connection), sizeof(tls::Handshake));
  EXPECT_LE(sizeof(tls::Connection), 768U);
  EXPECT_LE(sizeof(tls::Connection) + sizeof(tls::Handshake), 2048U);
}

// Deterministic and without allocation: the same handshake again and again, so that recorded flights fit.
struct CountingEntropy {
  std::uint64_t state = 0;

  static void fill(void* context, MutableBytes out) noexcept {
    auto& state = static_cast<CountingEntropy*>(context)->state;
    for (std::uint8_t& byte : out) {
      state += 0x9E3779B97F4A7C15;
      std::uint64_t mixed = state;
      mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
      mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
      byte = static_cast<std::uint8_t>(mixed >> 56);
    }
  }
};

class BareServer {
 public:
  explicit BareServer(const ServerSetup& setup) : setup_(setup), output_(tls::max_flight_size(setup.configuration)) {
    port::initialise();
    worker_.ticket_keys = &setup.ring;
    worker_.entropy = {CountingEntropy::fill, &entropy_};
    worker_.keys = &keys_;
  }

  void start() {
    entropy_.state = 1;
    output_size_ = 0;
    done_ = false;
    connection_.start(setup_.configuration, handshake_);
  }

  // Takes a flight, runs the jobs, leaves what is to be sent in output(). False when the connection failed.
  bool feed(MutableBytes flight) {
    output_size_ = 0;
    while (true) {
      tls::Output output{output_, output_size_};
      tls::Result result = connection_.receive(worker_, kTestTime, {&flight, 1}, output);
      flight = flight.subspan(result.consumed);
      output_size_ = output.size;
      if (result.event == tls::Event::WantJobs) {
        for (batch::Job& job : connection_.jobs(signature_room_)) batch::run(job, worker_.entropy);
        result = connection_.resume(worker_, kTestTime, output);
        output_size_ = output.size;
        if (result.event == tls::Event::WantInput || result.event == tls::Event::WantJobs) continue;
      }
      if (result.event == tls::Event::Failed) return false;
      if (result.event == tls::Event::HandshakeDone) done_ = true;
      if (result.event == tls::Event::WantInput) return true;
    }
  }

  bool seal_and_close() {
    std::array<std::uint8_t, 256> buffer{};
    const bool sealed = connection_.seal(worker_, buffer, tls::kHeadRoom, 100).size != 0;
    tls::Output output{output_, 0};
    connection_.close(worker_, output);
    return sealed && output.size != 0;
  }
  void finish() { connection_.finish(worker_); }

  View output() const { return View(output_).first(output_size_); }
  bool done() const { return done_; }

 private:
  const ServerSetup& setup_;
  Bytes output_;
  std::size_t output_size_ = 0;
  CountingEntropy entropy_;
  tls::ExpandedKeys keys_;
  tls::Worker worker_;
  tls::Connection connection_;
  tls::Handshake handshake_;
  std::array<std::uint8_t, batch::kMaxSignatureSize> signature_room_{};
  bool done_ = false;
};

void expect_no_allocations(Script script, int handshakes, bool resumed = false) {
  ServerSetup setup({HostSpec{{{&ecdsa_identity(), {}, {}}}, {"ecdsa.example"}, {"h2"}}});
  auto server = std::make_unique<BareServer>(setup);
  Client client(std::move(script));
  std::vector<Bytes> flights{client.start()};
  server->start();
  while (true) {
    Bytes copy = flights.back();  // decrypted in place
    ASSERT_TRUE(server->feed(copy));
    Bytes next = client.receive(server->output());
    if (next.empty()) break;
    flights.push_back(std::move(next));
  }
  flights.push_back(client.send(view_of("a request")));
  ASSERT_TRUE(client.connected() && server->done()) << client.error();
  ASSERT_EQ(client.facts().resumed, resumed);
  server->finish();

  std::vector<Bytes> copies = flights;
  allocations = 0;
  for (int i = 0; i < handshakes; ++i) {
    for (std::size_t j = 0; j < flights.size(); ++j) std::copy(flights[j].begin(), flights[j].end(), copies[j].begin());
    counting = true;
    server->start();
    bool good = true;
    for (Bytes& copy : copies) good = good && server->feed(copy);
    good = good && server->done() && server->seal_and_close();
    server->finish();
    counting = false;
    ASSERT_TRUE(good) << "handshake " << i;
  }
  EXPECT_EQ(allocations.load(), 0U);
}

TEST(Allocations, CounterCounts) {
#if !BREAKWATER_COUNTS_ALLOCATIONS
  GTEST_SKIP() << "a sanitizer owns the allocator";
#endif
  allocations = 0;
  counting = true;
  std::unique_ptr<int> one(new int(1));
  void* two = std::malloc(10);
  counting = false;
  EXPECT_EQ(allocations.load(), 2U);
  EXPECT_EQ(*one, 1);
  std::free(two);
}

TEST(Allocations, NoneInTls13) {
  Script script;
  script.offer = Offer::browser();
  expect_no_allocations(script, 10'000);
}

TEST(Allocations, NoneInTls13WithRetry) {
  Script script;
  script.offer = Offer::tls13_only();
  script.offer.shares.clear();
  expect_no_allocations(script, 1'000);
}

TEST(Allocations, NoneInTls12) {
  Script script;
  script.offer = Offer::tls12_only();
  expect_no_allocations(script, 1'000);
}

TEST(Allocations, NoneInResumption) {
  for (const bool tls13 : {true, false}) {
    ServerSetup setup({HostSpec{{{&ecdsa_identity(), {}, {}}}, {"ecdsa.example"}, {"h2"}}});
    Script script;
    script.offer = tls13 ? Offer::tls13_only() : Offer::tls12_only();
    Connected first(setup, script);
    ASSERT_EQ(first.error, "");
    script.offer.sessions = {first.client.sessions().front()};
    expect_no_allocations(script, 1'000, true);
  }
}

TEST(KeyLimits, OwnKeyUpdate) {  // RFC 8446 5.5
  ServerSetup setup;
  setup.configuration.key_update_after = 10;
  setup.configuration.tickets = false;
  Script script;
  script.offer = Offer::tls13_only();
  Connected connected(setup, script);
  ASSERT_EQ(connected.error, "");
  for (int i = 0; i < 100; ++i) {
    const Bytes answer = connected.client.receive(connected.server.send(view_of("data")));
    ASSERT_EQ(connected.client.error(), "") << i;
    if (!answer.empty()) connected.server.feed(answer);
  }
  EXPECT_EQ(connected.client.received().size(), 400U);
  EXPECT_GE(connected.client.facts().key_updates, 8U);
  EXPECT_LE(connected.client.facts().key_updates, 11U);
  EXPECT_FALSE(connected.server.failed());
}

TEST(KeyLimits, AsksAPeerThatSendsForTooLong) {
  ServerSetup setup;
  setup.configuration.key_update_after = 10;
  Script script;
  script.offer = Offer::tls13_only();
  Connected connected(setup, script);
  ASSERT_EQ(connected.error, "");
  for (int i = 0; i < 30; ++i) connected.server.feed(connected.client.send(view_of("data")));
  const Bytes answer = connected.client.receive(connected.server.send(view_of("data")));
  EXPECT_EQ(connected.client.facts().key_updates, 1U);
  EXPECT_FALSE(answer.empty());  // the client was asked for new keys
  connected.server.feed(answer);
  EXPECT_EQ(echo(connected.client, connected.server), "");
}

TEST(KeyLimits, AsksHoweverTheRecordsFall) {  // whatever the record at the limit itself is
  ServerSetup setup;
  setup.configuration.key_update_after = 10;
  Script script;
  script.offer = Offer::tls13_only();
  Connected connected(setup, script);
  ASSERT_EQ(connected.error, "");
  for (int i = 0; i < 30; ++i) connected.server.feed(connected.client.send(i == 9 ? View{} : view_of("data")));
  connected.client.receive(connected.server.send(view_of("data")));
  EXPECT_EQ(connected.client.facts().key_updates, 1U);
}

TEST(KeyLimits, Tls12HasNoKeyUpdate) {
  ServerSetup setup;
  setup.configuration.key_update_after = 3;
  Script script;
  script.offer = Offer::tls12_only();
  Connected connected(setup, script);
  ASSERT_EQ(connected.error, "");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(echo(connected.client, connected.server, 10), "");
}

TEST(Output, FitsTheFlightSizePromised) {  // EngineServer offers max_flight_size() bytes and no more
  ServerSetup setup;
  setup.configuration.tickets_per_handshake = 8;
  for (const std::uint16_t limit : std::vector<std::uint16_t>{64, 100, 16385}) {
    Script script;
    script.offer = Offer::tls13_only();
    script.offer.record_size_limit = limit;
    Connected connected(setup, script);
    EXPECT_EQ(connected.error, "") << limit;
    EXPECT_LE(connected.server.largest_send(), tls::max_flight_size(setup.configuration));
    EXPECT_EQ(connected.client.sessions().size(), 8U);
  }
}

}  // namespace
}  // namespace breakwater::test
