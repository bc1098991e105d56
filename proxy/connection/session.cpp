#include "proxy/connection/session.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "proxy/reactor/reset.h"

namespace breakwater::proxy {
namespace {

constexpr std::uint64_t kUnsentMs = 30'000;      // without a byte taken of what was left when we ended
constexpr std::uint64_t kHalfClosedMs = 60'000;  // without a byte from a client after the backend has ended

}  // namespace

static_assert(kMaxRecord <= kChunkCapacity, "a whole record must fit into one chunk");
static_assert(kHeadRoom + 16384 + kTailRoom <= kChunkCapacity);
static_assert(sizeof(ProxyHeaderParser) <= Session::kMaxStash, "while the header is due, nothing else is kept");
static_assert(sizeof(Session) + sizeof(SocketAddress) <= 272, "behind a front end, too");
static_assert(sizeof(Session) <= 256, "a half-open connection may cost 2 KiB in all; see also the test of memory");

Session::Session(Context& context, Connection& tls, int descriptor, Inherited inherited,
                 const guard::Client& client) noexcept
    : inherited_(inherited),
      descriptor_(descriptor),
      client_(client),
      context_(&context),
      tls_(&tls),
      holding_since_(static_cast<std::uint32_t>(context.now_ms)),
      stash_{} {
  tls.set_user_data(this);
  context.handshakes.arm(*this, context.now_ms);
}

void Session::expect_header() noexcept {
  header_due_ = true;
  std::construct_at(&header_);
}

void Session::client_events(std::uint32_t events) noexcept {
  if ((events & EPOLLOUT) != 0) writable_ = true;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if ((events & EPOLLERR) != 0) broken_ = true;
}

void Session::side_events(std::uint32_t events) noexcept {
  if (open_ != nullptr) open_->side_events |= events;
}

void Session::run() noexcept {
  if (phase_ == Phase::Dead) return;
  if (broken_) return kill(false);
  if (leaves_unanswered()) return client_left();
  if (phase_ == Phase::Lingering) return throw_away();
  starved_ = false;
  if (phase_ == Phase::Open && !abandoned_) {
    if (open_->side_events != 0) {
      const std::uint32_t events = std::exchange(open_->side_events, 0);
      open_->application().side_event(*open_, events);
    }
    if (open_->wants_output && credit() > 0) {
      open_->wants_output = false;
      open_->application().writable(*open_);
    }
  }
  if (!offer_pending()) return;
  if (can_read()) read_once();
}

void Session::jobs_done() noexcept {
  if (phase_ == Phase::Dead) return;
  jobs_pending_ = false;
  context_->measurements.job_wait.note(static_cast<std::uint32_t>(context_->slice_us) - jobs_since_);
  context_->settling.push_back(*this);  // the jobs may have waited for more than the pass that asked for them
  bool fresh = false;
  Chunk* const chunk = output_chunk_or_kill(context_->flight_room, fresh);
  if (chunk == nullptr) return;
  Output output{chunk->whole(), chunk->end};
  const Result result = tls_->resume(context_->epoch_ms, output);
  if (attach(chunk, fresh, output)) flight_ = answered_ = worked_ = true;
  const bool wants_input = handle(result) == Step::Continue || result.event == Event::WantInput;
  if (!wants_input) return;
  if (!unstash_input()) {
    flush_others();
    if (!unstash_input()) return kill_for_want_of_chunks();
  }
  digest();
}

// What every event but Plaintext means. Continue: go on with the rest of the input.
Session::Step Session::handle(const Result& result) noexcept {
  switch (result.event) {
    case Event::WantInput:
      return Step::Stop;
    case Event::WantJobs:
      jobs_pending_ = true;
      jobs_since_ = static_cast<std::uint32_t>(context_->now_us);
      return Step::Stop;
    case Event::HandshakeDone:
      established();
      return phase_ == Phase::Open ? Step::Continue : Step::Stop;
    case Event::Plaintext:
      return Step::Continue;
    case Event::PeerClosed:
      input_over_ = true;
      return Step::Stop;
    case Event::Failed:
      failed();
      return Step::Stop;
  }
  return Step::Stop;
}

void Session::established() noexcept {
  const Facts facts = tls_->facts();
  open_ = context_->open_parts.make(*this, *context_->service);
  if (open_ == nullptr) {  // no memory
    tls_->release_handshake();
    abandoned_ = true;
    return;
  }
  context_->counters.handshakes.add();
  if (facts.resumed) context_->counters.resumed.add();
  if (facts.version == Version::Tls12) context_->counters.tls12.add();
  context_->measurements.completed(facts);
  context_->gate.ended(client_, guard::End::Completed);
  open_->record = context_->access_log.begin(descriptor_, relayed_, facts, context_->epoch_ms);
  forget_relayed();
  tls_->release_handshake();
  phase_ = Phase::Open;
  patience_ = 0;
  holding_since_ = static_cast<std::uint32_t>(context_->now_ms);
  context_->idle.arm(*this, context_->now_ms);
  open_->application().opened(*open_, context_->draining);
}

// The connection ends in its handshake. What the engine or the client said comes before what is made of it now.
void Session::handshake_over(HandshakeEnd why) noexcept {
  const FailureCause cause = tls_->failure().cause;
  if (cause != FailureCause::None) {
    why = end_of(cause);
  } else if (input_over_) {
    why = HandshakeEnd::ClientLeft;
  } else if (abandoned_) {
    why = HandshakeEnd::NoMemory;  // see established()
  }
  context_->counters.handshakes_failed.add();
  if (worked_) context_->counters.handshakes_wasted.add();
  context_->measurements.failed(why, tls_->facts());
  context_->gate.ended(client_, guard_end(why));
}

guard::End Session::guard_end(HandshakeEnd why) const noexcept {
  switch (why) {
    case HandshakeEnd::Refused:
      return guard::End::Refused;
    case HandshakeEnd::Timeout:
      return guard::End::Stalled;
    case HandshakeEnd::Internal:
    case HandshakeEnd::NoMemory:
    case HandshakeEnd::Shutdown:
    case HandshakeEnd::Evicted:
    case HandshakeEnd::Stalled:
      return guard::End::Ours;
    default:
      return worked_ ? guard::End::Gone : guard::End::Failed;
  }
}

void Session::refuse(guard::Reason reason) noexcept {
  context_->gate.count_refusal(client_, reason);
  reset_when_closed();
  kill(false, HandshakeEnd::Refused);
}

void Session::reset_when_closed() noexcept {
  if (inherited_ != Inherited::Reset) reset_on_close(descriptor_);
  inherited_ = Inherited::Nothing;
}

// Before anything is written: a reset would take it back.
void Session::end_in_order() noexcept {
  if (inherited_ != Inherited::Nothing) end_on_close(descriptor_);
  inherited_ = Inherited::Nothing;
}

void Session::forget_relayed() noexcept {
  if (relayed_ != nullptr) context_->relayed.recycle(relayed_);
  relayed_ = nullptr;
}

// The application's last word; what only it needed goes back.
void Session::close_application(bool clean) noexcept {
  if (open_ == nullptr) return;
  open_->application().closed(*open_, clean);
  const bool all_said = shut_ && finished_ && tls_->failure().cause == FailureCause::None;
  context_->access_log.end(open_->record, context_->epoch_ms, all_said);
  context_->open_parts.recycle(open_);
  open_ = nullptr;
}

void Session::failed() noexcept {
  const Failure failure = tls_->failure();
  const bool refused = failure.cause == FailureCause::Refused;  // the guard says so itself
  if (!refused && (phase_ == Phase::Handshake || failure.cause != FailureCause::PeerAlert)) {
    context_->failures.note(failure.reason, failure.alert == 0 ? std::string_view{} : alert_name(failure.alert));
  }
  // Under load nobody is told why at length.
  if (phase_ == Phase::Handshake && context_->gate.resets() && (refused || context_->gate.is_loaded())) {
    reset_when_closed();
    return kill(false);
  }
  // Where all is read, the alert is the end of who is refused: no descriptor is kept to linger.
  if (refused) input_over_told_ = true;
  finished_ = true;  // nothing can be sealed any more; the alert, if there is one, is in the output
  abandon();
}

void Session::abandon() noexcept {
  if (abandoned_) return;
  abandoned_ = true;
  start_timer();
}

void Session::start_drain() noexcept {
  if (phase_ == Phase::Open && !abandoned_) open_->application().drain(*open_);
}

void Session::timed_out() noexcept {
  switch (phase_) {
    case Phase::Handshake:
      context_->counters.handshake_timeouts.add();
      context_->failures.note("the handshake took longer than handshake_timeout", {});
      return kill(false, HandshakeEnd::Timeout);
    case Phase::Open:
      if (patience_ != 0) {
        --patience_;
        return timer().arm(*this, context_->now_ms);
      }
      if (abandoned_) return kill(false);  // the peer does not take the rest
      if (open_->application().idle(*open_)) {
        if (!TimerHook::linked()) start_timer();
        return context_->settling.push_back(*this);
      }
      context_->counters.idle_timeouts.add();
      if (!output_.empty()) return kill(false);  // the peer does not even take what is there
      if (!abandoned_) finish_output();
      abandon();
      patience_ = 0;  // the peer has had its time: what may be in the way of close_notify is older than that
      return context_->settling.push_back(*this);
    case Phase::Lingering:
      return kill(true);
    case Phase::Dead:
      return;
  }
}

void Session::kill(bool clean, HandshakeEnd why) noexcept {
  if (phase_ == Phase::Dead) return;
  Counters& counters = context_->counters;
  if (phase_ == Phase::Handshake) handshake_over(why);
  if (jobs_pending_) counters.jobs_spared.add();
  close_application(clean);
  phase_ = Phase::Dead;
  counters.closed.add();
  context_->tls.close(*tls_);
  end_in_order();        // unless it was told to reset
  ::close(descriptor_);  // takes it out of epoll as well
  forget_relayed();
  input_.clear(context_->pool);
  output_.clear(context_->pool);
  TimerHook::unlink();
  ListHook<HolderTag>::unlink();
  context_->dead.push_back(*this);
  ++context_->dead_count;
}

// Keeps the list of those who hold chunks in the order in which they last made progress.
void Session::hold_or_release() noexcept {
  ListHook<HolderTag>& hook = *this;
  if (!holds_chunks()) {
    hook.unlink();
  } else if (!hook.linked() || progress_) {
    if (phase_ == Phase::Open) holding_since_ = static_cast<std::uint32_t>(context_->now_ms);
    context_->holders.push_back(*this);
  }
  progress_ = false;
}

// The list for the timer of an open connection. Once our side has ended, a list of short times serves, again and again
// (patience_): a connection that is only waited for must not stay for the idle time of a tunnel, which may be hours.
DeadlineList<Session>& Session::timer() noexcept {
  if (abandoned_) return context_->lingering;  // so that it can be evicted, too
  const bool half_closed = finished_ && context_->idle.duration() > kHalfClosedMs;
  return half_closed ? context_->connecting : context_->idle;
}

void Session::start_timer() noexcept {
  if (phase_ != Phase::Open) return;
  DeadlineList<Session>& list = timer();
  const std::uint64_t whole = abandoned_ ? kUnsentMs : &list == &context_->idle ? 0 : kHalfClosedMs;
  const std::uint64_t rounds = whole / std::max<std::uint64_t>(list.duration(), 1);
  patience_ = static_cast<std::uint8_t>(std::clamp<std::uint64_t>(rounds, 1, 256) - 1);
  list.arm(*this, context_->now_ms);
}

void Session::renew_timer() noexcept {
  progress_ = true;
  if (abandoned_ || (phase_ == Phase::Open && !open_->connecting)) start_timer();
}

guard::Client& client_of(Connection& connection) noexcept {
  return static_cast<Session*>(connection.user_data())->client();
}

}  // namespace breakwater::proxy
