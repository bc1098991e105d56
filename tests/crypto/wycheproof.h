// Reads Wycheproof's JSON files, which lie in a folder beside the repository where it is available.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace breakwater::test {

inline std::optional<nlohmann::json> load_wycheproof(const std::string& name) {
  std::ifstream file(std::filesystem::path(BREAKWATER_SOURCE_DIR) / ".." / "shared" / "vectors" / name);
  if (!file) return std::nullopt;
  return nlohmann::json::parse(file);
}

// Calls body(group, test) for every test of the file, or skips the GoogleTest test when the folder is missing.
#define BREAKWATER_FOR_EACH_WYCHEPROOF(name, body)                                                     \
  do {                                                                                                 \
    const auto file = ::breakwater::test::load_wycheproof(name);                                       \
    if (!file) GTEST_SKIP() << "no ../shared/vectors/" << (name) << " beside the repository";          \
    std::size_t seen = 0;                                                                              \
    for (const auto& group : file->at("testGroups")) {                                                 \
      for (const auto& test : group.at("tests")) {                                                     \
        SCOPED_TRACE("tcId " + test.at("tcId").dump() + ": " + test.at("comment").get<std::string>()); \
        body(group, test);                                                                             \
        ++seen;                                                                                        \
      }                                                                                                \
    }                                                                                                  \
    EXPECT_EQ(seen, file->at("numberOfTests").get<std::size_t>());                                     \
  } while (false)

}  // namespace breakwater::test
