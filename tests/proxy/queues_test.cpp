// Chunks, and the queues of received bytes and of bytes to send.
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "proxy/connection/input_queue.h"
#include "proxy/connection/output_queue.h"
#include "proxy/reactor/chunk_pool.h"

namespace breakwater::proxy {
namespace {

TEST(ChunkPool, IsBoundedAndHasAReserve) {
  ChunkPool pool(100, 3);
  std::vector<Chunk*> leased;
  while (Chunk* chunk = pool.lease()) leased.push_back(chunk);
  EXPECT_EQ(leased.size(), 3u);
  EXPECT_EQ(pool.available(), 0u);
  while (Chunk* chunk = pool.lease_reserved()) leased.push_back(chunk);
  EXPECT_EQ(leased.size(), 3u + ChunkPool::kReserve);
  for (Chunk* chunk : leased) pool.give_back(chunk);
  EXPECT_EQ(pool.leased(), 0u);
  EXPECT_EQ(pool.lease(), leased.back());  // the one that is still in the cache
}

// Writes bytes into the queue as a socket would.
void receive(InputQueue& queue, ChunkPool& pool, std::string_view bytes) {
  while (!bytes.empty()) {
    std::array<iovec, 2> room;
    const std::size_t count = queue.prepare(pool, 2, room);
    ASSERT_GT(count, 0u);
    std::size_t done = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t part = std::min(room[i].iov_len, bytes.size());
      std::memcpy(room[i].iov_base, bytes.data(), part);
      bytes.remove_prefix(part);
      done += part;
    }
    queue.filled(done, pool);
  }
}

std::string content(const InputQueue& queue, std::size_t offset = 0) {
  InputQueue::Pieces storage;
  std::string text;
  for (const auto piece : queue.pieces(offset, storage))
    text.append(reinterpret_cast<char*>(piece.data()), piece.size());
  return text;
}

TEST(InputQueue, KeepsBytesInOrderOverTwoChunks) {
  ChunkPool pool(10, 8);
  InputQueue queue;
  receive(queue, pool, "abcdefgh");
  EXPECT_EQ(pool.leased(), 1u);
  queue.consume(5, pool);
  receive(queue, pool, "ijklmn");
  EXPECT_EQ(content(queue), "fghijklmn");
  EXPECT_EQ(content(queue, 4), "jklmn");
  EXPECT_EQ(pool.leased(), 2u);
  queue.consume(6, pool);
  EXPECT_EQ(pool.leased(), 1u);
  EXPECT_EQ(content(queue), "lmn");
  queue.consume(3, pool);
  EXPECT_EQ(pool.leased(), 0u);
  EXPECT_FALSE(queue.holds_chunks());
}

TEST(InputQueue, GivesChunksBackWhenNothingCame) {
  ChunkPool pool(10, 8);
  InputQueue queue;
  std::array<iovec, 2> room;
  EXPECT_EQ(queue.prepare(pool, 2, room), 2u);
  queue.filled(0, pool);
  EXPECT_EQ(pool.leased(), 0u);
}

TEST(InputQueue, ARecordAsLongAsAChunkFitsWhereverItBegins) {
  constexpr std::size_t kCapacity = 64;
  for (std::size_t start = 0; start < kCapacity; ++start) {
    ChunkPool pool(kCapacity, 8);
    InputQueue queue;
    receive(queue, pool, std::string(start, '.') + "x");
    queue.consume(start, pool);
    std::size_t size = 1;
    while (size < kCapacity) {
      std::array<iovec, 2> room;
      const std::size_t count = queue.prepare(pool, 2, room);
      ASSERT_GT(count, 0u) << "record of " << kCapacity << " bytes at " << start << " stuck at " << size;
      queue.filled(1, pool);
      ++size;
    }
    EXPECT_EQ(queue.size(), kCapacity);
  }
}

TEST(InputQueue, GatherRightAgainstAPlainString) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    ChunkPool pool(40, 8);
    InputQueue queue;
    const std::size_t skip = random() % 40;
    std::string text;
    for (std::size_t i = 0; i < 40 + random() % 38; ++i) text += static_cast<char>('a' + random() % 26);
    receive(queue, pool, text);
    queue.consume(skip, pool);
    text.erase(0, skip);
    std::vector<ByteRange> ranges;
    std::string wanted;
    for (std::size_t at = random() % 5; at < text.size() && ranges.size() < 16;) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 12, text.size() - at);
      ranges.push_back({at, size});
      wanted += text.substr(at, size);
      at += size + random() % 6;
    }
    if (ranges.empty()) continue;
    const std::size_t end = ranges.back().offset + ranges.back().size;
    const ByteRange gathered = queue.gather_right(ranges);
    EXPECT_EQ(gathered.offset + gathered.size, end);
    EXPECT_EQ(content(queue).substr(gathered.offset, gathered.size), wanted);
    EXPECT_EQ(content(queue).substr(end), text.substr(end));
    std::array<iovec, 2> list;
    std::size_t count = 0;
    queue.append_range(gathered, list, count);
    std::string listed;
    for (std::size_t i = 0; i < count; ++i) listed.append(static_cast<char*>(list[i].iov_base), list[i].iov_len);
    EXPECT_EQ(listed, wanted);
  }
}

TEST(OutputQueue, SendsInOrderAndGivesChunksBack) {
  ChunkPool pool(10, 8);
  OutputQueue queue;
  for (const std::string_view text : {"abc", "defg", "hi"}) {
    Chunk* const chunk = pool.lease();
    std::memcpy(chunk->data(), text.data(), text.size());
    chunk->end = static_cast<std::uint32_t>(text.size());
    queue.push(chunk);
  }
  EXPECT_EQ(queue.open_tail(9), nullptr);
  ASSERT_NE(queue.open_tail(8), nullptr);
  std::string sent;
  for (const std::size_t step : {2u, 3u, 4u}) {
    std::array<iovec, 8> list;
    std::size_t left = step;
    for (std::size_t i = 0, count = queue.gather(list); i < count && left > 0; ++i) {
      const std::size_t part = std::min(left, list[i].iov_len);
      sent.append(static_cast<char*>(list[i].iov_base), part);
      left -= part;
    }
    queue.sent(step, pool);
  }
  EXPECT_EQ(sent, "abcdefghi");
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.chunks(), 0u);
  EXPECT_EQ(pool.leased(), 0u);
}

}  // namespace
}  // namespace breakwater::proxy
