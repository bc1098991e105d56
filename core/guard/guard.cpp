#include "core/guard/guard.h"

#include <algorithm>

namespace breakwater::guard {
namespace {

constexpr std::uint64_t kReputationHalfLife = 60'000'000'000;
constexpr std::uint32_t kMicro = 1'000'000;

// Kinds with rates of their own.
constexpr std::uint64_t kRsa = 0, kTls12 = 1;

// Steps down for what costs more or is worth less, where there is more to do than can be done.
constexpr unsigned kRsaSteps = 1;
constexpr unsigned kTls12Steps = 1;
constexpr unsigned kUnknownNameSteps = 1;
constexpr unsigned kGeneratorSteps = 2;

// From this rank on, software that mostly leaves after our flight has to show that it reads.
constexpr Rank kRankDoubtful = kRankFair + 1;

// Keys are never 0, which in a table stands for a free place. The lowest bits tell the set, so it is the highest that
// is given away.
constexpr std::uint64_t in_use(std::uint64_t key) noexcept { return key | std::uint64_t{1} << 63; }

}  // namespace

const char* reason_name(Reason reason) noexcept {
  constexpr const char* kNames[kReasons] = {"none",    "denied",     "blocked",  "address", "half-open",
                                            "trickle", "queue-full", "too-late", "rate"};
  return kNames[static_cast<std::size_t>(reason)];
}

Guard::Guard(const GuardMemory& memory, const SipKey& key, const BackOff& back_off) noexcept
    : clients_(memory.clients, Usage::Memory::Long),
      groups_(memory.groups, Usage::Memory::Short),
      refusals_(memory.refusals, Usage::Memory::Long),
      half_open_(memory.half_open),
      reputation_(memory.reputation, kReputationHalfLife),
      blocks_(memory.blocks, back_off),
      key_(key),
      fair_key_(key_of(Space::Fair, 0)),
      kind_keys_{key_of(Space::Kind, kRsa), key_of(Space::Kind, kTls12)} {}

void Guard::use(const GuardLimits& limits, const GuardCosts& costs, bool several_hosts, NetworkList allow,
                NetworkList deny) noexcept {
  limits_ = limits;
  costs_ = costs;
  several_hosts_ = several_hosts;
  allow_ = allow;
  deny_ = deny;
  load_.use(limits.load);
}

std::uint64_t Guard::key_of(const Network& network) const noexcept {
  SipHash<1, 3> hash(key_);
  hash.put(network.address().high);
  hash.put(network.address().low);
  hash.put(static_cast<std::uint64_t>(Space::Network) << 32 | network.length());
  return in_use(hash.finish(0, 24));
}

std::uint64_t Guard::key_of(const Ja4& fingerprint) const noexcept {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(fingerprint.text.data());
  return in_use(siphash<1, 3>(key_, {bytes, Ja4::kSize}));
}

std::uint64_t Guard::key_of(Space space, std::uint64_t value) const noexcept {
  return in_use(keyed_hash(key_, static_cast<std::uint64_t>(space), value));
}

Entry Guard::door(const Address& address, std::uint64_t now, Client& client) noexcept {
  client = {};
  if (allow_.size() != 0 && allow_.contains(address)) {
    client.trusted = true;
    return {};
  }
  if (deny_.size() != 0 && deny_.contains(address)) return {.refused = Reason::Denied};
  const Network one = client_of(address);
  client.address = key_of(one);
  client.network = key_of(aggregate_of(address));
  // In a flood from many addresses all of these are cold: it takes as long to fetch one as to fetch all.
  blocks_.prefetch(client.address);
  refusals_.prefetch(client.address);
  clients_.prefetch(client.address);
  groups_.prefetch(client.network);
  half_open_.prefetch(client.address);
  if (blocks_.is_blocked(client.address, now)) {
    clients_.add(client.address, now, costs_.refusal);
    return {.refused = Reason::Blocked};
  }
  if (goes_on(client, now)) {
    blocks_.block(client.address, one, now);
    return {.refused = Reason::Blocked, .blocked = blocks_.find(client.address, now)};
  }
  if (const Reason reason = shut_out(client, now); reason != Reason::None) {
    refusals_.add(client.address, now, 1);
    clients_.add(client.address, now, costs_.refusal);
    return {.refused = reason};
  }
  client.half_open = true;
  half_open_.begin(client.address);
  return {};
}

// Whether it comes again after having been refused many times, while that matters.
bool Guard::goes_on(const Client& client, std::uint64_t now) const noexcept {
  if (limits_.strikes == 0 || refusals_.of(client.address, now) < limits_.strikes) return false;
  return crowded_ || (is_loaded() && clients_.of(fair_key_, now) >= limits_.fair_for_blocks);
}

// Of those who have had as much, the ones whose neighbours have had most go first. A network alone shuts nobody out:
// its clients within their share come in. What a network has had is known for a shorter time than what an address has,
// and goes up and down more: so one's own part in it is taken off generously, and it counts four times at most. With
// less care the level swings, and the server idles in between.
bool Guard::is_over_level(const Client& client, std::uint64_t now) const noexcept {
  if (level_.is_open()) return false;
  constexpr std::uint32_t kWindows = Usage::window(Usage::Memory::Long) / Usage::window(Usage::Memory::Short);
  constexpr std::uint32_t kMostCrowd = 4;
  const std::uint32_t own = clients_.of(client.address, now), all = groups_.of(client.network, now);
  const std::uint32_t others = all - std::min(all, own / kWindows * 3);
  return !level_.admits(own, limits_.address, std::min(others / std::max(limits_.network, 1U), kMostCrowd));
}

Reason Guard::shut_out(const Client& client, std::uint64_t now) const noexcept {
  if (is_over_level(client, now)) return Reason::Address;
  if (crowded_ && half_open_.of(client.address) >= limits_.half_open_of_address) return Reason::HalfOpen;
  return Reason::None;
}

bool Guard::piece(Client& client, std::size_t bytes) noexcept {
  constexpr unsigned kMostBytes = 0xffff;
  if (client.pieces < 255) ++client.pieces;
  client.bytes = static_cast<std::uint16_t>(std::min(client.bytes + bytes, std::size_t{kMostBytes}));
  return !trickles(client) || !(is_loaded() || crowded_);
}

// Libraries send a hello in one piece, the network may cut it into a few, and hardly into small ones. What follows is
// short, but the hello's bytes count for it as well: with a second hello, keys, and Finished an honest client has
// brought a hundred bytes a piece.
bool Guard::trickles(const Client& client) const noexcept {
  constexpr unsigned kOfAnySize = 4;
  if (client.trusted) return false;
  if (client.pieces > limits_.pieces) return true;
  return client.pieces > kOfAnySize && client.bytes < client.pieces * limits_.piece_bytes;
}

// By where it comes from. Networks that clients share are weighed like software that they share: by a share that only
// somebody who takes most of the capacity exceeds.
Rank Guard::rank_by_place(const Client& client, std::uint64_t now, std::uint32_t cost) noexcept {
  const Rank address = rank_of(clients_.add(client.address, now, cost), limits_.address);
  if (address <= kRankFair) clients_.add(fair_key_, now, cost);
  const Rank network = rank_of(groups_.add(client.network, now, cost), limits_.network);
  return std::max(address, network);
}

std::uint32_t Guard::share_of_host(std::uint16_t host) const noexcept {
  return host < limits_.hosts.size() ? limits_.hosts[host] : limits_.host;
}

// By what it is and what it asks for.
Rank Guard::rank_by_kind(const Ask& ask, std::uint64_t now, std::uint32_t cost) noexcept {
  Rank rank = kRankFair;
  if (ask.fingerprint != 0) rank = rank_of(groups_.add(ask.fingerprint, now, cost), limits_.fingerprint);
  if (several_hosts_) {
    const std::uint32_t used = groups_.add(key_of(Space::Host, ask.host), now, cost);
    rank = std::max(rank, rank_of(used, share_of_host(ask.host)));
  }
  return rank;
}

// A ticket may be used a few times at once, and again as time goes by. Beyond that whoever brings it is a stranger.
bool Guard::resumes_within_budget(const Ask& ask, std::uint64_t now, std::uint32_t cost) noexcept {
  if (ask.ticket == 0) return false;
  return rank_of(clients_.add(key_of(Space::Ticket, ask.ticket), now, cost), limits_.ticket) <= kRankFair + 2;
}

// On record: seconds' worth of the rate, in microseconds.
bool Guard::is_under_rate(std::uint64_t kind, std::uint32_t rate, std::uint64_t now) const noexcept {
  return rate == 0 || groups_.of(kind_keys_[kind], now) <= Usage::window(Usage::Memory::Short);
}

void Guard::count_rate(std::uint64_t kind, std::uint32_t rate, std::uint64_t now) noexcept {
  if (rate != 0) groups_.add(kind_keys_[kind], now, kMicro / rate);
}

bool Guard::is_over_rate(const Ask& ask, std::uint64_t now) const noexcept {
  return (ask.rsa && !is_under_rate(kRsa, limits_.rsa_rate, now)) ||
         (ask.tls12 && !is_under_rate(kTls12, limits_.tls12_rate, now));
}

bool Guard::over_rate(const Ask& ask, std::uint64_t now) noexcept {
  if (is_over_rate(ask, now)) return true;
  if (ask.rsa) count_rate(kRsa, limits_.rsa_rate, now);
  if (ask.tls12) count_rate(kTls12, limits_.tls12_rate, now);
  return false;
}

bool Guard::leaves_unfinished(std::uint64_t fingerprint, std::uint64_t now) const noexcept {
  const Standing standing = reputation_.of(fingerprint, now);
  return standing.abandoned > 8 * Standing::kOne && standing.abandoned > standing.completed;
}

bool Guard::is_refused_anyway(const Client& client, const Ask& ask, const Backlog& backlog,
                              std::uint64_t now) const noexcept {
  if (!is_loaded() || client.trusted || client.address == 0 || ask.ticket != 0) return false;
  if (is_over_rate(ask, now)) return true;
  if (backlog.queued <= backlog.most) return false;
  return rank_of(clients_.of(client.address, now), limits_.address) >= backlog.worst ||
         rank_of(groups_.of(client.network, now), limits_.network) >= backlog.worst;
}

Answer Guard::hello(Client& client, const Ask& ask, const Backlog& backlog, std::uint64_t now) noexcept {
  if (client.trusted || client.address == 0) return {.rank = kRankFirst};
  client.fingerprint = ask.fingerprint;
  const std::uint32_t whole = ask.arithmetic + costs_.connection;
  const bool charged = ask.retried && client.cost >= whole;  // for the arithmetic, at its first hello
  const std::uint32_t cost = charged ? costs_.connection : whole;
  Rank rank = rank_by_place(client, now, cost);
  const bool resumes = resumes_within_budget(ask, now, cost);
  if (resumes) {
    if (rank == kRankFair) rank = kRankFirst;
  } else {
    if (ask.ticket != 0) {  // a used-up ticket: what it has been used for counts, whoever brings it
      rank = std::max(rank, rank_of(clients_.of(key_of(Space::Ticket, ask.ticket), now), limits_.ticket));
    }
    rank = std::max(rank, rank_by_kind(ask, now, cost));
    const unsigned steps = (ask.rsa ? kRsaSteps : 0) + (ask.tls12 ? kTls12Steps : 0) +
                           (ask.unknown_name ? kUnknownNameSteps : 0) + (ask.generator_share ? kGeneratorSteps : 0);
    rank = static_cast<Rank>(std::min<unsigned>(rank + steps, kRankLowest));
  }
  client.cost += cost;
  if (ask.fingerprint != 0) reputation_.begin(ask.fingerprint, now);
  if (!is_loaded()) return {.rank = rank};

  if (backlog.queued > backlog.most && rank >= backlog.worst) return {.refused = Reason::QueueFull, .rank = rank};
  if (!resumes && over_rate(ask, now)) {
    load_.hold(now);
    return {.refused = Reason::Rate, .rank = rank};
  }
  const bool retry = limits_.retry && ask.can_retry && !ask.retried && !resumes && rank >= kRankDoubtful &&
                     leaves_unfinished(ask.fingerprint, now);
  return {.retry = retry, .rank = rank};
}

void Guard::ended(Client& client, End end, std::uint64_t now) noexcept {
  if (client.half_open) half_open_.end(client.address);
  client.half_open = false;
  if (client.trusted || client.address == 0) return;
  const auto charge = [&](std::uint32_t cost) {
    clients_.add(client.address, now, cost);
    groups_.add(client.network, now, cost);
    if (client.fingerprint != 0) groups_.add(client.fingerprint, now, cost);
  };
  switch (end) {
    case End::Completed:
      if (client.fingerprint != 0) reputation_.completed(client.fingerprint, now);
      break;
    case End::Gone:
      charge(client.cost * costs_.gone_factor);
      if (client.fingerprint != 0) reputation_.abandoned(client.fingerprint, now);
      break;
    case End::Refused:
      refusals_.add(client.address, now, 1);
      [[fallthrough]];
    case End::Failed:
      charge(costs_.connection);
      break;
    case End::Ours:
      break;
    case End::Stalled:
      charge(costs_.stalled);
      break;
  }
}

}  // namespace breakwater::guard
