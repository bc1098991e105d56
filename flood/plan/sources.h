// The addresses that connections are bound to, in turn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flood/plan/plan.h"

namespace breakwater::flood {

inline constexpr std::uint64_t kMaxSourcesInRange = std::uint64_t{1} << 32;

// "ADDR", "ADDR-ADDR" (both ends included), "PREFIX/LEN" or "ADDR+STEPxCOUNT". Of an IPv4 prefix of /30 and shorter the
// first and the last address are left out: they are no hosts (RFC 1122 section 3.2.1.3). On failure `error` is a
// sentence.
std::optional<SourceRange> parse_source(std::string_view text, std::string& error);

std::uint64_t count_sources(const std::vector<SourceRange>& sources) noexcept;
// The address with this number, counted through all ranges and around: `number` may be anything. There must be one.
Address nth_source(const std::vector<SourceRange>& sources, std::uint64_t number) noexcept;
Address last_source(const SourceRange& range) noexcept;

}  // namespace breakwater::flood
