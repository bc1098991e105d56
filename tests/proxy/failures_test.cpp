// Counting failures, and telling about them without flooding the log.
#include <gtest/gtest.h>

#include "proxy/reactor/failure_table.h"
#include "proxy/serve/failure_summary.h"

namespace breakwater::proxy {
namespace {

TEST(FailureSummary, TellsTheFirstAtOnceAndSumsUpAfterwards) {
  FailureTable one, two;
  FailureSummary summary;
  EXPECT_FALSE(summary.collect({&one, &two}, 5));
  one.note("bad record", "decode_error");
  EXPECT_EQ(summary.collect({&one, &two}, 1000)->sentence, "1 connection failed: 1 x bad record (decode_error)");
  for (int i = 0; i < 1000; ++i) one.note("bad record", "decode_error");
  for (int i = 0; i < 2000; ++i) two.note("no suite", "");
  two.note("bad record", "decode_error");
  EXPECT_FALSE(summary.collect({&one, &two}, 2000));
  const auto sums = summary.collect({&one, &two}, 11'000);
  ASSERT_TRUE(sums);
  EXPECT_EQ(sums->sentence, "3001 connections failed: 2000 x no suite, 1001 x bad record (decode_error)");
  EXPECT_EQ(sums->name, "failures");
  EXPECT_EQ(sums->facts, R"({"failed":3001,"reasons":[{"reason":"no suite","detail":"","count":2000},)"
                         R"({"reason":"bad record","detail":"decode_error","count":1001}]})");
  EXPECT_FALSE(summary.collect({&one, &two}, 60'000));
  two.note("no suite", "");
  EXPECT_EQ(summary.collect({&one, &two}, 61'000)->sentence, "1 connection failed: 1 x no suite");
}

TEST(FailureTable, ManyReasonsEndInOne) {
  static const char kNames[100][2] = {};
  FailureTable table;
  for (const auto& name : kNames) table.note({name, 1}, "");
  std::uint64_t sum = 0;
  std::size_t entries = 0;
  table.read([&](std::size_t, std::string_view, std::string_view, std::uint64_t count) {
    sum += count;
    ++entries;
  });
  EXPECT_EQ(sum, 100u);
  EXPECT_EQ(entries, FailureTable::kEntries);
}

}  // namespace
}  // namespace breakwater::proxy
