#include "proxy/reactor/reset.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "proxy/reactor/listener.h"

namespace breakwater::proxy {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;

class ListenerResetTest : public testing::Test {
 protected:
  ListenerResetTest() {
    address_.v4.sin_family = AF_INET;
    address_.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.size = sizeof address_.v4;
    std::string error;
    listener_ = open_listener(address_, error, Sharing::Alone);
    EXPECT_TRUE(listener_) << error;
  }

  Descriptor connect() const {
    Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(client.get(), &address_.any, address_.size), 0);
    pollfd waits{listener_.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&waits, 1, 10'000), 1);
    return client;
  }
  Descriptor accept() const { return Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }

  // What a client sees that has sent nothing.
  bool closes_with_reset() const {
    const Descriptor client = connect();
    EXPECT_TRUE(accept());
    char byte;
    const ssize_t got = ::recv(client.get(), &byte, 1, 0);
    return got < 0 && errno == ECONNRESET;
  }

  void tell(bool resets, std::uint64_t now_us) { reset_.tell(listener_.get(), resets, now_us); }

  SocketAddress address_;
  Descriptor listener_;
  ListenerReset reset_;
};

TEST_F(ListenerResetTest, ConnectionsInheritIt) {
  EXPECT_FALSE(closes_with_reset());
  tell(true, kSecond);
  EXPECT_TRUE(closes_with_reset());
  tell(false, 2 * kSecond);
  EXPECT_FALSE(closes_with_reset());
}

TEST_F(ListenerResetTest, OfTheMomentInWhichTheClientConnected) {
  const Descriptor client = connect();
  tell(true, kSecond);
  const Descriptor accepted = accept();
  struct linger now {};
  socklen_t size = sizeof now;
  ASSERT_EQ(::getsockopt(accepted.get(), SOL_SOCKET, SO_LINGER, &now, &size), 0);
  EXPECT_EQ(now.l_onoff, 0);
}

TEST_F(ListenerResetTest, UntilTheQueueIsEmptyNobodyKnows) {
  EXPECT_EQ(reset_.inherited(), Inherited::Nothing);
  tell(true, kSecond);
  EXPECT_EQ(reset_.inherited(), Inherited::Unknown);
  reset_.drained(2 * kSecond - 1);  // who connected while it was told may not be in the queue yet
  EXPECT_EQ(reset_.inherited(), Inherited::Unknown);
  reset_.drained(2 * kSecond);
  EXPECT_EQ(reset_.inherited(), Inherited::Reset);
  tell(true, 3 * kSecond);
  EXPECT_EQ(reset_.inherited(), Inherited::Reset) << "it is nothing new";
  tell(false, 4 * kSecond);
  EXPECT_EQ(reset_.inherited(), Inherited::Unknown);
  tell(true, 4 * kSecond + 1);
  reset_.drained(5 * kSecond);
  EXPECT_EQ(reset_.inherited(), Inherited::Unknown) << "the moment begins anew";
  tell(false, 6 * kSecond);
  reset_.drained(7 * kSecond);
  EXPECT_EQ(reset_.inherited(), Inherited::Nothing);
}

TEST_F(ListenerResetTest, AConnectionMayBeExcepted) {
  tell(true, kSecond);
  const Descriptor client = connect();
  {
    const Descriptor accepted = accept();
    end_on_close(accepted.get());
    EXPECT_EQ(::send(accepted.get(), "x", 1, 0), 1);
  }
  char byte;
  EXPECT_EQ(::recv(client.get(), &byte, 1, 0), 1);
  EXPECT_EQ(::recv(client.get(), &byte, 1, 0), 0) << "a FIN";
}

}  // namespace
}  // namespace breakwater::proxy
