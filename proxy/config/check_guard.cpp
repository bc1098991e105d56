#include "proxy/config/check_guard.h"

#include <fmt/format.h>

#include <span>

#include "core/guard/network_list.h"
#include "proxy/config/values.h"

namespace breakwater::proxy {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMostRate = 1'000'000;  // the guard counts in microseconds
constexpr std::int64_t kMostHalfOpen = 16'777'216;
constexpr std::int64_t kMostRefusals = 1'000'000;

class GuardChecker {
 public:
  GuardChecker(const Settings& settings, Problems& problems)
      : settings_(settings), keys_(settings.guard_keys), problems_(problems) {}

  GuardConfig check();

 private:
  void complain(const Origin& origin, std::string message) { problems_.push_back({origin, std::move(message)}); }
  bool first_of_two(const Setting<std::string>& setting, bool otherwise, std::string_view first,
                    std::string_view second);
  void within(const Setting<std::int64_t>& setting, auto& target, std::int64_t least, std::int64_t most);
  void time(const Setting<std::int64_t>& setting, std::uint64_t& target, std::int64_t least_ms, std::int64_t most_ms);
  void share(const Setting<std::int64_t>& setting, std::uint32_t& target);
  void blocks(GuardConfig& config);

  const Settings& settings_;
  const GuardKeys& keys_;
  Problems& problems_;
};

bool GuardChecker::first_of_two(const Setting<std::string>& setting, bool otherwise, std::string_view first,
                                std::string_view second) {
  if (!setting) return otherwise;
  if (setting->value != first && setting->value != second) {
    complain(setting->origin, fmt::format("\"{}\" is not known here; use {} or {}", setting->value, first, second));
  }
  return setting->value == first;
}

void GuardChecker::within(const Setting<std::int64_t>& setting, auto& target, std::int64_t least, std::int64_t most) {
  if (!setting) return;
  if (setting->value < least || setting->value > most) {
    return complain(setting->origin,
                    fmt::format("{} cannot be; give a number from {} to {}", setting->value, least, most));
  }
  target = static_cast<std::remove_reference_t<decltype(target)>>(setting->value);
}

void GuardChecker::time(const Setting<std::int64_t>& setting, std::uint64_t& target, std::int64_t least_ms,
                        std::int64_t most_ms) {
  if (!setting) return;
  if (setting->value < least_ms) {
    return complain(setting->origin, fmt::format("this time is too short; give at least {} ms", least_ms));
  }
  if (setting->value > most_ms) {
    return complain(setting->origin, fmt::format("this time is too long; give at most {} s", most_ms / 1000));
  }
  target = static_cast<std::uint64_t>(setting->value);
}

// The reader has seen that it is one.
void GuardChecker::share(const Setting<std::int64_t>& setting, std::uint32_t& target) {
  if (setting) target = static_cast<std::uint32_t>(setting->value);
}

void GuardChecker::blocks(GuardConfig& config) {
  within(keys_.block_after, config.block_after, 1, kMostRefusals);
  time(keys_.block_first_ms, config.block_first_ms, 0, kDayMs);
  time(keys_.block_most_ms, config.block_most_ms, 1, kDayMs);
  if (config.block_first_ms <= config.block_most_ms) return;
  const Setting<std::int64_t>& culprit = keys_.block_most_ms ? keys_.block_most_ms : keys_.block_first_ms;
  complain(culprit->origin, fmt::format("the first block, {} ms, would be longer than the longest, {} ms; change "
                                        "block_first or block_most",
                                        config.block_first_ms, config.block_most_ms));
}

GuardConfig GuardChecker::check() {
  GuardConfig config;
  config.alerts = !first_of_two(keys_.refusal, true, "reset", "alert");
  config.retry = first_of_two(keys_.retry, true, "auto", "off");
  config.allow = check_networks(keys_.allow, problems_);
  config.deny = check_networks(keys_.deny, problems_);
  time(keys_.queue_limit_ms, config.queue_limit_ms, 1, kMinuteMs);
  time(keys_.queue_deadline_ms, config.queue_deadline_ms, 10, kMinuteMs);
  share(keys_.address_share, config.address_share);
  share(keys_.network_share, config.network_share);
  share(keys_.fingerprint_share, config.fingerprint_share);
  share(keys_.host_share, config.host_share);
  share(keys_.ticket_share, config.ticket_share);
  within(keys_.rsa_rate, config.rsa_rate, 0, kMostRate);
  within(keys_.tls12_rate, config.tls12_rate, 0, kMostRate);
  within(keys_.half_open_limit, config.half_open_limit, 1, kMostHalfOpen);
  within(keys_.half_open_per_address, config.half_open_per_address, 1, kMostHalfOpen);
  blocks(config);
  for (const CertificateSetting& certificate : settings_.certificates) {
    config.certificate_shares.push_back(certificate.share.value_or(config.host_share));
  }
  return config;
}

}  // namespace

std::vector<guard::Network> check_networks(const std::vector<Located<std::string>>& texts, Problems& problems) {
  std::vector<guard::Network> list;
  for (const Located<std::string>& entry : texts) {
    std::string error;
    if (const auto network = parse_network(entry.value, error)) {
      list.push_back(*network);
    } else {
      problems.push_back({entry.origin, error});
    }
  }
  list.resize(guard::NetworkList::normalise(list));
  return list;
}

GuardConfig check_guard(const Settings& settings, Problems& problems) {
  return GuardChecker(settings, problems).check();
}

}  // namespace breakwater::proxy
