"""The cost of refusing: CPU time of the server for one hello that it refuses, beyond that of TCP."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comparison import accounting
from comparison.problem import Problem
from comparison.runner import settle
from comparison.servers import KINDS, Running, start_floor

from . import generators
from .cases import WAYS, Way

if TYPE_CHECKING:
    from .runner import Runner

# For the dear certificate, and so many at once that the machine is overloaded by them however fast it is: of the other
# one, or of fewer, a server may well serve all that one generator asks for.
HELLO = ("--mode", "hello", "--auth", "rsa", "--connections", "2048", "--timeout", "2")
REFUSED_MOST = 0.8       # more of the hellos have to be refused before their cost says anything


def measure(name: str, runner: "Runner") -> dict[str, Any]:
    """By the ways' names. Throws Problem."""
    return {way.name: refusal(name, way, runner) for way in WAYS[name]}


def flood(way: Way, running: Running, runner: "Runner") -> tuple[generators.Outcome, float]:
    """Hellos, and the CPU time of the server for them; behind a warm-up, in which a server may still make up its
    mind."""
    warm_up, seconds = runner.timing.warm_up, runner.timing.refusal
    arguments = (*HELLO, "--warmup", f"{warm_up:g}")
    attack = generators.attacker(runner.site, arguments, way.source, running.port, warm_up + seconds)
    try:
        generators.wait_until(attack.begun_s + warm_up, attack)
        before = accounting.group_cpu(running.pids)
        outcome = attack.finish(warm_up + seconds + generators.BEYOND_S)
        settle(running)
        return outcome, (accounting.group_cpu(running.pids) - before).total
    finally:
        attack.stop()


def refusal(name: str, way: Way, runner: "Runner") -> dict[str, Any]:
    """CPU time of the server for one refused hello, less that of a server that reads as much and resets. Those that
    were served meanwhile are taken off at what they cost a server that serves all."""
    with runner.server(name, limits=way.limits) as running:
        outcome, used = flood(way, running, runner)
    refused = outcome.total("failed")
    served = outcome.total("succeeded") + outcome.total("unfinished")
    result: dict[str, Any] = {"refused": refused, "served": served, "cpu_us": used, "served_us": None, "each_us": None,
                              "floor_us": None, "beyond_us": None}
    if refused == 0 or refused / (refused + served) < REFUSED_MOST:
        return result
    with runner.server(KINDS[name].program, guard=False) as running:
        all_served, used_for_all = flood(way, running, runner)
    each_served = used_for_all / max(1, all_served.total("succeeded"))
    each = (used - served * each_served) / refused
    hello = max(1, round(all_served.total("bytes_sent") / max(1, all_served.total("succeeded"))))
    floor = tcp_floor(runner, way, hello)
    return result | {"served_us": each_served, "each_us": each, "floor_us": floor, "beyond_us": each - floor}


def tcp_floor(runner: "Runner", way: Way, hello: int) -> float:
    """The same over TCP without TLS: a server that accepts, reads so many bytes, and resets the connection."""
    if "breakwater-floor" not in runner.site.binaries:
        raise Problem("the cost of refusing is counted from that of TCP, and breakwater-floor is not built")
    server = start_floor(runner.site, f"{hello}:0", reset=True)
    try:
        before = accounting.group_cpu(server.pids)
        arguments = ("--mode", "plain", "--pattern", f"{hello}:1", "--connections", "2048", "--source", way.source,
                     "--duration", f"{runner.timing.refusal:g}")
        load = generators.Flood(runner.site, arguments, server.port, name="floor", first=False, log=False)
        try:
            outcome = load.finish(runner.timing.refusal + generators.BEYOND_S)
        finally:
            load.stop()
        settle(server)
        used = (accounting.group_cpu(server.pids) - before).total
    finally:
        server.stop()
    return used / max(1, outcome.total("failed"))
