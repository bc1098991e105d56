// What an application asks of its connection.
#include <sys/epoll.h>

#include <algorithm>

#include "proxy/connection/session.h"

namespace breakwater::proxy {

std::size_t OpenPart::lease(std::span<std::span<std::uint8_t>> rooms) noexcept {
  Context& context = *session_.context_;
  const std::size_t room = session_.tls_->max_payload();
  const std::size_t wanted = std::min(rooms.size(), session_.credit());
  std::size_t count = 0;
  while (count < wanted) {
    Chunk* const chunk = context.pool.lease();
    if (chunk == nullptr) break;
    context.leased[count] = chunk;
    rooms[count] = chunk->whole().subspan(kHeadRoom, room);
    ++count;
  }
  context.leased_count = count;
  if (count < rooms.size()) wants_output = true;
  if (count < wanted) {
    session_.starved_ = true;
    context.counters.starved.add();
  }
  return count;
}

void OpenPart::commit(std::size_t size) noexcept {
  Context& context = *session_.context_;
  const std::size_t room = session_.tls_->max_payload();
  context.counters.plaintext_out.add(size);
  if (record != nullptr) record->bytes_out += size;
  for (Chunk* chunk : std::span(context.leased).first(context.leased_count)) {
    const std::size_t part = std::min(size, room);
    size -= part;
    if (part == 0 || session_.finished_) {
      context.pool.give_back(chunk);
      continue;
    }
    const Connection::Sealed sealed = session_.tls_->seal(chunk->whole(), kHeadRoom, part);
    if (sealed.size == 0) {
      context.pool.give_back(chunk);
      session_.failed();
      continue;
    }
    chunk->begin = static_cast<std::uint32_t>(sealed.offset);
    chunk->end = static_cast<std::uint32_t>(sealed.offset + sealed.size);
    session_.output_.push(chunk);
  }
  context.leased_count = 0;
}

void OpenPart::finish_output() noexcept { session_.finish_output(); }

void OpenPart::abandon() noexcept { session_.abandon(); }

void OpenPart::touch() noexcept {
  connecting = false;
  session_.renew_timer();
}

bool OpenPart::watch(int descriptor) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = reinterpret_cast<std::uintptr_t>(&session_) | static_cast<std::uintptr_t>(EventTag::Side);
  return epoll_ctl(session_.context_->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

bool OpenPart::free_descriptor() noexcept {
  // Not for one that is about to be closed: it might be the victim itself.
  return !session_.abandoned_ && evict_one(*session_.context_);
}

void OpenPart::start_connect_timer() noexcept {
  connecting = true;
  session_.patience_ = 0;
  session_.context_->connecting.arm(session_, session_.context_->now_ms);
}

void OpenPart::note_request() noexcept {
  session_.context_->counters.requests.add();
  if (record != nullptr) ++record->requests;
}

void OpenPart::note_failure(std::string_view what, std::string_view detail) noexcept {
  session_.context_->counters.backend_failures.add();
  session_.context_->failures.note(what, detail);
}

}  // namespace breakwater::proxy
