"""profile.html: tables and flame graphs in one file; nothing is loaded from elsewhere."""
from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from . import summary
from .classify import Classifier
from .measure import Profile

STYLE = Path(__file__).with_name("profile.css")
KERNEL_CLASSES = ("system_call", "tcp", "scheduling", "descriptors", "memory", "kernel_other")
FUNCTIONS_SHOWN = 25


def headline(profiles: list[Profile], classifier: Classifier) -> str:
    """What the first case says, in a sentence for each server."""
    sentences = []
    for profile in profiles:
        if profile.case != profiles[0].case:
            continue
        share = {row.work.key: row.share for row in summary.rows(profile, classifier)}
        kernel = sum(share[key] for key in KERNEL_CLASSES)
        rest = 1 - share["field"] - share["symmetric"] - kernel
        total = f"{summary.amount(profile.per_handshake, profile.unit)} {profile.unit}"
        sentences.append(f"Of the {total} that {profile.title} needs for a handshake, arithmetic is "
                         f"{share['field']:.0%}, ciphers and hashes {share['symmetric']:.0%}, the kernel {kernel:.0%}, "
                         f"and everything else {rest:.0%}.")
    return f"{profiles[0].case_title}. " + " ".join(sentences)


def class_table(profiles: list[Profile], classifier: Classifier) -> str:
    """Bars have the same scale for all servers of a case."""
    columns = [(profile, summary.rows(profile, classifier)) for profile in profiles]
    largest = max(row.share * profile.per_handshake for profile, rows in columns for row in rows)
    unit = profiles[0].unit
    head = "<th>class of work</th>" + "".join(
        f"<th>{escape(p.title)}, {escape(unit)}</th><th>share</th><th></th>" for p in profiles)
    body = ""
    for place, work in enumerate(classifier.classes):
        if not any(rows[place].share for _, rows in columns):
            continue
        cells = ""
        for profile, rows in columns:
            value = rows[place].share * profile.per_handshake
            top = "; ".join(f"{frame.name} {share:.1%}" for frame, share in rows[place].functions[:summary.OF_A_CLASS])
            bar = f'<i style="width:{value / largest:.1%};background:{work.colour}"></i>' if value else ""
            cells += (f"<td>{summary.amount(value, unit)}</td><td>{rows[place].share:.1%}</td>"
                      f'<td class=bar title="{escape(top)}">{bar}</td>')
        body += (f'<tr><td title="{escape(work.about)}"><i class=key style="background:{work.colour}"></i>'
                 f"{escape(work.title)}</td>{cells}</tr>")
    total = "".join(f"<td>{summary.amount(p.per_handshake, unit)}</td><td>100.0%</td><td></td>" for p in profiles)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}<tr class=all><td>all</td>{total}</tr></tbody></table>"


def function_table(profile: Profile, classifier: Classifier) -> str:
    body = ""
    for entry in summary.as_json(profile, classifier)["functions"][:FUNCTIONS_SHOWN]:
        colour = classifier.by_key[entry["class"]].colour
        body += (f"<tr><td>{summary.amount(entry['per_handshake'], profile.unit)}</td><td>{entry['share']:.1%}</td>"
                 f"<td class=name><i class=key style=\"background:{colour}\"></i>{escape(entry['name'])}</td>"
                 f"<td class=name>{escape(entry['object'])}</td></tr>")
    return (f"<table><thead><tr><th>{escape(profile.unit)}</th><th>share</th><th>{escape(profile.title)}: functions by "
            f"themselves</th><th></th></tr></thead><tbody>{body}</tbody></table>")


def facts(head: dict[str, Any], profiles: list[Profile]) -> str:
    machine = head["machine"]
    versions = "; ".join(f"{name} {entry['version']} (TLS: {entry['tls']})" for name, entry in head["servers"].items())
    lines = [head["method"]["line"],
             f"{machine['cpu']}, kernel {machine['kernel']}, {machine['system']}; server on CPU "
             f"{machine['server_cpu']}, generator on CPU {machine['load_cpu']}; {versions}; {head['started']}."]
    if head["method"]["tool"] == "perf":
        lines.append("The cost of a handshake was measured without perf; the samples say how it divides. Over loopback "
                     "the server pays for much of the client's receiving: TCP/IP and wake-ups include it. The CPU "
                     "clock cannot interrupt code that has interrupts off: such time appears where they come on again.")
    lines += head["notes"] + [f"{p.title}, {p.case}: {note}" for p in profiles for note in p.notes]
    return "".join(f"<p class=note>{escape(line)}</p>" for line in lines)


def render(profiles: list[Profile], classifier: Classifier, head: dict[str, Any],
           graphs: dict[tuple[str, str], str]) -> str:
    """graphs: the SVG of each (server, case)."""
    sections = ""
    for case in dict.fromkeys(profile.case for profile in profiles):
        chosen = [profile for profile in profiles if profile.case == case]
        pictures = "".join(f"<div class=graph>{graphs[p.server, p.case]}</div>" for p in chosen)
        functions = "".join(f"<div>{function_table(p, classifier)}</div>" for p in chosen)
        sections += (f"<section><h2>{escape(chosen[0].case_title)}</h2>{class_table(chosen, classifier)}{pictures}"
                     f"<details><summary>The functions that cost most</summary><div class=columns>{functions}</div>"
                     f"</details></section>")
    return (f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Where the work goes</title>"
            f"<meta name=viewport content=\"width=device-width\"><style>{STYLE.read_text()}</style></head><body>"
            f"<h1>Where the work of a TLS server under flood goes</h1>"
            f"<p class=headline>{escape(headline(profiles, classifier))}</p>"
            f"{facts(head, profiles)}{sections}</body></html>\n")
