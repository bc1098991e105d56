// Session: from the socket through the TLS engine to the application.
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "proxy/connection/session.h"

namespace breakwater::proxy {
namespace {

constexpr std::size_t kMaxRanges = 16;    // records handed to the application in one call
constexpr std::size_t kChunksToRead = 3;  // two for input, one for output that may come

// Bytes thrown away of a peer that has been told to go: as many as may be under way before he hears of it, a receive
// window or two, and not so many in one pass that others wait.
constexpr std::size_t kMaxThrownAway = 4 * 1024 * 1024;
constexpr std::size_t kThrownAwayPerPass = 256 * 1024;

}  // namespace

bool Session::can_read() const noexcept {
  return readable_ && !fin_ && !jobs_pending_ && !abandoned_ && !input_over_ && !has_pending();
}

void Session::read_once() noexcept {
  ChunkPool& pool = context_->pool;
  std::array<iovec, 2> room;
  std::size_t count = 0;
  if (pool.available() >= kChunksToRead && unstash_input()) {
    count = input_.prepare(pool, phase_ == Phase::Open ? 2 : 1, room);
  }
  if (count == 0) {
    starved_ = true;
    context_->counters.starved.add();
    return stash_input();
  }
  std::size_t asked = 0;
  for (std::size_t i = 0; i < count; ++i) asked += room[i].iov_len;

  ssize_t got;
  do {
    got = count == 1 ? ::recv(descriptor_, room[0].iov_base, room[0].iov_len, 0)
                     : ::readv(descriptor_, room.data(), static_cast<int>(count));
  } while (got < 0 && errno == EINTR);
  context_->counters.receives.add();
  const int error = errno;
  input_.filled(got > 0 ? static_cast<std::size_t>(got) : 0, pool);
  if (got > 0 && header_due_) {
    take_header();
    if (phase_ == Phase::Dead) return;
    if (leaves_unanswered()) return client_left();
  }
  if (got > 0 && phase_ == Phase::Handshake && !input_.empty()) {
    const std::size_t bytes = std::min(static_cast<std::size_t>(got), input_.size());  // without the header's
    if (!context_->gate.takes_piece(client_, bytes)) return refuse(guard::Reason::Trickle);
  }
  if (got < 0) {
    readable_ = false;
    if (error != EAGAIN) return kill(false);
    return stash_input();
  }
  if (got == 0) return peer_fin();
  // Less than asked for: the socket is empty, and epoll tells when that changes. Not so when the FIN has been
  // announced already: no further event will come for it.
  if (static_cast<std::size_t>(got) < asked && !hung_up_) readable_ = false;
  digest();
}

// Takes the header from the front of the input.
void Session::take_header() noexcept {
  InputQueue::Pieces storage;
  ProxyHeaderParser::Progress progress;
  std::size_t taken = 0;
  for (const std::span<std::uint8_t> piece : input_.pieces(0, storage)) {
    progress = header_.feed(piece);
    taken += progress.consumed;
    if (progress.status != ProxyHeaderParser::Status::More) break;
  }
  input_.consume(taken, context_->pool);
  if (progress.status == ProxyHeaderParser::Status::Failed) {
    context_->failures.note("a front end's PROXY header is wrong", proxy_header_error_text(header_.error()));
    return kill(false, HandshakeEnd::Header);
  }
  if (progress.status == ProxyHeaderParser::Status::Done) meet_client();
}

// Who the client is, is known: what happens at accept to others happens now.
void Session::meet_client() noexcept {
  header_due_ = false;
  const bool has_client = header_.has_client();
  const SocketAddress client = header_.client();
  stash_ = {};  // in the header's place
  if (!has_client) {
    own_ = client_.trusted = true;
    return;
  }
  const bool judged = !client_.trusted;  // not where the listener lets everybody in
  if (judged && !context_->gate.admits(client, client_, Gatekeeper::Way::BehindFrontEnd)) {
    client_ = {};  // it has been charged
    reset_when_closed();
    return kill(false, HandshakeEnd::Refused);
  }
  relayed_ = context_->relayed.make(client);
  if (relayed_ == nullptr) kill(false, HandshakeEnd::NoMemory);
}

// Feeds the engine until it has seen all the input, and the application with what comes out.
void Session::digest() noexcept {
  std::array<ByteRange, kMaxRanges> ranges;
  std::size_t range_count = 0;
  std::size_t done = 0;  // bytes from the front of input_ that the engine is through with
  Step step = Step::Continue;
  while (step == Step::Continue && done < input_.size() && !abandoned_) {
    const bool in_handshake = phase_ == Phase::Handshake;
    bool fresh = false;
    Chunk* const chunk = output_chunk_or_kill(in_handshake ? context_->flight_room : kMinOutput, fresh);
    if (chunk == nullptr) return;
    Output output{chunk->whole(), chunk->end};
    InputQueue::Pieces storage;
    const Result result = tls_->receive(context_->epoch_ms, input_.pieces(done, storage), output);
    const bool wrote = attach(chunk, fresh, output);
    if (wrote && in_handshake) flight_ = answered_ = true;
    if (result.event == Event::Plaintext && result.plaintext_size != 0) {
      ranges[range_count++] = {done + result.plaintext_offset, result.plaintext_size};
    }
    done += result.consumed;
    // Bytes of a record that is not whole yet are none: whoever drips them would hold a chunk for as long as he likes.
    if (result.consumed != 0) progress_ = true;
    step = handle(result);
    if (range_count == kMaxRanges) {
      if (!deliver(ranges, done)) return;
      range_count = done = 0;
    }
  }
  if (phase_ == Phase::Dead) return;
  if (!deliver({ranges.data(), range_count}, done)) return;
  if (input_over_) return end_input();
  stash_input();
}

// Hands plaintext to the application and drops the first `boundary` bytes of the input, which the engine is done with.
// False when the application did not take all: the rest stays in front of the input, made contiguous.
bool Session::deliver(std::span<const ByteRange> ranges, std::size_t boundary) noexcept {
  ChunkPool& pool = context_->pool;
  std::size_t offered = 0;
  for (const ByteRange& range : ranges) offered += range.size;
  context_->counters.plaintext_in.add(offered);
  if (open_ != nullptr && open_->record != nullptr) open_->record->bytes_in += offered;
  std::size_t taken = 0;
  if (offered != 0) {
    std::array<iovec, 2 * kMaxRanges> list;
    std::size_t count = 0;
    for (const ByteRange& range : ranges) input_.append_range(range, list, count);
    taken = open_->application().received(*open_, {list.data(), count});
  }
  if (taken == offered) {
    input_.consume(boundary, pool);
    return true;
  }
  std::array<ByteRange, kMaxRanges> rest;
  std::size_t rest_count = 0;
  for (ByteRange range : ranges) {
    const std::size_t part = taken < range.size ? taken : range.size;
    taken -= part;
    if (part < range.size) rest[rest_count++] = {range.offset + part, range.size - part};
  }
  const ByteRange pending = input_.gather_right({rest.data(), rest_count});
  open_->pending_size = static_cast<std::uint32_t>(pending.size);
  open_->pending_gap = static_cast<std::uint32_t>(boundary - (pending.offset + pending.size));
  input_.consume(pending.offset, pool);
  return false;
}

// Presents again what the application has not taken. True when nothing is pending any more.
bool Session::offer_pending() noexcept {
  if (!has_pending()) return true;
  if (abandoned_) {
    open_->pending_size = open_->pending_gap = 0;
    input_.clear(context_->pool);
    return true;
  }
  std::array<iovec, 2> list;
  std::size_t count = 0;
  input_.append_range({0, open_->pending_size}, list, count);
  const std::size_t taken = open_->application().received(*open_, {list.data(), count});
  if (taken != 0) progress_ = true;
  open_->pending_size -= static_cast<std::uint32_t>(taken);
  if (open_->pending_size != 0) {
    input_.consume(taken, context_->pool);
    return false;
  }
  input_.consume(taken + std::exchange(open_->pending_gap, 0), context_->pool);
  if (input_over_) {
    end_input();
  } else {
    digest();
  }
  return phase_ == Phase::Open && !has_pending();
}

// The peer's close_notify has been read and everything before it taken.
void Session::end_input() noexcept {
  input_.clear(context_->pool);  // nothing counts behind close_notify (RFC 8446 6.1)
  if (input_over_told_) return;
  input_over_told_ = true;
  if (phase_ == Phase::Open) {
    open_->application().input_ended(*open_);
  } else {
    context_->failures.note("the client closed before the handshake was done", {});
    abandoned_ = true;
  }
}

void Session::client_left() noexcept {
  if (header_due_) {
    context_->failures.note("a front end left before its PROXY header was whole", {});
  } else if (!own_) {  // a front end that looks whether we are there has seen what it wanted
    context_->failures.note("the client left before the handshake was done", {});
  }
  kill(false, HandshakeEnd::ClientLeft);
}

void Session::peer_fin() noexcept {
  fin_ = true;
  readable_ = false;
  if (phase_ == Phase::Handshake) return client_left();
  input_.clear(context_->pool);
  if (!input_over_) {
    input_over_ = input_over_told_ = true;
    open_->application().input_cut(*open_);
  }
}

// Reads and drops what a peer sends after the end, within bounds.
void Session::throw_away() noexcept {
  for (std::size_t in_pass = 0; readable_ && in_pass < kThrownAwayPerPass;) {
    std::uint8_t nowhere[16 * 1024];
    // MSG_TRUNC makes Linux drop the bytes instead of copying them.
    const ssize_t got = ::recv(descriptor_, nowhere, sizeof nowhere, MSG_TRUNC | MSG_DONTWAIT);
    if (got > 0) {
      in_pass += static_cast<std::size_t>(got);
      thrown_away_ += static_cast<std::uint32_t>(got);
      if (thrown_away_ > kMaxThrownAway) return kill(false);
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      readable_ = false;
      return;
    }
    return kill(got == 0);
  }
}

// A half-open connection keeps a little input without holding a chunk.
void Session::stash_input() noexcept {
  if (phase_ != Phase::Handshake || !input_.holds_chunks() || input_.size() > kMaxStash) return;
  InputQueue::Pieces pieces;
  std::size_t size = 0;
  for (const std::span<std::uint8_t> piece : input_.pieces(0, pieces)) {
    std::memcpy(stash_.data() + size, piece.data(), piece.size());
    size += piece.size();
  }
  static_assert(kMaxStash < 128);
  stash_size_ = static_cast<std::uint8_t>(size) & 127;
  input_.clear(context_->pool);
}

// Puts it back in front of what is read next. False when there is no chunk.
bool Session::unstash_input() noexcept {
  if (stash_size_ == 0) return true;
  if (!input_.put({stash_.data(), stash_size_}, context_->pool)) return false;
  stash_size_ = 0;
  return true;
}

}  // namespace breakwater::proxy
