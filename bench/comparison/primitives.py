"""The arithmetic that no server can avoid, from `breakwater speed --json`: one of the two limits beside every row."""
from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Iterable

from .problem import Problem


OURS = ("portable", "adx", "ifma")
NO_SERVERS = ("crypto_mb",)  # measured for comparison: no server here uses it


def of_this_machine(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What the servers use: of our own implementations the one that Breakwater takes by itself, where that one has the
    operation."""
    auto = report.get("auto", "portable")
    has = {r["operation"] for r in report["results"] if r["implementation"] == auto}
    return [r for r in report["results"] if r["implementation"] not in NO_SERVERS
            and (r["implementation"] not in OURS or r["implementation"] == auto or r["operation"] not in has)]


def measure(program: Path, cpu: int) -> list[dict[str, Any]]:
    """The results of `breakwater speed` on the servers' core: CPU time, like that of the servers."""
    try:
        result = subprocess.run(["taskset", "--cpu-list", str(cpu), str(program), "speed", "--json"],
                                capture_output=True, text=True, timeout=120, check=True, stdin=subprocess.DEVNULL)
        return of_this_machine(json.loads(result.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise Problem(f"`{program} speed --json` failed: {error}") from None


def least(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of two measurements the lesser one of each row: nothing makes a program faster than it is."""
    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        return row["operation"], row["implementation"], row.get("lanes")
    rows = {key(row): row for row in first}
    for row in second:
        known = rows.get(key(row))
        if known is None or row["microseconds"] < known["microseconds"]:
            rows[key(row)] = row
    return list(rows.values())


def _cheapest(results: list[dict[str, Any]], operation: str, libcrypto: bool) -> dict[str, Any] | None:
    """What Breakwater leaves to libcrypto costs it what it costs libcrypto. Of rows for several numbers of lanes the
    one counts in which an operation has the smallest share: the limit is what cannot be avoided at full load."""
    matching = [r for r in results if r.get("operation") == operation]
    own = [r for r in matching if r.get("implementation") != "libcrypto"]
    theirs = [r for r in matching if r.get("implementation") == "libcrypto"]
    return min(theirs if libcrypto or not own else own, key=lambda r: float(r["microseconds"]), default=None)


def cost_us(results: list[dict[str, Any]], operation: str, libcrypto: bool) -> float | None:
    """Microseconds of one operation: libcrypto's, or Breakwater's with the implementation that this CPU gets."""
    row = _cheapest(results, operation, libcrypto)
    return None if row is None else float(row["microseconds"])


def in_lanes(results: list[dict[str, Any]], operations: Iterable[str]) -> bool:
    """Whether what counts for Breakwater is, for one of these operations, the share of a run of several at once."""
    rows = (_cheapest(results, operation, libcrypto=False) for operation in operations)
    return any(row is not None and row.get("lanes", 1) > 1 for row in rows)


def sum_us(results: list[dict[str, Any]], operations: list[str], libcrypto: bool) -> float | None:
    """Of all the operations of a handshake; None when one of them was not measured."""
    costs = [cost_us(results, operation, libcrypto) for operation in operations]
    return None if any(cost is None for cost in costs) else sum(cost or 0.0 for cost in costs)


RECORD_BYTES = 16384
_SEAL = re.compile(r"AES-256-GCM seal, (\d+) B")


def seal_us(results: list[dict[str, Any]], content: int, libcrypto: bool) -> float | None:
    """Microseconds to seal so many bytes as full records and a last one, each at once; opening costs the same. Between
    the sizes that were measured the cost is a straight line. None when nothing was measured."""
    operations = {int(match[1]): match[0] for r in results if (match := _SEAL.fullmatch(str(r.get("operation"))))}
    points = sorted((size, cost) for size, operation in operations.items()
                    if (cost := cost_us(results, operation, libcrypto)) is not None)
    if not points:
        return None
    full, rest = divmod(content, RECORD_BYTES)
    return full * _between(points, RECORD_BYTES) + (_between(points, rest) if rest else 0.0)


def _between(points: list[tuple[int, float]], size: int) -> float:
    """Below the smallest: what that costs; above the largest: in proportion."""
    if size <= points[0][0]:
        return points[0][1]
    for (low, low_cost), (high, high_cost) in zip(points, points[1:]):
        if size <= high:
            return low_cost + (high_cost - low_cost) * (size - low) / (high - low)
    return points[-1][1] * size / points[-1][0]


def arithmetic(case: dict[str, Any], results: list[dict[str, Any]], libcrypto: bool) -> float | None:
    """What nobody can avoid for one unit of a case: µs for a handshake or a request, CPU seconds for a GB, and for
    memory the KiB of state. None when it was not measured."""
    if case["kind"] == "memory":
        return case["state"] / 1024 if case.get("state") else None
    of_handshake = sum_us(results, case["primitives"], libcrypto)
    if case["kind"] == "handshake" or of_handshake is None:
        return of_handshake
    if case["kind"] == "bulk":
        record = seal_us(results, RECORD_BYTES, libcrypto)
        return None if record is None else record / RECORD_BYTES * 1e9 / 1e6
    contents = case["servers"].get("floor", {}).get("contents") or []
    costs = [seal_us(results, content, libcrypto) for content in contents]
    if not costs or any(cost is None for cost in costs):
        return None
    return of_handshake + sum(cost or 0.0 for cost in costs)
