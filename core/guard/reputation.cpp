#include "core/guard/reputation.h"

namespace breakwater::guard {
namespace {

constexpr std::uint32_t kOne = Standing::kOne;
constexpr std::uint32_t kMost = ~std::uint32_t{0};
constexpr std::size_t kSteps = 16;  // in a half-life

// 2^31 / 2^(i / 16), rounded down.
constexpr std::uint32_t kFractions[kSteps] = {0x80000000, 0x7a92be8a, 0x75606373, 0x70666f76, 0x6ba27e65, 0x6712460a,
                                              0x62b39508, 0x5e8451cf, 0x5a827999, 0x56ac1f75, 0x52ff6b54, 0x4f7a9930,
                                              0x4c1bf828, 0x48e1e9b9, 0x45cae0f1, 0x42d561b3};

constexpr std::uint32_t faded(std::uint32_t count, std::uint64_t steps) noexcept {
  if (steps >= 32 * kSteps) return 0;
  const std::uint64_t fraction = std::uint64_t{count} * kFractions[steps % kSteps] >> 31;
  return static_cast<std::uint32_t>(fraction >> steps / kSteps);
}

constexpr void add_one(std::uint32_t& count) noexcept { count = count > kMost - kOne ? kMost : count + kOne; }

// The beginnings may be forgotten, and have faded longer than the ends.
constexpr void begun_at_least_as_ended(Reputation::Entry& entry) noexcept {
  const std::uint32_t ended = entry.completed > kMost - entry.abandoned ? kMost : entry.completed + entry.abandoned;
  if (entry.begun < ended) entry.begun = ended;
}

}  // namespace

Reputation::Reputation(std::span<Set> sets, std::uint64_t half_life) noexcept
    : sets_(sets), step_(half_life < kSteps ? 1 : half_life / kSteps) {}

void Reputation::begin(std::uint64_t key, std::uint64_t now) noexcept {
  Entry* entry = settled(key, now);
  if (entry == nullptr) entry = take_place(key, now, false);
  if (entry != nullptr) add_one(entry->begun);
}

void Reputation::completed(std::uint64_t key, std::uint64_t now) noexcept {
  Entry* entry = settled(key, now);
  if (entry == nullptr) entry = take_place(key, now, true);
  add_one(entry->completed);
  begun_at_least_as_ended(*entry);
}

void Reputation::abandoned(std::uint64_t key, std::uint64_t now) noexcept {
  Entry* entry = settled(key, now);
  if (entry == nullptr) entry = take_place(key, now, false);
  if (entry == nullptr) return;
  add_one(entry->abandoned);
  begun_at_least_as_ended(*entry);
}

Standing Reputation::of(std::uint64_t key, std::uint64_t now) const noexcept {
  for (const Entry& entry : set_of(key).entries) {
    if (entry.key != key) continue;
    const std::uint64_t passed = steps(entry, now);
    Standing standing{faded(entry.begun, passed), faded(entry.completed, passed), faded(entry.abandoned, passed)};
    standing.known = (standing.begun | standing.completed | standing.abandoned) != 0;
    return standing;
  }
  return {};
}

// The entry of the key with its counts as they are now; nullptr: it has none.
Reputation::Entry* Reputation::settled(std::uint64_t key, std::uint64_t now) noexcept {
  for (Entry& entry : set_of(key).entries) {
    if (entry.key != key) continue;
    const std::uint64_t passed = steps(entry, now);
    entry = {key, now, faded(entry.begun, passed), faded(entry.completed, passed), faded(entry.abandoned, passed)};
    return &entry;
  }
  return nullptr;
}

// For a new key; nullptr: it has completed nothing, and all of its set have.
Reputation::Entry* Reputation::take_place(std::uint64_t key, std::uint64_t now, bool has_completed) noexcept {
  Entry* place = nullptr;
  std::uint32_t least = 0;
  for (Entry& entry : set_of(key).entries) {
    const std::uint32_t completed = entry.completed == 0 ? 0 : faded(entry.completed, steps(entry, now));
    const bool older = completed == least && place != nullptr && entry.last_seen < place->last_seen;
    if (place != nullptr && completed >= least && !older) continue;
    place = &entry;
    least = completed;
  }
  if (least >= kOne && !has_completed) return nullptr;
  *place = {key, now, 0, 0, 0};
  return place;
}

// How many steps of the clock lie between. Counts fade at its steps, however often the entry is seen in between.
std::uint64_t Reputation::steps(const Entry& entry, std::uint64_t now) const noexcept {
  return now > entry.last_seen ? now / step_ - entry.last_seen / step_ : 0;
}

}  // namespace breakwater::guard
