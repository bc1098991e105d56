"""The cost of refusing: CPU time of the server for one hello that it refuses, beyond that of TCP."""
from __future__ import annotations

import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comparison import accounting
from comparison.problem import Problem
from comparison.runner import settle
from comparison.servers import KINDS, Running, start_floor

from . import generators
from .cases import WAYS, Way

if TYPE_CHECKING:
    from .runner import Runner

HELLO = ("--mode", "hello", "--auth", "rsa", "--timeout", "2")   # for the dear certificate
# So many at once overload the machine however fast it is: of fewer, or of the other certificate, a server may well
# serve all that one generator asks for.
AT_ONCE = 2048
AT_ONCE_SERVED = 256     # by a server that serves all: it keeps a slow one busy, and none of them waiting for too long
REFUSED_MOST = 0.8       # more of the hellos have to be refused before their cost says anything
OTHERWISE_MOST = 0.02    # of those that ended: neither served nor refused
SERVED_LEAST = 0.95      # by the server that serves all
RESET = "reset"          # as breakwater-flood names the failure


def measure(name: str, runner: "Runner") -> dict[str, Any]:
    """By the ways' names; one that could not be measured has the problem alone. Throws Problem when none could."""
    found: dict[str, Any] = {}
    for way in WAYS[name]:
        try:
            found[way.name] = refusal(name, way, runner)
        except Problem as problem:
            found[way.name] = {"problem": str(problem)}
    problems = [f"{way}: {result['problem']}" for way, result in found.items() if "problem" in result]
    if len(problems) == len(found):
        raise Problem("; ".join(problems))
    for problem in problems:
        runner.warn(f"the cost of refusing, {KINDS[name].title}, {problem}")
    return found


@dataclass
class Target:
    """A server, and the generator that floods it."""
    running: Running
    flood: generators.Flood
    used: list[tuple[float, float]] = field(default_factory=list)   # when, and its CPU time until then, microseconds

    def look(self) -> None:
        self.used.append((time.monotonic(), accounting.group_cpu(self.running.pids).total))

    def used_until(self, when_s: float) -> float:
        """Along the line between two looks."""
        for (before_s, before), (after_s, after) in zip(self.used, self.used[1:]):
            if when_s <= after_s:
                return before + (after - before) * max(0.0, when_s - before_s) / (after_s - before_s)
        raise Problem("breakwater-flood ended before it could be looked at")


def flooded(targets: list[Target], runner: "Runner") -> list[tuple[generators.Outcome, float]]:
    """What became of the floods, all at the same time, and the CPU time of the servers for them; behind a warm-up, in
    which a server may still make up its mind."""
    warm_up, seconds = runner.timing.warm_up, runner.timing.refusal

    def look() -> None:
        for target in targets:
            target.look()

    try:
        # Only at its end does a generator say when it began: by the middle of the rest the warm-up is over.
        last = targets[-1].flood
        generators.wait_until(last.begun_s + warm_up + seconds / 2, last, look)
        outcomes = [target.flood.finish(warm_up + seconds + generators.BEYOND_S) for target in targets]
    finally:
        for target in targets:
            target.flood.stop()
    for target in targets:
        settle(target.running)
    look()
    return [(outcome, target.used[-1][1] - target.used_until(outcome.begin_s + warm_up))
            for target, outcome in zip(targets, outcomes)]


def hellos(way: Way, running: Running, runner: "Runner", at_once: int = AT_ONCE) -> Target:
    arguments = (*HELLO, "--connections", str(at_once), "--warmup", f"{runner.timing.warm_up:g}")
    return Target(running, generators.attacker(runner.site, arguments, way.source, running.port,
                                               runner.timing.warm_up + runner.timing.refusal))


def connections(way: Way, floor: Running, hello: int, runner: "Runner") -> Target:
    """As many of them, and as many bytes, which mean nothing."""
    arguments = ("--mode", "plain", "--pattern", f"{hello}:1", "--connections", str(AT_ONCE), "--source", way.source,
                 "--warmup", f"{runner.timing.warm_up:g}", "--duration",
                 f"{runner.timing.warm_up + runner.timing.refusal:g}")
    return Target(floor, generators.Flood(runner.site, arguments, floor.port, name="floor", first=False, log=False))


def resets(outcome: generators.Outcome, who: str) -> int:
    """How many were refused. Throws Problem when too many of the others failed; but not where nobody was refused, as by
    a slow server without a guard."""
    refused, failed = outcome.failures().get(RESET, 0), outcome.total("failed")
    if refused and failed - refused > OTHERWISE_MOST * (failed + outcome.total("succeeded")):
        raise Problem(f"{who} did not refuse by resets alone: {described(outcome)}")
    return refused


def described(outcome: generators.Outcome) -> str:
    failures = ", ".join(f"{count:,} x {why}" for why, count in outcome.failures().items())
    return (f"of {outcome.total('started'):,} connections {outcome.total('succeeded'):,} were served "
            f"({failures or 'no failure'})")


def refusal(name: str, way: Way, runner: "Runner") -> dict[str, Any]:
    """CPU time of the server for one refused hello, less that of a server that reads as much and resets. Those that
    were served meanwhile are taken off at what they cost a server that serves all. Both have the core at the same time
    and are flooded alike, so that whatever the machine does it does to both: one after the other, they differ by more
    than what is looked for. What counts is the median of the rounds' differences."""
    if "breakwater-floor" not in runner.site.binaries:
        raise Problem("the cost of refusing is counted from that of TCP, and breakwater-floor is not built")
    each_served, hello = cost_of_serving(name, way, runner)
    floods, rounds = [], []
    for number in range(runner.timing.refusal_rounds):
        try:
            (outcome, used), tcp = beside_the_floor(name, way, hello, runner)
            one = counted([(outcome, used)], name)
        except Problem as problem:  # of one round; the others still tell
            runner.warn(f"the cost of refusing, {KINDS[name].title}, {way.name}, round {number + 1}: {problem}")
            continue
        if not says_something(one):
            if not rounds:
                return one   # others would be the same
            continue
        each = (used - one["served"] * each_served) / one["refused"]
        floods.append((outcome, used))
        rounds.append({"each_us": each, "floor_us": tcp, "beyond_us": each - tcp})
    if not rounds:
        raise Problem("no round of it could be measured")
    middle = {key: statistics.median(one[key] for one in rounds) for key in ("each_us", "floor_us", "beyond_us")}
    return counted(floods, name) | {"served_us": each_served, **middle, "rounds": rounds}


def beside_the_floor(name: str, way: Way, hello: int,
                     runner: "Runner") -> tuple[tuple[generators.Outcome, float], float]:
    """A flood and what it cost; and the cost of one connection for a server without TLS, which accepts, reads so many
    bytes where the way does, and resets it."""
    with runner.server(name, limits=way.limits) as running:
        floor = start_floor(runner.site, f"{hello}:0" if way.reads else "", reset=True)
        try:
            refused, (outcome, used) = flooded([hellos(way, running, runner),
                                                connections(way, floor, hello, runner)], runner)
        finally:
            floor.stop()
    count = resets(outcome, "breakwater-floor")
    if count == 0:
        raise Problem(f"breakwater-floor reset no connection: {described(outcome)}")
    return refused, used / count


def counted(floods: list[tuple[generators.Outcome, float]], name: str) -> dict[str, Any]:
    """What became of the hellos, without what they cost."""
    failures: Counter[str] = Counter()
    for outcome, _ in floods:
        failures.update(outcome.failures())
    return {"refused": sum(resets(outcome, KINDS[name].title) for outcome, _ in floods),
            "served": sum(outcome.total("succeeded") + outcome.total("unfinished") for outcome, _ in floods),
            "failures": dict(failures), "cpu_us": sum(used for _, used in floods),
            "served_us": None, "each_us": None, "floor_us": None, "beyond_us": None}


def says_something(result: dict[str, Any]) -> bool:
    refused = result["refused"]
    return refused != 0 and refused / (refused + result["served"]) >= REFUSED_MOST


def cost_of_serving(name: str, way: Way, runner: "Runner") -> tuple[float, int]:
    """Of one hello, in microseconds, by a server that serves all; and the hello's size."""
    with runner.server(KINDS[name].program, guard=False) as running:
        (outcome, used), = flooded([hellos(way, running, runner, AT_ONCE_SERVED)], runner)
    served = outcome.total("succeeded")
    if served == 0 or served < SERVED_LEAST * (served + outcome.total("failed")):
        raise Problem(f"{KINDS[name].title} does not serve all when told to: {described(outcome)}")
    return used / served, round(outcome.total("bytes_sent") / outcome.total("started"))
