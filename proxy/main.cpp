#include "proxy/cli/command_line.h"
#include "proxy/serve/serve.h"
#include "proxy/speed/speed.h"
#include "proxy/top/top.h"

int main(int argc, char** argv) {
  using namespace breakwater::proxy;
  const ParsedCommandLine parsed = parse_command_line(argc, argv);
  if (parsed.exit_status) return *parsed.exit_status;
  switch (parsed.command_line.command) {
    case Command::Serve:
      return serve(parsed.command_line);
    case Command::Check:
      return check(parsed.command_line);
    case Command::Speed:
      return speed(parsed.command_line.json);
    case Command::Top:
      return top(parsed.command_line);
  }
  return kExitFailure;
}
