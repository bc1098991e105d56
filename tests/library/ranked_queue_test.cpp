// The queue of those who wait for jobs, by rank, beside a model of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "library/src/job_queue.h"

namespace breakwater::test {
namespace {

struct Numbered : QueueLink {
  int number = 0;
  std::size_t rank = 0;
};

int number_of(const QueueLink* link) { return link == nullptr ? -1 : static_cast<const Numbered*>(link)->number; }

TEST(LinkQueue, IsWalkedFromBothEnds) {
  Numbered links[3];
  for (int i = 0; i < 3; ++i) links[i].number = i;
  LinkQueue queue;
  EXPECT_EQ(queue.first(), nullptr);
  EXPECT_EQ(queue.last(), nullptr);
  queue.append(links[0]);
  EXPECT_EQ(queue.last(), &links[0]);
  EXPECT_EQ(queue.next(links[0]), nullptr);
  queue.append(links[1]);
  queue.append(links[2]);
  EXPECT_EQ(queue.last(), &links[2]);
  EXPECT_EQ(queue.next(links[0]), &links[1]);
  EXPECT_EQ(queue.next(links[1]), &links[2]);
  EXPECT_EQ(queue.next(links[2]), nullptr);
  links[2].unlink();
  EXPECT_EQ(queue.last(), &links[1]);
  EXPECT_EQ(queue.next(links[1]), nullptr);
}

TEST(RankedQueue, IsEmptyWithoutLinks) {
  RankedQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.has(1));
  EXPECT_EQ(queue.first(false), nullptr);
  EXPECT_EQ(queue.first(true), nullptr);
  EXPECT_EQ(queue.least(), nullptr);
  EXPECT_EQ(queue.worst(), 0U);
}

TEST(RankedQueue, EveryRankHasItsPlace) {
  Numbered links[kRanks];
  RankedQueue queue;
  for (std::size_t rank = kRanks; rank-- > 0;) {
    links[rank].number = static_cast<int>(rank);
    queue.append(links[rank], rank);
  }
  EXPECT_EQ(queue.worst(), kRanks - 1);
  std::size_t ranks = 0;
  queue.for_each_rank([&](const LinkQueue& one) { EXPECT_EQ(number_of(one.first()), static_cast<int>(ranks++)); });
  EXPECT_EQ(ranks, kRanks);
  for (std::size_t rank = 0; rank < kRanks; ++rank) {
    EXPECT_EQ(number_of(queue.first(rank % 2 == 0)), static_cast<int>(rank));
    links[rank].unlink();
  }
  EXPECT_TRUE(queue.empty());
}

// Joining, leaving from anywhere and moving, in any order.
TEST(RankedQueue, IsInOrderWhateverHappens) {
  std::mt19937 random(4);
  Numbered links[40];
  RankedQueue queue, other;
  std::vector<Numbered*> model, other_model;  // in the order in which they came
  const auto check = [](const RankedQueue& checked, const std::vector<Numbered*>& expected) {
    ASSERT_EQ(checked.empty(), expected.empty());
    for (std::size_t count = 1; count <= expected.size() + 1; ++count) {
      ASSERT_EQ(checked.has(count), count <= expected.size());
    }
    if (expected.empty()) return;
    const auto by_rank = [](const Numbered* one, const Numbered* two) { return one->rank < two->rank; };
    const auto [best, worst] = std::minmax_element(expected.begin(), expected.end(), by_rank);  // first, last of these
    ASSERT_EQ(checked.worst(), (*worst)->rank);
    ASSERT_EQ(number_of(checked.first(false)), (*best)->number);
    const auto newest = std::min_element(expected.rbegin(), expected.rend(), by_rank);
    ASSERT_EQ(number_of(checked.first(true)), (*newest)->number);
    const auto least = std::max_element(expected.begin(), expected.end(), by_rank);
    ASSERT_EQ(number_of(checked.least()), (*least)->number);
  };
  for (int i = 0; i < 40; ++i) links[i].number = i;
  for (int step = 0; step < 20'000; ++step) {
    Numbered& link = links[random() % 40];
    if (link.queued()) {
      link.unlink();
      std::erase(model, &link);
      std::erase(other_model, &link);
    } else {
      const bool here = random() % 2 == 0;
      link.rank = random() % kRanks;
      (here ? queue : other).append(link, link.rank);
      (here ? model : other_model).push_back(&link);
    }
    if (random() % 16 == 0) {
      queue.append_all(other);
      model.insert(model.end(), other_model.begin(), other_model.end());
      other_model.clear();
    }
    check(queue, model);
    check(other, other_model);
    if (HasFatalFailure()) FAIL() << "at step " << step;
  }
}

TEST(JobQueue, KeepsTheDearOnesApart) {
  Numbered cheap, dear;
  cheap.number = 1;
  dear.number = 2;
  JobQueue queue, other;
  EXPECT_TRUE(queue.empty());
  other.dear.append(dear, 3);
  EXPECT_FALSE(other.empty());
  queue.cheap.append(cheap, 5);
  EXPECT_FALSE(queue.empty());
  queue.append_all(other);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(number_of(queue.cheap.least()), 1);
  EXPECT_EQ(number_of(queue.dear.least()), 2);
  EXPECT_EQ(queue.dear.worst(), 3U);
  cheap.unlink();
  EXPECT_FALSE(queue.empty());
  dear.unlink();
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace breakwater::test
