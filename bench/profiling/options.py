"""The command line of bench/profile."""
from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

from comparison.cases import CASES, Case
from comparison.machine import ROOT
from comparison.options import port, positive

SERVERS = ("breakwater", "nginx")
DEFAULT_CASES = ("1.2 ecdsa full", "1.3 ecdsa full")
HANDSHAKE_CASES = {case.name: case for case in CASES if case.kind == "handshake"}

DESCRIPTION = """\
Where the work goes in a TLS server under flood: field arithmetic, ciphers and hashes, allocation, copies, protocol
code, and the parts of the kernel, for Breakwater and for nginx, on one core of this machine.

Without arguments it installs what is missing (as root or by sudo), builds Breakwater if it is not built, looks at
TLS 1.2 and TLS 1.3 handshakes with ECDSA, prints a table for each, and writes into its output folder
  profile.html   tables and flame graphs in one page; open it in a browser
  profile.json   the numbers, with the functions that cost most
  *.svg          the flame graphs one by one: a click enlarges a box
  *.folded       the stacks as text, one on a line, as other flame graph programs read them
It uses perf where perf can count, and valgrind's callgrind elsewhere, and says which and why.
"""

EPILOG = """\
examples:
  bench/profile --server breakwater --case '1.3 rsa full'
  bench/profile --case '1.2 ecdsa resumed' --seconds 20
  bench/profile --method callgrind              exact counts of instructions, user code only; takes minutes

The cost of a handshake is measured with nobody looking; the samples say only how it divides. Ctrl-C ends it at any
time.
Exit status: 0 done, 1 nothing could be measured, 2 wrong command line, 130 interrupted.
"""


def case(text: str) -> Case:
    name = re.sub(r"\bresume$", "resumed", " ".join(text.split()))
    if name not in HANDSHAKE_CASES:
        raise argparse.ArgumentTypeError(f"there is no case {text!r}; there are: {', '.join(sorted(HANDSHAKE_CASES))}")
    return HANDSHAKE_CASES[name]


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="bench/profile", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--server", metavar="NAME", choices=SERVERS, action="append",
                        help="breakwater or nginx; may be given again (default: both)")
    result.add_argument("--case", metavar="CASE", type=case, action="append",
                        help="such as '1.2 ecdsa full'; may be given again (default: 1.2 and 1.3 ecdsa full)")
    result.add_argument("--seconds", metavar="S", type=positive(float), default=10.0, help="of sampling (default 10)")
    result.add_argument("--output", metavar="DIR", type=Path,
                        help="where to write (default build/bench/profile-<date>)")
    result.add_argument("--method", choices=("auto", "perf", "callgrind"), default="auto",
                        help="how to look (default auto)")
    how = result.add_argument_group("for those who work on Breakwater")
    how.add_argument("--build-dir", metavar="DIR", type=Path, help="take the programs from DIR/bin; build nothing")
    how.add_argument("--no-install", action="store_true", help="do with the packages that are there")
    how.add_argument("--breakwater", metavar="PATH", type=Path, help="this breakwater")
    how.add_argument("--flood", metavar="PATH", type=Path, help="this breakwater-flood")
    how.add_argument("--cpus", metavar="A,B",
                     help="the server's CPU and the generator's (default: the first two cores)")
    how.add_argument("--base-port", metavar="N", type=port, default=23000,
                     help="ports from N to N+999 are used (default 23000)")
    return result


def default_output() -> Path:
    return ROOT / "build" / "bench" / time.strftime("profile-%Y-%m-%d-%H%M%S")
