// Who comes most and who is refused most, for reports. For one worker's thread; no allocation but in report().
#pragma once

#include <cstdint>
#include <vector>

#include "core/guard/address.h"
#include "core/guard/guard.h"
#include "core/guard/heavy_hitters.h"
#include "core/guard/ja4.h"
#include "proxy/guard/report.h"

namespace breakwater::proxy {

// How often each of one kind came and was refused, as rates.
template <class Label, std::size_t kPlaces>
class TalkersOf {
 public:
  // weight: of how many this one is a sample.
  void came(std::uint64_t key, const Label& label, std::uint32_t weight, std::uint64_t now) noexcept {
    came_.note(key, {key, label}, weight, now);
  }
  void refused(std::uint64_t key, std::uint32_t weight, std::uint64_t now) noexcept {
    refused_.note(key, {}, weight, now);
  }

  // Calls visit(key, label, how often it came in a second, how often it was refused).
  template <class Visit>
  void for_each(std::uint64_t now, Visit&& visit) noexcept {
    // Sums are halved at each multiple of the half-life: after it, one half-life's worth is left of a steady stream.
    const double seconds = static_cast<double>(kHalfLife + now % kHalfLife) / 1e9;
    came_.for_each(now, [&](const Named& named, std::uint64_t weight, std::uint64_t error) {
      const auto refusals = refused_.find(named.key, now);
      const std::uint64_t count = refusals ? refusals->weight - refusals->error : 0;
      visit(named.key, named.label, static_cast<double>(weight - error) / seconds,
            static_cast<double>(count) / seconds);
    });
  }

 private:
  static constexpr std::uint64_t kHalfLife = 4'000'000'000;
  struct Named {
    std::uint64_t key;
    Label label;
  };
  struct Nothing {};

  guard::HeavyHitters<Named, kPlaces> came_{kHalfLife};
  guard::HeavyHitters<Nothing, kPlaces> refused_{kHalfLife};
};

struct Talkers {
  TalkersOf<guard::Network, 128> addresses;
  TalkersOf<guard::Network, 128> networks;
  TalkersOf<guard::Ja4, 64> fingerprints;

  // By the client's weights.
  void refused(const guard::Client& client, std::uint64_t now) noexcept;

  // Those who come most, at most kShown of each kind.
  static constexpr std::size_t kShown = 10;
  std::vector<GuardReport::Talker> report(const guard::Guard& guard, std::uint64_t now);
};

// "192.0.2.7", "2001:db8:1:2::/64"
std::string text_of(const guard::Network& network);

}  // namespace breakwater::proxy
