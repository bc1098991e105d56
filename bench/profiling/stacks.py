"""Call stacks, counted. A stack is a tuple of frames from the outermost caller to the function that was running."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

UNNAMED = "[unnamed]"
KERNEL = "[kernel]"


class Frame(NamedTuple):
    name: str  # UNNAMED where nobody knows it
    object: str  # base name of the file it comes from; KERNEL; "[unknown]"


SHARED_BY_MOST = 0.85  # unwinding fails in a few of the assembler functions
CALLERS_UNKNOWN = Frame("[callers unknown]", "[unknown]")

Stack = tuple[Frame, ...]
Stacks = Counter  # of Stack, by weight: samples or instructions

# What GCC adds to names of the parts and copies of a function it makes.
_SUFFIX = re.compile(r"(\.(isra|constprop|part|cold|lto_priv|llvm)(\.\d+)*)+$| \[clone [^\]]*\]")
_OPERATOR = re.compile(r"operator ?(<=>|<<=?|>>=?|->\*?|[<>]=?|\(\))")


def _without_brackets(name: str) -> str:
    """Without everything in <> and ()."""
    kept, depth = [], 0
    for letter in name:
        if letter in "<(":
            depth += 1
        elif letter in ">)" and depth:
            depth -= 1
        elif not depth:
            kept.append(letter)
    return "".join(kept)


def short_name(name: str) -> str:
    """A C++ function's name without parameters, result type and template arguments. All without GCC's suffixes."""
    name = _SUFFIX.sub("", name)
    if "::" not in name and "<" not in name and "(" not in name:
        return name
    hidden: list[str] = []

    def hide(text: str) -> str:
        hidden.append(text)
        return f"\x01{len(hidden) - 1}\x02"

    # Brackets that are part of a name are put aside while the others are taken away.
    name = name.replace("(anonymous namespace)", hide("{anonymous}"))
    name = re.sub(r"\{lambda\(.*?\)#\d+\}|'lambda\d*'\(.*?\)", lambda _: hide("{lambda}"), name)
    name = _OPERATOR.sub(lambda found: hide(found[0]), name)
    name = re.sub(r"( const| volatile| &+| \[abi:[^\]]*\]| noexcept)+$", "", _without_brackets(name).strip())
    if "operator" not in name:  # a conversion operator has its type behind it
        name = name.split(" ")[-1]
    return re.sub("\x01(\\d+)\x02", lambda found: hidden[int(found[1])], name) or "?"


def merge(parts: Iterable[tuple[Stack, int]]) -> Stacks:
    """Adds up equal stacks."""
    total: Stacks = Counter()
    for stack, weight in parts:
        total[stack] += weight
    return total


def common_root(stacks: Stacks) -> Frame | None:
    """The innermost function that was being run in almost all samples: the event loop, as a rule."""
    total = sum(stacks.values())
    present: Counter[Frame] = Counter()
    depths: Counter[Frame] = Counter()
    for stack, weight in stacks.items():
        callers = stack[:-1]
        for frame in set(callers):
            present[frame] += weight
            depths[frame] += weight * callers.index(frame)
    shared = [frame for frame, weight in present.items() if weight >= SHARED_BY_MOST * total and frame.name != UNNAMED]
    return max(shared, key=lambda frame: (depths[frame] / present[frame], frame), default=None)


def without_common_root(stacks: Stacks) -> Stacks:
    """The stacks from where they begin to differ: without the callers that almost all share. Stacks in which these
    callers are missing, since they could not be followed so far, get a frame that says so."""
    root = common_root(stacks)
    if root is None:
        return stacks
    short: Stacks = Counter()
    for stack, weight in stacks.items():
        if root not in stack:
            short[(CALLERS_UNKNOWN, *stack)] += weight
        else:
            short[stack[stack.index(root) + 1:] or stack[-1:]] += weight  # now and then the root itself was running
    return short


def folded(stacks: Stacks) -> str:
    """One line for each stack: names from caller to callee with ';' between them, then the weight."""
    lines = [";".join(frame.name.replace(";", ":") for frame in stack) + f" {weight}"
             for stack, weight in stacks.items()]
    return "\n".join(sorted(lines)) + "\n"
