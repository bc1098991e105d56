"""The charts of the page."""
from __future__ import annotations

import math
from typing import Any, Callable

from comparison import svg
from comparison.servers import KINDS

from .starts import BIN_S
from .summary import CaseRows, Row
from .verdicts import milliseconds, percent

STYLES = {"breakwater": "s0", "breakwater-off": "s1", "nginx": "s2", "haproxy": "s3", "haproxy-limit": "s4"}
LABEL, WIDTH, STEP, TOP = 330, 1080, 36, 26
TICKS_MS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)


def _rows(cases: list[CaseRows], draw: Callable[[Row, float], str], grid: list[str], title: str) -> str:
    """One line for each case, a dot for each server."""
    bottom = TOP + len(cases) * STEP
    parts = list(grid)
    for index, case in enumerate(cases):
        y = TOP + index * STEP + STEP / 2
        if index and cases[index - 1].group != case.group:
            parts.append(svg.line(0, y - STEP / 2, WIDTH, y - STEP / 2, "grid"))
        parts.append(svg.text(LABEL - 16, y + 4, case.title, "name", "end"))
        rows = case.own()
        # Breakwater last, so that it lies on top; a little apart, so that equal ones do not hide each other.
        for place, row in reversed(list(enumerate(rows))):
            parts.append(draw(row, y + (place - (len(rows) - 1) / 2) * 5.5))
    return svg.whole(WIDTH, bottom + 22, title, parts)


def success_dots(cases: list[CaseRows]) -> str:
    """How many of the honest clients got in while the attack ran."""
    cases = [case for case in cases if case.own()]
    if not cases:
        return ""
    bottom, room = TOP + len(cases) * STEP, WIDTH - LABEL - 40

    def place(share: float) -> float:
        return LABEL + room * share
    grid = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        grid.append(svg.line(place(tick), TOP - 4, place(tick), bottom, "one" if tick == 1 else "grid"))
        grid.append(svg.text(place(tick), bottom + 16, f"{tick:.0%}", "tick", "middle"))

    def draw(row: Row, y: float) -> str:
        success = row.attack["success"]
        return svg.dot(place(success), y, STYLES[row.server], f"{row.title}: {percent(success)}")
    return _rows(cases, draw, grid, "Honest success under attack")


def _log_place(low: float, high: float, start: float, room: float) -> Callable[[float], float]:
    def place(value: float) -> float:
        value = min(max(value, low), high)
        return start + room * (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    return place


def _bounds(values: list[float]) -> tuple[float, float]:
    return min([3.0, *(v for v in values if v > 0)]) * 0.8, max([30.0, *values]) * 1.25


def latency_dots(cases: list[CaseRows]) -> str:
    """p99 of those that got in, from calm (a ring) to the attack (a dot)."""
    cases = [case for case in cases if case.own()]
    values = [value for case in cases for row in case.own() for value in (row.calm["p99_ms"], row.attack["p99_ms"])
              if value is not None]
    if not values:
        return ""
    low, high = _bounds(values)
    bottom, room = TOP + len(cases) * STEP, WIDTH - LABEL - 110
    place = _log_place(low, high, LABEL, room)
    nobody = WIDTH - 50
    grid = [svg.text(nobody, TOP - 12, "nobody got in", "hint", "middle"),
            svg.line(nobody, TOP - 4, nobody, bottom, "grid")]
    for tick in TICKS_MS:
        if low <= tick <= high:
            grid.append(svg.line(place(tick), TOP - 4, place(tick), bottom, "grid"))
            grid.append(svg.text(place(tick), bottom + 16, f"{tick:,g} ms", "tick", "middle"))

    def draw(row: Row, y: float) -> str:
        style, calm, attack = STYLES[row.server], row.calm["p99_ms"], row.attack["p99_ms"]
        said = f"{row.title}: calm {milliseconds(calm)}, under attack {milliseconds(attack)}"
        if attack is None:
            return svg.dot(nobody, y, style, said)
        if calm is None:
            return svg.dot(place(attack), y, style, said)
        return (svg.line(place(calm), y, place(attack), y, f"spread {style}")
                + svg.dot(place(calm), y, f"ring {style}", said, 3) + svg.dot(place(attack), y, style, said))
    return _rows(cases, draw, grid, "Honest p99 under attack")


# The timeline of a case

T_LEFT, T_WIDTH, T_TOP, T_HIGH, T_GAP, T_LOW = 58, 520, 16, 152, 22, 44


def _segments(points: list[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Runs of neighbours that are there."""
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            found[-1].append(point)
        elif found[-1]:
            found.append([])
    return [segment for segment in found if segment]


def _lines(points: list[tuple[float, float] | None], style: str) -> list[str]:
    return [svg.path(segment if len(segment) > 1 else [segment[0], (segment[0][0] + 1, segment[0][1])], style)
            for segment in _segments(points)]


def _bin_value(entry: dict[str, Any], kind: str) -> float | None:
    if kind == "success":
        return entry["ok"] / entry["due"] if entry["due"] else None
    return entry["p99_ms"]


def timeline(case: CaseRows) -> str:
    """Honest p99 and success around the attack, which is shaded, in steps of 0.1 s."""
    rows = case.own()
    if not rows:
        return ""
    entries = [entry for row in rows for entry in row.run["timeline"]]
    low, high = _bounds([entry["p99_ms"] for entry in entries if entry["p99_ms"] is not None])
    begin, end = min(e["t"] for e in entries), max(e["t"] for e in entries) + BIN_S
    right = T_WIDTH - 8

    def at(seconds: float) -> float:
        return T_LEFT + (right - T_LEFT) * (seconds - begin) / (end - begin)
    height = _log_place(low, high, T_HIGH, T_TOP + 4 - T_HIGH)
    base = T_HIGH + T_GAP + T_LOW
    attack_s = rows[0].run["attack_s"]
    parts = [svg.rect(at(0), T_TOP, at(attack_s) - at(0), base - T_TOP, "attack"),
             svg.text((at(0) + at(attack_s)) / 2, T_TOP - 4, "attack", "hint", "middle")]
    for tick in TICKS_MS[::2] if high / low > 300 else TICKS_MS:  # 0.1, 1, 10 ...
        if low <= tick <= high:
            parts.append(svg.line(T_LEFT, height(tick), right, height(tick), "grid"))
            parts.append(svg.text(T_LEFT - 6, height(tick) + 4, f"{tick:,g} ms", "tick", "end"))
    for share in (0, 1):
        y = base - T_LOW * share
        parts.append(svg.line(T_LEFT, y, right, y, "grid"))
        parts.append(svg.text(T_LEFT - 6, y + 4, f"{share:.0%}", "tick", "end"))
    for second in range(2 * math.ceil(begin / 2), math.floor(end) + 1, 2):
        parts.append(svg.text(at(second), base + 15, f"{second} s", "tick", "middle"))
    for row in reversed(rows):
        style = f"series {STYLES[row.server]}"
        middle = [at(e["t"] + BIN_S / 2) for e in row.run["timeline"]]
        latency = [_bin_value(e, "p99") for e in row.run["timeline"]]
        success = [_bin_value(e, "success") for e in row.run["timeline"]]
        parts += _lines([None if v is None else (x, height(v)) for x, v in zip(middle, latency)], style)
        parts += _lines([None if v is None else (x, base - T_LOW * v) for x, v in zip(middle, success)], style)
    return svg.whole(T_WIDTH, base + 20, f"{case.title}: honest p99 and success over time", parts)


def legend(names: list[str]) -> str:
    keys = "".join(f'<span><i class="key {STYLES[name]}"></i>{KINDS[name].title}</span>' for name in names)
    return f"<p class=legend>{keys}</p>"
