"""Medians and spreads over rounds, and ratios taken round by round: neighbours in time share the machine's moods."""
from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Iterable


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing."""
    median: float
    low: float
    high: float
    count: int


def spread(values: Iterable[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    return Spread(median(known), min(known), max(known), len(known)) if known else None


def ratios(numerators: dict[int, float], denominators: dict[int, float]) -> Spread | None:
    """By round; rounds that one of the two lacks do not count."""
    return spread(numerators[number] / denominators[number] for number in numerators
                  if number in denominators and denominators[number] > 0)
