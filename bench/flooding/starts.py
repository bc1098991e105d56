"""The honest generator's log: what became of each start, and what that says of a stretch of time."""
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Iterable

from comparison.problem import Problem

HEADER = "load\tdue_us\ttook_us\toutcome"
BIN_S = 0.1
CUT_OFF = "unfinished"


@dataclass(frozen=True)
class Start:
    load: str
    due_s: float     # by the machine's monotonic clock
    took_ms: float
    outcome: str     # "ok", or what went wrong

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"


def parse(text: str, begin_s: float) -> list[Start]:
    """begin_s: when the generator's run began. Throws Problem when it is not what the generator writes."""
    lines = text.splitlines()
    if not lines or lines[0] != HEADER:
        raise Problem("breakwater-flood wrote a log this program cannot read: is it of the same version?")
    starts = []
    for line in lines[1:]:
        load, due, took, outcome = line.split("\t")
        starts.append(Start(load, begin_s + float(due) / 1e6, float(took) / 1e3, outcome))
    return sorted(starts, key=lambda start: start.due_s)


def quantile(values: list[float], share: float) -> float | None:
    """The smallest value that at least this share of all is not above; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def between(starts: Iterable[Start], begin_s: float, end_s: float) -> list[Start]:
    """Those that were due then."""
    return [start for start in starts if begin_s <= start.due_s < end_s]


def typical_p99(starts: list[Start]) -> float | None:
    """The median of the p99 of all tenths of a second: what a virtual machine that is paused for some milliseconds now
    and then does not move."""
    bins: dict[int, list[float]] = {}
    for start in starts:
        if start.ok:
            bins.setdefault(math.floor(start.due_s / BIN_S), []).append(start.took_ms)
    return quantile([p99 for took in bins.values() if (p99 := quantile(took, 0.99)) is not None], 0.5)


def describe(starts: list[Start]) -> dict[str, Any]:
    """Counts and latencies (of those that succeeded; milliseconds) of all, and of each load."""
    def one(chosen: list[Start]) -> dict[str, Any]:
        took = [start.took_ms for start in chosen if start.ok]
        failures: dict[str, int] = {}
        for start in chosen:
            if not start.ok:
                failures[start.outcome] = failures.get(start.outcome, 0) + 1
        return {"due": len(chosen), "ok": len(took), "success": len(took) / len(chosen) if chosen else None,
                "p50_ms": quantile(took, 0.5), "p99_ms": quantile(took, 0.99), "max_ms": max(took, default=None),
                "p99_typical_ms": typical_p99(chosen), "failures": failures}
    return {"all": one(starts), **{load: one([s for s in starts if s.load == load])
                                   for load in sorted({start.load for start in starts})}}


def timeline(starts: list[Start], begin_s: float, from_s: float, to_s: float) -> list[dict[str, Any]]:
    """Bins of BIN_S from from_s to to_s, which count from begin_s (the attack's). Those that were cut off by the end of
    the run are left out: nobody knows what they would have come to."""
    bins: list[list[Start]] = [[] for _ in range(max(0, math.ceil((to_s - from_s) / BIN_S - 1e-9)))]
    for start in starts:
        number = math.floor((start.due_s - begin_s - from_s) / BIN_S + 1e-6)
        if 0 <= number < len(bins) and start.outcome != CUT_OFF:
            bins[number].append(start)
    result = []
    for number, chosen in enumerate(bins):
        took = [start.took_ms for start in chosen if start.ok]
        result.append({"t": round(from_s + number * BIN_S, 3), "due": len(chosen), "ok": len(took),
                       "p50_ms": quantile(took, 0.5), "p99_ms": quantile(took, 0.99)})
    return result
