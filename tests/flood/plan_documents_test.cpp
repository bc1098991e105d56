// Help, manual page and completion name the same flags, and the same words for their values.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <set>

#include "flood/plan/command_line.h"
#include "flood/plan/keys.h"
#include "flood/plan/names.h"
#include "flood/plan/numbers.h"

namespace breakwater::flood {
namespace {

using Words = std::set<std::string>;

std::string read(const char* path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The first group of each match.
Words find_all(const std::string& text, const char* pattern) {
  const std::regex expression(pattern, std::regex::multiline);
  Words words;
  for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match) {
    words.insert((*match)[1].str());
  }
  return words;
}

std::string help() {
  testing::internal::CaptureStdout();
  const char* const arguments[] = {"breakwater-flood", "--help"};
  EXPECT_EQ(parse_command_line(2, arguments).exit_status, kExitOk);
  return testing::internal::GetCapturedStdout();
}

Words flags_of_help() { return find_all(help(), R"(^  (?:-h,)?(--[a-z-]+))"); }

std::string manual() {
  std::string text = read(BREAKWATER_SOURCE_DIR "/packaging/breakwater-flood.1");
  for (std::size_t at = 0; (at = text.find("\\-", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

// What bash offers behind these words, the last of which is being typed.
Words complete(const std::vector<std::string>& words) {
  std::string command = "bash -c 'source " BREAKWATER_SOURCE_DIR "/packaging/breakwater-flood.bash; COMP_WORDS=(";
  for (const std::string& word : words) command += "\"" + word + "\" ";
  command += "); COMP_CWORD=" + std::to_string(words.size() - 1) +
             "; _breakwater_flood; printf \"%s\\n\" \"${COMPREPLY[@]}\"'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  Words offered;
  std::array<char, 256> line{};
  while (pipe != nullptr && std::fgets(line.data(), line.size(), pipe.get()) != nullptr) {
    std::string word = line.data();
    word.erase(word.find_last_not_of('\n') + 1);
    if (!word.empty()) offered.insert(word);
  }
  return offered;
}

Words choices_of(const std::string& text) {
  const std::vector<std::string> parts = split(text, '|');
  return {parts.begin(), parts.end()};
}

TEST(FloodDocuments, HelpHasAllFlags) {
  Words expected = {"--help",  "--version",          "--mix", "--wait", "--cpu", "--json", "--log",
                    "--quiet", "--i-own-this-target"};
  for (const Key& key : load_keys()) {
    if (!key.file_only) expected.insert("--" + std::string(key.name));
  }
  EXPECT_EQ(flags_of_help(), expected);
}

TEST(FloodDocuments, TheManualHasTheSameFlags) {
  EXPECT_EQ(find_all(manual(), R"(^\.TP\n\.(?:B|BI|BR) (--[a-z-]+))"), flags_of_help());
  for (const std::string& flag : find_all(manual(), R"((--[a-z][a-z-]*[a-z]))")) {
    EXPECT_TRUE(flags_of_help().contains(flag)) << flag;
  }
}

TEST(FloodDocuments, TheManualHasTheModesAndTheWords) {
  const std::string text = manual();
  for (const auto& [name, mode] : names_of<Mode>()) {
    EXPECT_NE(text.find(".TP\n.B " + std::string(name) + "\n"), std::string::npos) << name;
  }
  for (const Key& key : load_keys()) {
    if (key.type.find('|') == std::string::npos || key.name == "mode") continue;
    EXPECT_NE(text.find("--" + std::string(key.name) + " \" " + key.type + "\"\n"), std::string::npos) << key.name;
  }
  for (const Key& key : load_keys()) {
    if (!key.file_only) continue;
    EXPECT_NE(text.find(".TP\n.B " + std::string(key.name) + "\n"), std::string::npos) << key.name;
  }
}

TEST(FloodDocuments, CompletionHasTheSameFlags) {
  EXPECT_EQ(complete({"breakwater-flood", "--"}), flags_of_help());
  EXPECT_EQ(complete({"breakwater-flood", "--tls", "1.2", "--con"}), Words{"--connections"});
}

TEST(FloodDocuments, CompletionHasTheWordsOfEachFlag) {
  std::size_t with_words = 0;
  for (const Key& key : load_keys()) {
    if (key.file_only || key.kind == Kind::Switch) continue;
    const Words offered = complete({"breakwater-flood", "--" + std::string(key.name), ""});
    if (key.type.find('|') != std::string::npos) {
      EXPECT_EQ(offered, choices_of(key.type)) << key.name;
      ++with_words;
    } else if (key.name != "alpn" && key.name != "sni" && key.name != "host") {
      EXPECT_EQ(offered, Words{}) << key.name;  // a number or the like: no flag may be offered in its place
    }
  }
  EXPECT_EQ(with_words, 7u);
  EXPECT_EQ(complete({"breakwater-flood", "--wait", ""}), choices_of(choices<Wait>()));
  EXPECT_EQ(complete({"breakwater-flood", "--cpu", ""}), Words{});
}

}  // namespace
}  // namespace breakwater::flood
