// breakwater-flood: a plan from the command line, the run, its report.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>
#include <stdexcept>

#include "flood/load/run.h"
#include "flood/plan/command_line.h"
#include "flood/report/outcome.h"
#include "flood/report/progress.h"
#include "flood/report/report_json.h"
#include "flood/report/report_text.h"
#include "flood/report/start_log.h"
#include "library/port/initialise.h"

namespace breakwater::flood {
namespace {

std::atomic<bool> stop = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void on_signal(int signal) {
  if (stop.exchange(true)) ::_exit(128 + signal);  // the second one: at once, with the status a shell would give
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;  // without SA_RESTART: what waits returns
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void say(const std::string& text) { std::fputs(("breakwater-flood: " + text + '\n').c_str(), stderr); }

void raise_descriptor_limit(const Plan& plan) {
  constexpr std::uint64_t kOwn = 16;  // standard streams, epoll and the like
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  std::uint64_t wanted = kOwn;
  for (const Load& load : plan.loads) wanted += load.rate > 0 ? 0 : load.connections;
  if (wanted > limit.rlim_cur) {
    say(fmt::format(
        "warning: this process may open {} files and needs about {}; raise the limit (ulimit -n, as root), or "
        "lower --connections",
        limit.rlim_cur, wanted));
  }
}

// Settings that contradict each other are found before anything is sent.
bool check_profiles(const Plan& plan) {
  bool good = true;
  for (const Load& load : plan.loads) {
    if (load.mode == Mode::Garbage || load.mode == Mode::Plain) continue;
    try {
      const Profile profile(load.tls);
    } catch (const std::invalid_argument& error) {
      say(fmt::format("{}: {}", load.name, error.what()));
      good = false;
    }
  }
  return good;
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

bool write(std::FILE* out, const std::string& text) {
  return std::fputs(text.c_str(), out) >= 0 && std::fflush(out) == 0;
}

struct Close {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

RunResult run_with_progress(const Plan& plan) {
  if (plan.quiet) return run(plan, stop, {});
  Progress progress(plan, stderr);
  RunResult result = run(plan, stop, [&progress](double seconds, const std::vector<Tally>& tallies) {
    progress.update(seconds, tallies);
  });
  progress.finish();
  return result;
}

int flood(const Plan& plan) {
  port::initialise();
  if (!check_profiles(plan)) return kExitUsage;
  const bool json_to_stdout = plan.json == "-";
  File json_file;
  if (!plan.json.empty() && !json_to_stdout) {
    json_file.reset(std::fopen(plan.json.c_str(), "we"));  // now: not after a long run is it found to be impossible
    if (json_file == nullptr) {
      say(fmt::format("--json: cannot write {}: {}; choose another file", plan.json, std::strerror(errno)));
      return kExitUsage;
    }
  }
  File log_file;
  if (!plan.log.empty()) {
    log_file.reset(std::fopen(plan.log.c_str(), "we"));
    if (log_file == nullptr) {
      say(fmt::format("--log: cannot write {}: {}; choose another file", plan.log, std::strerror(errno)));
      return kExitUsage;
    }
  }
  raise_descriptor_limit(plan);
  catch_signals();

  const std::string started = now_text();
  const RunResult result = run_with_progress(plan);

  bool written = true;
  if (!plan.json.empty()) {
    written = write(json_to_stdout ? stdout : json_file.get(), report_json(plan, result, started));
    if (!written) say(fmt::format("--json: cannot write {}: {}", plan.json, std::strerror(errno)));
  }
  if (log_file != nullptr && !write(log_file.get(), log_text(plan, result.log))) {
    say(fmt::format("--log: cannot write {}: {}", plan.log, std::strerror(errno)));
    written = false;
  }
  if (!result.error.empty()) {
    say(result.error);
    return kExitNothing;
  }
  write(json_to_stdout ? stderr : stdout, report_text(plan, result));
  return written && something_succeeded(plan, result) ? kExitOk : kExitNothing;
}

}  // namespace
}  // namespace breakwater::flood

int main(int argc, char** argv) {
  using namespace breakwater::flood;
  try {
    const ParsedCommandLine parsed = parse_command_line(argc, argv);
    return parsed.exit_status ? *parsed.exit_status : flood(parsed.plan);
  } catch (const std::exception& error) {  // no memory, and the like
    say(error.what());
    return kExitNothing;
  }
}
