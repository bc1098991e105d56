// What a connection costs in memory, library and proxy together.
#include <breakwater/breakwater.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "proxy/connection/session.h"

namespace breakwater::proxy {
namespace {

TEST(Memory, AHalfOpenConnectionCosts2KiBAtMost) {
  const std::size_t bytes = Worker::bytes_half_open() + sizeof(Session);
  std::printf("half-open: %zu (library) + %zu (proxy) = %zu bytes\n", Worker::bytes_half_open(), sizeof(Session),
              bytes);
  EXPECT_LE(bytes, 2048u);
}

TEST(Memory, SoDoesOneBehindAFrontEnd) {
  EXPECT_LE(Worker::bytes_half_open() + sizeof(Session) + sizeof(SocketAddress), 2048u);
}

TEST(Memory, AnIdleEstablishedConnectionCosts1KiBAtMost) {
  const std::size_t proxy = sizeof(Session) + sizeof(OpenPart);
  const std::size_t bytes = Worker::bytes_established() + proxy;
  std::printf("established: %zu (library) + %zu (proxy) = %zu bytes\n", Worker::bytes_established(), proxy, bytes);
  EXPECT_LE(bytes, 1024u);
}

}  // namespace
}  // namespace breakwater::proxy
