"""The result in a few sentences, computed from the data."""
from __future__ import annotations

from dataclasses import dataclass

from .summary import COST_UNIT, CaseSummary, Row
from .text import number

EVEN = 1.02  # ratios within two percent of 1 count as even


@dataclass(frozen=True)
class Comparison:
    case: CaseSummary
    row: Row

    @property
    def ratio(self) -> float:
        assert self.row.cost_ratio is not None
        return self.row.cost_ratio.median


def comparisons(cases: list[CaseSummary], kind: str | None = None) -> list[Comparison]:
    return [Comparison(case, row) for case in cases if kind in (None, case.kind) for row in case.rows if row.cost_ratio]


def losses(cases: list[CaseSummary]) -> list[Comparison]:
    """Where Breakwater costs more than a peer, the worst first."""
    return sorted((c for c in comparisons(cases) if c.ratio < 1 / EVEN), key=lambda c: c.ratio)


@dataclass(frozen=True)
class Behind:
    """One number besides the cost in which peers do better than Breakwater."""
    case: CaseSummary
    what: str              # "latency p50, ms"
    ours: str              # as text, like those of the peers
    peers: dict[str, str]  # by title, the best first
    limited: bool          # Breakwater was not busy all the time: the generator was


def behind(cases: list[CaseSummary]) -> list[Behind]:
    """Latencies and rates, where they are shown: rates only where no generator bounds them, for that says nothing
    about the servers."""
    found = []
    for case in cases:
        ours = case.row("breakwater")
        if ours is None or case.kind == "memory":
            continue
        peers = [row for row in case.rows if row.server not in ("breakwater", "floor")]
        if case.kind in ("handshake", "request"):
            for name in ("p50", "p99"):
                own = getattr(ours, f"{name}_ms")
                better = sorted((value, row.title) for row in peers
                                if own and (value := getattr(row, f"{name}_ms")) is not None and value < own / EVEN)
                if better:
                    found.append(Behind(case, f"latency {name}, ms", number(own, 2),
                                        {title: number(value, 2) for value, title in better}, ours.limited))
        faster = sorted((row.rate_ratio.median, row.title, number(row.rate.median)) for row in peers
                        if row.rate and row.rate_ratio and row.rate_ratio.median < 1 / EVEN)
        if faster and ours.rate:
            found.append(Behind(case, case.rate_unit, number(ours.rate.median),
                                {title: rate for _, title, rate in faster}, False))
    return found


def cost_text(value: float, kind: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {COST_UNIT[kind]}"


def ratio_text(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"


def _key_case(cases: list[CaseSummary]) -> CaseSummary | None:
    """The case the first sentence is about: the most common handshake of today, if it was measured."""
    wanted = ("1.3 ecdsa full", "1.2 ecdsa full", "1.3 rsa full", "1.2 rsa full")
    usable = [case for case in cases if any(row.cost_ratio for row in case.rows)]
    return next((case for name in wanted for case in usable if case.name == name), usable[0] if usable else None)


WHAT = {"handshake": "of CPU for one handshake", "request": "of CPU for one request", "bulk": "of CPU time",
        "memory": "of memory for one connection"}


def first_sentence(cases: list[CaseSummary]) -> str:
    case = _key_case(cases)
    ours = case.row("breakwater") if case else None
    if case is None or ours is None or ours.cost is None:
        return "This run has nothing to compare Breakwater with."
    others = [f"{row.title} {ratio_text(row.cost_ratio.median)}×" for row in case.rows if row.cost_ratio]
    listed = " and ".join([", ".join(others[:-1]), others[-1]] if len(others) > 1 else others)
    return (f"{case.title}: Breakwater needs {cost_text(ours.cost.median, case.kind)} {WHAT[case.kind]}; "
            f"{listed} as much.")


def second_sentence(cases: list[CaseSummary]) -> str:
    found = comparisons(cases)
    if not found:
        return ""
    wins = sum(c.ratio > EVEN for c in found)
    lost = losses(cases)
    even = len(found) - wins - len(lost)
    text = f"Of {len(found)} comparisons Breakwater is the cheaper one in {wins}"
    text += f", even in {even}" if even else ""
    text += f", the dearer one in {len(lost)}" if lost else ""
    if lost:
        worst = lost[0]
        text += (f"; it loses most in “{worst.case.title}”, where {worst.row.title} needs only "
                 f"{worst.ratio * 100:.0f}% of its cost")
    return text + "."


def limit_sentence(cases: list[CaseSummary]) -> str:
    """How far from the limit Breakwater is: in the first sentence's case, and in all of one kind of cost."""
    case = _key_case([c for c in cases if c.kind == "handshake"])
    ours = case.row("breakwater") if case else None
    parts = []
    if case is not None and ours is not None and ours.limit_ratio is not None and case.floor is not None:
        how = ("each operation its share of a full run of lanes, outside a server" if case.in_lanes else
               "measured one operation at a time")
        parts.append(f"TCP alone costs {case.floor:,.0f} µs there, and Breakwater's arithmetic "
                     f"{case.own_arithmetic:,.0f} µs, {how}; Breakwater is at {ours.limit_ratio.median:.2f} times the "
                     f"sum.")
    found = [row.limit_ratio.median for c in cases if c.kind != "memory"
             if (row := c.row("breakwater")) is not None and row.limit_ratio is not None]
    if len(found) > 1:
        parts.append(f"Over all {len(found)} cases of CPU time it is at {min(found):.2f} to {max(found):.2f} times "
                     f"that limit.")
    return " ".join(parts)


def sentences(cases: list[CaseSummary]) -> list[str]:
    return [s for s in (first_sentence(cases), second_sentence(cases), limit_sentence(cases)) if s]
