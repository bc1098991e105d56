"""The rows as cells, for the terminal, Markdown and the page alike."""
from __future__ import annotations

from typing import Any

from comparison.servers import KINDS

from .cases import EXTRAS
from .summary import RATES, CaseRows, Row, cases_of, checks_of_extras, headline
from .verdicts import milliseconds, percent, ways_of

HEADINGS = ("server", "honest/s", "rate", "success", "new", "resumed", "p99 calm", "p99 attack", "attack/s", "CPU",
            "memory", "late", "target")


def cells(row: Row) -> list[str]:
    new = percent(row.success("new"))
    if row.expected_new is not None and row.expected_new < 1:
        new += f" (share {percent(row.expected_new)})"
    return [row.title, f"{row.run['rate']:,.0f}", RATES[row.rate_kind], percent(row.attack["success"]), new,
            percent(row.success("resumed")), milliseconds(row.calm["p99_ms"]), milliseconds(row.attack["p99_ms"]),
            f"{row.attack_rate:,.0f}", f"{row.run['cpu_share']:.0%}", f"{row.run['memory_kib'] / 1024:+.1f} MiB",
            milliseconds(row.run["honest"]["late_p99_us"] / 1000), row.verdict]


def beside(case: CaseRows) -> str:
    return f"Target: {case.target}." + (f" {case.note}" if case.note else "")


def missed(case: CaseRows) -> list[str]:
    """A sentence for each check that Breakwater missed."""
    return [f"{check['what']}: {check['found']}, wanted {check['wanted']} ({RATES[row.rate_kind]}{paused(row)})"
            for row in case.rows for check in row.checks if not check["met"]]


def paused(row: Row) -> str:
    """Older files do not know."""
    share = row.run.get("pause_share")
    return "" if share is None else f"; the server was kept from its core, in pauses, {share:.1%} of the time"


def plain(head: tuple[str, ...], rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in (list(head), *rows)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(w) if i in (0, 2) else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths)))
             for row in (list(head), *rows)]
    return "\n".join(line.rstrip() for line in lines)


def refusal_line(title: str, way: str, result: dict[str, Any]) -> str:
    hello = f"hello refused {way}" if way else "refused hello"
    if "problem" in result:
        return f"{title}: what a {hello} costs was not measured: {result['problem'].splitlines()[0]}"
    if result["beyond_us"] is None:
        return (f"{title}: too few hellos were refused to say what a {hello} costs ({result['refused']:,} of "
                f"{result['refused'] + result['served']:,})")
    tcp = "TCP alone" if way else "TCP alone, which the client closes,"
    return (f"{title}: a {hello} costs {result['each_us']:.2f} µs of CPU, {tcp} {result['floor_us']:.2f} µs: "
            f"{result['beyond_us']:+.2f} µs beyond it ({spread(result)}{result['refused']:,} refused, "
            f"{result['served']:,} served)")


def spread(result: dict[str, Any]) -> str:
    """Older files have one round, and no list of them."""
    beyond = [one["beyond_us"] for one in result.get("rounds", [])]
    return f"median of {len(beyond)} rounds, {min(beyond):+.2f} to {max(beyond):+.2f}; " if len(beyond) > 1 else ""


def extra_lines(data: dict[str, Any]) -> list[str]:
    """What was measured beside the attacks, in sentences."""
    lines = []
    extras = data["extras"]
    for name, result in extras.get("refusal", {}).items():
        lines += [refusal_line(KINDS[name].title, way, one) for way, one in ways_of(result).items()]
    for name, result in extras.get("peace", {}).items():
        failures = ", ".join(f"{count:,} × {why}" for why, count in result["failures"].items())
        lines.append(f"{KINDS[name].title}, guard {'on' if result['guard'] else 'off'}, no attack: "
                     f"{result['succeeded']:,} honest handshakes of {len(result['loads'])} kinds at "
                     f"{result['rate']:,.0f}/s, {result['failed']:,} failed" + (f" ({failures})" if failures else ""))
    for name, result in extras.get("throughput", {}).items():
        lines.append(f"{KINDS[name].title}: a handshake with the guard on costs {result['cost_ratio'] - 1:+.1%} of CPU "
                     f"(rounds {result['cost_low'] - 1:+.1%} to {result['cost_high'] - 1:+.1%}); rate "
                     f"{result['rate_ratio'] - 1:+.1%}")
    for extra in EXTRAS:
        for name, problem in data["problems"].get(extra.name, {}).items():
            lines.append(f"{extra.title}, {KINDS[name].title}: not measured: {problem.splitlines()[0]}")
    return lines


def verdict_lines(data: dict[str, Any]) -> list[str]:
    return [f"{title}: {check['what']}: {check['found']}, wanted {check['wanted']}: "
            f"{'met' if check['met'] else 'missed'}"
            for title, checks in checks_of_extras(data) for check in checks]


def render(data: dict[str, Any]) -> str:
    """For a terminal."""
    parts = []
    for case in cases_of(data):
        lines = [f"{case.title}. {beside(case)}"]
        if case.rows:
            lines.append(plain(HEADINGS, [cells(row) for row in case.rows]))
        lines += [f"missed: {text}" for text in missed(case)]
        lines += [f"{KINDS[name].title} was not measured: {text.splitlines()[0]}"
                  for name, text in case.problems.items()]
        parts.append("\n".join(lines))
    parts.append("\n".join(extra_lines(data) + verdict_lines(data)))
    parts.append(headline(data))
    return "\n\n".join(part for part in parts if part)
