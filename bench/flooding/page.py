"""flood.html: one file, nothing loaded from elsewhere, no scripts."""
from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from comparison.markdown import machine_facts
from comparison.page import STYLE as BASE_STYLE
from comparison.servers import KINDS

from . import charts
from .cases import GROUPS, SERVERS
from .markdown import how_measured
from .summary import CaseRows, cases_of, checks_of_extras, headline
from .table import HEADINGS, beside, cells, extra_lines, missed

STYLE = Path(__file__).with_name("flood.css")


def _verdict(title: str, verdict: str, why: list[str]) -> str:
    small = "".join(f"<small>{escape(text)}</small>" for text in why)
    return f"<li><span class={verdict}>{verdict}</span><span>{escape(title)}{small}</span></li>"


def _verdicts(data: dict[str, Any], cases: list[CaseRows]) -> str:
    items = [_verdict(case.title, case.verdict, missed(case)) for case in cases if case.verdict]
    for title, checks in checks_of_extras(data):
        why = [f"{c['what']}: {c['found']}, wanted {c['wanted']}" for c in checks]
        items.append(_verdict(title, "met" if all(c["met"] for c in checks) else "missed", why))
    if not items:
        return ""
    return (f"<section><h2>Breakwater’s targets</h2><p class=lead>Each attack, at every honest rate. What peers reach "
            f"stands in the charts and tables below.</p><ul class=verdicts>{''.join(items)}</ul></section>")


def _figure(case: CaseRows) -> str:
    return (f"<figure><figcaption>{escape(case.title)}</figcaption><p class=note>{escape(beside(case))}</p>"
            f"{charts.timeline(case)}</figure>")


def _table(case: CaseRows) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS)
    body = ""
    for row in case.rows:
        found = cells(row)
        last = f"<td class={found[-1]}>{found[-1]}</td>" if found[-1] else "<td></td>"
        body += "<tr{}>{}{}</tr>".format(" class=ours" if row.server == "breakwater" else "",
                                         "".join(f"<td>{escape(cell)}</td>" for cell in found[:-1]), last)
        failures = row.attack["failures"]
        if failures:
            what = ", ".join(f"{count:,} × {why}" for why, count in sorted(failures.items(), key=lambda f: -f[1]))
            body += (f"<tr><td colspan={len(HEADINGS)} class=missing>{escape(row.title)}, honest failures: "
                     f"{escape(what)}</td></tr>")
    for name, problem in case.problems.items():
        body += (f"<tr><td colspan={len(HEADINGS)} class=missing>{escape(KINDS[name].title)} was not measured: "
                 f"{escape(problem)}</td></tr>")
    return (f"<h3>{escape(case.title)}</h3><p class=note>{escape(beside(case))}</p><div class=scroll><table><thead><tr>"
            f"{head}</tr></thead><tbody>{body}</tbody></table></div>")


def _capacity(data: dict[str, Any]) -> str:
    rows = "".join(f"<tr{' class=ours' if name == 'breakwater' else ''}><td>{escape(KINDS[name].title)}</td>"
                   f"<td>{c['full']:,.0f}</td><td>{c['resume']:,.0f}</td></tr>" for name, c in data["capacity"].items())
    head = "<tr><th>program</th><th>full</th><th>resumed</th></tr>"
    return (f"<section><h2>What the servers can do</h2><p class=lead>Handshakes a second on one core, without limits: "
            f"one second divided by the CPU time of one.</p><div class=scroll><table><thead>{head}</thead>"
            f"<tbody>{rows}</tbody></table></div></section>")


def render(data: dict[str, Any]) -> str:
    cases = cases_of(data)
    present = {row.server for case in cases for row in case.rows}
    legend = charts.legend([name for name in SERVERS if name in present])
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in machine_facts(data))
    overview = ""
    if cases:
        overview = (
            f"<section><h2>How many honest clients got in</h2><p class=lead>Of those due while the attack ran, at 15% "
            f"of each server’s capacity.</p>{legend}{charts.success_dots(cases)}</section><section><h2>How long they "
            "waited</h2><p class=lead>The 99th percentile of those that got in: rings before the attack, dots under "
            f"it; the axis is logarithmic.</p>{legend}{charts.latency_dots(cases)}</section>")
    sections = "".join(
        f"<section><h2>{escape(title)}</h2><p class=lead>Above: the 99th percentile in each tenth of a second, by when "
        f"a client was due. Below: the share that got in.</p>{legend}<div "
        f"class=grid>{''.join(_figure(case) for case in chosen)}</div></section>"
        for group, title in GROUPS.items() if (chosen := [c for c in cases if c.group == group and c.rows]))
    extras = "".join(f"<li>{escape(text)}</li>" for text in extra_lines(data))
    extras = f"<section><h2>Beside the attacks</h2><ul>{extras}</ul></section>" if extras else ""
    notes = "".join(f"<li>{escape(w)}</li>" for w in data["warnings"])
    notes = f"<section><h2>What went differently than planned</h2><ul>{notes}</ul></section>" if notes else ""
    interrupted = ("<p class=missing>This run was interrupted; it shows what there was by then.</p>"
                   if data.get("interrupted") else "")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Breakwater under floods</title>
<style>
{BASE_STYLE.read_text()}{STYLE.read_text()}</style>
</head>
<body>
<header>
<h1>Breakwater and its peers under handshake floods</h1>
<p class=headline>{escape(headline(data))}</p>{interrupted}
<p class=lead>{escape(data['machine']['cpu'])}, one core for the server, another for honest clients and attackers;
{escape(data['started'][:10])}.</p>
</header>
{_verdicts(data, cases)}
{overview}
{sections}
{extras}
{_capacity(data)}
<section><h2>All numbers</h2>
<p class=lead>honest/s: rate of honest clients; new, resumed: success of those without and with a ticket; late: p99 of
the honest generator’s own lateness.</p>
{''.join(_table(case) for case in cases)}</section>
{notes}
<section><h2>How it was measured</h2><dl>{facts}</dl>
{''.join(f'<p>{escape(p)}</p>' for p in how_measured(data))}</section>
</body>
</html>
"""
