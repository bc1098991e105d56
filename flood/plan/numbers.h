// Numbers as people write them, strictly: all of the text, decimal, finite.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace breakwater::flood {

std::optional<std::uint64_t> parse_whole(std::string_view text);
std::optional<double> parse_number(std::string_view text);

// The number into `out` when it is within both ends; else a sentence that says what would be right. Empty: good.
std::string take_whole(std::string_view text, std::uint64_t least, std::uint64_t most, std::uint64_t& out);
std::string take_number(std::string_view text, double least, double most, double& out);

std::vector<std::string> split(std::string_view text, char separator);  // without blanks around the parts

}  // namespace breakwater::flood
