"""Numbers as people read them; shared by the renderers."""
from __future__ import annotations

from .statistics_of import Spread

NOTHING = "–"


def number(value: float | None, digits: int = 3) -> str:
    """At least so many significant digits, no more behind the point than they need: 1,234, 56.7, 8.90."""
    if value is None:
        return NOTHING
    if value == 0:
        return "0"
    behind = 0
    limit = 10 ** (digits - 1)
    while behind < digits - 1 and abs(value) * 10 ** behind < limit:
        behind += 1
    return f"{value:,.{behind}f}"


def rate(spread: Spread | None, limited: bool) -> str:
    """≥: the generator was the bottleneck."""
    return NOTHING if spread is None else ("≥" if limited else "") + number(spread.median)


def ratio(spread: Spread | None) -> str:
    return NOTHING if spread is None else f"{spread.median:.2f}"


def ratio_range(spread: Spread | None) -> str:
    return "" if spread is None else f"{spread.low:.2f}..{spread.high:.2f}"


def times(spread: Spread | None) -> str:
    """A ratio that may be large."""
    return NOTHING if spread is None else number(spread.median) if spread.median >= 10 else f"{spread.median:.2f}"
