// The tunnel's way to its backend, against real sockets on loopback.
#include "proxy/apps/tunnel.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "proxy/reactor/descriptor.h"
#include "tests/proxy/fake_stream.h"

namespace breakwater::proxy {
namespace {

// A socket bound to a port of 127.0.0.1; it answers once it listens, and refuses before.
struct Endpoint {
  Endpoint() : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.size = sizeof address.v4;
    EXPECT_EQ(::bind(socket.get(), &address.any, address.size), 0);
    EXPECT_EQ(::getsockname(socket.get(), &address.any, &address.size), 0);
  }

  Descriptor socket;
  SocketAddress address;
};

// Gives the tunnel the next event of the descriptor it watches, as epoll would.
void deliver(Tunnel& tunnel, FakeStream& stream) {
  pollfd wanted{stream.watched, POLLOUT, 0};
  ASSERT_EQ(::poll(&wanted, 1, 5000), 1);
  std::uint32_t events = 0;
  if ((wanted.revents & POLLOUT) != 0) events |= EPOLLOUT;
  if ((wanted.revents & POLLERR) != 0) events |= EPOLLERR;
  if ((wanted.revents & POLLHUP) != 0) events |= EPOLLHUP;
  tunnel.side_event(stream, events);
}

TEST(TunnelConnect, TriesEveryAddressInOrder) {
  const Endpoint dead_one;
  const Endpoint dead_two;
  const Endpoint live;
  ASSERT_EQ(::listen(live.socket.get(), 1), 0);
  Tunnel tunnel({dead_one.address, dead_two.address, live.address});
  FakeStream stream;
  tunnel.opened(stream, false);
  for (int i = 0; i < 3 && stream.touches == 0; ++i) deliver(tunnel, stream);
  EXPECT_EQ(stream.touches, 1);  // connected
  EXPECT_FALSE(stream.abandoned);
  const Descriptor accepted(::accept(live.socket.get(), nullptr, nullptr));
  EXPECT_TRUE(static_cast<bool>(accepted));
  tunnel.closed(stream, true);
}

TEST(TunnelConnect, GivesUpAfterTheLastAddress) {
  const Endpoint dead_one;
  const Endpoint dead_two;
  Tunnel tunnel({dead_one.address, dead_two.address});
  FakeStream stream;
  tunnel.opened(stream, false);
  for (int i = 0; i < 2 && !stream.abandoned; ++i) deliver(tunnel, stream);
  EXPECT_TRUE(stream.abandoned);
  EXPECT_TRUE(stream.finished);
  EXPECT_EQ(stream.touches, 0);
  tunnel.closed(stream, false);
}

}  // namespace
}  // namespace breakwater::proxy
