"""The command line."""
from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

from .cases import CASES, Case
from .machine import ROOT
from .program import add_developer_options

DESCRIPTION = """\
Compares Breakwater with the TLS servers of Debian 12 (nginx, HAProxy, hitch) on one core of this machine, and all of
them with the floor: the same bytes over TCP without TLS, plus the arithmetic that cannot be avoided.

Without arguments it installs the peers if they are missing (as root or by sudo; their services stay off), builds
Breakwater if it is not built, runs everything within 40 minutes, prints a table, and writes into its output folder
  compare.json   every round as it was measured, and the machine
  report.html    the result in one page; open it in a browser
  report.md      the same as text
"""

EPILOG = """\
examples:
  bench/compare --quick                        everything, shorter: within four minutes
  bench/compare --cases '^1.3 ecdsa'           only cases whose name matches (a regular expression; see --list)
  bench/compare --servers breakwater,nginx     only these
  bench/compare --cases 'memory' --rounds 1
  bench/compare --from DIR/compare.json        make table and reports again from an earlier run

What to look at: the cost of one handshake in CPU microseconds. The rate of a server that is busy all the time is one
second divided by that. "x" is how many times better Breakwater is, taken round by round, with the extremes of the
rounds beside it: if these straddle 1, there is no difference that this machine can see.

Leave the machine alone while it runs. Ctrl-C ends it at any time, and the reports show what there is by then.
Exit status: 0 done, 1 nothing could be measured, 2 wrong command line, 130 interrupted.
"""


def regular_expression(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a regular expression: {error}") from None


def positive(kind):
    def parse(text: str):
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value
    parse.__name__ = kind.__name__
    return parse


SERVERS = ("breakwater", "nginx", "haproxy", "hitch", "floor")


def server_list(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in SERVERS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown) or 'nothing'}; there are {', '.join(SERVERS)}")
    return [name for name in SERVERS if name in names]


def port(text: str) -> int:
    value = int(text)
    if not 1024 <= value <= 31000:
        raise argparse.ArgumentTypeError("a port from 1024 to 31000 is needed: a thousand ports from there on must be "
                                         "free, and below those that clients get")
    return value


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="bench/compare", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    what = result.add_argument_group("what is measured")
    what.add_argument("--quick", action="store_true",
                      help="shorter and fewer rounds, fewer held connections: within four minutes")
    what.add_argument("--cases", metavar="REGEX", type=regular_expression, help="only cases whose name matches")
    what.add_argument("--servers", metavar="LIST", type=server_list, default=list(SERVERS),
                      help=f"of {','.join(SERVERS)} (default: all)")
    what.add_argument("--rounds", metavar="N", type=positive(int), help="rounds of each case (default 5; quick: 3)")
    what.add_argument("--seconds", metavar="S", type=positive(float),
                      help="seconds of each round (default 3; quick: 0.3)")
    what.add_argument("--list", action="store_true", help="name the cases, and end")
    result.add_argument("--output", metavar="DIR", type=Path,
                        help="where to write (default build/bench/compare-<date>)")
    result.add_argument("--from", metavar="FILE", type=Path, dest="source",
                        help="measure nothing: render this compare.json")
    add_developer_options(result, port, 22000)
    return result


def chosen_cases(pattern: re.Pattern[str] | None, quick: bool) -> list[Case]:
    """Those whose name matches; without a pattern all that belong to the mode."""
    if pattern is None:
        return [case for case in CASES if case.quick or not quick]
    return [case for case in CASES if pattern.search(case.name)]


def default_output() -> Path:
    return ROOT / "build" / "bench" / time.strftime("compare-%Y-%m-%d-%H%M%S")
