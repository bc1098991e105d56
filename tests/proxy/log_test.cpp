// The log as JSON: each line is an object, whatever a message says.
#include "proxy/log/log.h"

#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <string>

#include "proxy/log/json_formatter.h"

namespace breakwater::proxy {
namespace {

std::string format(JsonFormatter::Payload payload, const std::string& text) {
  const spdlog::log_clock::time_point time(std::chrono::milliseconds(1'764'489'600'007));
  const spdlog::details::log_msg message(time, {}, "any", spdlog::level::warn, text);
  spdlog::memory_buf_t line;
  JsonFormatter(payload).clone()->format(message, line);
  return {line.data(), line.size()};
}

TEST(JsonLog, AMessageIsOneLineWhateverItSays) {
  const std::string said = "a \"quoted\"\nline\x1b[31m\xff";
  const std::string line = format(JsonFormatter::Payload::Text, said);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto object = nlohmann::json::parse(line);
  EXPECT_EQ(object["message"], "a \"quoted\"\nline\x1b[31m\xEF\xBF\xBD");
  EXPECT_EQ(object["time"], "2025-11-30T08:00:00.007Z");
  EXPECT_EQ(object["level"], "warning");
  EXPECT_EQ(object.size(), 3U);
}

TEST(JsonLog, AnEventHasItsFactsBesideTheMessage) {
  const auto object =
      nlohmann::json::parse(format(JsonFormatter::Payload::Members, R"("message":"so many","attack":{"refused":3})"));
  EXPECT_EQ(object["message"], "so many");
  EXPECT_EQ(object["attack"]["refused"], 3);
}

class StartedLog : public testing::Test {
 protected:
  // The log is the process's: it is started once.
  static void SetUpTestSuite() {
    if (spdlog::get("breakwater") == nullptr) start_log(LogFormat::Text);
  }
  void TearDown() override { set_log_format(LogFormat::Text); }

  static std::string logged() {
    testing::internal::CaptureStderr();
    log_event(Severity::Warning, {"attack", "guard: many", R"({"refused":3})"});
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(StartedLog, EventsAreSentencesOrObjects) {
  const std::string text = logged();
  EXPECT_NE(text.find("guard: many\n"), std::string::npos) << text;
  EXPECT_NE(text.find("warning"), std::string::npos) << text;
  EXPECT_EQ(text.find("refused"), std::string::npos) << text;
  set_log_format(LogFormat::Json);
  const auto object = nlohmann::json::parse(logged());
  EXPECT_EQ(object["message"], "guard: many");
  EXPECT_EQ(object["level"], "warning");
  EXPECT_EQ(object["attack"]["refused"], 3);
  set_log_format(LogFormat::Text);
  EXPECT_EQ(logged().find("{"), std::string::npos);
}

}  // namespace
}  // namespace breakwater::proxy
