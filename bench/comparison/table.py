"""The plain tables for the terminal: at most 120 columns wide."""
from __future__ import annotations

import textwrap
from typing import Any

from . import headline, text
from .summary import CaseSummary, Row

WIDTH = 120
Column = tuple[str, int]  # heading, width; the first one is aligned left

LOADED: tuple[Column, ...] = (
    ("server", 13), ("{rate}", 9), ("x", 6), ("spread", 12), ("{cost}", 8), ("user", 7), ("system", 7), ("x", 6),
    ("spread", 12), ("p50 ms", 8), ("p99 ms", 7), ("failed", 7), ("segs", 5), ("bytes", 6), ("MiB", 5))
MEMORY: tuple[Column, ...] = (
    ("server", 14), ("{cost}", 10), ("x", 7), ("spread", 14), ("held", 9), ("before MiB", 12), ("with them MiB", 15),
    ("TCP buffers KiB", 17))


def _line(columns: tuple[Column, ...], cells: list[str]) -> str:
    parts = [f"{cells[0]:<{columns[0][1]}}"]
    parts += [f"{cell:>{width}}" for (_, width), cell in zip(columns[1:], cells[1:])]
    return "  " + "".join(parts).rstrip()


def loaded_cells(row: Row) -> list[str]:
    n = text.number
    return [row.title, text.rate(row.rate, row.limited), text.ratio(row.rate_ratio), text.ratio_range(row.rate_ratio),
            n(row.cost.median if row.cost else None), n(row.user), n(row.system), text.ratio(row.cost_ratio),
            text.ratio_range(row.cost_ratio), n(row.p50_ms), n(row.p99_ms), str(row.failed), n(row.segments, 2),
            n(row.bytes, 1), n(row.memory_mib, 2)]


def memory_cells(row: Row) -> list[str]:
    n = text.number
    return [row.title, n(row.cost.median if row.cost else None), text.ratio(row.cost_ratio),
            text.ratio_range(row.cost_ratio), f"{row.extra.get('held', 0):,.0f}",
            n(row.extra.get("before_mib")), n(row.memory_mib), n(row.extra.get("tcp_buffers_kib"), 2)]


def limits(case: CaseSummary) -> str:
    """The two limits of a handshake, in one line."""
    parts = []
    if case.floor_us is not None:
        parts.append(f"TCP alone {text.number(case.floor_us)} µs")
    if case.own_primitives_us is not None and case.libcrypto_us is not None:
        parts.append(f"arithmetic {text.number(case.own_primitives_us)} µs "
                     f"(libcrypto {text.number(case.libcrypto_us)} µs)")
    return ", ".join(parts)


def case_lines(case: CaseSummary) -> list[str]:
    columns = MEMORY if case.kind == "memory" else LOADED
    cost = {"handshake": "CPU µs", "request": "CPU µs", "bulk": "s/GB", "memory": "KiB each"}[case.kind]
    rate = {"handshake": "hs/s", "request": "req/s", "bulk": "MB/s"}.get(case.kind, "")
    beside = limits(case) if case.kind == "handshake" else case.note
    lines = [f"{case.title}{'   [' + beside + ']' if beside else ''}",
             _line(columns, [heading.format(rate=rate, cost=cost) for heading, _ in columns])]
    for row in case.rows:
        if row.rounds:
            lines.append(_line(columns, memory_cells(row) if case.kind == "memory" else loaded_cells(row)))
        if row.problem:
            lines.append(f"  {row.title:<14}  not measured: {row.problem.splitlines()[0]}"[:WIDTH])
    return lines


LEGEND = (
    "x: how many times better Breakwater is than this server, the median of rounds (below 1: Breakwater is worse);",
    "spread: the rounds' extremes. ≥: the server was not busy all the time, it could do more. MiB: all its processes.")


def render(data: dict[str, Any], cases: list[CaseSummary]) -> str:
    lines: list[str] = []
    for case in cases:
        lines += [*case_lines(case), ""]
    lines += [*LEGEND, ""]
    for sentence in [*headline.sentences(cases), *("note: " + w.splitlines()[0] for w in data.get("warnings", []))]:
        lines += textwrap.wrap(sentence, WIDTH)
    return "\n".join(lines)

