#include "flood/plan/sources.h"

#include <fmt/format.h>

#include "flood/plan/address.h"
#include "flood/plan/numbers.h"

namespace breakwater::flood {
namespace {

constexpr const char* kHowTo = "write an address, FIRST-LAST, PREFIX/LENGTH or FIRST+STEPxCOUNT, as in 127.0.1.0/24";

// How many bits at the end of the address are zero.
unsigned trailing_zeros(const Address& address, unsigned bits) {
  unsigned zeros = 0;
  while (zeros < bits && (address.bytes[(bits - 1 - zeros) / 8] >> (zeros % 8) & 1) == 0) ++zeros;
  return zeros;
}

Address cut(Address address, unsigned length) {
  for (unsigned bit = length; bit < (address.is_v6 ? 128u : 32u); ++bit) {
    address.bytes[bit / 8] = static_cast<std::uint8_t>(address.bytes[bit / 8] & ~(0x80u >> bit % 8));
  }
  return address;
}

std::optional<SourceRange> parse_prefix(std::string_view text, std::size_t slash, std::string& error) {
  const auto prefix = parse_address(text.substr(0, slash));
  const unsigned bits = prefix && prefix->is_v6 ? 128 : 32;
  const auto length = parse_whole(text.substr(slash + 1));
  if (!prefix || !length || *length > bits) {
    error = fmt::format("\"{}\" is no prefix; {}", text, kHowTo);
    return std::nullopt;
  }
  const unsigned host_bits = bits - static_cast<unsigned>(*length);
  if (trailing_zeros(*prefix, bits) < host_bits) {
    error = fmt::format("\"{}\" has bits set behind its length; write {}/{} for the whole prefix, or FIRST-LAST", text,
                        to_text(cut(*prefix, static_cast<unsigned>(*length))), *length);
    return std::nullopt;
  }
  if (host_bits > 32) {
    error = fmt::format("\"{}\" has more than 2^32 addresses; write a longer prefix, of /96 or more", text);
    return std::nullopt;
  }
  const std::uint64_t all = std::uint64_t{1} << host_bits;
  if (prefix->is_v6 || host_bits < 2) return SourceRange{*prefix, all};
  return SourceRange{plus(*prefix, 1), all - 2};
}

// "127.16.0.1+256x4096": one address of each of so many /24s.
std::optional<SourceRange> parse_steps(std::string_view text, std::size_t plus_at, std::string& error) {
  const auto first = parse_address(text.substr(0, plus_at));
  const std::string_view rest = text.substr(plus_at + 1);
  const std::size_t times = rest.find('x');
  const std::string_view after = times == std::string_view::npos ? "" : rest.substr(times + 1);
  const std::uint64_t step = parse_whole(rest.substr(0, times)).value_or(0);
  const std::uint64_t count = parse_whole(after).value_or(0);
  if (!first || step == 0 || count == 0) {
    error = fmt::format("\"{}\" is no row of addresses; write FIRST+STEPxCOUNT, as in 127.16.0.1+256x4096", text);
    return std::nullopt;
  }
  // Within 2^32 the product cannot overflow, and the end of the family's space shows as an address before the first.
  const SourceRange range{*first, count, step};
  if (step >= kMaxSourcesInRange || count > kMaxSourcesInRange ||
      distance(*first, last_source(range)) != (count - 1) * step) {
    error = fmt::format("\"{}\" goes beyond the last address there is; write fewer or shorter steps", text);
    return std::nullopt;
  }
  return range;
}

}  // namespace

std::optional<SourceRange> parse_source(std::string_view text, std::string& error) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    return parse_prefix(text, slash, error);
  }
  if (const std::size_t plus_at = text.find('+'); plus_at != std::string_view::npos) {
    return parse_steps(text, plus_at, error);
  }
  const std::size_t dash = text.find('-');
  const auto first = parse_address(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_address(text.substr(dash + 1));
  if (!first || !last) {
    error = fmt::format("\"{}\" is no address; {}", text, kHowTo);
    return std::nullopt;
  }
  if (first->is_v6 != last->is_v6) {
    error = fmt::format("\"{}\" goes from one address family to the other; give --source once for each", text);
    return std::nullopt;
  }
  const auto between = distance(*first, *last);
  if (!between || *between >= kMaxSourcesInRange) {
    error = distance(*last, *first) ? fmt::format("\"{}\" ends before it begins; write the lower address first", text)
                                    : fmt::format("\"{}\" has more than 2^32 addresses; write a shorter range", text);
    return std::nullopt;
  }
  return SourceRange{*first, *between + 1};
}

std::uint64_t count_sources(const std::vector<SourceRange>& sources) noexcept {
  std::uint64_t count = 0;
  for (const SourceRange& range : sources) count += range.count;
  return count;
}

Address nth_source(const std::vector<SourceRange>& sources, std::uint64_t number) noexcept {
  number %= count_sources(sources);
  std::size_t i = 0;
  while (number >= sources[i].count) number -= sources[i++].count;
  return plus(sources[i].first, number * sources[i].step);
}

Address last_source(const SourceRange& range) noexcept { return plus(range.first, (range.count - 1) * range.step); }

}  // namespace breakwater::flood
