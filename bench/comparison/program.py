"""What the programs of bench/ have in common at their edges: how they begin, how they end, and options for developers."""
from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any, Callable

from .problem import Problem


def interrupted(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def run(name: str, body: Callable[[], int]) -> int:
    """The exit status of body(), which may raise a Problem; a signal that ends it is taken as Ctrl-C."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # where Debian has servers; not on every user's path
    os.environ["LC_ALL"] = "C.UTF-8"
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    try:
        return body()
    except Problem as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def add_developer_options(parser: argparse.ArgumentParser, port: Callable[[str], int], base_port: int) -> None:
    """Which programs, CPUs and ports to use."""
    how = parser.add_argument_group("for those who work on Breakwater")
    how.add_argument("--build-dir", metavar="DIR", type=Path, help="take the programs from DIR/bin; build nothing")
    how.add_argument("--breakwater", metavar="PATH", type=Path, help="this breakwater")
    how.add_argument("--flood", metavar="PATH", type=Path, help="this breakwater-flood")
    how.add_argument("--floor", metavar="PATH", type=Path, help="this breakwater-floor")
    how.add_argument("--cpus", metavar="A,B",
                     help="the servers' CPU and the generators' (default: the first two cores)")
    how.add_argument("--base-port", metavar="N", type=port, default=base_port,
                     help=f"ports from N to N+999 are used (default {base_port})")
