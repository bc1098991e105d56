#include "fuzz/host.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>

#include "fuzz/require.h"
#include "fuzz/world.h"

namespace breakwater::fuzz {
namespace {

using test::Bytes;
using test::View;

// Plain data, though a Connection refuses to be copied: the copy that Image makes replaces it in its own place.
static_assert(std::is_trivially_destructible_v<tls::Connection> && std::is_trivially_destructible_v<tls::Handshake> &&
              std::is_trivially_destructible_v<tls::ExpandedKeys>);

std::size_t total_size(std::span<const MutableBytes> pieces) {
  std::size_t size = 0;
  for (const MutableBytes& piece : pieces) size += piece.size();
  return size;
}

void drop_front(std::vector<MutableBytes>& pieces, std::size_t size) {
  while (size != 0) {
    const std::size_t part = std::min(size, pieces.front().size());
    pieces.front() = pieces.front().subspan(part);
    size -= part;
    if (pieces.front().empty()) pieces.erase(pieces.begin());
  }
}

}  // namespace

Host::Host(const test::ServerSetup& setup) : setup_(setup), live_(new Image), saved_(new Image) {
  worker_.ticket_keys = &setup.ring;
  worker_.entropy = {fill, live_.get()};
  start();
}

Host::~Host() { connection().finish(worker_); }

void Host::start() {
  std::memset(static_cast<void*>(live_.get()), 0xA5, sizeof(Image));  // what was there before must not matter
  live_->random = 0;
  connection_ = new (live_->connection) tls::Connection;
  handshake_ = new (live_->handshake) tls::Handshake;
  worker_.keys = new (live_->keys) tls::ExpandedKeys;
  connection().start(setup_.configuration, *handshake_);
  trace_ = {};
  pending_.clear();
}

void Host::save() {
  *saved_ = *live_;
  saved_trace_ = trace_;
  saved_trace_.output.clear();
  saved_trace_.plaintext.clear();
  saved_trace_.events.clear();
  saved_pending_ = pending_;
}

void Host::restore() {
  *live_ = *saved_;
  trace_ = saved_trace_;
  pending_ = saved_pending_;
}

// splitmix64 by counter: even, repeatable, and restored with the rest.
void Host::fill(void* context, MutableBytes out) noexcept {
  std::uint64_t& counter = static_cast<Image*>(context)->random;
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint64_t mixed = ++counter * 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    out[i] = static_cast<std::uint8_t>(mixed ^ (mixed >> 31));
  }
}

std::size_t Host::room() const { return trace_.done ? tls::kMinOutput : tls::max_flight_size(setup_.configuration); }

void Host::note(char event) {
  if (event == 'P' && !trace_.events.empty() && trace_.events.back() == 'P') return;
  trace_.events += event;
}

void Host::take(tls::Output& output) {
  require(output.size <= output.storage.size(), "output runs over its storage");
  test::append(trace_.output, output.storage.first(output.size));
}

void Host::take_plaintext(std::span<const MutableBytes> pieces, const tls::Result& result) {
  require(trace_.done, "plaintext before the handshake is done");
  require(result.plaintext_size != 0, "empty plaintext");
  require(
      result.plaintext_offset <= result.consumed && result.plaintext_size <= result.consumed - result.plaintext_offset,
      "plaintext outside of what was consumed");
  std::size_t skip = result.plaintext_offset;
  std::size_t left = result.plaintext_size;
  for (const MutableBytes& piece : pieces) {
    const std::size_t skipped = std::min(skip, piece.size());
    skip -= skipped;
    const MutableBytes part = piece.subspan(skipped, std::min(left, piece.size() - skipped));
    test::append(trace_.plaintext, part);
    left -= part.size();
  }
}

void Host::run_jobs() {
  std::array<std::uint8_t, batch::kMaxSignatureSize> signature_room;
  const std::span<batch::Job> jobs = connection().jobs(signature_room);
  require(!jobs.empty(), "WantJobs without jobs");
  for (batch::Job& job : jobs) run_job(job);
  Bytes storage(room());
  tls::Output output{storage, 0};
  const tls::Result result = connection().resume(worker_, kNow, output);
  take(output);
  require(result.consumed == 0, "resume() consumed input");
  require(result.event != tls::Event::HandshakeDone && result.event != tls::Event::Plaintext, "an event of resume()");
  if (result.event == tls::Event::Failed) on_failed(true, output.size != 0);
}

void Host::on_done() {
  require(!trace_.done && connection().handshake_done() && !connection().failed(), "HandshakeDone at a wrong time");
  note('D');
  trace_.done = true;
  require(connection().release_handshake() == handshake_, "release_handshake() gives something else back");
  require(connection().release_handshake() == nullptr, "the handshake was given back twice");
  const auto* bytes = reinterpret_cast<const unsigned char*>(handshake_);
  require(std::all_of(bytes, bytes + sizeof(tls::Handshake), [](unsigned char byte) { return byte == 0; }),
          "the handshake was not wiped");
  std::memset(live_->handshake, 0xEE, sizeof(tls::Handshake));
}

void Host::on_failed(bool first, bool wrote) {
  require(connection().failed() && connection().error(), "Failed without an error");
  require(!std::string_view(connection().error().reason).empty(), "an error without a reason");
  if (!first) {
    require(!wrote, "output after the connection has failed");
    return;
  }
  note('F');
  trace_.failed = true;
  const bool by_peer = connection().error().fault == tls::Fault::PeerAlert;
  require(wrote || by_peer || trace_.closed, "failed without an alert");
  connection().release_handshake();  // a host may, from now on
}

// One call. False when it has to wait for more.
bool Host::receive(std::vector<MutableBytes>& pieces) {
  Bytes storage(room());
  tls::Output output{storage, 0};
  const bool had_failed = trace_.failed;
  const bool had_closed = trace_.peer_closed;
  const tls::Result result = connection().receive(worker_, kNow, pieces, output);
  take(output);
  const std::size_t given = total_size(pieces);
  require(result.consumed <= given, "consumed more than there was");
  require(!had_failed || (result.event == tls::Event::Failed && result.consumed == 0), "came back to life");
  require(
      !had_closed || had_failed || (result.event == tls::Event::PeerClosed && result.consumed == 0 && output.size == 0),
      "something after close_notify");
  if (result.event == tls::Event::Plaintext) take_plaintext(pieces, result);
  drop_front(pieces, result.consumed);
  switch (result.event) {
    case tls::Event::WantInput:
      return false;
    case tls::Event::WantJobs:
      note('J');
      run_jobs();
      return !trace_.failed;
    case tls::Event::HandshakeDone:
      on_done();
      return true;
    case tls::Event::Plaintext:
      note('P');
      return true;
    case tls::Event::PeerClosed:
      if (!had_closed) note('C');
      trace_.peer_closed = true;
      return false;
    case tls::Event::Failed:
      on_failed(!had_failed, output.size != 0);
      return false;
  }
  return false;
}

void Host::feed(std::span<const View> new_pieces) {
  std::vector<Bytes> memory;
  memory.push_back(std::move(pending_));
  for (const View& piece : new_pieces) memory.push_back(test::to_bytes(piece));
  std::vector<MutableBytes> pieces(memory.begin(), memory.end());
  while (receive(pieces)) {
  }
  pending_.clear();
  if (trace_.failed || trace_.peer_closed) return;
  for (const MutableBytes& piece : pieces) test::append(pending_, piece);
}

std::size_t Host::send(View data) {
  const bool possible = trace_.done && !trace_.failed && !trace_.closed;
  if (!trace_.done) return 0;
  const View payload = data.first(std::min(data.size(), connection().max_payload()));
  Bytes buffer(tls::kHeadRoom);
  test::append(buffer, payload);
  buffer.resize(buffer.size() + tls::kTailRoom);
  const tls::Connection::Sealed sealed = connection().seal(worker_, buffer, tls::kHeadRoom, payload.size());
  require((sealed.size != 0) == possible, possible ? "seal() gave nothing: " + std::string(connection().error().reason)
                                                   : "seal() on a dead connection");
  require(sealed.offset <= buffer.size() && sealed.size <= buffer.size() - sealed.offset, "sealed outside the buffer");
  test::append(trace_.output, View(buffer).subspan(sealed.offset, sealed.size));
  return possible ? payload.size() : 0;
}

void Host::close() {
  Bytes storage(tls::kMinOutput);
  tls::Output output{storage, 0};
  connection().close(worker_, output);
  take(output);
  trace_.closed = true;
}

}  // namespace breakwater::fuzz
