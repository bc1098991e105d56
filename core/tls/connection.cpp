#include "core/tls/connection.h"

#include "core/tls/derive_keys.h"
#include "core/tls/failure.h"
#include "core/tls/ingress.h"
#include "core/tls/suites.h"
#include "core/tls/transitions.h"

namespace breakwater::tls {
namespace {

// Everything in a flight but the certificates: hello, signature, tickets, Finished, extensions.
constexpr std::size_t kFlightBase = 2048;

// Takes input until something has to be told to the host.
Event pump(Call& call, Cursor& input, Result& result) noexcept {
  ConnectionState& connection = call.connection;
  while (true) {
    if (connection.state == State::Failed) return Event::Failed;
    if (connection.peer_closed) return Event::PeerClosed;
    if (awaits_jobs(connection.state)) return Event::WantJobs;
    if (connection.state == State::Connected && !connection.done_reported) {
      connection.done_reported = true;
      return Event::HandshakeDone;
    }
    Error error = kNoError;
    const Read read =
        connection.read_protected ? read_protected(call, input, result, error) : read_plain(call, input, error);
    switch (read) {
      case Read::NeedMore:
        return Event::WantInput;
      case Read::Plaintext:
        return Event::Plaintext;
      case Read::Failed:
        fail(call, error);
        break;
      case Read::Progress:
        break;
    }
  }
}

// The first job that went wrong decides.
Error job_error(const Handshake::KeyPhase& keys) noexcept {
  for (std::size_t i = 0; i < keys.job_count; ++i) {
    if (keys.jobs[i].status == batch::JobStatus::Refused) {  // RFC 8446 4.2.8.1, RFC 8422 5.10 and 5.11
      return peer_error(Alert::IllegalParameter, "the peer's public key is not valid");
    }
    if (keys.jobs[i].status == batch::JobStatus::Failed) return our_error("a private-key operation failed");
  }
  return kNoError;
}

bool jobs_are_done(const Handshake::KeyPhase& keys) noexcept {
  for (std::size_t i = 0; i < keys.job_count; ++i) {
    if (keys.jobs[i].status != batch::JobStatus::Done) return false;
  }
  return true;
}

bool can_derive_keys(const ConnectionState& connection, State state, HashKind kind) noexcept {
  return connection.state == state && find_suite(connection.negotiated.suite)->hash == kind &&
         jobs_are_done(connection.handshake->keys) && !connection.handshake->keys.keys_derived;
}

}  // namespace

std::size_t max_flight_size(const Configuration& configuration) noexcept {
  std::size_t longest = 0;
  for (const VirtualHost& host : configuration.hosts) {
    for (const Certificate& certificate : host.certificates) {
      if (certificate.message_tls12.size() > longest) longest = certificate.message_tls12.size();
      if (certificate.message_tls13.size() > longest) longest = certificate.message_tls13.size();
    }
  }
  const std::size_t messages = kFlightBase + longest + configuration.tickets_per_handshake * (kTicketSize + 32);
  return messages + messages / 2;  // a record_size_limit of 64 adds 22 bytes to every 63 (RFC 8449 4)
}

void Connection::start(const Configuration& configuration, Handshake& handshake) noexcept {
  memset(static_cast<void*>(&state_), 0, sizeof state_);
  state_.configuration = &configuration;
  state_.handshake = &handshake;
  state_.error = kNoError;
  state_.negotiated = Negotiated{};
  state_.max_payload = kMaxPlaintext;
  state_.max_receive = kMaxPlaintext;
  state_.state = State::ExpectClientHello;
  memset(static_cast<void*>(&handshake), 0, sizeof handshake);
  handshake.transcript.start();
}

Result Connection::receive(Worker& worker, Milliseconds now, std::span<const MutableBytes> input,
                           Output& output) noexcept {
  Call call{state_, worker, now, output};
  Cursor cursor(input);
  Result result;
  result.event = pump(call, cursor, result);
  result.consumed = cursor.position();
  return result;
}

std::span<batch::Job> Connection::jobs(MutableBytes signature_room) noexcept {
  if (!awaits_jobs(state_.state)) return {};
  Handshake::KeyPhase& keys = state_.handshake->keys;
  const std::span<batch::Job> jobs(keys.jobs, keys.job_count);
  for (batch::Job& job : jobs) {
    if (job.kind == batch::JobKind::Signature) job.output = signature_room;
  }
  return jobs;
}

Result Connection::resume(Worker& worker, Milliseconds now, Output& output) noexcept {
  Call call{state_, worker, now, output};
  Result result;
  if (!awaits_jobs(state_.state)) {
    result.event = state_.state == State::Failed ? Event::Failed : Event::WantInput;
    return result;
  }
  const Handshake::KeyPhase& keys = state_.handshake->keys;
  for (std::size_t i = 0; i < keys.job_count; ++i) {
    if (keys.jobs[i].status == batch::JobStatus::Pending) {
      result.event = Event::WantJobs;
      return result;
    }
  }
  Error error = job_error(keys);
  if (!error) error = run_transition(call, *find_transition(state_, Input::JobsDone), {});
  if (error) fail(call, error);
  Cursor nothing({});
  result.event = pump(call, nothing, result);
  return result;
}

void Connection::derive_keys(Worker& worker, std::span<Connection* const> connections) noexcept {
  constexpr struct {
    State state;
    void (*derive)(HashLanes, std::span<ConnectionState* const>) noexcept;
  } kVersions[] = {{State::Tls12AwaitSharedSecret, derive_keys12}, {State::Tls13AwaitSharedSecret, derive_keys13}};
  ConnectionState* group[crypto::kLanes];
  for (const auto& [state, derive] : kVersions) {
    for (const HashKind kind : {HashKind::Sha256, HashKind::Sha384}) {
      std::size_t count = 0;
      for (Connection* const connection : connections) {
        if (!can_derive_keys(connection->state_, state, kind)) continue;
        group[count++] = &connection->state_;
        if (count < crypto::kLanes) continue;
        derive(worker.hash_lanes, std::span(group).first(count));
        count = 0;
      }
      if (count != 0) derive(worker.hash_lanes, std::span(group).first(count));
    }
  }
}

bool Connection::handshake_done() const noexcept { return state_.done_reported; }

bool Connection::has_answered() const noexcept {
  return state_.state != State::Failed && !expects_hello(state_.state) && !awaits_first_jobs(state_.state);
}

Handshake* Connection::release_handshake() noexcept {
  if (state_.state != State::Failed && !state_.done_reported) return nullptr;
  Handshake* const handshake = state_.handshake;
  if (handshake != nullptr) wipe(handshake, sizeof *handshake);
  state_.handshake = nullptr;
  return handshake;
}

std::size_t Connection::max_payload() const noexcept { return state_.max_payload; }
const Negotiated& Connection::negotiated() const noexcept { return state_.negotiated; }
const Error& Connection::error() const noexcept { return state_.error; }
bool Connection::failed() const noexcept { return state_.state == State::Failed; }

std::string_view Connection::server_name() const noexcept {
  return state_.handshake == nullptr ? std::string_view{} : state_.handshake->identity.name();
}

void Connection::finish(Worker& worker) noexcept {
  if (state_.read_protected || state_.write_protected) {
    worker.keys->forget(state_.traffic.read);
    worker.keys->forget(state_.traffic.write);
  }
  if (state_.handshake != nullptr) wipe(state_.handshake, sizeof *state_.handshake);
  wipe(&state_, sizeof state_);
}

}  // namespace breakwater::tls
