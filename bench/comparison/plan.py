"""How long everything may take: rounds and seconds that fit the time there is."""
from __future__ import annotations

import time
from dataclasses import dataclass

from .cases import Case, servers_of
from .servers import Profile

RUN_OVERHEAD_S = 0.17       # starting the generator, reading counters, waiting until the server idles again
START_S = 0.45              # starting and ending a server
SIZES_S = 0.35              # measuring how long the messages of a case are, for the floor
SHORTEST_S = 0.25           # of one measured run


@dataclass(frozen=True)
class Budget:
    """A mode of running."""
    total_s: float
    rounds: int
    seconds: float
    held: int               # connections in the memory cases
    memory_rounds: int
    memory_s: float         # a guess for one server in one memory case
    warm_up: float


QUICK = Budget(total_s=215, rounds=3, seconds=0.3, held=2_000, memory_rounds=1, memory_s=3.5, warm_up=0.2)
FULL = Budget(total_s=37 * 60, rounds=5, seconds=3.0, held=10_000, memory_rounds=2, memory_s=11.0, warm_up=0.5)


def memory_time(budget: Budget, case: Case, chosen: list[str]) -> float:
    return len(servers_of(case, chosen)) * budget.memory_rounds * budget.memory_s


def fixed_time(budget: Budget, cases: list[Case], chosen: list[str]) -> float:
    """Of everything but the measured runs: starts, warm-ups, and the memory cases."""
    total = 0.0
    starts: set[tuple[Profile, str]] = set()
    for case in cases:
        names = servers_of(case, chosen)
        if case.kind == "memory":
            total += memory_time(budget, case, chosen)
            continue
        total += len(names) * (budget.warm_up + RUN_OVERHEAD_S)
        if "floor" in names:
            total += START_S + SIZES_S * (case.kind != "handshake")
        starts.update((case.profile, name) for name in names if name != "floor")
    return total + len(starts) * START_S


def run_count(budget: Budget, cases: list[Case], chosen: list[str]) -> int:
    return sum(len(servers_of(case, chosen)) * budget.rounds for case in cases if case.kind != "memory")


def estimate(budget: Budget, cases: list[Case], chosen: list[str]) -> float:
    """Seconds that the cases will take."""
    return fixed_time(budget, cases, chosen) + run_count(budget, cases, chosen) * (budget.seconds + RUN_OVERHEAD_S)


class Clock:
    """Keeps a run within its time: when things take longer than guessed, later rounds get shorter."""

    def __init__(self, budget: Budget, cases: list[Case], chosen: list[str]):
        self.budget = budget
        self.chosen = chosen
        self.left = list(cases)
        self.start = time.monotonic()

    def done(self, case: Case) -> None:
        self.left.remove(case)

    def expected_end_s(self) -> float:
        """Seconds from now."""
        return estimate(self.budget, self.left, self.chosen)

    def seconds(self) -> float:
        """Of a measured run of the case that comes next."""
        remaining = self.budget.total_s - (time.monotonic() - self.start)
        fixed = fixed_time(self.budget, self.left, self.chosen)
        runs = run_count(self.budget, self.left, self.chosen)
        if runs == 0:
            return self.budget.seconds
        return max(min(SHORTEST_S, self.budget.seconds),
                   min(self.budget.seconds, (remaining - fixed) / runs - RUN_OVERHEAD_S))
