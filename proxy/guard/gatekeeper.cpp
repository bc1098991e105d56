#include "proxy/guard/gatekeeper.h"

#include <sys/random.h>

#include <algorithm>
#include <system_error>

#include "proxy/guard/guard_limits.h"

namespace breakwater::proxy {
namespace {

// So much work in the queue, in nanoseconds, is worth a look at everybody.
constexpr std::uint64_t kBusy = 8'000'000;
// And with so much nothing should keep others waiting for long: load comes suddenly.
constexpr std::uint64_t kPilingUp = 1'000'000;

// What is new should not wait long for what is old, however well that fills the lanes.
constexpr Slices kSlicesInPeace{.time_us = 2'000, .most_rsa = 16};
constexpr Slices kSlicesWhenBusy{.time_us = 1'000, .most_rsa = 8};
constexpr Slices kSlicesUnderLoad{.time_us = 1'000, .most_rsa = 8, .newest_first = true};

guard::SipKey random_key() {
  guard::SipKey key{};
  if (::getrandom(&key, sizeof key, 0) != sizeof key) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return key;
}

guard::BackOff back_off_of(const GuardConfig& config) {
  constexpr std::uint64_t kMillisecond = 1'000'000;
  return {.first = std::max<std::uint64_t>(config.block_first_ms, 1) * kMillisecond,
          .most = std::max(config.block_most_ms, config.block_first_ms) * kMillisecond,
          .forget = config.block_most_ms * kMillisecond};
}

guard::GuardMemory memory_of(const Zeroed<GuardTables>& tables) {
  return {.clients = tables->clients,
          .groups = tables->groups,
          .refusals = tables->strikes,
          .half_open = tables->half_open,
          .reputation = tables->reputation,
          .blocks = tables->blocks};
}

}  // namespace

guard::Address guard_address(const SocketAddress& address) noexcept {
  if (address.family() != AF_INET6) return guard::Address::v4(ntohl(address.v4.sin_addr.s_addr));
  return guard::Address::v6(address.v6.sin6_addr.s6_addr);
}

Gatekeeper::Gatekeeper(Worker& worker) : worker_(worker), key_(random_key()), guard_(memory_of(tables_), key_, {}) {
  worker_.set_slices(kSlicesInPeace);
}

Gatekeeper::~Gatekeeper() { worker_.set_judge(nullptr); }

void Gatekeeper::use(std::shared_ptr<const GuardConfig> config, const Server& server, std::size_t workers) {
  if (config == nullptr || !config->on) {
    config_ = nullptr;
    worker_.set_judge(nullptr);
    set_pace(Pace::Peace);
    return;
  }
  host_limits_ = host_limits(*config, server);
  guard::GuardLimits limits = guard_limits(*config, server, workers);
  limits.hosts = host_limits_;
  address_share_ = static_cast<double>(limits.address) / guard::Usage::window(guard::Usage::Memory::Long);
  guard_.use(limits, {}, server.host_count() > 1, guard::NetworkList(config->allow), guard::NetworkList(config->deny));
  guard_.blocks().use(back_off_of(*config));
  queue_limit_ns_ = queue_limit_ns(*config, server);
  half_open_limit_ = std::max<std::size_t>(1, config->half_open_limit / workers);
  config_ = std::move(config);
  worker_.set_judge(this);
}

// What the queue takes with its lanes as full as they are, and how long the first of it waits already. While nobody is
// withdrawn and the oldest goes first, these tell of load that no estimate knows; under load they would not tell when
// it is over.
std::uint64_t Gatekeeper::strain_of(const Waiting& waiting) const noexcept {
  if (waiting.since_ms == 0 || waiting.since_ms >= epoch_ms_) return waiting.work_ns;
  return std::max(waiting.work_ns, (epoch_ms_ - waiting.since_ms) * 1'000'000);
}

void Gatekeeper::begin_pass(std::uint64_t now_us, std::uint64_t epoch_ms, std::uint64_t delay_us,
                            std::size_t half_open) noexcept {
  now_us_ = now_us;
  epoch_ms_ = epoch_ms;
  if (!told_.empty()) hear_of_blocks();
  if (config_ == nullptr) return;
  const std::uint64_t delay = std::max(worker_.queued_ns(), delay_us * 1000);
  const std::uint64_t strain = guard_.is_loaded() ? 0 : strain_of(worker_.waiting());
  guard_.note_delay(delay, now(), strain);
  delay_ns_ = std::max(delay, strain);
  guard_.set_crowded(half_open > half_open_limit_ / 2);
  sampler_.begin_pass(now_us);
  loaded_.store(guard_.is_loaded(), std::memory_order_relaxed);
  set_pace(guard_.is_loaded() ? Pace::Loaded : delay > kPilingUp ? Pace::Busy : Pace::Peace);
}

void Gatekeeper::set_pace(Pace pace) noexcept {
  if (pace == pace_) return;
  pace_ = pace;
  constexpr Slices kSlices[] = {kSlicesInPeace, kSlicesWhenBusy, kSlicesUnderLoad};
  worker_.set_slices(kSlices[static_cast<std::size_t>(pace)]);
}

// In peace nobody has to know of everybody.
void Gatekeeper::note_arrival(const guard::Address& address, guard::Client& client) noexcept {
  if (client.address == 0) return;
  sampler_.arrived();
  const std::uint8_t weight = sampler_.weight(guard_.is_loaded());
  // In a rush whoever was noted when it came, and nobody else, is noted when it is refused: so no report says that more
  // were refused than came.
  client.weight = sampler_.is_rush() ? weight : 1;
  if (weight == 0) return;
  talkers_.addresses.came(client.address, guard::client_of(address), weight, now());
  talkers_.networks.came(client.network, guard::aggregate_of(address), weight, now());
}

bool Gatekeeper::is_front_end(const SocketAddress& peer) const noexcept {
  return front_ends_ != nullptr && front_ends_->contains(guard_address(peer));
}

void Gatekeeper::tell_of_block(const guard::Blocked& blocked, Way way) noexcept {
  found_.put({blocked, way == Way::Direct});
  has_news_ = true;
}

void Gatekeeper::hear_of_blocks() noexcept {
  for (const NewBlock& block : told_.take()) {
    guard_.blocks().take_over(guard_.key_of(block.blocked.network), block.blocked, now());
  }
}

bool Gatekeeper::admits(const SocketAddress& from, guard::Client& client, Way way) noexcept {
  if (config_ == nullptr) return true;
  const guard::Address address = guard_address(from);
  const guard::Entry entry = guard_.door(address, now(), client);
  note_arrival(address, client);
  if (entry.refused == guard::Reason::None) return true;
  if (entry.blocked != nullptr) tell_of_block(*entry.blocked, way);
  count_refusal(client, entry.refused);
  return false;
}

void Gatekeeper::count_refusal(const guard::Client& client, guard::Reason reason) noexcept {
  if (config_ == nullptr) return;
  refusals_[static_cast<std::size_t>(reason)].add();
  talkers_.refused(client, now());
}

// Whether the fingerprint is to be made, and of how many others it is a sample; 0: it is not. Making it takes a while:
// in peace nobody asks for it, nor where a hello is refused whatever it is.
std::uint8_t Gatekeeper::fingerprint_weight(bool refused_anyway) noexcept {
  const bool busy = guard_.is_loaded() || worker_.queued_ns() > kBusy;
  if (busy && !refused_anyway) return 1;
  return sampler_.weight(false);
}

Judgement Gatekeeper::judge(Connection& connection, const Hello& hello) noexcept {
  guard::Client& client = client_of(connection);
  if (client.trusted || client.address == 0) return {.rank = guard::kRankFirst};
  guard::Ask ask{.ticket = hello.ticket_id,
                 .arithmetic = hello.cost_ns / 1000,
                 .host = hello.host,
                 .tls12 = hello.version == Version::Tls12,
                 .rsa = hello.signature == SignatureKind::Rsa,
                 .unknown_name = !hello.server_name.empty() && !hello.known_name,
                 .generator_share = hello.generator_share,
                 .retried = hello.retried,
                 .can_retry = hello.can_retry};
  const std::uint64_t queued = worker_.queued_ns();
  const guard::Backlog backlog{.queued = queued,
                               .most = queue_limit_ns_,
                               .worst = queued > queue_limit_ns_ ? worker_.worst_rank() : guard::kRankFirst};
  client.fingerprint_weight = fingerprint_weight(guard_.is_refused_anyway(client, ask, backlog, now()));
  if (client.fingerprint_weight != 0) {
    const guard::Ja4 fingerprint{hello.ja4()};
    ask.fingerprint = guard_.key_of(fingerprint);
    talkers_.fingerprints.came(ask.fingerprint, fingerprint, client.fingerprint_weight, now());
  }
  const guard::Answer answer = guard_.hello(client, ask, backlog, now());
  if (answer.refused != guard::Reason::None) {
    count_refusal(client, answer.refused);
    return {.verdict = Verdict::Refuse, .rank = answer.rank};
  }
  return {.verdict = answer.retry ? Verdict::Retry : Verdict::Proceed, .rank = answer.rank};
}

// Also with the guard off: who was let in while it was on is counted.
void Gatekeeper::ended(guard::Client& client, guard::End end) noexcept { guard_.ended(client, end, now()); }

void Gatekeeper::publish(ReportBoard& board) {
  if (!board.is_wanted()) return;
  GuardReport report;
  report.enabled = config_ != nullptr;
  if (report.enabled) {
    report.under_load = guard_.is_loaded();
    if (!guard_.level().is_open()) {
      report.level = static_cast<double>(guard_.level().value()) / guard::Level::kOne * address_share_;
    }
    report.queue_ms = static_cast<double>(delay_ns_) / 1e6;
    report.talkers = talkers_.report(guard_, now());
    guard_.blocks().for_each(now(), [&](std::uint64_t, const guard::Blocked& blocked) {
      report.blocks.push_back({text_of(blocked.network), (blocked.until - now()) / 1'000'000'000, blocked.strikes});
    });
  }
  report.refusals = counts_of(refusals_);
  board.publish(std::move(report));
}

RefusalCounts counts_of(const Refusals& refusals) {
  RefusalCounts counts;
  for (std::size_t i = 1; i < guard::kReasons; ++i) {
    counts.emplace_back(guard::reason_name(static_cast<guard::Reason>(i)), refusals[i].get());
  }
  return counts;
}

}  // namespace breakwater::proxy
