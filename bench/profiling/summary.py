"""Numbers of a profile: by class of work and by function; as tables for the terminal and as JSON."""
from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from typing import Any

from .classify import Classifier, WorkClass
from .measure import Profile
from .stacks import Frame

TOP_FUNCTIONS = 40
OF_A_CLASS = 5


@dataclasses.dataclass(frozen=True)
class Row:
    work: WorkClass
    share: float
    functions: list[tuple[Frame, float]]  # the heaviest ones, by share of the whole


def rows(profile: Profile, classifier: Classifier) -> list[Row]:
    """In the order of the table of classes; classes without a sample included."""
    total = sum(profile.stacks.values())
    shares: Counter[str] = Counter()
    functions: dict[str, Counter[Frame]] = defaultdict(Counter)
    for stack, weight in profile.stacks.items():
        key = classifier.classify(stack)
        shares[key] += weight
        functions[key][stack[-1]] += weight
    return [Row(work, shares[work.key] / total,
                [(frame, weight / total) for frame, weight in functions[work.key].most_common(TOP_FUNCTIONS)])
            for work in classifier.classes]


def amount(value: float, unit: str) -> str:
    """Without the unit."""
    return f"{value:,.0f}" if unit == "instructions" else f"{value:,.1f}"


def _cell(share: float, profile: Profile) -> str:
    return f"{amount(share * profile.per_handshake, profile.unit):>13}  {share:>6.1%}"


def table(profiles: list[Profile], classifier: Classifier) -> str:
    """Profiles of one case side by side."""
    columns = [(profile, rows(profile, classifier)) for profile in profiles]
    unit = profiles[0].unit
    wide = max(len(work.title) for work in classifier.classes)
    lines = [f"{profiles[0].case_title}: {'CPU time in µs' if unit == 'µs' else unit} of one handshake, and its share",
             " " * wide + "".join(f"{profile.title:>22}" for profile in profiles)]
    for place, work in enumerate(classifier.classes):
        if any(column[place].share for _, column in columns):
            cells = "".join(_cell(column[place].share, profile) for profile, column in columns)
            lines.append(f"{work.title:<{wide}} {cells}".rstrip())
    lines.append(f"{'all':<{wide}} " + "".join(_cell(1.0, profile) for profile in profiles))
    for profile in profiles:
        lines += [f"note: {profile.title}: {note}" for note in profile.notes]
    return "\n".join(lines)


def as_json(profile: Profile, classifier: Classifier) -> dict[str, Any]:
    found = rows(profile, classifier)
    functions = sorted(((frame, share, row.work.key) for row in found for frame, share in row.functions),
                       key=lambda entry: -entry[1])[:TOP_FUNCTIONS]
    return {
        "server": profile.server, "case": profile.case, "unit": "us" if profile.unit == "µs" else profile.unit,
        "per_handshake": profile.per_handshake, "handshakes": profile.handshakes,
        "handshakes_per_second": profile.per_second, "samples": profile.samples, "complete_stacks": profile.complete,
        "notes": profile.notes,
        "classes": [{"key": row.work.key, "title": row.work.title, "share": row.share,
                     "per_handshake": row.share * profile.per_handshake} for row in found],
        "functions": [{"name": frame.name, "object": frame.object, "class": key, "share": share,
                       "per_handshake": share * profile.per_handshake} for frame, share, key in functions],
    }
