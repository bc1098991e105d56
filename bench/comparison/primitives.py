"""The arithmetic that no server can avoid, from `breakwater speed --json`: one of the two limits beside every row."""
from __future__ import annotations

import json
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

from .problem import Problem


OURS = ("portable", "adx")


def measure(program: Path, cpu: int) -> list[dict[str, Any]]:
    """The results of `breakwater speed` on the servers' core. It reads the clock; what other programs took of the core
    meanwhile is taken off again, so that its microseconds are CPU time like those of the servers."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    try:
        result = subprocess.run(["taskset", "--cpu-list", str(cpu), str(program), "speed", "--json"],
                                capture_output=True, text=True, timeout=120, check=True, stdin=subprocess.DEVNULL)
        report = json.loads(result.stdout)
        # Of our own implementations the one that the server takes by itself.
        results = [r for r in report["results"]
                   if r["implementation"] not in OURS or r["implementation"] == report.get("auto", "portable")]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise Problem(f"`{program} speed --json` failed: {error}") from None
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begin
    share = min(1.0, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / wall)
    return [{**r, "share": round(share, 3), "clock_microseconds": r["microseconds"],
             "microseconds": r["microseconds"] * share}
            for r in results]


def less_disturbed(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The one of two measurements in which `breakwater speed` had more of its core."""
    def share(results: list[dict[str, Any]]) -> float:
        return min((r.get("share", 0.0) for r in results), default=0.0)
    return first if share(first) > share(second) else second


def cost_us(results: list[dict[str, Any]], operation: str, libcrypto: bool) -> float | None:
    """Microseconds of one operation: libcrypto's, or Breakwater's with the implementation that this CPU gets.
    What Breakwater leaves to libcrypto costs it what it costs libcrypto."""
    matching = [r for r in results if r.get("operation") == operation]
    own = [r for r in matching if r.get("implementation") != "libcrypto"]
    theirs = [r for r in matching if r.get("implementation") == "libcrypto"]
    chosen = theirs if libcrypto or not own else own
    return min((float(r["microseconds"]) for r in chosen), default=None)


def sum_us(results: list[dict[str, Any]], operations: list[str], libcrypto: bool) -> float | None:
    """Of all the operations of a handshake; None when one of them was not measured."""
    costs = [cost_us(results, operation, libcrypto) for operation in operations]
    return None if any(cost is None for cost in costs) else sum(cost or 0.0 for cost in costs)
