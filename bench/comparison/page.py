"""report.html: one file, nothing loaded from elsewhere, no scripts."""
from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from . import charts, headline
from .markdown import how_measured, machine_facts
from .servers import KINDS
from .summary import CaseSummary
from .table import beside, columns_of

STYLE = Path(__file__).with_name("page.css")

SECTIONS = (
    ("Full handshakes", "handshake", "full", "CPU time of the server for one new session."),
    ("Resumed handshakes", "handshake", "resumed", "The client brings a session ticket."),
    ("Hello, then gone", "handshake", "hello",
     "What a flood does: the client makes the server compute its whole first flight, and leaves."),
    ("Requests", "request", "", "One answer of 1 KiB, TLS 1.3."),
    ("Memory", "memory", "", "Growth of the server's resident memory for each connection held open."),
    ("Downloads", "bulk", "",
     "CPU seconds of the proxy for each GB (10⁹ bytes) that passes through it, TLS 1.3, AES-256-GCM."),
)


def _section(title: str, lead: str, cases: list[CaseSummary]) -> str:
    figures = []
    for case in cases:
        chart = charts.bars(case)
        note = f"<p class=note>{escape(beside(case))}</p>" if beside(case) else ""
        missing = "".join(
            f"<p class=missing>{escape(row.title)} was not measured: {escape(row.problem.splitlines()[0])}</p>"
            for row in case.rows if row.problem)
        figures.append(f"<figure><figcaption>{escape(case.title)}</figcaption>{note}{chart}{missing}</figure>")
    return (f"<section><h2>{escape(title)}</h2><p class=lead>{escape(lead)}</p>"
            f"<div class=grid>{''.join(figures)}</div></section>")


def _table(case: CaseSummary) -> str:
    columns = columns_of(case)
    cost = {"handshake": "CPU µs", "request": "CPU µs", "bulk": "CPU s/GB", "memory": "KiB each"}[case.kind]
    names = {"x": "×", "floor": "× floor", "limit": "× limit"}
    headings = [names.get(c.heading) or c.heading.format(rate=case.rate_unit, cost=cost) for c in columns]
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = ""
    for row in case.rows:
        if row.rounds:
            cells = [column.cell(row) for column in columns]
            body += "<tr{}>{}</tr>".format(" class=ours" if row.server == "breakwater" else "",
                                           "".join(f"<td>{escape(cell)}</td>" for cell in cells))
        if row.failures:
            what = ", ".join(f"{count:,} × {why}" for why, count in row.failures.items())
            body += (f"<tr><td colspan={len(columns)} class=missing>{escape(row.title)}, failed: "
                     f"{escape(what)}</td></tr>")
        if row.problem:
            body += (f"<tr><td colspan={len(columns)} class=missing>{escape(row.title)} was not measured: "
                     f"{escape(row.problem)}</td></tr>")
    said = beside(case)
    return (f"<h3>{escape(case.title)}</h3>" + (f"<p class=note>{escape(said)}</p>" if said else "")
            + f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")


def _peer_legend(cases: list[CaseSummary]) -> str:
    present = {row.server for case in cases for row in case.rows if row.cost_ratio}
    return "<p class=legend>" + "".join(
        f'<span><i class="key {style}"></i>{escape(KINDS[name].title)}</span>'
        for name, style in charts.PEER_STYLES.items() if name in present) + "</p>"


BAR_LEGEND = ('<p class=legend>'
              '<span><i class="key bar ours"></i><i class="key bar"></i>in the server’s own code</span>'
              '<span><i class="key bar kernel ours"></i><i class="key bar kernel"></i>in the kernel</span>'
              '<span><i class="key floor"></i>the same bytes over TCP without TLS</span>'
              '<span><i class="key limit"></i>that plus the arithmetic of this server’s library</span>'
              '<span>×: times Breakwater’s cost</span></p>')


def render(data: dict[str, Any], cases: list[CaseSummary]) -> str:
    found = headline.sentences(cases)
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in machine_facts(data))
    sections = "".join(_section(title, lead, chosen) for title, kind, mode, lead in SECTIONS
                       if (chosen := [c for c in cases if c.kind == kind and (not mode or c.mode == mode)]))
    dots = charts.ratio_dots([case for case in cases if case.kind != "memory"])
    overview = (f"<section><h2>CPU time at once</h2><p class=lead>What each server needs for the same work, as a "
                f"multiple of what Breakwater needs. Dots are medians, lines the extremes of the rounds; the axis is "
                f"logarithmic.</p>{_peer_legend(cases)}{dots}</section>") if dots else ""
    notes = "".join(f"<li>{escape(w)}</li>" for w in data.get("warnings", []))
    notes = f"<section><h2>What went differently than planned</h2><ul>{notes}</ul></section>" if notes else ""
    interrupted = ("<p class=missing>This run was interrupted; it shows what there was by then.</p>"
                   if data.get("interrupted") else "")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Breakwater compared</title>
<style>
{STYLE.read_text()}</style>
</head>
<body>
<header>
<h1>Breakwater beside other TLS servers</h1>
<p class=headline>{escape(found[0] if found else '')}</p>
{''.join(f'<p>{escape(s)}</p>' for s in found[1:])}{interrupted}
<p class=lead>{escape(data['machine']['cpu'])}, one core for the server; {escape(data['started'][:10])}; medians of
{data['settings']['rounds']} interleaved rounds of {data['settings']['seconds']:g} s.</p>
</header>
{overview}
<section class=key-section>{BAR_LEGEND}</section>
{sections}
<section><h2>All numbers</h2>
<p class=lead>×: how many times better Breakwater is than this server (below 1: worse), and the spread of the rounds;
first for the rate, then for the cost. × floor: how many times TCP alone this server costs; × limit: how many times TCP
alone plus the arithmetic of its library. ≥: the server was not busy all the time, it could do more. segs, bytes: TCP
segments and bytes of both directions for each connection.</p>
{''.join(_table(case) for case in cases)}</section>
{notes}
<section><h2>How it was measured</h2><dl>{facts}</dl>
{''.join(f'<p>{escape(p)}</p>' for p in how_measured(data))}</section>
</body>
</html>
"""
