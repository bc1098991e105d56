// The driver in this process, against sockets of the test's own: what the whole program's tests (test_load_*.py) cannot
// see from outside.
#include "flood/load/run.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "flood/load/sources.h"

namespace breakwater::flood {
namespace {

constexpr auto nothing_each_second = [](double, const std::vector<Tally>&) {};

// A listener that accepts connections (the kernel does) and never reads.
class Silent {
 public:
  Silent() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd_, 128), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Silent() { close(fd_); }
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

Plan plan_for(std::uint16_t port, Mode mode) {
  Plan plan;
  plan.port = port;
  plan.address.bytes[0] = 127;
  plan.address.bytes[3] = 1;
  Load load;
  load.mode = mode;
  load.connections = 8;
  load.duration_s = 5;
  plan.loads.push_back(load);
  return plan;
}

TEST(Run, TheStopFlagEndsItWithinFiftyMilliseconds) {
  const Silent server;
  for (const Wait wait : {Wait::Spin, Wait::Sleep}) {
    Plan plan = plan_for(server.port(), Mode::Full);
    plan.wait = wait;
    RunResult result;
    // On a busy machine the program may not even run for so long: the best of some tries counts.
    auto took = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 5 && took >= std::chrono::milliseconds(50); ++i) {
      std::atomic<bool> stop = false;
      std::chrono::steady_clock::time_point told;
      std::thread teller([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        told = std::chrono::steady_clock::now();
        stop = true;
      });
      result = run(plan, stop, nothing_each_second);
      teller.join();
      took = std::min(took, std::chrono::steady_clock::now() - told);
    }
    EXPECT_LT(took, std::chrono::milliseconds(50));
    EXPECT_TRUE(result.interrupted);
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(result.loads[0].started, 8u);
    EXPECT_EQ(result.loads[0].unfinished, 8u);
    EXPECT_EQ(result.loads[0].succeeded + result.loads[0].failed, 0u);
  }
}

TEST(Run, AServerThatNeverAnswersIsATimeout) {
  const Silent server;
  Plan plan = plan_for(server.port(), Mode::Full);
  plan.loads[0].timeout_s = 0.1;
  plan.loads[0].count = 24;
  const std::atomic<bool> stop = false;
  const RunResult result = run(plan, stop, nothing_each_second);
  EXPECT_EQ(result.loads[0].failures[static_cast<std::size_t>(Failure::HandshakeTimeout)], 24u);
  EXPECT_EQ(result.loads[0].started, 24u);
  EXPECT_NEAR(result.duration_s, 0.3, 0.2);
  EXPECT_FALSE(result.interrupted);
}

TEST(Run, WhatIsHeldCountsThroughTheWarmUp) {
  const Silent server;
  Plan plan = plan_for(server.port(), Mode::Stall);
  plan.loads[0].duration_s = 1.3;
  plan.loads[0].warmup_s = 0.2;
  const std::atomic<bool> stop = false;
  int seconds = 0;
  std::uint64_t open = 0;
  const RunResult result = run(plan, stop, [&](double, const std::vector<Tally>& tallies) {
    ++seconds;
    open = tallies[0].open;
  });
  EXPECT_EQ(result.loads[0].succeeded, 8u);
  EXPECT_EQ(result.loads[0].started, 8u);
  EXPECT_EQ(result.loads[0].held_max, 8u);
  EXPECT_EQ(result.loads[0].held, 0u);
  EXPECT_NEAR(result.loads[0].measured_s, 1.1, 0.1);
  EXPECT_EQ(result.loads[0].seconds.size(), 1u);
  EXPECT_EQ(seconds, 1);
  EXPECT_EQ(open, 8u);
  EXPECT_LT(result.generator.busy_s, 0.5) << "it sleeps while it holds";
}

TEST(Run, LoadsBeginAndEndOnTheirOwn) {
  const Silent server;
  Plan plan = plan_for(server.port(), Mode::Stall);
  plan.loads.push_back(plan.loads[0]);
  plan.loads[0].duration_s = 0.3;
  plan.loads[1].start_s = 0.2;
  plan.loads[1].duration_s = 0.4;
  const std::atomic<bool> stop = false;
  const RunResult result = run(plan, stop, nothing_each_second);
  EXPECT_NEAR(result.loads[0].measured_s, 0.3, 0.1);
  EXPECT_NEAR(result.loads[1].measured_s, 0.4, 0.1);
  EXPECT_NEAR(result.duration_s, 0.6, 0.1);
  EXPECT_EQ(result.loads[1].succeeded, 8u);
}

TEST(Run, ASourceThatIsNotOursIsSaidAtOnce) {
  const Silent server;
  Plan plan = plan_for(server.port(), Mode::Full);
  SourceRange range;
  range.first.bytes[0] = 203;  // 203.0.113.7, for documentation only (RFC 5737)
  range.first.bytes[2] = 113;
  range.first.bytes[3] = 7;
  plan.loads[0].sources.push_back(range);
  const std::atomic<bool> stop = false;
  const RunResult result = run(plan, stop, nothing_each_second);
  EXPECT_NE(result.error.find("203.0.113.7 is not an address of this machine"), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("ip addr add 203.0.113.7/32 dev lo"), std::string::npos) << result.error;
  EXPECT_EQ(result.loads[0].started, 0u);
}

TEST(Run, ACpuThatIsNotThereIsSaidAtOnce) {
  Plan plan = plan_for(1, Mode::Full);
  plan.cpu = 1023;
  const std::atomic<bool> stop = false;
  const RunResult result = run(plan, stop, nothing_each_second);
  EXPECT_NE(result.error.find("cannot run on CPU 1023"), std::string::npos) << result.error;
}

TEST(Sources, LoopbackIsLocalAndDocumentationIsNot) {
  Address address;
  address.bytes[0] = 127;
  address.bytes[1] = 9;
  address.bytes[3] = 200;
  EXPECT_TRUE(is_local(address));
  address.bytes[0] = 203;
  address.bytes[1] = 0;
  address.bytes[2] = 113;
  EXPECT_FALSE(is_local(address));
  Address v6;
  v6.is_v6 = true;
  v6.bytes[0] = 0x20;  // 2001:db8::1
  v6.bytes[1] = 0x01;
  v6.bytes[2] = 0x0d;
  v6.bytes[3] = 0xb8;
  v6.bytes[15] = 1;
  EXPECT_FALSE(is_local(v6));
}

}  // namespace
}  // namespace breakwater::flood
