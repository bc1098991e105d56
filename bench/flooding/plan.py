"""How long everything may take."""
from __future__ import annotations

from dataclasses import dataclass

from .cases import HALF_OPEN, PEACE, REFUSAL, THROUGHPUT, WAYS, Case, Extra

START_S = 0.6        # starting and ending a server
OVERHEAD_S = 1.0     # of a run: generators, their reports, counters
OTHERS_SHARE = 0.05  # of the servers' core; a run in which others use more of it is made again
PAUSE_SHARE = 0.01   # and one in which they kept the server from it for so long, in pauses: those alone make a p99
CAPACITY_MODES = 2   # full and resumed


@dataclass(frozen=True)
class Timing:
    """A mode of running; seconds. An attack run: warm-up (tickets are collected), calm, the attack, and what comes
    after it. `patience` is how long an honest client waits; `after` is longer, so that every start has an end."""
    total: float
    warm_up: float
    calm: float
    attack: float
    after: float
    patience: float
    capacity: float
    refusal: float
    refusal_rounds: int
    peace_count: int
    throughput_rounds: int
    throughput: float
    same_rate: bool      # every attack also at one rate for all
    repetitions: int     # of runs that were disturbed, at most


FULL = Timing(total=39 * 60, warm_up=1.5, calm=3.0, attack=6.5, after=3.3, patience=3.0, capacity=3.0, refusal=3.0,
              refusal_rounds=7, peace_count=1_000_000, throughput_rounds=11, throughput=2.0, same_rate=True,
              repetitions=8)
QUICK = Timing(total=4.8 * 60, warm_up=1.0, calm=1.2, attack=2.2, after=1.3, patience=1.0, capacity=0.8, refusal=0.8,
               refusal_rounds=1, peace_count=20_000, throughput_rounds=3, throughput=0.6, same_rate=False,
               repetitions=0)
PEACE_RATE = 5_000   # a guess, for the estimate alone


def attack_seconds(case: Case, timing: Timing) -> float:
    """How long the attack of this case lasts."""
    return timing.attack + case.settle_s


def run_seconds(case: Case, timing: Timing) -> float:
    return (START_S + timing.warm_up + timing.calm + attack_seconds(case, timing) + timing.after + OVERHEAD_S)


def rate_kinds(server: str, timing: Timing) -> tuple[str, ...]:
    """Breakwater without its guard shows what the guard brings; one rate is enough for that."""
    return ("own", "same") if timing.same_rate and server != "breakwater-off" else ("own",)


def estimate(timing: Timing, cases: list[Case], extras: list[Extra], servers: list[str]) -> float:
    """Seconds, more or less."""
    runs = sum(len(rate_kinds(name, timing)) for name in servers)
    total = sum(runs * run_seconds(case, timing) for case in cases)
    total += len(servers) * (START_S + CAPACITY_MODES * (timing.capacity + OVERHEAD_S))
    for extra in extras:
        chosen = len([name for name in extra.servers if name in servers])
        if extra is REFUSAL:
            # For each way a server that serves all, and rounds of the server beside the floor.
            ways = sum(len(WAYS[name]) for name in extra.servers if name in servers)
            flooded = START_S + timing.warm_up + timing.refusal + OVERHEAD_S
            total += ways * (flooded + timing.refusal_rounds * (flooded + START_S))
        elif extra is PEACE:
            total += chosen * (timing.peace_count / PEACE_RATE + START_S + OVERHEAD_S)
        elif extra is THROUGHPUT:
            total += chosen * timing.throughput_rounds * (timing.throughput + OVERHEAD_S)
    return total


def descriptors_needed() -> int:
    return HALF_OPEN + 1_500
