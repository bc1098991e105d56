#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "bench/floor/floor_server.h"
#include "bench/floor/listener.h"
#include "bench/floor/options.h"

namespace {

constexpr int kWrongUsage = 2;

constexpr const char* kHelp =
    R"(breakwater-floor: a TCP server without TLS, for measuring what connections cost before any TLS is done.

  breakwater-floor --listen ADDR:PORT --pattern A:B,C:D [--backend ADDR:PORT | --reset]
  breakwater-floor --listen ADDR:PORT --reset

For each connection it awaits A bytes, sends B, awaits C, sends D (up to 16 such steps), then waits for the client to
end the connection. With --backend it then connects to a service, for this client alone, and passes bytes both ways
until both have ended; with --reset it ends the connection itself then, as a server does that refuses, and reads what
is there right after accept. Without --pattern it resets each connection at accept and reads nothing. One thread; pin it
with taskset. Prints one line, "listening on ...", when it is ready. SIGTERM ends it.

  --listen ADDR:PORT   numeric; [::1]:9000 for IPv6; port 0 takes a free one
  --pattern STEPS      message sizes in bytes, for example 517:1200,80:250. The last step may be repeated, as requests
                       on a kept connection are: 517:1200,80:0,120:1300x500; x0: for as long as the client wants
  --backend ADDR:PORT  the service, numeric. With it, clients beyond 256 wait in the kernel's queue
  --reset              end each connection by a TCP reset when the pattern is done; without a pattern, at accept
  --help               this text
)";

volatile std::sig_atomic_t stop = 0;

void on_signal(int) { stop = 1; }

// As many descriptors as this process may have; their number.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  // The kernel gives out no more than this even where the limit says "infinity".
  constexpr rlim_t kMost = 1 << 20;
  if (limit.rlim_cur > kMost) {
    limit.rlim_cur = kMost;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace breakwater::floor;
  Options options;
  std::string error;
  if (!parse_options(argc, argv, options, error)) {
    std::fprintf(stderr, "breakwater-floor: %s\n", error.c_str());
    return kWrongUsage;
  }
  if (options.help) {
    std::fputs(kHelp, stdout);
    return 0;
  }

  // Blocked but while epoll waits, so that no signal falls between the check and the wait.
  sigset_t ours;
  sigset_t while_waiting;
  sigemptyset(&ours);
  sigaddset(&ours, SIGTERM);
  sigaddset(&ours, SIGINT);
  ::sigprocmask(SIG_BLOCK, &ours, &while_waiting);
  sigdelset(&while_waiting, SIGTERM);
  sigdelset(&while_waiting, SIGINT);
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);

  const std::size_t most_descriptors = raise_descriptor_limit();
  std::string bound;
  const int listener = open_listener(options.host, options.port, bound, error);
  if (listener < 0) {
    std::fprintf(stderr, "breakwater-floor: %s\n", error.c_str());
    return 1;
  }
  FloorServer server(listener, options, most_descriptors);
  std::printf("listening on %s\n", bound.c_str());
  std::fflush(stdout);
  if (!server.run(stop, while_waiting)) {
    std::fprintf(stderr, "breakwater-floor: epoll failed: %s\n", std::strerror(errno));
    return 1;
  }
  return 0;
}
