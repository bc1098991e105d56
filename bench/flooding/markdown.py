"""flood.md: the result as text, fit to be kept in the documentation."""
from __future__ import annotations

from typing import Any

from comparison.markdown import machine_facts
from comparison.servers import KINDS

from .cases import EACH_PER_S, GROUPS, MANY_COUNT
from .plan import OTHERS_SHARE, PAUSE_SHARE
from .refusal import AT_ONCE
from .summary import cases_of, headline
from .table import HEADINGS, beside, cells, extra_lines, missed, verdict_lines
from .verdicts import ways_of


def knows_pauses(data: dict[str, Any]) -> bool:
    """Older files do not, and were measured otherwise: the floor took turns with the servers, at usual priority."""
    return "server_priority" in data["settings"]


def how_refused(data: dict[str, Any]) -> list[str]:
    """A paragraph, where refusing was measured in the ways that there are now."""
    if not any("" not in ways_of(result) for result in data["extras"].get("refusal", {}).values()):
        return []
    how = ("Both have the core at the same time and are flooded alike" if knows_pauses(data) else
           "The two take turns")
    return [
        f"The cost of refusing: {AT_ONCE:,} connections at once, each a hello for the RSA certificate. Breakwater is "
        "configured so that it refuses nearly all of them: by rsa_rate = 1, from 8,192 addresses, when it has read the "
        "hello; by low half-open limits, from 4 addresses, which are soon blocked, at accept. \"TCP alone\" is "
        "breakwater-floor, which accepts, reads as much where the server does, and resets. On loopback the hello is "
        f"mostly there at accept. {how}; the difference is the median of the rounds'. Only resets count as refusals."]


def how_disturbed(data: dict[str, Any]) -> list[str]:
    """A paragraph, of runs that know of repetitions."""
    if not data["settings"].get("repetitions"):
        return []
    waiting = ""
    if knows_pauses(data):
        waiting = (f"or in which they kept the server from it for more than {PAUSE_SHARE:.0%} of the time, in pauses "
                   "of 2 ms and more, ")
    return [
        f"A run in which others used more than {OTHERS_SHARE:.0%} of the servers' core, or the hypervisor took as "
        f"much, {waiting}is made again once, whatever came of it, at most {data['settings']['repetitions']} of all; of "
        "the two, the one with less of that counts. For the cost of the guard in peace two servers, with the guard on "
        "and off, have the core at the same time."]


def how_preferred(settings: dict[str, Any]) -> str:
    if settings.get("server_priority", "none") == "none":
        return ""
    return (f" All servers run with {settings['server_priority']}, so that what else the machine does keeps them from "
            "their core for less time.")


def how_measured(data: dict[str, Any]) -> list[str]:
    machine, settings = data["machine"], data["settings"]
    return [
        f"One server at a time, with one worker, pinned to core {machine['server_cpu']}, and fresh for every run. All "
        f"load comes from core {machine['load_cpu']}: the honest generator, a process of its own that goes before the "
        f"attacker ({settings['priority']}) and sleeps when nothing is due, and the attacker. Everything stays on "
        "loopback." + how_preferred(settings),
        f"Honest clients are an open loop with a browser's hello from addresses of their own: half are new, half "
        f"bring a ticket that they got themselves ({settings['tickets']} tickets, each replaced by the one that comes "
        f"with its use). They wait {settings['patience']:g} s. Their latency counts from when each was due, until the "
        "server has confirmed the handshake; p99 is of those that succeeded, that of a typical tenth of a second the "
        "median of all tenths. Success is the share of those due while the attack ran. \"late\" is by how much the "
        "generator itself was behind, p99, which is part of the latencies.",
        f"Honest rates: {settings['honest_share']:.0%} of what this server can do of such clients (one second divided "
        "by the CPU time of a handshake, measured at the begin of the run without limits), and one rate for all, "
        "which is the slowest server's.",
        f"A run: {settings['warm_up']:g} s of warm-up, {settings['calm']:g} s calm, {settings['attack']:g} s of "
        f"attack, {settings['after']:g} s after it. The attacker sends what it can; from {MANY_COUNT:,} addresses at "
        f"most {EACH_PER_S:g} a second from each.",
        "The servers have their default timeouts and TLS settings, tickets, an ECDSA and an RSA certificate, and room "
        "for more connections than any attack opens. HAProxy with the conn_rate limit refuses an address that made "
        "more than 10 connections in 3 s before the handshake. nginx has no limit that acts before the handshake. The "
        "configurations are in bench/peers.",
        "CPU is the server's share of its core during the attack, memory the growth of its own memory from calm to the "
        "attack's end; what the kernel keeps for sockets is not in it.",
        *how_refused(data),
        *how_disturbed(data),
    ]


def _table(head: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    align = ["---" if i in (0, 2) else "---:" for i in range(len(head))]
    return ["| " + " | ".join(row) + " |" for row in (list(head), align, *rows)]


def render(data: dict[str, Any]) -> str:
    lines = ["# Under handshake floods", "", headline(data), ""]
    if data.get("interrupted"):
        lines += ["This run was interrupted; it shows what there was by then.", ""]
    cases = cases_of(data)
    for group, title in GROUPS.items():
        chosen = [case for case in cases if case.group == group]
        if chosen:
            lines += [f"## {title}", ""]
        for case in chosen:
            lines += [f"### {case.title}", "", beside(case), ""]
            if case.rows:
                lines += [*_table(HEADINGS, [cells(row) for row in case.rows]), ""]
            for text in missed(case):
                lines += [f"Missed: {text}.", ""]
            for name, problem in case.problems.items():
                lines += [f"{KINDS[name].title} was not measured: {problem.splitlines()[0]}", ""]
    beside_attacks = extra_lines(data) + verdict_lines(data)
    if beside_attacks:
        lines += ["## Beside the attacks", "", *(f"- {text}" for text in beside_attacks), ""]
    lines += ["## What the servers can do", "",
              *_table(("program", "full/s", "resumed/s"),
                      [[KINDS[name].title, f"{c['full']:,.0f}", f"{c['resume']:,.0f}"]
                       for name, c in data["capacity"].items()]), ""]
    lines += ["## How it was measured", "", *(f"- {name}: {value}" for name, value in machine_facts(data)), ""]
    for paragraph in how_measured(data):
        lines += [paragraph, ""]
    if data["warnings"]:
        lines += ["What went differently than planned:", "",
                  *(f"- {text.splitlines()[0]}" for text in data["warnings"]), ""]
    return "\n".join(lines)
