// The words for the enumerations, on the command line, in scenario files and in reports alike.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "flood/plan/plan.h"

namespace breakwater::flood {

template <class Value>
struct Named {
  std::string_view name;
  Value value;
};

// All of them, in the order in which help names them.
template <class Value>
std::span<const Named<Value>> names_of() noexcept;
template <>
std::span<const Named<Mode>> names_of<Mode>() noexcept;
template <>
std::span<const Named<Version>> names_of<Version>() noexcept;
template <>
std::span<const Named<Auth>> names_of<Auth>() noexcept;
template <>
std::span<const Named<Cipher>> names_of<Cipher>() noexcept;
template <>
std::span<const Named<Group>> names_of<Group>() noexcept;
template <>
std::span<const Named<Shape>> names_of<Shape>() noexcept;
template <>
std::span<const Named<End>> names_of<End>() noexcept;
template <>
std::span<const Named<Wait>> names_of<Wait>() noexcept;

template <class Value>
std::string_view name_of(Value value) noexcept {
  for (const auto& [name, known] : names_of<Value>()) {
    if (known == value) return name;
  }
  return "?";
}

// "full|resume|hello"
template <class Value>
std::string choices() {
  std::string text;
  for (const auto& [name, value] : names_of<Value>()) text.append(text.empty() ? "" : "|").append(name);
  return text;
}

// The known name that is nearest to `word`, to help with a slip of the pen; empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// The value with this name into `out`; else a sentence with the names there are. Empty: good.
template <class Value>
std::string take_name(std::string_view text, Value& out) {
  for (const auto& [name, value] : names_of<Value>()) {
    if (name == text) {
      out = value;
      return {};
    }
  }
  std::string message("\"");
  return message.append(text).append("\" is none of ").append(choices<Value>());
}

}  // namespace breakwater::flood
