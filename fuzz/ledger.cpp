#include "fuzz/ledger.h"

#include <algorithm>

namespace breakwater::fuzz {
namespace {

using test::Bytes;
using test::Epoch;
using test::View;

constexpr std::uint8_t kChangeCipherSpec = 20;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kApplicationData = 23;
constexpr std::uint32_t kBroken = ~std::uint32_t{0};

void note(std::vector<std::uint32_t>& list, std::uint8_t type, Epoch epoch, View content, bool tls12) {
  if (type != kHandshake && !(type == kChangeCipherSpec && tls12)) return;
  for (const std::uint8_t byte : content) {
    list.push_back(static_cast<std::uint32_t>(type) << 16 | static_cast<std::uint32_t>(epoch) << 8 | byte);
  }
}

}  // namespace

void Ledger::expect(const std::vector<test::Outgoing>& flight, bool tls12) {
  for (const test::Outgoing& item : flight) {
    note(expected_, static_cast<std::uint8_t>(item.type), item.epoch, item.payload, tls12);
  }
}

void Ledger::expect(const LoggedRecord& record) {
  sequences_[static_cast<std::size_t>(record.epoch)].made.push_back(record.bytes);
}

Bytes Ledger::deliver(const LoggedRecord& record, bool tls12) {
  if (record.epoch == Epoch::EarlyData && record.bytes[0] == kApplicationData) return {};
  if (record.epoch == Epoch::EarlyData || record.epoch == Epoch::Plain) {
    deliver_plain(record.bytes, tls12);
    return {};
  }
  if (is_passed_over(record)) return {};
  Sequence& sequence = sequences_[static_cast<std::size_t>(record.epoch)];
  sequence.unbroken = sequence.unbroken && plain_.empty() && sequence.delivered < sequence.made.size() &&
                      sequence.made[sequence.delivered] == record.bytes;
  ++sequence.delivered;
  if (!sequence.unbroken) {
    delivered_.push_back(kBroken);
    return {};
  }
  note(delivered_, record.type, record.epoch, record.content, tls12);
  return record.epoch == Epoch::Application && record.type == kApplicationData ? record.content : Bytes{};
}

bool Ledger::is_passed_over(const LoggedRecord& record) const {
  const Sequence& first = sequences_[static_cast<std::size_t>(Epoch::Handshake)];
  if (!early_data_ || first.delivered != 0) return false;
  return record.epoch != Epoch::Handshake || first.made.empty() || first.made.front() != record.bytes;
}

void Ledger::deliver_plain(View bytes, bool tls12) {
  test::append(plain_, bytes);
  while (true) {
    const Bytes record = test::to_bytes(test::next_record(plain_));
    if (record.empty()) return;
    plain_.erase(plain_.begin(), plain_.begin() + static_cast<std::ptrdiff_t>(record.size()));
    // Application data without keys looks like early data.
    if (record[0] < kChangeCipherSpec || record[0] > kApplicationData) delivered_.push_back(kBroken);
    note(delivered_, record[0], Epoch::Plain, View(record).subspan(5), tls12);
  }
}

bool Ledger::intact() const {
  return expected_.size() <= delivered_.size() && std::equal(expected_.begin(), expected_.end(), delivered_.begin());
}

}  // namespace breakwater::fuzz
