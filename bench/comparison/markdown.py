"""report.md: the same result as text, fit to be kept in the documentation."""
from __future__ import annotations

from typing import Any

from . import headline, primitives, steadiness, text
from .servers import KINDS
from .summary import COST_UNIT, CaseSummary, Row

ORDER = ("breakwater", "nginx", "nginx-tcp", "haproxy", "haproxy-tcp", "hitch")


def machine_facts(data: dict[str, Any]) -> list[tuple[str, str]]:
    machine = data["machine"]
    facts = [
        ("Date", data["started"]),
        ("CPU", f"{machine['cpu']}, {machine['cpus']} CPUs" + (", a virtual machine" if machine["virtual"] else "")
         + (f" ({', '.join(machine['features'])})" if machine["features"] else "")),
        ("Memory", f"{machine['memory_mib']:,} MiB"),
        ("System", f"{machine['system']}, Linux {machine['kernel']}"),
    ]
    if machine.get("steadiness"):
        facts.append(("Before the start", steadiness.text(machine)))
    if machine.get("commit"):
        facts.append(("Commit", machine["commit"]))
    for name, server in data["servers"].items():
        if name.endswith("-tcp") or name == "floor":
            continue
        facts.append((KINDS[name].title if name in KINDS else name, f"{server['version']}, TLS: {server['tls']}"))
    return facts


def _alone_or_in_lanes(data: dict[str, Any]) -> str:
    results = data.get("primitives") or []
    if not primitives.in_lanes(results, {str(row.get("operation")) for row in results}):
        return "one operation at a time; "
    return ("each operation with its share of a run of eight in lanes where that is cheapest, which takes eight "
            "connections that ask for it at once; ")


def how_measured(data: dict[str, Any]) -> list[str]:
    machine, settings = data["machine"], data["settings"]
    return [
        f"Every server has one worker, pinned to core {machine['server_cpu']}; the generator, breakwater-flood, is "
        f"pinned to core {machine['load_cpu']}, and so is the plain service behind proxies (nginx serving files), "
        f"whose work does not count. Only the server under test has load. In each round every server has its turn, in "
        f"rotating order; ratios are taken round by round. Rounds: {settings['rounds']} of {settings['seconds']:g} s, "
        f"after a warm-up that does not count.",
        "CPU time is that of all of the server's processes, from the scheduler's own sums; the split into its own code "
        "and kernel follows the kernel's clock ticks. On loopback much of what the receiver of a packet does is "
        "charged to its sender, for every server alike.",
        f"Memory of a connection is the growth of a fresh server's own memory (PSS without files) when "
        f"{settings['held']:,} connections are open, by their number. What the kernel keeps for a socket is not in it.",
        "Key exchange is P-256 and the cipher AES-256-GCM for everybody. Tickets and session caches are off, except "
        "where resumption is measured. Certificates are self-signed, one to a chain. The configurations are in "
        "bench/peers.",
        "hitch can only be a proxy: in the handshake and memory cases it, and only it, also connects to the service "
        "behind. nginx and HAProxy as proxies read HTTP; their TCP modes, hitch and Breakwater pass bytes.",
        "The TCP floor is a server that exchanges messages of the same sizes without TLS, as often on a connection as "
        "the others; in front of the service it passes on what comes, with a connection to it for each client, and "
        "there the answers lack the 22 bytes that TLS adds to each record. It passes on up to 1 MiB at a time, which was "
        "chosen because a sweep from 16 KiB to 2 MiB levelled off there: with 64 KiB large downloads cost it twice as "
        "much, more than some TLS servers, so how far a download is from its floor depends on this choice. The "
        "arithmetic is the sum of what `breakwater speed` measures for each operation in a warm cache, with nothing "
        f"else going on: Breakwater's own implementation for Breakwater, {_alone_or_in_lanes(data)}libcrypto's for the "
        "others, "
        "which do one operation at a time. For requests it is that of the handshake, where each has its own, and "
        "AES-256-GCM over request and answer; for downloads AES-256-GCM over full records. It leaves out hashes, key "
        "schedules and the expansion of AEAD keys.",
        "The floor of memory is what the same server without TLS grows by for a held connection: nothing, since its "
        "state is a table that is there before. What TLS cannot forget is, of an idle connection, key, IV, counter and "
        "secret of both directions; in the middle of a hello, the hash that runs and the client's random.",
    ]


def _cell(row: Row | None, kind: str) -> str:
    if row is None:
        return ""
    if row.cost is None:
        return "not measured" if row.problem else ""
    cost = text.number(row.cost.median)
    return f"{cost} ({row.cost_ratio.median:.2f}×)" if row.cost_ratio else cost


def _rate_cell(row: Row | None) -> str:
    if row is None or row.rate is None:
        return ""
    return text.rate(row.rate, row.limited)


def _present(cases: list[CaseSummary]) -> list[str]:
    return [name for name in ORDER if any(case.row(name) for case in cases)]


def _lines(heads: list[str], rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1),
            *("| " + " | ".join(row) + " |" for row in rows), ""]


def _cost_table(cases: list[CaseSummary], kind: str) -> list[str]:
    names = _present(cases)
    heads = [COST_UNIT[kind], *(KINDS[name].title for name in names)]
    heads += [FLOOR[kind], *ARITHMETIC[kind]]
    rows = []
    for case in cases:
        cells = [case.title, *(_cell(case.row(name), kind) for name in names)]
        cells += [text.number(case.floor), text.number(case.own_arithmetic), text.number(case.libcrypto)]
        rows.append(cells[:len(heads)])
    return _lines(heads, rows)


def _distance_table(cases: list[CaseSummary], kind: str) -> list[str]:
    """How far everybody is from the limit; nothing when there was no floor."""
    names = _present(cases)

    def cell(row: Row | None) -> str:
        if row is None or row.limit_ratio is None:
            return ""
        of_floor = f" ({text.times(row.floor_ratio)}× TCP)" if row.floor_ratio else ""
        return f"{text.times(row.limit_ratio)}×{of_floor}"
    rows = [[case.title, *(cell(case.row(name)) for name in names)] for case in cases]
    if not any(any(row[1:]) for row in rows):
        return []
    return [DISTANCE[kind], "", *_lines(["times the limit", *(KINDS[name].title for name in names)], rows)]


def _rate_table(cases: list[CaseSummary]) -> list[str]:
    names = _present(cases)
    return _lines([cases[0].rate_unit, *(KINDS[name].title for name in names)],
                  [[case.title, *(_rate_cell(case.row(name)) for name in names)] for case in cases])


def _latency_table(cases: list[CaseSummary]) -> list[str]:
    names = _present(cases)

    def cell(row: Row | None) -> str:
        if row is None or row.p50_ms is None:
            return ""
        return f"{text.number(row.p50_ms, 2)} / {text.number(row.p99_ms, 2)}"
    return _lines(["ms, p50 / p99", *(KINDS[name].title for name in names)],
                  [[case.title, *(cell(case.row(name)) for name in names)] for case in cases])


FLOOR = {"handshake": "TCP floor", "request": "TCP floor", "bulk": "TCP floor", "memory": "without TLS"}
ARITHMETIC = {kind: ("arithmetic: ours", "libcrypto") for kind in ("handshake", "request", "bulk")}
ARITHMETIC["memory"] = ("what TLS cannot forget",)
DISTANCE = {kind: "As a multiple of the limit, which is TCP alone plus the arithmetic of each one's library (in "
                  "brackets: of TCP alone):" for kind in ("handshake", "request", "bulk")}
DISTANCE["memory"] = ("As a multiple of the limit, which is what a connection takes without TLS plus what TLS cannot "
                      "forget:")

PARTS = (("handshake", "Handshakes", "CPU time of the server for one handshake, in microseconds"),
         ("request", "Requests", "CPU time of the server for one request with an answer of 1 KiB, in microseconds"),
         ("bulk", "Downloads through a proxy", "CPU seconds for each GB (10⁹ bytes)"),
         ("memory", "Memory", "Growth of resident memory for each connection held open, in KiB"))


def losses(cases: list[CaseSummary]) -> list[str]:
    """Cost, latency and rate: all that the tables show."""
    dearer = [f"- {c.case.title}: {c.row.title} needs {headline.cost_text(c.row.cost.median, c.case.kind)}, "
              f"{c.ratio * 100:.0f}% of Breakwater's." for c in headline.losses(cases) if c.row.cost]
    behind = [f"- {b.case.title}, {b.what}: Breakwater {b.ours}, "
              f"{', '.join(f'{title} {value}' for title, value in b.peers.items())}."
              + (" The generator was the bottleneck there (≥ in the rates): part of the time passes in it."
                 if b.limited else "") for b in headline.behind(cases)]
    if not dearer and not behind:
        return ["Nowhere in this run: no peer was better by more than two percent, in cost, latency or rate.", ""]
    if not dearer:
        return ["Not in cost: no peer was cheaper by more than two percent. But here:", "", *behind, ""]
    return [*dearer, *behind, ""]


def render(data: dict[str, Any], cases: list[CaseSummary]) -> str:
    settings = data["settings"]
    lines = ["# Performance", "", *(sentence + "\n" for sentence in headline.sentences(cases)),
             f"Written by `bench/compare`{', interrupted before its end' if data.get('interrupted') else ''}. To "
             f"measure on a machine of your own, with Debian 12 and at least two cores:", "",
             "```", f"bench/compare{' --quick' if settings['quick'] else ''}", "```", "",
             "In brackets: how many times Breakwater's cost; below 1× Breakwater loses. ≥: the server was not busy all "
             "the time and could do more, so only the cost can be compared.", ""]
    for kind, title, lead in PARTS:
        chosen = [case for case in cases if case.kind == kind]
        if not chosen:
            continue
        lines += [f"## {title}", "", f"{lead}:", "", *_cost_table(chosen, kind), *_distance_table(chosen, kind)]
        if kind != "memory":
            lines += [f"{chosen[0].rate_unit[:1].upper()}{chosen[0].rate_unit[1:]}:", "", *_rate_table(chosen)]
        if kind in ("handshake", "request"):
            lines += [f"Latency with {settings['connections']} clients that never pause:", "", *_latency_table(chosen)]
    lines += ["## Where Breakwater loses", "", *losses(cases), "## Machine", ""]
    lines += [f"- {name}: {value}" for name, value in machine_facts(data)]
    lines += ["", "## How it was measured", ""]
    for paragraph in how_measured(data):
        lines += [paragraph, ""]
    if data.get("warnings"):
        lines += ["## What went differently than planned", ""]
        lines += ["- " + warning.splitlines()[0] for warning in data["warnings"]] + [""]
    return "\n".join(lines)
