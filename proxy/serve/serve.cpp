#include "proxy/serve/serve.h"

#include <iostream>

#include "proxy/config/describe_guard.h"
#include "proxy/serve/snapshot.h"
#include "proxy/serve/supervisor.h"

namespace breakwater::proxy {

int serve(const CommandLine& command_line) { return Supervisor(command_line).run(); }

int check(const CommandLine& command_line) {
  Problems problems;
  SnapshotBuilder builder(command_line);
  const Snapshot snapshot = builder.build(nullptr, problems);
  for (const Problem& problem : problems) std::cout << problem.text() << '\n';
  if (!problems.empty()) return kExitFailure;
  say_warning(snapshot);
  std::cout << "OK\n"
            << describe(snapshot.config) << "  guard            "
            << describe_guard(snapshot.config, *snapshot.server, "\n                   ") << '\n';
  return kExitOk;
}

}  // namespace breakwater::proxy
