"""The charts of the page."""
from __future__ import annotations

import math

from . import svg, text
from .statistics_of import Spread
from .summary import COST_UNIT, CaseSummary

LABEL = 104        # room for server names
VALUE = 96         # room for numbers behind the bars
WIDTH = 520
BAR = 16
STEP = 26


def bars(case: CaseSummary) -> str:
    """What each server costs, its rounds' extremes as a whisker, and the limits as marks."""
    rows = [row for row in case.rows if row.cost is not None and row.server != "floor"]
    if not rows:
        return ""
    marks = [limit for row in rows if (limit := case.limit_of(row)) is not None]
    most = max([row.cost.high for row in rows if row.cost] + marks) or 1.0
    room = WIDTH - LABEL - VALUE
    scale = room / most
    parts = []
    bottom = len(rows) * STEP
    for index, row in enumerate(rows):
        assert row.cost is not None
        y = index * STEP + 4
        ours = " ours" if row.server == "breakwater" else ""
        parts.append(svg.text(LABEL - 8, y + 12.5, row.title, "name" + ours, "end"))
        if row.user is not None and row.system is not None:
            user = row.cost.median * row.user / max(1e-9, row.user + row.system)
            parts.append(svg.rect(LABEL, y, user * scale, BAR, "bar" + ours))
            parts.append(svg.rect(LABEL + user * scale, y, (row.cost.median - user) * scale, BAR, "bar kernel" + ours))
        else:
            parts.append(svg.rect(LABEL, y, row.cost.median * scale, BAR, "bar" + ours))
        middle = y + BAR / 2
        parts.append(svg.line(LABEL + row.cost.low * scale, middle, LABEL + row.cost.high * scale, middle, "whisker"))
        limit = case.limit_of(row)
        if limit is not None:
            parts.append(svg.line(LABEL + limit * scale, y - 3, LABEL + limit * scale, y + BAR + 3, "limit"))
        end = LABEL + max(row.cost.high, limit or 0.0) * scale + 8
        value = f"{text.number(row.cost.median)} {COST_UNIT[case.kind]}"
        if row.cost_ratio:
            value += f"  {row.cost_ratio.median:.2f}×"
        parts.append(svg.text(end, y + 12.5, value, "value" + ours))
    if case.floor is not None:
        x = LABEL + case.floor * scale
        parts.append(svg.line(x, 0, x, bottom, "floor"))
    parts.append(svg.line(LABEL, 0, LABEL, bottom, "axis"))
    return svg.whole(WIDTH, bottom + 2, case.title, parts)


PEER_STYLES = {"nginx": "p1", "nginx-tcp": "p2", "haproxy": "p3", "haproxy-tcp": "p4", "hitch": "p5"}


def _ratio_scale(spreads: list[Spread]) -> tuple[float, float, list[float]]:
    """Bounds and ticks of a logarithmic axis that holds all ratios and 1."""
    low = min([s.low for s in spreads] + [0.8])
    high = max([s.high for s in spreads] + [1.25])
    ticks = [0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200]
    return low / 1.06, high * 1.06, [tick for tick in ticks if low / 1.06 <= tick <= high * 1.06]


def _thinned(ticks: list[float], place, least: float = 34.0) -> list[float]:
    """Ticks that do not crowd each other; 1 always stays."""
    kept: list[float] = [1]
    for tick in sorted(ticks, key=lambda t: abs(math.log(t))):
        if all(abs(place(tick) - place(other)) >= least for other in kept):
            kept.append(tick)
    return sorted(kept)


def ratio_dots(cases: list[CaseSummary]) -> str:
    """All comparisons on one axis: how many times Breakwater's cost each peer needs. Right of 1 it is the cheaper."""
    rows = [(case, [row for row in case.rows if row.cost_ratio]) for case in cases]
    rows = [(case, peers) for case, peers in rows if peers]
    if not rows:
        return ""
    low, high, ticks = _ratio_scale([row.cost_ratio for _, peers in rows for row in peers if row.cost_ratio])
    label, width, top, step = 390, 1080, 30, 26
    room = width - label - 20

    def place(ratio: float) -> float:
        return label + room * (math.log(ratio) - math.log(low)) / (math.log(high) - math.log(low))

    bottom = top + len(rows) * step
    parts = [svg.rect(label, top - 6, place(1) - label, bottom - top + 6, "worse"),
             svg.text(place(1) - 10, 10, "Breakwater is dearer", "hint", "end"),
             svg.text(place(1) + 10, 10, "Breakwater is cheaper", "hint")]
    for tick in _thinned(ticks, place):
        parts.append(svg.line(place(tick), top - 6, place(tick), bottom, "one" if tick == 1 else "grid"))
        parts.append(svg.text(place(tick), bottom + 16, f"{tick:g}×", "tick", "middle"))
    for index, (case, peers) in enumerate(rows):
        y = top + index * step + 8
        if index and rows[index - 1][0].kind + rows[index - 1][0].mode != case.kind + case.mode:
            parts.append(svg.line(0, y - step / 2, width, y - step / 2, "grid"))
        parts.append(svg.text(label - 16, y + 4, case.title, "name", "end"))
        for place_in_row, row in enumerate(peers):
            ratio = row.cost_ratio
            assert ratio is not None
            dot_y = y + (place_in_row - (len(peers) - 1) / 2) * 3.2  # so that equal ones do not hide each other
            style = PEER_STYLES.get(row.server, "p5")
            parts.append(svg.line(place(ratio.low), dot_y, place(ratio.high), dot_y, "spread " + style))
            said = f"{row.title}: {ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
            parts.append(svg.dot(place(ratio.median), dot_y, style, said, 4))
    return svg.whole(width, bottom + 24, "Ratios of cost, round by round", parts)
