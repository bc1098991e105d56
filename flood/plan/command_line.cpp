#include "flood/plan/command_line.h"

#include <fmt/format.h>
#include <sched.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <list>
#include <memory>

#include "flood/plan/help.h"
#include "flood/plan/keys.h"
#include "flood/plan/names.h"
#include "flood/plan/numbers.h"
#include "flood/plan/scenario_file.h"

namespace breakwater::flood {
namespace {

// What CLI11 leaves for one key.
struct Flag {
  const Key* key;
  CLI::Option* option = nullptr;
  std::vector<std::string> values = {};
  bool on = false;

  Given given() const {
    const Place place{option->get_name()};
    if (key->kind == Kind::Switch) return {{on ? "true" : "false"}, place};
    return {values, place};
  }
};

struct RunFlags {
  std::string target, mix, wait = "auto", cpu, json, log;
  bool quiet = false, own_target = false;
};

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(34); }
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: breakwater-flood [options] HOST:PORT\n";
  }
};

// A list, so that what options refer to stays where it is.
std::list<Flag> add_load_flags(CLI::App& app) {
  std::list<Flag> flags;
  for (const Key& key : load_keys()) {
    if (key.file_only) continue;
    Flag& flag = flags.emplace_back(Flag{&key});
    const std::string name = fmt::format("--{}", key.name);
    if (key.kind == Kind::Switch) {
      flag.option = app.add_flag(name, flag.on, key.help)->disable_flag_override();
    } else {
      flag.option = app.add_option(name, flag.values, key.help)->expected(1)->allow_extra_args(false)->take_all();
    }
    if (!key.type.empty()) flag.option->type_name(key.type);
    flag.option->group(key.group);
  }
  return flags;
}

void add_run_flags(CLI::App& app, RunFlags& f) {
  constexpr const char* kRun = "The run";
  app.add_option("target", f.target, "What to flood")->group("");  // named by the usage line
  app.add_option("--mix", f.mix, "Several loads at once, from a scenario (TOML); no flags of a load beside it")
      ->type_name("FILE")
      ->group(kRun);
  app.add_option(
         "--wait", f.wait,
         "Between events: spin on a CPU of its own, for exact times, or sleep.\nDefault auto: spin when much is to be "
         "done and there are several CPUs")
      ->type_name(choices<Wait>())
      ->group(kRun);
  app.add_option("--cpu", f.cpu, "Run on this CPU only")->type_name("N")->group(kRun);
  app.add_option("--json", f.json,
                 "Write the report as JSON as well; - for standard output, and the text\nto standard error")
      ->type_name("FILE")
      ->group(kRun);
  app.add_option("--log", f.log, "Write what became of each start, a line for each")->type_name("FILE")->group(kRun);
  app.add_flag("--quiet", f.quiet, "No line of progress each second")->disable_flag_override()->group(kRun);
  app.add_flag("--i-own-this-target", f.own_target, "Allow any address: you answer for attacking it")
      ->disable_flag_override()
      ->group(kRun);
}

std::string unexpected(const std::string& argument, const CLI::App& app) {
  if (!argument.starts_with("-")) return fmt::format("\"{}\" is one too many; give one target, HOST:PORT", argument);
  const std::string flag = argument.substr(0, argument.find('='));
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) names.push_back(option->get_name());
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view guess = nearest(flag, known);
  return guess.empty() ? fmt::format("there is no flag {}", flag)
                       : fmt::format("there is no flag {}; did you mean {}?", flag, guess);
}

void take_cpu(const std::string& text, Plan& plan, Problems& problems) {
  std::uint64_t cpu = 0;
  std::string error = take_whole(text, 0, CPU_SETSIZE - 1, cpu);
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (error.empty() && ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 && !CPU_ISSET(cpu, &allowed)) {
    error = fmt::format("this process may not run on CPU {}; choose one that nproc and taskset -p $$ know", cpu);
  }
  if (!error.empty()) return problems.push_back({{"--cpu"}, std::move(error)});
  plan.cpu = static_cast<int>(cpu);
}

Plan make_plan(const RunFlags& run, const std::list<Flag>& flags, Problems& problems) {
  Plan plan;
  plan.quiet = run.quiet;
  plan.own_target = run.own_target;
  plan.json = run.json;
  plan.log = run.log;
  plan.target = run.target;
  if (std::string error = take_name(run.wait, plan.wait); !error.empty()) problems.push_back({{"--wait"}, error});
  if (!run.cpu.empty()) take_cpu(run.cpu, plan, problems);

  std::string error = "say what to flood: HOST:PORT, such as 127.0.0.1:8443";
  const auto target = run.target.empty() ? std::nullopt : find_target(run.target, run.own_target, error);
  if (target) {
    plan.address = target->address;
    plan.port = target->port;
  } else {
    problems.push_back({{}, std::move(error)});
  }

  Draft draft;
  for (const Flag& flag : flags) {
    if (flag.option->count() > 1 && flag.key->kind != Kind::Repeat && flag.key->kind != Kind::Switch) {
      problems.push_back({{flag.option->get_name()}, "this stands here more than once; give it once"});
    }
    if (flag.option->count() != 0) draft.given.emplace(flag.key->name, flag.given());
  }
  const Target* const known = target ? &*target : nullptr;
  if (run.mix.empty()) {
    plan.loads.push_back(make_load(draft, {}, known, problems));
    return plan;
  }
  for (const auto& [name, given] : draft.given) {
    problems.push_back(
        {given.place, "cannot stand beside --mix; write it into the scenario, below [defaults] for all loads"});
  }
  plan.loads = read_scenario_file(run.mix, known, problems);
  return plan;
}

}  // namespace

ParsedCommandLine parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Floods a TLS server with handshakes, or with what attackers send instead, and says how it held up.",
               "breakwater-flood");
  app.set_version_flag("--version", "breakwater-flood " BREAKWATER_VERSION);
  app.footer(kHelpFooter);
  app.formatter(std::make_shared<HelpFormatter>());
  app.allow_extras();
  RunFlags run;
  const std::list<Flag> flags = add_load_flags(app);
  add_run_flags(app, run);

  Problems problems;
  ParsedCommandLine parsed;
  try {
    app.parse(argc, argv);
    if (const auto extras = app.remaining(); !extras.empty()) {
      problems.push_back({{}, unexpected(extras.front(), app)});
    } else {
      parsed.plan = make_plan(run, flags, problems);
    }
  } catch (const CLI::Success& success) {  // help or version
    app.exit(success);
    parsed.exit_status = kExitOk;
    return parsed;
  } catch (const CLI::ArgumentMismatch& error) {  // "--rate: 1 required R missing"
    const std::string text = error.what();
    if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
      problems.push_back({{text.substr(0, colon)}, "give a value behind it, and give it once"});
    } else {  // "quiet was given ..."
      problems.push_back({{"--" + text.substr(0, text.find(' '))}, "this takes no value; write it alone"});
    }
  } catch (const CLI::ParseError& error) {
    problems.push_back({{}, error.what()});
  }
  if (problems.empty()) return parsed;
  for (const Problem& problem : problems) std::cerr << "breakwater-flood: " << problem.text() << '\n';
  std::cerr << "Try: breakwater-flood --help\n";
  parsed.exit_status = kExitUsage;
  return parsed;
}

}  // namespace breakwater::flood
