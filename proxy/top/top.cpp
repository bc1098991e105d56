#include "proxy/top/top.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <iostream>

#include "proxy/config/values.h"
#include "proxy/reactor/descriptor.h"
#include "proxy/top/fetch.h"
#include "proxy/top/render.h"
#include "proxy/top/terminal.h"

namespace breakwater::proxy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kEvery{1000};
constexpr std::size_t kOnceColumns = 1000;  // nothing is cut: it may go into a file

std::optional<ServerStatus> look(const SocketAddress& address, std::string& error) {
  const auto page = fetch(address, "/status", error);
  if (!page) {
    error = fmt::format(
        "nobody answers on {} ({}); start the server with --admin {}, or say where it has its own with "
        "breakwater top --admin ADDR:PORT",
        address.text(), error, address.text());
    return std::nullopt;
  }
  auto status = read_status(*page);
  if (!status)
    error = fmt::format("what answers on {} is not a Breakwater that this program understands", address.text());
  return status;
}

// Signals that end it or tell of another size, as something to poll for.
Descriptor catch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return Descriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

enum class Told : std::uint8_t { Nothing, Redraw, End };

// Waits for a key, a signal or the time.
Told wait(int signals, Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
  std::array<pollfd, 2> events{pollfd{signals, POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
  if (::poll(events.data(), events.size(), left <= 0 ? 0 : static_cast<int>(left)) <= 0) return Told::Nothing;
  signalfd_siginfo info{};
  Told told = Told::Nothing;
  while (::read(signals, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGWINCH) return Told::End;
    told = Told::Redraw;
  }
  if (events[1].revents != 0) {
    std::array<char, 64> keys;
    const ssize_t got = ::read(STDIN_FILENO, keys.data(), keys.size());
    if (got == 0 && (events[1].revents & POLLHUP) != 0) return Told::End;  // the terminal has gone
    for (ssize_t i = 0; i < got; ++i) {
      if (keys[static_cast<std::size_t>(i)] == 'q' || keys[static_cast<std::size_t>(i)] == 'Q') return Told::End;
    }
  }
  return told;
}

void run_live(const SocketAddress& address, ServerStatus now) {
  const Descriptor signals = catch_signals();
  Terminal terminal;
  std::optional<ServerStatus> before;
  std::string error;
  for (auto next = Clock::now() + kEvery;;) {
    const Terminal::Size size = terminal.size();
    auto lines = render(now, before ? &*before : nullptr, {size.columns, size.rows, true});
    if (!error.empty()) {  // what was seen last stays, with a line that says so
      error.resize(std::min(error.size(), size.columns));
      lines.insert(lines.begin(), fmt::format("\x1b[1;31m{}\x1b[0m", error));
      if (lines.size() > size.rows) lines.pop_back();
    }
    terminal.show(lines);
    const Told told = wait(signals.get(), next);
    if (told == Told::End) return;
    if (Clock::now() < next) continue;
    next = std::max(next + kEvery, Clock::now());
    std::string trouble;
    if (auto fresh = look(address, trouble)) {
      before = std::move(now);
      now = std::move(*fresh);
    }
    error = std::move(trouble);
  }
}

}  // namespace

int top(const CommandLine& command_line) {
  std::string error;
  const auto target = parse_host_port(command_line.top_address, false, error);
  std::vector<SocketAddress> addresses;
  if (target) addresses = resolve(*target, false, error);
  if (addresses.empty()) {
    std::cerr << "breakwater: --admin: " << error << '\n';
    return kExitUsage;
  }
  if (!command_line.once && !Terminal::is_there()) {
    std::cerr << "breakwater: top needs a terminal; use --once for one snapshot\n";
    return kExitUsage;
  }
  std::optional<ServerStatus> status;
  for (const SocketAddress& address : addresses) {
    status = look(address, error);
    if (!status) continue;
    if (!command_line.once) {
      run_live(address, std::move(*status));
      return kExitOk;
    }
    for (const std::string& line : render(*status, nullptr, {kOnceColumns, 0, false})) std::cout << line << '\n';
    return kExitOk;
  }
  std::cerr << "breakwater: " << error << '\n';
  return kExitFailure;
}

}  // namespace breakwater::proxy
