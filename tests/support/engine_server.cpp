#include "tests/support/engine_server.h"

#include <algorithm>
#include <cstring>

#include "core/batch/executor.h"
#include "library/port/initialise.h"

namespace breakwater::test {
namespace {

std::size_t total_size(std::span<const MutableBytes> pieces) {
  std::size_t size = 0;
  for (const MutableBytes& piece : pieces) size += piece.size();
  return size;
}

}  // namespace

EngineServer::EngineServer(const ServerSetup& setup, std::uint64_t seed, std::uint64_t now,
                           tls::ExpandedKeys* shared_keys)
    : now_ms(now), setup_(setup), random_(seed), job_random_(~seed), handshake_(new tls::Handshake) {
  port::initialise();
  worker_.ticket_keys = &setup.ring;
  worker_.entropy = {fill, this};
  worker_.keys = shared_keys != nullptr ? shared_keys : &keys_;
  // Whatever was in the memory before must not matter.
  std::memset(static_cast<void*>(handshake_.get()), 0xA5, sizeof(tls::Handshake));
  connection_.start(setup.configuration, *handshake_);
}

EngineServer::~EngineServer() { connection_.finish(worker_); }

void EngineServer::fill(void* context, MutableBytes out) noexcept {
  auto* self = static_cast<EngineServer*>(context);
  if (self->entropy_hook && self->entropy_hook(out)) return;
  const Bytes bytes = self->random_.bytes(out.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
}

void EngineServer::fill_for_jobs(void* context, MutableBytes out) noexcept {
  const Bytes bytes = static_cast<EngineServer*>(context)->job_random_.bytes(out.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
}

void EngineServer::expect(bool promise, const char* text) {
  if (!promise && broken_promise_.empty()) broken_promise_ = text;
}

std::size_t EngineServer::room() const { return done_ ? tls::kMinOutput : tls::max_flight_size(setup_.configuration); }

void EngineServer::note(char event) {
  if (event == 'P' && !events_.empty() && events_.back() == 'P') return;
  events_ += event;
}

void EngineServer::take_output(Bytes& out, tls::Output& output) {
  expect(output.size <= output.storage.size(), "output overrun");
  if (output.size == 0) return;
  ++sends_;
  largest_send_ = std::max(largest_send_, output.size);
  append(out, output.storage.first(output.size));
  output.size = 0;
}

void EngineServer::take_plaintext(std::span<const MutableBytes> pieces, const tls::Result& result) {
  expect(result.plaintext_offset + result.plaintext_size <= result.consumed, "plaintext outside of what was consumed");
  expect(result.plaintext_size != 0, "empty plaintext reported");
  std::size_t offset = 0;
  for (const MutableBytes& piece : pieces) {
    for (std::size_t i = 0; i < piece.size(); ++i, ++offset) {
      if (offset >= result.plaintext_offset && offset < result.plaintext_offset + result.plaintext_size) {
        received_.push_back(piece[i]);
      }
    }
  }
}

void EngineServer::run_jobs() {
  for (batch::Job& job : connection_.jobs(signature_room_)) {
    expect(job.status == batch::JobStatus::Pending, "a job that is not pending was handed out");
    if (job_hook && job_hook(job)) continue;
    batch::run(job, Entropy{fill_for_jobs, this});
  }
}

void EngineServer::release_handshake() {
  server_name_ = std::string(connection_.server_name());
  expect(connection_.release_handshake() == handshake_.get(), "release_handshake() does not give back what it took");
  expect(connection_.release_handshake() == nullptr, "the handshake was given back twice");
  const Bytes wiped(sizeof(tls::Handshake));
  expect(std::memcmp(static_cast<const void*>(handshake_.get()), wiped.data(), wiped.size()) == 0,
         "the handshake was not wiped");
  handshake_.reset();
}

Bytes EngineServer::feed_pieces(std::span<const View> new_pieces) {
  // Each piece in an allocation of its own size, so that sanitizers see reads past an end.
  std::vector<Bytes> memory;
  memory.push_back(std::move(pending_));
  pending_.clear();
  for (const View& piece : new_pieces) memory.push_back(to_bytes(piece));
  std::vector<MutableBytes> pieces(memory.begin(), memory.end());

  Bytes out;
  Bytes storage(room());
  std::size_t fruitless = 0;
  while (true) {
    storage.resize(room());
    tls::Output output{storage, 0};
    tls::Result result = connection_.receive(worker_, now_ms, pieces, output);
    take_output(out, output);
    expect(result.consumed <= total_size(pieces), "consumed more than there was");
    if (result.event == tls::Event::Plaintext) take_plaintext(pieces, result);
    for (std::size_t left = std::min(result.consumed, total_size(pieces)); left > 0;) {
      const std::size_t part = std::min(left, pieces.front().size());
      pieces.front() = pieces.front().subspan(part);
      left -= part;
      if (pieces.front().empty()) pieces.erase(pieces.begin());
    }
    fruitless = result.consumed == 0 ? fruitless + 1 : 0;
    if (result.event == tls::Event::WantJobs) {
      note('J');
      run_jobs();
      if (before_resume) before_resume();
      output = {storage, 0};
      result = connection_.resume(worker_, now_ms, output);
      expect(result.consumed == 0, "resume() consumed input");
      take_output(out, output);
      // receive() reports further jobs, and takes the input that waited for these.
      if (result.event == tls::Event::WantJobs || result.event == tls::Event::WantInput) continue;
    }
    if (result.event == tls::Event::HandshakeDone) {
      note('D');
      expect(!done_ && connection_.handshake_done(), "HandshakeDone at a wrong time");
      done_ = true;
      release_handshake();
    } else if (result.event == tls::Event::Plaintext) {
      note('P');
    } else if (result.event == tls::Event::PeerClosed) {
      note('C');
      peer_closed_ = true;
      break;
    } else if (result.event == tls::Event::Failed) {
      note('F');
      expect(connection_.failed() && connection_.error(), "Failed without an error");
      break;
    } else if (total_size(pieces) == 0 || result.consumed == 0) {
      break;  // WantInput, and all is used or the rest must wait
    }
    if (fruitless > 8) {
      expect(false, "no progress");
      break;
    }
  }
  for (const MutableBytes& piece : pieces) append(pending_, piece);
  return out;
}

Bytes EngineServer::send(View data, std::size_t record_size) {
  Bytes out;
  const std::size_t most = record_size != 0 ? record_size : connection_.max_payload();
  do {
    const View piece = data.first(std::min(data.size(), most));
    data = data.subspan(piece.size());
    Bytes buffer(tls::kHeadRoom);
    append(buffer, piece);
    buffer.resize(buffer.size() + tls::kTailRoom);
    const auto sealed = connection_.seal(worker_, buffer, tls::kHeadRoom, piece.size());
    if (sealed.size == 0) {
      expect(static_cast<bool>(connection_.error()), "seal() gave nothing without an error");
      return out;
    }
    expect(sealed.offset + sealed.size <= buffer.size(), "sealed record outside of the buffer");
    append(out, View(buffer).subspan(sealed.offset, sealed.size));
  } while (!data.empty());
  return out;
}

Bytes EngineServer::close() {
  Bytes storage(tls::kMinOutput);
  tls::Output output{storage, 0};
  connection_.close(worker_, output);
  Bytes out;
  take_output(out, output);
  return out;
}

}  // namespace breakwater::test
