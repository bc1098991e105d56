#include "library/port/system_entropy.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <vector>

namespace breakwater {
namespace {

using Block = std::array<std::uint8_t, 32>;

Block draw() {
  Block block{};
  system_entropy().fill(block);
  return block;
}

TEST(SystemEntropyTest, no_block_comes_twice) {
  std::set<Block> seen;
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(seen.insert(draw()).second) << i;
}

TEST(SystemEntropyTest, fills_every_byte_of_any_size) {
  for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 3, 31, 32, 1000, 4087, 4088, 4089, 10'000}) {
    std::vector<std::uint8_t> ever_set(size + 2);
    std::vector<std::uint8_t> bytes(size + 2);
    for (int round = 0; round < 8; ++round) {  // a byte stays zero eight times with probability 2^-64
      system_entropy().fill(MutableBytes(bytes).subspan(1, size));
      for (std::size_t i = 0; i < bytes.size(); ++i) ever_set[i] = static_cast<std::uint8_t>(ever_set[i] | bytes[i]);
    }
    EXPECT_EQ(ever_set.front(), 0);
    EXPECT_EQ(ever_set.back(), 0);
    EXPECT_EQ(std::count(ever_set.begin() + 1, ever_set.end() - 1, 0), 0) << size;
  }
}

TEST(SystemEntropyTest, bits_are_balanced) {
  std::vector<std::uint8_t> bytes(100'000);
  for (std::size_t i = 0; i < bytes.size(); i += 50) system_entropy().fill(MutableBytes(bytes).subspan(i, 50));
  std::size_t ones = 0;
  for (const std::uint8_t byte : bytes) ones += static_cast<std::size_t>(__builtin_popcount(byte));
  EXPECT_NEAR(static_cast<double>(ones), 400'000.0, 10 * 447.2);  // ten standard deviations of 800,000 fair bits
}

TEST(SystemEntropyTest, a_forked_child_does_not_repeat_its_parent) {
  draw();  // so that there is something read ahead to inherit
  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Block block = draw();
    const bool sent = write(channel[1], block.data(), block.size()) == static_cast<ssize_t>(block.size());
    _exit(sent ? 0 : 1);
  }
  const Block parents = draw();
  Block childs{};
  EXPECT_EQ(read(channel[0], childs.data(), childs.size()), static_cast<ssize_t>(childs.size()));
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(parents, childs);
  EXPECT_NE(childs, Block{});
  close(channel[0]);
  close(channel[1]);
}

TEST(SystemEntropyTest, threads_draw_different_bytes) {
  std::vector<std::vector<Block>> drawn(4);
  std::vector<std::thread> threads;
  for (auto& blocks : drawn) {
    threads.emplace_back([&blocks] {
      for (int i = 0; i < 1000; ++i) blocks.push_back(draw());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<Block> seen;
  for (const auto& blocks : drawn) {
    for (const Block& block : blocks) EXPECT_TRUE(seen.insert(block).second);
  }
}

}  // namespace
}  // namespace breakwater
