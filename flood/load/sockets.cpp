#include "flood/load/sockets.h"

#include <linux/in.h>
#include <linux/tcp.h>  // a longer tcp_info than netinet/tcp.h's
#include <unistd.h>

#include <cerrno>

namespace breakwater::flood {

namespace {

void set(int fd, int level, int name) noexcept {
  const int on = 1;
  setsockopt(fd, level, name, &on, sizeof on);
}

int bind_source(int fd, const SocketAddress& source) noexcept {
  // Without this, bind() would take a port that is free for every target, and there would soon be none left.
  set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
  // IPv6 lets nobody bind to an address that is only covered by a local route, unless told so.
  if (source.storage.ss_family == AF_INET6) set(fd, IPPROTO_IP, IP_FREEBIND);
  return bind(fd, source.get(), source.size);
}

}  // namespace

int connect_socket(const SocketAddress& target, const SocketAddress* source, bool no_delay) noexcept {
  const int fd = socket(target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (no_delay) set(fd, IPPROTO_TCP, TCP_NODELAY);
  const int result = source != nullptr && bind_source(fd, *source) != 0 ? -errno : connect_again(fd, target);
  if (result == 0) return fd;
  close(fd);
  return result;
}

int connect_again(int fd, const SocketAddress& target) noexcept {
  return connect(fd, target.get(), target.size) == 0 || errno == EINPROGRESS || errno == EINTR ? 0 : -errno;
}

bool disconnect_socket(int fd) noexcept {
  sockaddr nowhere = {};
  nowhere.sa_family = AF_UNSPEC;
  return connect(fd, &nowhere, sizeof nowhere) == 0;
}

void abort_socket(int fd) noexcept {
  const linger now = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

void sample_tcp(int fd, TcpSample& sample) noexcept {
  tcp_info info = {};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return;
  ++sample.connections;
  sample.segments_out += info.tcpi_segs_out;
  sample.segments_in += info.tcpi_segs_in;
  sample.bytes_out += info.tcpi_bytes_sent;
  sample.bytes_in += info.tcpi_bytes_received;
  sample.retransmitted += info.tcpi_total_retrans;
}

}  // namespace breakwater::flood
