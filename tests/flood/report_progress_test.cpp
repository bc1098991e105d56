// The line of progress.
#include "flood/report/progress.h"

#include <gtest/gtest.h>

#include "tests/flood/report_support.h"

namespace breakwater::flood {
namespace {

// What was written to a file so far.
std::string content(std::FILE* file) {
  std::fflush(file);
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
  return text;
}

std::vector<Tally> one(std::uint64_t succeeded, std::uint64_t failed) {
  std::vector<Tally> tallies(1);
  tallies[0].succeeded = succeeded;
  tallies[0].failed = failed;
  tallies[0].open = 64;
  tallies[0].seconds = {{1, succeeded, failed, 1200, 3400}};
  return tallies;
}

TEST(Progress, SaysWhatWasDoneInTheLastSecond) {
  const Plan plan = sample_plan();
  Progress progress(plan, stderr, false, 80);
  EXPECT_EQ(progress.line(1, one(16000, 0)), "  1 s  16000/s  ok 16000  failed 0  p50 1.20 ms  p99 3.40 ms  open 64");
  EXPECT_EQ(progress.line(2, one(16500, 2)), "  2 s  500/s  ok 16500  failed 2  p50 1.20 ms  p99 3.40 ms  open 64");
  EXPECT_EQ(progress.line(4, one(16501, 2)), "  4 s  0/s  ok 16501  failed 2  p50 1.20 ms  p99 3.40 ms  open 64");
  EXPECT_EQ(progress.line(4, one(16501, 2)).find("inf"), std::string::npos);
}

TEST(Progress, OfAMixHasASegmentForEachLoad) {
  Plan plan = sample_plan();
  plan.loads.resize(3);
  plan.loads[0].warmup_s = 2;
  plan.loads[1].name = "held";
  plan.loads[1].mode = Mode::Stall;
  plan.loads[2].name = "late";
  plan.loads[2].start_s = 5;
  plan.loads[2].mode = Mode::Renegotiate;
  std::vector<Tally> tallies(3);
  tallies[1].open = 500;
  tallies[2].renegotiations = 90;
  Progress progress(plan, stderr, false, 80);
  EXPECT_EQ(progress.line(1, tallies),
            "  1 s  full: warm-up  0/s  ok 0  failed 0  open 0 | held: failed 0  open 500 | late: begins at 5 s");
  EXPECT_EQ(progress.line(6, tallies),
            "  6 s  full: 0/s  ok 0  failed 0  open 0 | held: failed 0  open 500 | late: 18/s  renegotiated 90  failed "
            "0  open 0");
}

TEST(Progress, ALoadThatIsOverSaysSo) {
  Plan plan = sample_plan();
  plan.loads[0].start_s = 1;
  plan.loads[0].duration_s = 3;
  Progress progress(plan, stderr, false, 80);
  std::vector<Tally> tallies = one(100, 5);
  EXPECT_NE(progress.line(5, tallies).find("/s"), std::string::npos);  // its last connections are still open
  tallies[0].open = 0;
  EXPECT_EQ(progress.line(6, tallies), "  6 s  done  ok 100  failed 5");
}

TEST(Progress, IsLinesInAFile) {
  const Plan plan = sample_plan();
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  Progress progress(plan, file);  // finds out by itself that this is no terminal
  progress.update(1, one(10, 0));
  progress.update(2, one(30, 0));
  progress.finish();
  const std::string text = content(file);
  EXPECT_EQ(text,
            "  1 s  10/s  ok 10  failed 0  p50 1.20 ms  p99 3.40 ms  open 64\n"
            "  2 s  20/s  ok 30  failed 0  p50 1.20 ms  p99 3.40 ms  open 64\n");
  std::fclose(file);
}

TEST(Progress, IsOneLineOnATerminalAndGoesAway) {
  const Plan plan = sample_plan();
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  Progress progress(plan, file, true, 21);
  progress.update(1, one(10, 0));
  progress.update(2, one(30, 0));
  progress.finish();
  EXPECT_EQ(content(file), "\r  1 s  10/s  ok 10  \x1b[K\r  2 s  20/s  ok 30  \x1b[K\r\x1b[K");
  std::fclose(file);
}

TEST(Progress, ATerminalsLineIsCutBetweenCharacters) {
  Plan plan = sample_plan();
  plan.loads.resize(2);
  plan.loads[0].name = "µµµµ";
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  Progress progress(plan, file, true, 11);
  progress.update(1, std::vector<Tally>(2));
  EXPECT_EQ(content(file), "\r  1 s  µµµ\x1b[K");
  std::fclose(file);
}

}  // namespace
}  // namespace breakwater::flood
