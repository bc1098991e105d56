// What the log says of the guard, and how often.
#include "proxy/serve/guard_log.h"

#include <gtest/gtest.h>

namespace breakwater::proxy {
namespace {

GuardLog::Counts counts(std::uint64_t denied, std::uint64_t address, std::uint64_t queue_full) {
  GuardLog::Counts counts{};
  counts[static_cast<std::size_t>(guard::Reason::Denied)] = denied;
  counts[static_cast<std::size_t>(guard::Reason::Address)] = address;
  counts[static_cast<std::size_t>(guard::Reason::QueueFull)] = queue_full;
  return counts;
}

TEST(GuardLog, IsSilentInPeace) {
  GuardLog log;
  for (std::uint64_t now = 0; now < 100'000; now += 1000) EXPECT_EQ(log.collect(false, counts(0, 0, 0), now), "");
}

TEST(GuardLog, SaysWhenLoadBeginsAndEndsAndSumsUpBetween) {
  GuardLog log;
  EXPECT_EQ(log.collect(true, counts(0, 0, 0), 5'000), "guard: under load: those who have had least come first");
  EXPECT_EQ(log.collect(true, counts(0, 10, 300), 6'000), "");
  EXPECT_EQ(log.collect(true, counts(0, 20, 500), 15'000),
            "guard: under load: those who have had least come first; 520 clients refused: 500 x queue-full, 20 x "
            "address");
  EXPECT_EQ(log.collect(true, counts(0, 20, 500), 40'000), "") << "nothing new";
  EXPECT_EQ(log.collect(false, counts(1, 20, 500), 41'000),
            "guard: no longer under load; 1 client refused: 1 x denied");
  EXPECT_EQ(log.collect(false, counts(1, 20, 500), 60'000), "");
}

TEST(GuardLog, RefusalsInPeaceAreSummedUpToo) {
  GuardLog log;
  EXPECT_EQ(log.collect(false, counts(2, 0, 0), 0), "guard: 2 clients refused: 2 x denied");
  EXPECT_EQ(log.collect(false, counts(5, 0, 0), 9'999), "");
  EXPECT_EQ(log.collect(false, counts(7, 0, 0), 10'000), "guard: 5 clients refused: 5 x denied");
}

TEST(GuardLog, LoadThatIsOverBeforeTheNextLineIsTold) {
  GuardLog log;
  EXPECT_NE(log.collect(false, counts(1, 0, 0), 0), "");
  EXPECT_EQ(log.collect(true, counts(1, 0, 0), 1'000), "");
  EXPECT_EQ(log.collect(false, counts(1, 0, 4), 2'000), "");
  EXPECT_EQ(log.collect(false, counts(1, 0, 4), 10'000),
            "guard: was under load for a moment; 4 clients refused: 4 x queue-full");
  EXPECT_EQ(log.collect(false, counts(1, 0, 4), 20'000), "");
}

}  // namespace
}  // namespace breakwater::proxy
