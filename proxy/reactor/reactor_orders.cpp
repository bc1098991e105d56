// Reactor: what the main thread orders.
#include <unistd.h>

#include "proxy/reactor/reactor.h"

namespace breakwater::proxy {
namespace {

void wake(int event) noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event, &one, sizeof one);
}

}  // namespace

void Reactor::reload(ReactorSettings settings) {
  {
    const std::lock_guard guard(orders_lock_);
    ordered_settings_ = std::move(settings);
  }
  orders_.store(true, std::memory_order_release);
  wake(wakeup_.get());
}

void Reactor::drain() noexcept {
  drain_ordered_.store(true, std::memory_order_release);
  orders_.store(true, std::memory_order_release);
  wake(wakeup_.get());
}

void Reactor::stop_now() noexcept {
  stop_ordered_.store(true, std::memory_order_release);
  orders_.store(true, std::memory_order_release);
  wake(wakeup_.get());
}

void Reactor::obey() noexcept {
  orders_.exchange(false, std::memory_order_acq_rel);
  std::optional<ReactorSettings> settings;
  {
    const std::lock_guard guard(orders_lock_);
    settings.swap(ordered_settings_);
  }
  if (settings) {
    context_.tls.use(settings->server);
    adopt(std::move(*settings));
  }
  if (drain_ordered_.load(std::memory_order_acquire) && !context_.draining) begin_drain();
}

void Reactor::begin_drain() noexcept {
  // Clients whose TCP connection is complete have been promised service: take them in before closing the door.
  constexpr int kPasses = 64;  // 64 connections each: the longest backlog
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    for (int pass = 0; pass < kPasses; ++pass) accept_pass(static_cast<int>(i));
  }
  listeners_.clear();
  accepting_ = false;
  context_.draining = true;
  drain_deadline_ = context_.now_ms + timeouts_.drain_ms;
  const auto tell = [this](Session& session) {
    session.start_drain();
    active_.push_back(session);
  };
  context_.idle.for_each(tell);
  context_.connecting.for_each(tell);
}

}  // namespace breakwater::proxy
