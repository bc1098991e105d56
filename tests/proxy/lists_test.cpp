// Lists threaded through elements, and timers made of them.
#include <gtest/gtest.h>

#include <vector>

#include "proxy/reactor/deadline_list.h"
#include "proxy/reactor/intrusive_list.h"
#include "proxy/reactor/slab.h"

namespace breakwater::proxy {
namespace {

struct OtherTag;
struct Element : TimerHook, ListHook<OtherTag> {
  explicit Element(int n) : number(n) {}
  int number;
};
using Timers = DeadlineList<Element>;
using Others = IntrusiveList<Element, OtherTag>;

TEST(IntrusiveList, KeepsOrderAndMovesElements) {
  Element a(1), b(2), c(3);
  Others list, other;
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  list.push_back(a);   // to the end
  other.push_back(b);  // leaves the first list
  std::vector<int> seen;
  while (Element* element = list.pop_front()) seen.push_back(element->number);
  EXPECT_EQ(seen, (std::vector<int>{3, 1}));
  EXPECT_EQ(other.front(), &b);
  list.push_back(a);
  other.move_all_to(list);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(list.pop_front(), &a);
  EXPECT_EQ(list.pop_front(), &b);
  EXPECT_EQ(list.pop_front(), nullptr);
}

TEST(IntrusiveList, ElementsMayLeaveDuringAWalk) {
  Element a(1), b(2), c(3);
  Others list;
  for (Element* element : {&a, &b, &c}) list.push_back(*element);
  std::vector<int> seen;
  list.for_each([&](Element& element) {
    seen.push_back(element.number);
    static_cast<ListHook<OtherTag>&>(element).unlink();
  });
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(list.empty());
}

TEST(DeadlineList, ExpiresInOrderAndOnTime) {
  Element a(1), b(2);
  Timers timers;
  timers.set_duration(100);
  EXPECT_EQ(timers.next_deadline(7777), 7777u);
  timers.arm(a, 1000);
  timers.arm(b, 1050);
  EXPECT_EQ(timers.next_deadline(7777), 1100u);
  EXPECT_EQ(timers.pop_expired(1099), nullptr);
  EXPECT_EQ(timers.pop_expired(1100), &a);
  EXPECT_EQ(timers.pop_expired(1100), nullptr);
  EXPECT_EQ(timers.next_deadline(7777), 1150u);
}

TEST(DeadlineList, RenewingMovesBackAndUnlinkingCancels) {
  Element a(1), b(2);
  Timers timers;
  timers.set_duration(100);
  timers.arm(a, 1000);
  timers.arm(b, 1010);
  timers.arm(a, 1050);
  EXPECT_EQ(timers.oldest(), &b);
  static_cast<TimerHook&>(b).unlink();
  EXPECT_EQ(timers.pop_expired(1149), nullptr);
  EXPECT_EQ(timers.pop_expired(1150), &a);
  EXPECT_TRUE(timers.empty());
}

TEST(DeadlineList, ChangingListsLeavesTheOldOne) {
  Element a(1);
  Timers handshakes, idle;
  handshakes.set_duration(10);
  idle.set_duration(1000);
  handshakes.arm(a, 0);
  idle.arm(a, 5);
  EXPECT_TRUE(handshakes.empty());
  EXPECT_EQ(idle.next_deadline(9999), 1005u);
}

TEST(Slab, ReusesMemory) {
  Slab<Element> slab;
  Element* const first = slab.make(1);
  slab.recycle(first);
  EXPECT_EQ(slab.make(2), first);
  std::vector<Element*> all;
  for (int i = 0; i < 1000; ++i) all.push_back(slab.make(i));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)]->number, i);
}

}  // namespace
}  // namespace breakwater::proxy
