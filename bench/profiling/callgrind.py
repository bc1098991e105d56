"""Counting instructions with valgrind's callgrind, where perf may not count: user code only, and exact.

A server that has done N handshakes is compared with one that has done 2N: the difference, divided by N, is what one
handshake costs.
"""
from __future__ import annotations

import pathlib
import re
from collections import Counter
from collections.abc import Iterable

from . import symbols
from .stacks import UNNAMED, Frame, Stack, Stacks, short_name

HANDSHAKES = 100  # N
CALLERS = 40  # kept for each function: enough for the deepest handshake of OpenSSL
WHY = ("valgrind's callgrind counts instructions of user code, on a CPU as valgrind emulates it (no AVX-512, no SHA "
       "extensions)")

_NAMED = re.compile(r"\((\d+)\)(?: (.*))?$")
_ADDRESS = re.compile(r"0x[0-9a-f]{8,}$")
_COST = re.compile(r"(?:[+-]?\d+|\*)(?: (\d+))?$")


def prefix(folder: pathlib.Path) -> list[str]:
    """What to put before the server's command. Each of its processes leaves a file callgrind.PID in `folder`."""
    return ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.%p",
            f"--separate-callers={CALLERS}"]


class _Names:
    """callgrind writes a name once and refers to it by number from then on."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def resolve(self, text: str) -> str:
        found = _NAMED.match(text)
        if not found:
            return text
        if found[2] is not None:
            self._known[found[1]] = found[2]
        return self._known[found[1]]


def self_costs(lines: Iterable[str]) -> Counter[tuple[str, str]]:
    """Instructions by (object, function with its callers, joined by "'"), calls apart."""
    objects, functions = _Names(), _Names()
    costs: Counter[tuple[str, str]] = Counter()
    where, function, call = "", "", False
    for line in lines:
        line = line.rstrip("\n")
        key, equals, value = line.partition("=")
        if not equals:
            found = _COST.match(line)
            if found and function:
                if not call and found[1]:
                    costs[where, function] += int(found[1])
                call = False  # the line behind calls= is what the callee cost
        elif key == "ob":
            where = objects.resolve(value)
        elif key == "cob":
            objects.resolve(value)
        elif key == "fn":
            function = functions.resolve(value)
        elif key == "cfn":
            functions.resolve(value)
        elif key == "calls":
            call = True
    return costs


def _frame(path: str, name: str) -> Frame:
    where = path.rsplit("/", 1)[-1] if path.startswith("/") else "[unknown]"
    if _ADDRESS.match(name):
        name = (symbols.name_at(path, int(name, 16)) if path.startswith("/") else None) or UNNAMED
    elif symbols.table_of(path) is None or "::" in name:
        name = name.split("@")[0]
    return Frame(short_name(name) if name != UNNAMED else name, where)


def stacks_of(costs: Counter[tuple[str, str]]) -> Stacks:
    """callgrind names the object of the function itself only; a caller has its own from where it is the function."""
    object_of: dict[str, str] = {}
    for path, chain in costs:
        object_of.setdefault(chain.split("'", 1)[0], path)
    total: Stacks = Counter()
    frames: dict[tuple[str, str], Frame] = {}

    def frame(path: str, name: str) -> Frame:
        if (path, name) not in frames:
            frames[path, name] = _frame(path, name)
        return frames[path, name]

    for (path, chain), cost in costs.items():
        names = chain.split("'")
        stack: Stack = tuple(reversed([frame(path, names[0]), *(frame(object_of.get(n, ""), n) for n in names[1:])]))
        total[stack] += cost
    return total


def read(folder: pathlib.Path) -> Stacks:
    """All processes' files in `folder`."""
    total: Stacks = Counter()
    for path in sorted(folder.glob("callgrind.*")):
        with open(path, errors="replace") as lines:
            total.update(stacks_of(self_costs(lines)))
    return total


def difference(twice: Stacks, once: Stacks) -> Stacks:
    """What the second N handshakes added. Stacks of the start and of waiting are about the same in both and vanish."""
    return Counter({stack: cost - once[stack] for stack, cost in twice.items() if cost > once[stack]})
