// JSON that another implementation reads back as it was meant.
#include "proxy/json/json_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace breakwater::proxy {
namespace {

using Json = nlohmann::json;

std::string written(std::string_view text) { return JsonWriter().value(text).take(); }

TEST(JsonWriter, Nesting) {
  JsonWriter json;
  json.begin_object().field("a", std::uint64_t{1}).field("b", true).key("c").begin_array();
  json.value("x").value(0.5).begin_object().end_object().begin_array().end_array().end_array();
  json.key("d").begin_object().field("e", false).end_object().field("f", "g").end_object();
  EXPECT_EQ(json.take(), R"({"a":1,"b":true,"c":["x",0.5,{},[]],"d":{"e":false},"f":"g"})");
}

TEST(JsonWriter, Numbers) {
  EXPECT_EQ(JsonWriter().value(std::uint64_t{UINT64_MAX}).take(), "18446744073709551615");
  EXPECT_EQ(JsonWriter().value(0.0).take(), "0");
  EXPECT_EQ(JsonWriter().value(1234567.0).take(), "1.2346e+06");
  EXPECT_EQ(JsonWriter().value(std::nan("")).take(), "null");
  EXPECT_EQ(JsonWriter().value(HUGE_VAL).take(), "null");
}

TEST(JsonWriter, EveryCodePoint) {
  for (std::uint32_t point = 0; point <= 0x10FFFF; point += point < 0x3000 ? 1 : 251) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    std::string text;
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += static_cast<char>(0xC0 | (point >> 6));
      text += static_cast<char>(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      text += static_cast<char>(0xE0 | (point >> 12));
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
      text += static_cast<char>(0x80 | (point & 0x3F));
    } else {
      text += static_cast<char>(0xF0 | (point >> 18));
      text += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
      text += static_cast<char>(0x80 | (point & 0x3F));
    }
    ASSERT_EQ(Json::parse(written(text)).get<std::string>(), text) << point;
  }
}

TEST(JsonWriter, WhatIsNoUtf8BecomesAReplacement) {
  const std::string replacement = "\xEF\xBF\xBD";
  for (const char* bad : {"\x80", "\xC0", "\xC1", "\xF5", "\xFF"}) {
    EXPECT_EQ(Json::parse(written(std::string("a") + bad + "b")).get<std::string>(), "a" + replacement + "b");
  }
  // Too long a form, a surrogate, above the last code point, cut off: one replacement for each byte.
  EXPECT_EQ(written("\xE0\x80\xAF"), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(written("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(written("\xF4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");
  EXPECT_EQ(written("\xE2\x82"), R"("\ufffd\ufffd")");
}

TEST(JsonWriter, IsAsciiAndHarmlessInHtml) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string text = written(all);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(written("</script>"), R"("\u003c/script\u003e")");
  JsonWriter json;
  json.begin_object().field("</script>\"", std::uint64_t{1}).end_object();
  EXPECT_EQ(json.take(), R"({"\u003c/script\u003e\"":1})");
}

}  // namespace
}  // namespace breakwater::proxy
