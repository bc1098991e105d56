#include <algorithm>
#include <cassert>

#include "core/tls/ja4_facts.h"
#include "library/src/job_cost.h"
#include "library/src/names.h"
#include "library/src/worker_impl.h"

namespace breakwater {
namespace {

// The public types repeat the engine's, so that the engine's headers need not be installed.
constexpr bool same(Event ours, tls::Event engines) { return static_cast<int>(ours) == static_cast<int>(engines); }
static_assert(same(Event::WantInput, tls::Event::WantInput) && same(Event::WantJobs, tls::Event::WantJobs) &&
              same(Event::HandshakeDone, tls::Event::HandshakeDone) && same(Event::Plaintext, tls::Event::Plaintext) &&
              same(Event::PeerClosed, tls::Event::PeerClosed) && same(Event::Failed, tls::Event::Failed));

constexpr bool same(FailureCause ours, tls::Fault engines) {
  return static_cast<int>(ours) == static_cast<int>(engines);
}
static_assert(same(FailureCause::None, tls::Fault::None) && same(FailureCause::PeerViolation, tls::Fault::Peer) &&
              same(FailureCause::NothingInCommon, tls::Fault::Offer) && same(FailureCause::Internal, tls::Fault::Us) &&
              same(FailureCause::PeerAlert, tls::Fault::PeerAlert) && same(FailureCause::Refused, tls::Fault::Refused));
static_assert(static_cast<int>(Verdict::Proceed) == static_cast<int>(tls::Verdict::Proceed) &&
              static_cast<int>(Verdict::Retry) == static_cast<int>(tls::Verdict::Retry) &&
              static_cast<int>(Verdict::Refuse) == static_cast<int>(tls::Verdict::Refuse));

static_assert(kHeadRoom == tls::kHeadRoom && kTailRoom == tls::kTailRoom && kMinOutput == tls::kMinOutput);
static_assert(kMaxRecord == tls::kRecordHeaderSize + tls::kMaxCiphertextTls12);

// The engine's view of an Output; what it appended is taken over at the end.
class EngineOutput {
 public:
  explicit EngineOutput(Output& output) noexcept : output_(output), engine_{output.storage, output.size} {}
  EngineOutput(const EngineOutput&) = delete;
  EngineOutput& operator=(const EngineOutput&) = delete;
  ~EngineOutput() { output_.size = engine_.size; }

  operator tls::Output&() noexcept { return engine_; }

 private:
  Output& output_;
  tls::Output engine_;
};

Hello hello_of(const tls::Proposal& proposal, std::uint32_t cost_ns) noexcept {
  Hello hello(&proposal);
  hello.version = static_cast<Version>(proposal.version);
  hello.server_name = proposal.server_name;
  hello.known_name = proposal.known_name;
  hello.host = proposal.host;
  hello.ticket_id = proposal.ticket_id;
  hello.resumed = proposal.ticket_id != 0;
  if (proposal.key != nullptr) {
    const bool rsa = proposal.key->type == batch::KeyType::Rsa;
    hello.signature = rsa ? SignatureKind::Rsa : SignatureKind::Ecdsa;
  }
  hello.cost_ns = cost_ns;
  hello.lacks_share = proposal.lacks_share;
  hello.retried = proposal.retried;
  hello.can_retry = proposal.can_retry;
  hello.generator_share = proposal.generator_share;
  return hello;
}

bool needs_dear_job(tls::Connection& engine) noexcept {
  for (const batch::Job& job : engine.jobs({})) {
    if (job.kind == batch::JobKind::Signature && job.key->type == batch::KeyType::Rsa) return true;
  }
  return false;
}

}  // namespace

std::array<char, 36> Hello::ja4() const noexcept {
  const auto& proposal = *static_cast<const tls::Proposal*>(proposal_);
  return guard::ja4(tls::ja4_facts(proposal.hello, proposal.scratch)).text;
}

tls::Worker& Worker::Impl::worker_for(Connection::State& state) noexcept {
  check_thread();
  if (!state.engine.handshake_done()) state.share->refresh_ticket_keys();
  tls_worker.ticket_keys = &state.share->ticket_keys;
  called = &state;
  return tls_worker;
}

tls::Verdict Worker::Impl::ask_judge(void* self, const tls::Proposal& proposal) noexcept {
  Impl& impl = *static_cast<Impl*>(self);
  Connection::State& state = *impl.called;
  const Hello hello = hello_of(proposal, cost_of(state.share->server->impl().tuning, proposal));
  const Judgement judgement = impl.judge->judge(*static_cast<Slot*>(&state), hello);
  state.rank = std::min<std::uint8_t>(judgement.rank, kRanks - 1);
  return static_cast<tls::Verdict>(judgement.verdict);
}

Result Worker::Impl::settle(Connection::State& state, std::uint64_t now_ms, const tls::Result& result) noexcept {
  if (result.event == tls::Event::WantJobs && state.phase == JobPhase::None) {
    state.phase = JobPhase::Waiting;
    state.queued_ms = now_ms;
    const std::span<const batch::Job> jobs = state.engine.jobs({});
    state.operations = operations_waiting.add(jobs);
    state.queued_ns = cost_of(state.share->server->impl().tuning, jobs);
    queued_ns += state.queued_ns;
    ++queued;
    // A handshake that we have answered goes on before others begin: half of it is paid for.
    if (state.engine.has_answered()) state.rank = 0;
    (needs_dear_job(state.engine) ? waiting.dear : waiting.cheap).append(state, state.rank);
  }
  return {.event = static_cast<Event>(result.event),
          .consumed = result.consumed,
          .plaintext_offset = result.plaintext_offset,
          .plaintext_size = result.plaintext_size};
}

Result Connection::receive(std::uint64_t now_ms, std::span<const std::span<std::uint8_t>> input,
                           Output& output) noexcept {
  Worker::Impl& impl = *worker_->impl_;
  // Input must wait until the handshake has been taken up again.
  if (state_->phase != JobPhase::None) return {.event = Event::WantJobs};
  EngineOutput engine_output(output);
  return impl.settle(*state_, now_ms, state_->engine.receive(impl.worker_for(*state_), now_ms, input, engine_output));
}

Result Connection::resume(std::uint64_t now_ms, Output& output) noexcept {
  Worker::Impl& impl = *worker_->impl_;
  assert(state_->phase == JobPhase::Ready && "resume() is for connections that run_jobs() named");
  if (state_->phase == JobPhase::Waiting) return {.event = Event::WantJobs};
  if (state_->phase == JobPhase::None) return {.event = Event::WantInput};
  if (state_->queued()) state_->unlink();  // resumed from another connection's on_ready: it is not named any more
  state_->phase = JobPhase::None;
  EngineOutput engine_output(output);
  const tls::Result result = state_->engine.resume(impl.worker_for(*state_), now_ms, engine_output);
  impl.release_signature_room(*state_);
  return impl.settle(*state_, now_ms, result);
}

Connection::Sealed Connection::seal(std::span<std::uint8_t> buffer, std::size_t payload_offset,
                                    std::size_t payload_size) noexcept {
  tls::Worker& worker = worker_->impl_->worker_for(*state_);
  const auto sealed = state_->engine.seal(worker, buffer, payload_offset, payload_size);
  return {.offset = sealed.offset, .size = sealed.size};
}

std::size_t Connection::max_payload() const noexcept { return state_->engine.max_payload(); }

void Connection::close(Output& output) noexcept {
  EngineOutput engine_output(output);
  state_->engine.close(worker_->impl_->worker_for(*state_), engine_output);
}

bool Connection::handshake_done() const noexcept { return state_->engine.handshake_done(); }

void Connection::release_handshake() noexcept {
  if (state_->engine.release_handshake() != nullptr) worker_->impl_->release_handshake(*state_);
}

Facts Connection::facts() const noexcept {
  const tls::Negotiated& negotiated = state_->engine.negotiated();
  const tls::Configuration& configuration = state_->share->server->impl().configuration;
  Facts facts;
  facts.version = static_cast<Version>(negotiated.version);
  facts.suite = suite_name(negotiated.suite);
  facts.group = group_name(negotiated.group);
  facts.signature_scheme = scheme_name(negotiated.signature);
  if (negotiated.protocol >= 0) facts.protocol = configuration.protocols[static_cast<std::size_t>(negotiated.protocol)];
  facts.server_name = state_->engine.server_name();
  facts.resumed = negotiated.resumed;
  facts.hello_retry = negotiated.hello_retry;
  facts.ticket_id = negotiated.ticket_id;
  return facts;
}

Failure Connection::failure() const noexcept {
  const tls::Error& error = state_->engine.error();
  return {.cause = static_cast<FailureCause>(error.fault),
          .alert = static_cast<std::uint8_t>(error.alert),
          .reason = {error.reason, error.reason_size}};
}

}  // namespace breakwater
