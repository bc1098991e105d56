"""From what was measured to rows that the renderers share."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from comparison.servers import KINDS

from .cases import ATTACKS, PEACE, REFUSAL, SERVERS, THROUGHPUT
from .verdicts import Check, expected_new, judge, judge_peace, judge_refusal, judge_throughput

RATES = {"own": "15% of its own", "same": "same for all"}


@dataclass
class Row:
    """One server at one rate."""
    server: str
    rate_kind: str
    run: dict[str, Any]
    checks: list[Check] = field(default_factory=list)      # of Breakwater alone
    expected_new: float | None = None

    @property
    def title(self) -> str:
        return KINDS[self.server].title

    @property
    def calm(self) -> dict[str, Any]:
        return self.run["calm"]["all"]

    @property
    def attack(self) -> dict[str, Any]:
        return self.run["attack"]["all"]

    def success(self, load: str) -> float | None:
        return self.run["attack"].get(load, {}).get("success")

    @property
    def attack_rate(self) -> float:
        attacker = self.run["attacker"]
        return attacker["started"] / max(1e-9, attacker["measured_s"])

    @property
    def verdict(self) -> str:
        if not self.checks:
            return ""
        return "met" if all(check["met"] for check in self.checks) else "missed"


@dataclass
class CaseRows:
    name: str
    title: str
    group: str
    target: str
    note: str
    rows: list[Row]
    problems: dict[str, str]

    def own(self) -> list[Row]:
        return [row for row in self.rows if row.rate_kind == "own"]

    @property
    def verdict(self) -> str:
        """Of all of Breakwater's runs."""
        verdicts = [row.verdict for row in self.rows if row.verdict]
        return "" if not verdicts else "missed" if "missed" in verdicts else "met"


def cases_of(data: dict[str, Any]) -> list[CaseRows]:
    result = []
    for case in ATTACKS:
        runs, problems = data["runs"].get(case.name, {}), data["problems"].get(case.name, {})
        if not runs and not problems:
            continue
        rows = []
        for name in SERVERS:
            for run in runs.get(name, []):
                row = Row(name, run["rate_kind"], run)
                capacity = data["capacity"][KINDS[name].program]
                if case.target.new_share:
                    row.expected_new = expected_new(run, capacity)
                if name == "breakwater":
                    row.checks = judge(case, run, capacity)
                rows.append(row)
        result.append(CaseRows(case.name, case.title, case.group, case.target.text(), case.note, rows, problems))
    return result


def checks_of_extras(data: dict[str, Any]) -> list[tuple[str, list[Check]]]:
    """Title and checks of what was measured beside the attacks, of Breakwater."""
    judges = ((REFUSAL, judge_refusal), (PEACE, lambda r: judge_peace(r, data["settings"]["peace_count"])),
              (THROUGHPUT, judge_throughput))
    return [(extra.title, judge_it(data["extras"][extra.name]["breakwater"])) for extra, judge_it in judges
            if "breakwater" in data["extras"].get(extra.name, {})]


def verdicts_of(data: dict[str, Any]) -> dict[str, Any]:
    """What flood.json keeps of it."""
    found: dict[str, Any] = {}
    for case in cases_of(data):
        if case.verdict:
            found[case.name] = {"verdict": case.verdict, "target": case.target,
                                "checks": {row.rate_kind: row.checks for row in case.rows if row.checks}}
    for title, checks in checks_of_extras(data):
        found[title] = {"verdict": "met" if all(c["met"] for c in checks) else "missed", "checks": checks}
    return found


def headline(data: dict[str, Any]) -> str:
    found = verdicts_of(data)
    met = sum(entry["verdict"] == "met" for entry in found.values())
    guard = "on" if data["settings"]["guard"] else "off"
    if not found:
        return "Nothing of Breakwater was measured."
    return f"With the guard {guard}, Breakwater meets {met} of {len(found)} targets under floods."
