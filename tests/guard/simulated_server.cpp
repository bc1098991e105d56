#include "tests/guard/simulated_server.h"

#include <algorithm>
#include <numeric>

namespace breakwater::test {

using guard::End;
using guard::Reason;

std::uint64_t Population::all_refused() const {
  return std::accumulate(refused.begin(), refused.end(), std::uint64_t{0});
}

SimulatedServer::SimulatedServer(const guard::GuardLimits& limits, std::uint64_t seed) : random_(seed) {
  guard_.use(limits, costs_, false, {}, {});
}

Population& SimulatedServer::add(Population population) { return populations_.emplace_back(std::move(population)); }

void SimulatedServer::measure(std::uint64_t ms) {
  for (Population& population : populations_) {
    population.begun = population.served = population.retried = population.worst_wait_ms = 0;
    population.refused = {};
  }
  blocked_.clear();
  idle_us_ = measured_us_ = 0;
  advance(ms, true);
  advance(kDeadline / kMs + 500, false);
}

std::uint64_t SimulatedServer::ever_blocked(const Population& population) const {
  return static_cast<std::uint64_t>(std::count(blocked_.begin(), blocked_.end(), &population));
}

void SimulatedServer::advance(std::uint64_t ms, bool counted) {
  for (std::uint64_t i = 0; i < ms; ++i) pass(counted);
}

void SimulatedServer::pass(bool counted) {
  now_ += kMs;
  credit_us_ += 1'000;
  const double behind = std::max(0.0, 1'000 - credit_us_);
  guard_.note_delay(queued_ns_ + static_cast<std::uint64_t>(behind * 1'000), now_, guard_.is_loaded() ? 0 : waited());
  std::vector<Visit> arrivals;
  for (Population& population : populations_) {
    std::poisson_distribution<unsigned> count(std::max(population.per_ms, 1e-9));
    for (unsigned i = count(random_); i > 0; --i) {
      const auto client = static_cast<std::uint32_t>(random_() % population.clients);
      arrivals.push_back({&population, client, population.tries, counted});
      population.begun += counted ? 1U : 0U;
    }
  }
  std::erase_if(later_, [&](Later& later) {
    if (later.at > now_) return false;
    arrivals.push_back(later.visit);
    return true;
  });
  std::shuffle(arrivals.begin(), arrivals.end(), random_);
  for (Visit& visit : arrivals) arrive(std::move(visit));
  if (guard_.is_loaded()) withdraw();
  work(counted);
}

void SimulatedServer::arrive(Visit visit) {
  const Population& from = *visit.population;
  const guard::Entry entry = guard_.door(from.address(visit.number), now_, visit.client);
  if (entry.blocked != nullptr) blocked_.push_back(&from);
  if (entry.refused != Reason::None) {
    credit_us_ -= costs_.refusal;
    return refuse(visit, entry.refused);
  }
  credit_us_ -= costs_.connection;
  guard::Ask ask{.fingerprint = from.fingerprint,
                 .ticket = from.tickets == Tickets::None  ? 0
                           : from.tickets == Tickets::One ? from.fingerprint + 1'000
                                                          : ++tickets_,
                 .arithmetic = from.arithmetic,
                 .tls12 = from.tls12,
                 .rsa = from.rsa,
                 .can_retry = !from.tls12};
  const auto judge = [&] {
    const guard::Backlog backlog{
        .queued = queued_ns_, .most = kQueueLimit, .worst = static_cast<guard::Rank>(worst_rank())};
    guard::Ask seen = ask;
    if (guard_.is_refused_anyway(visit.client, ask, backlog, now_)) seen.fingerprint = 0;
    return guard_.hello(visit.client, seen, backlog, now_);
  };
  guard::Answer answer = judge();
  if (answer.refused == Reason::None && answer.retry) {
    visit.population->retried += visit.counted ? 1U : 0U;
    if (!from.answers_retry) return guard_.ended(visit.client, End::Failed, now_);
    ask.retried = true;
    answer = judge();
  }
  if (answer.refused != Reason::None) {
    guard_.ended(visit.client, End::Refused, now_);
    return refuse(visit, answer.refused);
  }
  visit.since = now_;
  visit.cost = from.arithmetic;
  queued_ns_ += std::uint64_t{visit.cost} * 1'000;
  queue_[answer.rank].push_back(std::move(visit));
}

void SimulatedServer::refuse(Visit& visit, Reason reason) {
  if (--visit.tries > 0) {
    visit.client = {};
    later_.push_back({now_ + 100 * kMs, visit});
  } else if (visit.counted) {
    ++visit.population->refused[static_cast<std::size_t>(reason)];
  }
}

std::uint64_t SimulatedServer::waited() const {
  for (const std::deque<Visit>& queue : queue_) {
    if (!queue.empty()) return now_ - queue.front().since;
  }
  return 0;
}

std::size_t SimulatedServer::worst_rank() const {
  std::size_t rank = queue_.size() - 1;
  while (rank != 0 && queue_[rank].empty()) --rank;
  return rank;
}

void SimulatedServer::withdraw() {
  const auto give_up = [&](std::deque<Visit>& queue) {
    Visit visit = std::move(queue.front());
    queue.pop_front();
    queued_ns_ -= std::uint64_t{visit.cost} * 1'000;
    guard_.ended(visit.client, End::Refused, now_);
    refuse(visit, Reason::TooLate);
  };
  for (std::deque<Visit>& queue : queue_) {
    while (!queue.empty() && queue.front().since + kDeadline < now_) give_up(queue);
  }
  while (queued_ns_ > kQueueLimit) give_up(queue_[worst_rank()]);
}

void SimulatedServer::work(bool counted) {
  const bool newest = guard_.is_loaded();
  while (credit_us_ > 0 && queued_ns_ != 0) {
    Visit visit = take(newest);
    credit_us_ -= visit.cost;
    queued_ns_ -= std::uint64_t{visit.cost} * 1'000;
    guard_.ended(visit.client, visit.population->end, now_);
    if (!visit.counted) continue;
    ++visit.population->served;
    visit.population->worst_wait_ms = std::max(visit.population->worst_wait_ms, (now_ - visit.since) / kMs);
  }
  if (counted) {
    idle_us_ += std::max(credit_us_, 0.0);
    measured_us_ += 1'000;
  }
  credit_us_ = std::min(credit_us_, 0.0);
}

SimulatedServer::Visit SimulatedServer::take(bool newest) {
  std::deque<Visit>& queue =
      *std::find_if(queue_.begin(), queue_.end(), [](const std::deque<Visit>& one) { return !one.empty(); });
  Visit visit = std::move(newest ? queue.back() : queue.front());
  newest ? queue.pop_back() : queue.pop_front();
  return visit;
}

}  // namespace breakwater::test
