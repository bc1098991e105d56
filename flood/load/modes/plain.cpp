#include "flood/load/modes/plain.h"

#include <algorithm>
#include <string>

#include "flood/load/driver.h"
#include "flood/plan/http_request.h"

namespace breakwater::flood {
namespace {

constexpr std::size_t kFiller = 16384;

std::vector<PatternStep> joined(const std::vector<PatternStep>& pattern) {
  std::vector<PatternStep> steps;
  std::uint32_t early = 0;  // bytes of steps that await nothing
  for (const PatternStep& step : pattern) {
    early += step.send;
    if (step.expect == 0 && &step != &pattern.back()) continue;
    steps.push_back({early, step.expect});
    early = 0;
  }
  if (steps.empty()) steps.emplace_back();
  return steps;
}

std::vector<std::uint8_t> payload_of(const Load& load, bool last) {
  std::vector<std::uint8_t> payload(kFiller, 'x');
  if (load.path.empty()) return payload;
  const std::string request = make_request(load, last, load.pattern.back().send);
  payload.insert(payload.end(), request.begin(), request.end());
  return payload;
}

}  // namespace

PlainMode::PlainMode(Driver& driver, const Load& load)
    : Behaviour(driver),
      repeats_(load.pattern_repeats),
      times_(load.repeats),
      hold_ns_(nanoseconds(load.hold_s)),
      steps_(joined(load.pattern)),
      again_(load.pattern.empty() ? PatternStep() : load.pattern.back()),
      payload_(payload_of(load, false)),
      last_payload_(times_ != 0 ? payload_of(load, true) : payload_),
      progress_(load.connections) {}

void PlainMode::enter(Progress& progress, std::size_t step) const {
  progress.step = step;
  const bool once_more = asks(progress) && progress.requests != 0;
  progress.to_send = once_more ? again_.send : steps_[step].send;
  progress.to_receive = once_more ? again_.expect : steps_[step].expect;
  if (asks(progress)) ++progress.requests;
}

void PlainMode::begin(Connection& connection) {
  Progress& progress = progress_[connection.index];
  progress.requests = 0;
  enter(progress, 0);
}

void PlainMode::connected(Connection& connection) { advance_step(connection); }

// The request is the end of what its step sends, and of the payload.
ConstBytes PlainMode::output(Connection& connection) {
  const Progress& progress = progress_[connection.index];
  if (!asks(progress)) return ConstBytes(payload_).first(std::min<std::size_t>(progress.to_send, kFiller));
  const ConstBytes payload = is_last(progress) ? last_payload_ : payload_;
  if (progress.to_send <= payload.size()) return payload.last(progress.to_send);
  return payload.first(std::min<std::size_t>(progress.to_send - payload.size(), kFiller));
}

void PlainMode::sent(Connection& connection, std::size_t size) {
  progress_[connection.index].to_send -= static_cast<std::uint32_t>(size);
  advance_step(connection);
}

void PlainMode::advance_step(Connection& connection) {
  Progress& progress = progress_[connection.index];
  while (connection.stage == Stage::Active && progress.to_send == 0 && progress.to_receive == 0) {
    if (!next_step(connection)) return;
    driver_.flush(connection);
  }
}

bool PlainMode::next_step(Connection& connection) {
  Progress& progress = progress_[connection.index];
  if (asks(progress)) {
    driver_.record_request(connection.intended);
    driver_.count_success(connection);
    if (!is_last(progress) && driver_.begin_another(connection, clock_now())) {
      driver_.arm_deadline(connection);
      enter(progress, progress.step);
      return true;
    }
    end(connection);
    return false;
  }
  if (progress.step + 1 == steps_.size()) {
    driver_.record_handshake_latency(connection);
    end(connection);
    return false;
  }
  enter(progress, progress.step + 1);
  if (asks(progress)) driver_.record_handshake_latency(connection);
  return true;
}

void PlainMode::end(Connection& connection) {
  if (hold_ns_ == 0) return driver_.succeed(connection);
  driver_.hold(connection);
  ticks_.push_back(connection.tick, clock_now() + hold_ns_);
}

std::size_t PlainMode::input(Connection& connection, MutableBytes bytes) {
  Progress& progress = progress_[connection.index];
  if (bytes.size() > progress.to_receive || progress.to_send > 0) {
    driver_.fail(connection, Failure::WrongLength);
    return bytes.size();
  }
  progress.to_receive -= static_cast<std::uint32_t>(bytes.size());
  advance_step(connection);
  return bytes.size();
}

void PlainMode::peer_ended(Connection& connection, bool reset) {
  driver_.fail(connection, reset ? Failure::Reset : Failure::ClosedEarly);
}

void PlainMode::expired(Connection& connection) { driver_.fail(connection, Failure::RequestTimeout); }

void PlainMode::ticked(Connection& connection) { driver_.succeed(connection); }

}  // namespace breakwater::flood
