// Scenario files: what they mean, and where exactly what is wrong with them stands.
#include "flood/plan/scenario_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "flood/plan/address.h"
#include "flood/plan/keys.h"
#include "flood/plan/names.h"
#include "flood/plan/sources.h"

namespace breakwater::flood {
namespace {

Target target() {
  std::string error;
  return find_target("127.0.0.1:8443", false, error).value();
}

std::vector<Load> good(std::string_view text) {
  const Target where = target();
  Problems problems;
  std::vector<Load> loads = read_scenario(text, "mix.toml", &where, problems);
  for (const Problem& problem : problems) ADD_FAILURE() << problem.text();
  return loads;
}

std::string bad(std::string_view text) {
  const Target where = target();
  Problems problems;
  read_scenario(text, "mix.toml", &where, problems);
  std::string said;
  for (const Problem& problem : problems) said += problem.text() + '\n';
  EXPECT_FALSE(problems.empty()) << text;
  return said;
}

TEST(Scenario, LoadsTakeTheirOwnKeysAndThenTheDefaults) {
  const auto loads = good(R"(
[defaults]
duration = 30
tls = "1.2"
source = "127.0.1.0/24"
interval = 7          # for those who trickle
[[load]]
name = "browsers"
mode = "request"
rate = 100.5
requests = 0
alpn = ["http/1.1", "http/1.0"]
host = "www.example.com"
[[load]]
name = "attack"
mode = "trickle"
start = 10
duration = 5.5
source = ["127.0.2.1", "127.0.3.1-127.0.3.3"]
check_signature = true
end = "close"
)");
  ASSERT_EQ(loads.size(), 2u);
  EXPECT_EQ(loads[0].name, "browsers");
  EXPECT_EQ(loads[0].mode, Mode::Request);
  EXPECT_EQ(loads[0].rate, 100.5);
  EXPECT_EQ(loads[0].connections, 64u);  // as for the flags: --rate over connections that are kept open
  EXPECT_EQ(loads[0].requests, 0u);
  EXPECT_EQ(loads[0].duration_s, 30);
  EXPECT_EQ(loads[0].start_s, 0);
  EXPECT_EQ(loads[0].tls.version, Version::Tls12);
  EXPECT_EQ(loads[0].tls.alpn, (std::vector<std::string>{"http/1.1", "http/1.0"}));
  EXPECT_EQ(loads[0].host, "www.example.com");
  EXPECT_EQ(loads[0].interval_ms, 100u);  // has no meaning there
  EXPECT_EQ(count_sources(loads[0].sources), 254u);
  EXPECT_EQ(loads[1].mode, Mode::Trickle);
  EXPECT_EQ(loads[1].interval_ms, 7u);
  EXPECT_EQ(loads[1].start_s, 10);
  EXPECT_EQ(loads[1].duration_s, 5.5);
  EXPECT_EQ(count_sources(loads[1].sources), 4u);  // in the place of the defaults, not beside them
  EXPECT_EQ(to_text(nth_source(loads[1].sources, 0)), "127.0.2.1");
  EXPECT_TRUE(loads[1].tls.check_signature);
  EXPECT_EQ(loads[1].end, End::Close);
}

TEST(Scenario, EveryKeyIsTakenAsItsExampleHasIt) {
  for (const Key& key : load_keys()) {
    for (const char* mode : {"full", "resume", "stall", "trickle", "request", "plain"}) {
      Mode known{};
      ASSERT_EQ(take_name(mode, known), "");
      if (!key.has_meaning_in(known)) continue;
      std::string text = "[[load]]\n";
      if (key.name != "name") text += "name = \"x\"\n";
      if (key.name != "mode") text += std::string("mode = \"") + mode + "\"\n";
      if (known == Mode::Plain && key.name != "pattern") text += "pattern = \"200:1x1\"\n";
      if (known == Mode::Plain && key.name == "ramp") text += "hold = 1\n";
      if (known == Mode::Plain && key.name == "host") text += "path = \"/\"\n";
      if (key.name == "mode" && known == Mode::Plain) continue;
      if (key.name == "alpn" && known == Mode::Request) continue;  // the example has h2
      good(text + key.example + "\n");
    }
  }
}

TEST(Scenario, ProblemsAreNamedWithLineAndColumnFromTopToBottom) {
  EXPECT_EQ(bad("[defaults]\n"
                "zzz = 1\n"
                "[[load]]\n"
                "name = \"a\"\n"
                "  rate = \"fast\"\n"
                "conections = 5\n"
                "[[load]]\n"
                "name = \"b\"\n"
                "tls = 1.2\n"),
            "mix.toml:2:1: unknown key \"zzz\" of [defaults]; see breakwater-flood(1) for all keys\n"
            "mix.toml:5:10: this must be a number, not a string; write it as in rate = 1000\n"
            "mix.toml:6:1: unknown key \"conections\" of [[load]]; did you mean \"connections\"?\n"
            "mix.toml:9:7: this must be a string, not a number with a point; write it as in tls = \"1.2\"\n");
}

TEST(Scenario, AMistakeAmongTheDefaultsIsNamedOnce) {
  EXPECT_EQ(bad("[defaults]\nrate = 0\n[[load]]\nname = \"a\"\n[[load]]\nname = \"b\"\n"),
            "mix.toml:2:8: \"0\" does not do here; write a number from 0.001 to 10000000, or leave it out: then each "
            "connection is followed by the next at once\n");
}

TEST(Scenario, Mistakes) {
  struct Mistake {
    const char* text;
    const char* said;
  };
  constexpr const char* kLoad = "[[load]]\nname = \"a\"\n";
  for (const auto& [text, said] : std::vector<Mistake>{
           {"", "mix.toml: there is no load; write [[load]]"},
           {"load = []\n", "there is no load"},
           {"load = 3\n", "mix.toml:1:8: this must be a table"},
           {"load = [3]\n", "mix.toml:1:9: this must be a table"},
           {"defaults = 3\n[[load]]\nname = \"a\"\n", "mix.toml:1:12: this must be a table"},
           {"[[laod]]\nname = \"a\"\n",
            "mix.toml:1:3: unknown key \"laod\" outside [defaults] and [[load]]; did you mean \"load\"?"},
           {"[[load]]\nmode = \"full\"\n", "mix.toml:1:1: this load has no name"},
           {"[defaults]\nname = \"a\"\n[[load]]\nname = \"b\"\n", "mix.toml:2:8: each load has a name of its own"},
           {"[[load]]\nname = \"a\"\n[[load]]\nname = \"a\"\n", "mix.toml:4:8: there is a load \"a\" already"},
           {"[[load]]\nname = \"a\nb\"\n", "mix.toml:2:"},  // not even TOML
           {"[[load]\n", "mix.toml:1:"},
       }) {
    const std::string heard = bad(text);
    EXPECT_NE(heard.find(said), std::string::npos) << "expected: " << said << "\nsaid: " << heard;
  }
  for (const auto& [text, said] : std::vector<Mistake>{
           {"cpu = 1\n", "mix.toml:3:1: \"cpu\" is of the run, not of a load; give --cpu on the command line"},
           {"i_own_this_target = true\n", "give --i-own-this-target on the command line"},
           {"fresh-tickets = true\n", "did you mean \"fresh_tickets\"?"},
           {"pattern = \"1:1\"\n", "mix.toml:3:11: this has no meaning in mode full"},
           {"mode = \"plain\"\n", "mix.toml:3:8: mode plain needs pattern:"},
           {"mode = \"plain\"\npattern = \"9:1x1\"\npath = \"/\"\n", "mix.toml:5:8: the request has"},
           {"mode = \"plain\"\npattern = \"9:1\"\nramp = 5\n", "mix.toml:5:8: this is for connections that are held"},
           {"connections = 1.5\n", "mix.toml:3:15: this must be a whole number, not a number with a point"},
           {"connections = -1\n", "mix.toml:3:15: \"-1\" does not do here"},
           {"rate = nan\n", "mix.toml:3:8: \"nan\" does not do here"},
           {"rate = inf\n", "mix.toml:3:8: \"inf\" does not do here"},
           {"check_signature = \"yes\"\n", "this must be true or false, not a string"},
           {"source = 3\n", "this must be a string or a list of strings, not a whole number"},
           {"source = []\n", "this must be a string or a list of strings, not a list"},
           {"source = [\"127.0.0.1\", 3]\n", "this must be a string or a list of strings"},
           {"source = \"::1\"\n", "mix.toml:3:10: ::1 is an IPv6 address and the target 127.0.0.1 an IPv4 one"},
           {"mode = [\"full\"]\n", "this must be a string, not a list"},
           {"duration = 1979-05-27\n", "this must be a number, not a date or time"},
           {"start = 86400\n", "mix.toml:3:9: the load would end later than 24 hours"},
           {"warmup = 20\n", "mix.toml:3:10: nothing would be counted"},
           {"name = \"b\"\n", "mix.toml:3:"},  // twice
       }) {
    const std::string heard = bad(std::string(kLoad) + text);
    EXPECT_NE(heard.find(said), std::string::npos) << "expected: " << said << "\nsaid: " << heard;
  }
  std::string many;
  for (std::size_t i = 0; i <= kMaxLoads; ++i) many += "[[load]]\nname = \"" + std::to_string(i) + "\"\n";
  EXPECT_NE(bad(many).find("too many loads; write at most 64"), std::string::npos);
}

TEST(Scenario, TheExamplesAreGood) {
  const Target where = target();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(BREAKWATER_SOURCE_DIR "/flood/scenarios")) {
    Problems problems;
    const auto loads = read_scenario_file(entry.path().string(), &where, problems);
    for (const Problem& problem : problems) ADD_FAILURE() << problem.text();
    EXPECT_GE(loads.size(), 2u) << entry.path();
    for (const Load& load : loads) EXPECT_FALSE(load.name.empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 3u);
}

TEST(Scenario, TheAttackOfTheFirstExampleIsAsItSays) {
  const Target where = target();
  Problems problems;
  const auto loads =
      read_scenario_file(BREAKWATER_SOURCE_DIR "/flood/scenarios/flood-and-browsers.toml", &where, problems);
  ASSERT_EQ(loads.size(), 2u);
  EXPECT_EQ(loads[0].mode, Mode::Request);
  EXPECT_GT(loads[0].rate, 0);
  EXPECT_EQ(to_text(loads[0].sources.at(0).first), "127.0.1.1");
  EXPECT_EQ(loads[1].mode, Mode::Hello);
  EXPECT_EQ(loads[1].tls.auth, Auth::Rsa);
  EXPECT_EQ(loads[1].tls.version, Version::Tls12);
  EXPECT_GT(loads[1].start_s, 0);
  EXPECT_LT(loads[1].start_s + loads[1].duration_s, loads[0].duration_s);
}

}  // namespace
}  // namespace breakwater::flood
