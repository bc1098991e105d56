#include "core/guard/ja4.h"

#include "core/port/bytes.h"
#include "core/port/hash.h"

namespace breakwater::guard {
namespace {

constexpr std::string_view kOverflow = "overflow";
constexpr char kHex[] = "0123456789abcdef";
constexpr std::uint16_t kServerName = 0, kAlpn = 16;
constexpr std::size_t kMost = kMaxJa4Suites;  // of values in one list
static_assert(kMost >= kMaxJa4Extensions);

// Values, sorted, of which there are at most kMost.
class Sorted {
 public:
  void add(std::uint16_t value) noexcept { values_[size_++] = value; }

  // Sorts runs of eight by insertion, then merges them, by two, by four ..: the time hardly depends on what an attacker
  // puts in which order.
  void sort() noexcept {
    constexpr std::size_t kRun = 8;
    for (std::size_t at = 1; at < size_; ++at) insert(at, at - at % kRun);
    std::array<std::uint16_t, kMost> merged;
    for (std::size_t run = kRun; run < size_; run *= 2) {
      for (std::size_t begin = 0; begin < size_; begin += 2 * run) merge(merged, begin, run);
      memcpy(values_.data(), merged.data(), size_ * sizeof merged[0]);
    }
  }

  std::span<const std::uint16_t> view() const noexcept { return std::span(values_).first(size_); }

 private:
  // Moves values_[at] to its place behind `begin`.
  void insert(std::size_t at, std::size_t begin) noexcept {
    const std::uint16_t value = values_[at];
    for (; at > begin && values_[at - 1] > value; --at) values_[at] = values_[at - 1];
    values_[at] = value;
  }

  // Of values_[begin, + run) and the run behind it, as far as there is one.
  void merge(std::array<std::uint16_t, kMost>& merged, std::size_t begin, std::size_t run) const noexcept {
    const auto bound = [&](std::size_t at) { return at < size_ ? at : size_; };
    const std::size_t middle = bound(begin + run), end = bound(begin + 2 * run);
    std::size_t left = begin, right = middle;
    for (std::size_t i = begin; i < end; ++i) {
      const bool from_left = left < middle && (right == end || values_[left] <= values_[right]);
      merged[i] = values_[from_left ? left++ : right++];
    }
  }

  std::array<std::uint16_t, kMost> values_;  // as far as size_
  std::size_t size_ = 0;
};

// Text that is hashed: values in hexadecimal, at least one, with commas between them.
class HashedText {
 public:
  HashedText() noexcept { port::sha256_init(state_); }

  void put(std::span<const std::uint16_t> values) noexcept {
    put_digits(values[0]);
    for (const std::uint16_t value : values.subspan(1)) put(',', value);
  }
  void put(char before, std::uint16_t value) noexcept {
    if (used_ == buffer_.size()) flush();
    buffer_[used_++] = static_cast<std::uint8_t>(before);
    put_digits(value);
  }

  // The first twelve hexadecimal digits.
  void finish(char* out) noexcept {
    flush();
    std::array<std::uint8_t, 32> digest;
    port::sha256_final(state_, digest.data());
    for (std::size_t i = 0; i < 6; ++i) {
      out[2 * i] = kHex[digest[i] >> 4];
      out[2 * i + 1] = kHex[digest[i] & 15];
    }
  }

 private:
  void put_digits(std::uint16_t value) noexcept {
    constexpr std::size_t kDigits = 4;
    if (buffer_.size() - used_ < kDigits) flush();
    std::uint8_t* const out = buffer_.data() + used_;
    for (std::size_t i = 0; i < kDigits; ++i) out[i] = static_cast<std::uint8_t>(kHex[value >> (12 - 4 * i) & 15]);
    used_ += kDigits;
  }

  void flush() noexcept {
    port::sha256_update(state_, ConstBytes(buffer_).first(used_));
    used_ = 0;
  }

  port::Sha256State state_;
  std::array<std::uint8_t, 256> buffer_;
  std::size_t used_ = 0;
};

std::string_view version_name(std::uint16_t version) noexcept {
  switch (version) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    case 0x0300:
      return "s3";
    case 0x0002:
      return "s2";
    default:
      return "00";
  }
}

constexpr bool is_alphanumeric(std::uint8_t byte) noexcept {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

// The ends of a name that is not made of letters and digits there are those of its hexadecimal form.
std::array<char, 2> protocol_name(const Ja4Facts& facts) noexcept {
  if (!facts.protocol) return {'0', '0'};
  const auto [first, last] = facts.protocol_ends;
  if (is_alphanumeric(first) && is_alphanumeric(last)) return {static_cast<char>(first), static_cast<char>(last)};
  return {kHex[first >> 4], kHex[last & 15]};
}

std::size_t count_without_grease(std::span<const std::uint16_t> values) noexcept {
  std::size_t count = 0;
  for (const std::uint16_t value : values) count += is_grease(value) ? 0 : 1;
  return count;
}

void put_count(char* out, std::size_t count) noexcept {
  if (count > 99) count = 99;
  out[0] = static_cast<char>('0' + count / 10);
  out[1] = static_cast<char>('0' + count % 10);
}

void put_zeros(char* out) noexcept {
  for (std::size_t i = 0; i < 12; ++i) out[i] = '0';
}

void put_suites(char* out, const Ja4Facts& facts) noexcept {
  Sorted suites;
  for (const std::uint16_t suite : facts.suites) {
    if (!is_grease(suite)) suites.add(suite);
  }
  if (suites.view().empty()) return put_zeros(out);
  suites.sort();
  HashedText text;
  text.put(suites.view());
  text.finish(out);
}

// server_name and ALPN are told in the first part.
void put_extensions(char* out, const Ja4Facts& facts) noexcept {
  Sorted extensions;
  for (const std::uint16_t extension : facts.extensions) {
    if (!is_grease(extension) && extension != kServerName && extension != kAlpn) extensions.add(extension);
  }
  if (extensions.view().empty()) return put_zeros(out);
  extensions.sort();
  HashedText text;
  text.put(extensions.view());
  char separator = '_';
  for (const std::uint16_t scheme : facts.schemes) {
    if (is_grease(scheme)) continue;
    text.put(separator, scheme);
    separator = ',';
  }
  text.finish(out);
}

}  // namespace

std::string_view Ja4::view() const noexcept {
  return {text.data(), text[0] == kOverflow[0] ? kOverflow.size() : kSize};
}

Ja4 ja4(const Ja4Facts& facts) noexcept {
  Ja4 result{};
  char* const out = result.text.data();
  if (facts.overflow || facts.suites.size() > kMaxJa4Suites || facts.extensions.size() > kMaxJa4Extensions ||
      facts.schemes.size() > kMaxJa4Schemes) {
    memcpy(out, kOverflow.data(), kOverflow.size());
    return result;
  }
  const std::string_view version = version_name(facts.version);
  const std::array<char, 2> protocol = protocol_name(facts);
  out[0] = 't';
  out[1] = version[0];
  out[2] = version[1];
  out[3] = facts.server_name ? 'd' : 'i';
  put_count(out + 4, count_without_grease(facts.suites));
  put_count(out + 6, count_without_grease(facts.extensions));
  out[8] = protocol[0];
  out[9] = protocol[1];
  out[10] = '_';
  put_suites(out + 11, facts);
  out[23] = '_';
  put_extensions(out + 24, facts);
  return result;
}

}  // namespace breakwater::guard
