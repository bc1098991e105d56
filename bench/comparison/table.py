"""The plain tables for the terminal: at most 120 columns wide."""
from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any, Callable

from . import headline, text
from .summary import COST_UNIT, CaseSummary, Row

WIDTH = 120


@dataclass(frozen=True)
class Column:
    heading: str
    width: int                      # on the terminal; the first one is aligned left
    cell: Callable[[Row], str]
    kinds: tuple[str, ...] = ()     # of cases that have it on the terminal; () for all


def _extra(row: Row, name: str, digits: int = 3) -> str:
    return text.number(row.extra.get(name), digits)


def _cost(row: Row) -> str:
    return text.number(row.cost.median if row.cost else None)


_n = text.number
LOADED: tuple[Column, ...] = (
    Column("server", 13, lambda row: row.title),
    Column("{rate}", 9, lambda row: text.rate(row.rate, row.limited)),
    Column("x", 6, lambda row: text.ratio(row.rate_ratio)),
    Column("spread", 11, lambda row: text.ratio_range(row.rate_ratio)),
    Column("{cost}", 7, _cost),
    Column("user", 6, lambda row: _n(row.user)),
    Column("sys", 6, lambda row: _n(row.system)),
    Column("x", 6, lambda row: text.ratio(row.cost_ratio)),
    Column("spread", 12, lambda row: text.ratio_range(row.cost_ratio)),
    Column("floor", 6, lambda row: text.times(row.floor_ratio)),
    Column("limit", 6, lambda row: text.times(row.limit_ratio)),
    Column("p50 ms", 7, lambda row: _n(row.p50_ms)),
    Column("p99 ms", 7, lambda row: _n(row.p99_ms)),
    Column("fail", 5, lambda row: str(row.failed)),
    Column("segs", 5, lambda row: _n(row.segments, 2), ("handshake",)),
    Column("bytes", 6, lambda row: _n(row.bytes, 1), ("handshake",)),
    Column("MiB", 5, lambda row: _n(row.memory_mib, 2), ("request", "bulk")))
MEMORY: tuple[Column, ...] = (
    Column("server", 14, lambda row: row.title),
    Column("{cost}", 10, _cost),
    Column("x", 7, lambda row: text.ratio(row.cost_ratio)),
    Column("spread", 14, lambda row: text.ratio_range(row.cost_ratio)),
    Column("limit", 8, lambda row: text.times(row.limit_ratio)),
    Column("held", 9, lambda row: f"{row.extra.get('held', 0):,.0f}"),
    Column("before MiB", 12, lambda row: _extra(row, "before_mib")),
    Column("with them MiB", 15, lambda row: _n(row.memory_mib)),
    Column("TCP buffers KiB", 17, lambda row: _extra(row, "tcp_buffers_kib", 2)))


def columns_of(case: CaseSummary) -> tuple[Column, ...]:
    """All that a case of its kind has."""
    return MEMORY if case.kind == "memory" else LOADED


def _line(columns: list[Column], cells: list[str]) -> str:
    parts = [f"{cells[0]:<{columns[0].width}}"]
    parts += [f"{cell:>{column.width}}" for column, cell in zip(columns[1:], cells[1:])]
    return "  " + "".join(parts).rstrip()


def limits(case: CaseSummary) -> str:
    """The floor and the arithmetic of a case, in one line."""
    unit = COST_UNIT[case.kind]
    if case.kind == "memory":
        parts = [] if case.floor is None else [f"without TLS {case.floor:.2f} KiB, what the kernel keeps not counted"]
        if case.own_arithmetic is not None:
            parts.append(f"what TLS cannot forget {case.own_arithmetic:.2f} KiB")
        return ", ".join(parts)
    parts = []
    if case.floor is not None:
        parts.append(f"TCP alone {text.number(case.floor)} {unit}")
    if case.own_arithmetic is not None and case.libcrypto is not None:
        parts.append(f"arithmetic {text.number(case.own_arithmetic)} {unit} "
                     f"(libcrypto {text.number(case.libcrypto)} {unit})")
    return ", ".join(parts)


def beside(case: CaseSummary) -> str:
    return " ".join(part for part in (case.note, limits(case)) if part)


def case_lines(case: CaseSummary) -> list[str]:
    columns = [column for column in columns_of(case) if not column.kinds or case.kind in column.kinds]
    cost = {"handshake": "CPU µs", "request": "CPU µs", "bulk": "s/GB", "memory": "KiB each"}[case.kind]
    rate = {"handshake": "hs/s", "request": "req/s", "bulk": "MB/s"}.get(case.kind, "")
    said = f"[{beside(case)}]" if beside(case) else ""
    first = f"{case.title}   {said}".rstrip()
    lines = [first] if len(first) <= WIDTH else [case.title, "  " + said]
    lines.append(_line(columns, [column.heading.format(rate=rate, cost=cost) for column in columns]))
    for row in case.rows:
        if row.rounds:
            lines.append(_line(columns, [column.cell(row) for column in columns]))
        if row.problem:
            lines.append(f"  {row.title:<14}  not measured: {row.problem.splitlines()[0]}"[:WIDTH])
    return lines


LEGEND = (
    "x: how many times better Breakwater is than this server, the median of rounds (below 1: Breakwater is worse);",
    "spread: the rounds' extremes. floor: how many times TCP alone this server costs; limit: how many times TCP alone",
    "plus the arithmetic of its library. ≥: the server was not busy all the time, it can do more. MiB: all processes.")


def render(data: dict[str, Any], cases: list[CaseSummary]) -> str:
    lines: list[str] = []
    for case in cases:
        lines += [*case_lines(case), ""]
    lines += [*LEGEND, ""]
    for sentence in [*headline.sentences(cases), *("note: " + w.splitlines()[0] for w in data.get("warnings", []))]:
        lines += textwrap.wrap(sentence, WIDTH)
    return "\n".join(lines)

