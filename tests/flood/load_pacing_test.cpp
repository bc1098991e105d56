// When connections start: schedules, ramps, back-off; and the lists and buffers behind them.
#include <gtest/gtest.h>

#include "flood/load/back_off.h"
#include "flood/load/record_buffers.h"
#include "flood/load/schedule.h"
#include "flood/load/timed_list.h"

namespace breakwater::flood {
namespace {

TEST(Schedule, EveryStartHasItsTime) {
  Schedule schedule(3);
  schedule.begin(1000);
  for (std::uint64_t k = 0; k < 3'000'000; ++k) {
    if (k % 1'000'000 < 4) {
      EXPECT_NEAR(static_cast<double>(schedule.intended()), 1000 + static_cast<double>(k) / 3 * 1e9, 256) << k;
    }
    schedule.taken();
  }
  // A million seconds later nothing has added up: the start is due to within what a double can say.
  EXPECT_TRUE(schedule.due(1000 + 1'000'000 * kSecond + 256));
  EXPECT_FALSE(schedule.due(1000 + 1'000'000 * kSecond - 256));
}

TEST(Schedule, WhatIsLateIsStillOwed) {
  Schedule schedule(1000);
  schedule.begin(0);
  int started = 0;
  for (; schedule.due(kSecond - 1); ++started) schedule.taken();
  EXPECT_EQ(started, 1000);
}

TEST(Ramp, OwesNoMoreThanTenMilliseconds) {
  Ramp ramp(1000);
  const std::uint64_t now = 100 * kSecond;
  int started = 0;
  for (; ramp.due(now) && started < 100; ++started) ramp.taken(now);
  EXPECT_GE(started, 10);
  EXPECT_LE(started, 12);
  started = 0;
  for (std::uint64_t t = now; t < now + kSecond; t += kMillisecond / 4) {
    for (; ramp.due(t); ++started) ramp.taken(t);
  }
  EXPECT_NEAR(started, 1000, 2);
}

TEST(BackOff, RefusalsSlowAClosedLoopDown) {
  BackOff back_off(64);
  int tries = 0;
  for (std::uint64_t now = kSecond; now < 3 * kSecond; now += kMillisecond / 10) {
    if (!back_off.allows(now, 0)) continue;
    ++tries;
    back_off.connect_failed(now);
  }
  EXPECT_GE(tries, 100);
  EXPECT_LE(tries, 130);
  back_off.connected();
  EXPECT_TRUE(back_off.allows(4 * kSecond, 63));
  back_off.connect_failed(4 * kSecond);
  EXPECT_TRUE(back_off.allows(4 * kSecond, 63)) << "one refusal among successes is no reason";
}

TEST(BackOff, WithoutDescriptorsItGoesOnWithWhatThereIs) {
  BackOff back_off(100);
  const std::uint64_t now = kSecond;
  back_off.out_of_descriptors(now, 50);
  EXPECT_FALSE(back_off.allows(now, 50));
  EXPECT_TRUE(back_off.allows(now, 49)) << "one that ended is replaced";
  EXPECT_EQ(back_off.next(50), 2 * kSecond);
  EXPECT_TRUE(back_off.allows(2 * kSecond, 50)) << "a second later more are tried";
  EXPECT_FALSE(back_off.allows(2 * kSecond, 100));
}

TEST(TimedList, KeepsOrderAndTakesOutAnywhere) {
  TimedList list;
  TimedList other;
  TimedHook hooks[4];
  for (std::uint64_t i = 0; i < 4; ++i) list.push_back(hooks[i], 10 + i);
  TimedList::remove(hooks[1]);
  TimedList::remove(hooks[1]);
  TimedList::remove(hooks[3]);
  list.push_back(hooks[3], 20);
  other.push_back(hooks[0], 5);  // leaves the first list
  EXPECT_EQ(list.next_due(), 12u);
  TimedList::remove(*list.front());
  EXPECT_EQ(list.front(), &hooks[3]);
  TimedList::remove(*list.front());
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.next_due(), ~std::uint64_t{0});
  EXPECT_EQ(other.front(), &hooks[0]);
}

TEST(RecordBuffers, GrowsAndIsUsedAgain) {
  RecordBuffers buffers;
  KeptBytes one;
  KeptBytes two;
  std::vector<std::uint8_t> bytes(RecordBuffers::kLarge, 7);
  buffers.keep(one, ConstBytes(bytes).first(3));
  EXPECT_EQ(one.view().size(), 3u);
  EXPECT_EQ(one.capacity, RecordBuffers::kSmall);
  const std::uint8_t* const small = one.buffer.get();
  buffers.keep(one, bytes);
  EXPECT_EQ(one.view().size(), bytes.size());
  EXPECT_EQ(one.view()[bytes.size() - 1], 7);
  buffers.keep(two, ConstBytes(bytes).first(1));
  EXPECT_EQ(two.buffer.get(), small) << "the small one came back to the pool";
  const std::uint8_t* const large = one.buffer.get();
  buffers.keep(one, {});
  EXPECT_EQ(one.capacity, 0u);
  buffers.keep(two, bytes);
  EXPECT_EQ(two.buffer.get(), large);
  buffers.give_back(two);
}

}  // namespace
}  // namespace breakwater::flood
