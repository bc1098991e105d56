"""What is measured beside the attacks: the cost of refusing, and what honest clients notice of the guard in peace."""
from __future__ import annotations

import contextlib
from statistics import median
from typing import TYPE_CHECKING, Any

from comparison import accounting
from comparison.problem import Problem
from comparison.runner import settle
from comparison.servers import Running

from . import generators, refusal
from .cases import HONEST, PEACE, REFUSAL, THROUGHPUT, Extra

if TYPE_CHECKING:
    from .runner import Runner

PEACE_SHARE = 0.5        # of the capacity
PEACE_PATIENCE = 3.0     # times what it should take


def measure(extra: Extra, name: str, runner: "Runner") -> dict[str, Any]:
    """Throws Problem."""
    return {REFUSAL: refusal.measure, PEACE: peace, THROUGHPUT: throughput}[extra](name, runner)


def finish(flood: generators.Flood, seconds: float) -> generators.Outcome:
    try:
        return flood.finish(seconds + generators.BEYOND_S)
    finally:
        flood.stop()


KINDS_OF_CLIENTS = (
    ("browsers", 'mode = "full"\nshape = "browser"', 0.3),
    ("returning", 'mode = "resume"\nshape = "browser"\ntickets = 512\nfresh_tickets = true\nown_tickets = true', 0.3),
    ("post-quantum browsers", 'mode = "full"\nshape = "browser-pq"', 0.1),
    ("curl", 'mode = "request"\nshape = "curl"', 0.1),
    ("tools", 'mode = "full"\nshape = "tool"\nauth = "rsa"', 0.05),
    ("old", 'mode = "full"\ntls = "1.2"\nshape = "curl"\ncipher = "aes128"', 0.1),
    ("old, returning", 'mode = "resume"\ntls = "1.2"\nshape = "browser"\ntickets = 256\nfresh_tickets = true\n'
                       'own_tickets = true', 0.05),
)


def peace_scenario(count: int, rate: float, duration_s: float) -> str:
    # With secp256r1 the generator saves itself work by a key share that no honest client sends.
    head = (f'[defaults]\nduration = {duration_s:.0f}\nsni = "localhost"\ngroup = "x25519"\nend = "close"\n'
            f'source = "{HONEST}"\n')
    return head + "".join(
        f'\n[[load]]\nname = "{name}"\n{what}\nrate = {rate * share:.3f}\ncount = {max(1, round(count * share))}\n'
        for name, what, share in KINDS_OF_CLIENTS)


def peace(name: str, runner: "Runner") -> dict[str, Any]:
    """Many honest handshakes of all kinds at half of what the server can do: how many fail?"""
    count, rate = runner.timing.peace_count, PEACE_SHARE / 0.15 * runner.own_rate(name)
    duration = PEACE_PATIENCE * count / rate + 5
    scenario = runner.site.folder / "peace.toml"
    scenario.write_text(peace_scenario(count, rate, duration))
    with runner.server(name) as running:
        outcome = finish(generators.Flood(runner.site, ("--mix", str(scenario), "--wait", "spin"), running.port,
                                          name="peace", first=False, log=False), duration)
    loads = {load["name"]: {"succeeded": load["succeeded"], "failed": load["failed"],
                            "p99_ms": (load["latency_us"]["handshake"]["p99"] or 0) / 1000} for load in outcome.loads}
    return {"guard": runner.guard, "rate": rate, "loads": loads, **outcome.facts()}


def throughput(name: str, runner: "Runner") -> dict[str, Any]:
    """Full handshakes with the guard on and off: how much dearer is one? Both servers have the core at the same time
    and share it evenly, so that whatever the machine does meanwhile it does to both; one after the other, they differ
    by ten times what is looked for."""
    if not runner.guard:
        raise Problem("the guard is off (--guard)")
    with runner.server(name, guard=True) as on, runner.server(name, guard=False) as off:
        servers = {"on": on, "off": off}
        rounds = [throughput_round(servers, runner) for _ in range(runner.timing.throughput_rounds)]
    ratios = [entry["on"]["each_us"] / entry["off"]["each_us"] for entry in rounds]
    rates = [entry["on"]["rate"] / entry["off"]["rate"] for entry in rounds]
    return {"rounds": rounds, "cost_ratio": median(ratios), "cost_low": min(ratios), "cost_high": max(ratios),
            "rate_ratio": median(rates)}


def throughput_round(servers: dict[str, Running], runner: "Runner") -> dict[str, dict[str, Any]]:
    """As many as there is CPU for, of all servers at once."""
    arguments = ("--mode", "full", "--shape", "browser", "--sni", "localhost", "--source", HONEST,
                 "--connections", "64")
    lasts = runner.timing.throughput
    before = {way: accounting.group_cpu(running.pids) for way, running in servers.items()}
    with contextlib.ExitStack() as stack:
        floods = {}
        for way, running in servers.items():
            floods[way] = runner.generator.launch(arguments, running.port, lasts)
            stack.callback(floods[way][0].stop)
        reports = {way: runner.generator.finish(*flood, lasts + generators.BEYOND_S) for way, flood in floods.items()}
    result = {}
    for way, running in servers.items():
        settle(running)
        used, done = (accounting.group_cpu(running.pids) - before[way]).total, reports[way].count("succeeded")
        if done == 0:
            raise Problem(f"{running.kind.title} completes nothing in peace")
        result[way] = {"succeeded": done, "failed": reports[way].count("failed"), "each_us": used / done,
                       "rate": done / reports[way].duration_s}
    return result
