"""The command line."""
from __future__ import annotations

import argparse
import re
from pathlib import Path

from comparison.machine import ROOT
from comparison.options import port, regular_expression
from comparison.program import add_developer_options

from .cases import ATTACKS, EXTRAS, SERVERS, Case, Extra

DESCRIPTION = """\
Floods Breakwater, nginx and HAProxy with handshakes, each alone on one core of this machine, and looks what honest
clients notice: browsers from addresses of their own, half of them with a ticket, at 15% of what the server can do, and
once more at one rate for all.

Without arguments it installs the peers if they are missing (as root or by sudo; their services stay off), builds
Breakwater if it is not built, runs everything within 40 minutes, prints a table, and writes into its output folder
  flood.json   every run as it was measured, verdicts, and the machine
  flood.html   the result in one page; open it in a browser
  flood.md     the same as text
"""

EPILOG = """\
examples:
  bench/flood --quick                        the most telling attacks, shorter: within five minutes
  bench/flood --cases 'hello|stall'          only cases whose name matches (a regular expression; see --list)
  bench/flood --servers breakwater,nginx     only these
  bench/flood --from build/bench/flood.json  make table and reports again from an earlier run

All of it stays on this machine's loopback addresses (127.0.0.0/8) and ends by itself. Leave the machine alone while it
runs. Ctrl-C ends it at any time, and the reports show what there is by then.
Exit status: 0 done (whatever the verdicts), 1 nothing could be measured, 2 wrong command line, 130 interrupted.
"""


def server_list(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in SERVERS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown) or 'nothing'}; there are {', '.join(SERVERS)}")
    return [name for name in SERVERS if name in names]


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="bench/flood", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    what = result.add_argument_group("what is measured")
    what.add_argument("--quick", action="store_true",
                      help="fewer attacks, shorter, at one rate each: within five minutes")
    what.add_argument("--cases", metavar="REGEX", type=regular_expression, help="only cases whose name matches")
    what.add_argument("--servers", metavar="LIST", type=server_list,
                      help=f"of {','.join(SERVERS)} (default: all; breakwater-off only beside --guard on)")
    what.add_argument("--guard", choices=("on", "off"), default="on", help="Breakwater's guard (default on)")
    what.add_argument("--list", action="store_true", help="name the cases, and end")
    result.add_argument("--output", metavar="DIR", type=Path, default=ROOT / "build" / "bench",
                        help="where to write (default build/bench)")
    result.add_argument("--json", metavar="FILE", type=Path, help="write the JSON here instead of DIR/flood.json")
    result.add_argument("--from", metavar="FILE", type=Path, dest="source",
                        help="measure nothing: render this flood.json")
    add_developer_options(result, port, 23000)
    return result


def chosen_cases(pattern: re.Pattern[str] | None, quick: bool) -> list[Case]:
    """Those whose name matches; without a pattern all that belong to the mode."""
    return [case for case in ATTACKS if (case.quick or not quick if pattern is None else pattern.search(case.name))]


def chosen_extras(pattern: re.Pattern[str] | None, quick: bool) -> list[Extra]:
    return [extra for extra in EXTRAS if (extra.quick or not quick if pattern is None else pattern.search(extra.name))]


def chosen_servers(named: list[str] | None, guard: bool) -> list[str]:
    """Breakwater without its guard is a row of its own only where the other one has it."""
    names = list(SERVERS) if named is None else named
    return [name for name in names if guard or name != "breakwater-off" or "breakwater" not in names]
