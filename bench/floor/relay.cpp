#include "bench/floor/relay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace breakwater::floor {
namespace {

// A floor must be low: this is where a sweep from 16 KiB to 2 MiB levelled off on one machine. With 64 KiB a download
// of 64 MiB cost about twice as much, more than some TLS servers, with 2 MiB a few percent less. That fewer reads,
// wake-ups and window updates are the reason is a guess.
constexpr std::size_t kChunkBytes = 1 << 20;
constexpr std::size_t kChunks = 2 * Relay::kMaxClients;            // one for each direction
constexpr std::size_t kDescriptors = 2 * Relay::kMaxClients + 64;  // the kernel gives out the lowest numbers
constexpr int kChunksInARow = 2;                                   // then others have their turn
constexpr std::uint32_t kEndEvents = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

}  // namespace

// EPOLLOUT is an edge that comes only after a full buffer: asking for it always saves a call when that happens.
const std::uint32_t Relay::kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

Relay::Relay(int epoll, const sockaddr_storage& backend, socklen_t backend_size)
    : epoll_(epoll),
      backend_(backend),
      backend_size_(backend_size),
      memory_(std::make_unique_for_overwrite<char[]>(kChunks * kChunkBytes)),
      sides_(kDescriptors) {
  chunks_.reserve(kChunks);
  for (std::size_t i = kChunks; i-- > 0;) chunks_.push_back(memory_.get() + i * kChunkBytes);
  for (std::vector<int>* list : {&again_, &turn_, &doomed_}) list->reserve(kDescriptors);
}

Relay::~Relay() {
  for (std::size_t socket = 0; socket < sides_.size(); ++socket) {
    if (sides_[socket].peer >= 0) ::close(static_cast<int>(socket));
  }
}

bool Relay::owns(int socket) const noexcept {
  const auto index = static_cast<std::size_t>(socket);
  return index < sides_.size() && sides_[index].peer >= 0;
}

// On loopback the connection is there when this returns; elsewhere EPOLLOUT tells.
int Relay::connect_to_backend() {
  const int socket = ::socket(backend_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const bool begun =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&backend_), backend_size_) == 0 || errno == EINPROGRESS;
  epoll_event event{};
  event.events = kEvents;
  event.data.fd = socket;
  if (static_cast<std::size_t>(socket) < sides_.size() && begun &&
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

bool Relay::begin(int client, std::span<const char> early, bool client_ended) {
  if (static_cast<std::size_t>(client) >= sides_.size() || early.size() > kChunkBytes) return false;
  const int backend = connect_to_backend();
  if (backend < 0) return false;
  side(client) = {.peer = backend, .is_client = true, .readable = true, .hung_up = client_ended};
  side(backend) = {.peer = client};
  if (!early.empty()) {
    Side& from = side(client);
    from.chunk = chunks_.back();
    chunks_.pop_back();
    std::memcpy(from.chunk, early.data(), early.size());
    from.end = static_cast<std::uint32_t>(early.size());
  }
  if (!pump(client)) doom(client);
  return true;
}

void Relay::on_event(int socket, std::uint32_t events) {
  Side& here = side(socket);
  if (here.doomed) return;
  if ((events & (EPOLLIN | kEndEvents)) != 0) {
    here.readable = true;
    here.hung_up |= (events & kEndEvents) != 0;
    if (!pump(socket)) return doom(socket);
  }
  const Side& there = side(here.peer);
  if ((events & EPOLLOUT) != 0 && there.begin != there.end && !pump(here.peer)) doom(socket);
}

// True: all of it is gone, or there is no room for more now. False: the peer is gone.
bool Relay::send_chunk(Side& from) {
  const ssize_t sent = ::send(from.peer, from.chunk + from.begin, from.end - from.begin, MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN;
  from.begin += static_cast<std::uint32_t>(sent);
  return true;
}

void Relay::give_back(Side& from) {
  if (from.chunk == nullptr) return;
  chunks_.push_back(from.chunk);
  from.chunk = nullptr;
  from.begin = from.end = 0;
}

bool Relay::pump(int socket) {
  Side& from = side(socket);
  for (int count = 0; true; ++count) {
    if (from.begin != from.end) {
      if (!send_chunk(from)) return false;
      if (from.begin != from.end) return true;  // EPOLLOUT of the peer goes on
    }
    if (!from.readable || from.ended) break;
    if (count == kChunksInARow) {
      if (!from.listed) again_.push_back(socket);
      from.listed = true;
      break;
    }
    if (from.chunk == nullptr) {
      from.chunk = chunks_.back();
      chunks_.pop_back();
    }
    const ssize_t got = ::recv(socket, from.chunk, kChunkBytes, 0);
    if (got < 0 && errno != EAGAIN) return false;
    from.begin = 0;
    from.end = static_cast<std::uint32_t>(got > 0 ? got : 0);
    from.ended = got == 0;
    // A read that was not filled has emptied the socket: the next edge comes with the next bytes.
    from.readable = got == kChunkBytes || (got > 0 && from.hung_up);
  }
  give_back(from);
  if (!from.ended) return true;
  if (!from.passed_on) ::shutdown(from.peer, SHUT_WR);
  from.passed_on = true;
  if (side(from.peer).passed_on) doom(socket);
  return true;
}

void Relay::doom(int socket) {
  const int peer = side(socket).peer;
  for (const int end : {socket, peer}) {
    if (side(end).doomed) return;
    side(end).doomed = true;
    give_back(side(end));
    doomed_.push_back(end);
  }
}

std::size_t Relay::end_of_turn() {
  turn_.swap(again_);
  for (const int socket : turn_) {
    Side& from = side(socket);
    from.listed = false;
    if (!from.doomed && !pump(socket)) doom(socket);
  }
  turn_.clear();
  std::size_t gone = 0;
  for (const int socket : doomed_) {
    if (side(socket).listed) std::erase(again_, socket);
    gone += side(socket).is_client ? 1 : 0;
    side(socket) = {};
    ::close(socket);
  }
  doomed_.clear();
  return gone;
}

}  // namespace breakwater::floor
