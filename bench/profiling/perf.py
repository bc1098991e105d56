"""Sampling with Linux perf: which way of counting works here, recording a server, reading the samples."""
from __future__ import annotations

import dataclasses
import pathlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator

from . import symbols
from .stacks import KERNEL, UNNAMED, Frame, Stack, short_name

SAMPLES_PER_SECOND = 997  # not a divisor of the timers' rates
STACK_BYTES = 16384  # of each sample's stack are kept: enough for the deepest handshake of OpenSSL

_HEADER = re.compile(r"^\S.*?\s+\d+(/\d+)?\s+[\d.]+:")
_FRAME = re.compile(r"^\s+([0-9a-f]+) (.*) \(([^()]*)(?: \(deleted\))?\)$")
_USER_SPECIALS = ("[unknown]", "[vdso]", "[vsyscall]", "[heap]", "[stack]")
_OFFSET = re.compile(r"\+0x[0-9a-f]+$")


@dataclasses.dataclass(frozen=True)
class Method:
    event: str
    kernel: bool  # kernel code is seen
    why: str  # one line


def _seen(event: str) -> str:
    """What perf sees when it is asked for this event: "all", "user" (where it may not look into the kernel it goes on
    without, silently) or "" for nothing."""
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        done = subprocess.run(["perf", "record", "-q", "-e", event, "-o", data, "true"], capture_output=True)
        if done.returncode != 0:
            return ""
        events = subprocess.run(["perf", "evlist", "-i", data], capture_output=True, text=True).stdout
    return understood(events)


def understood(evlist: str) -> str:
    """From the names `perf evlist` prints, such as "cpu-clock" or "cycles:Pu"."""
    for line in evlist.splitlines():
        if line and not line.startswith(("#", "dummy")):
            return "user" if "u" in line.partition(":")[2] else "all"
    return ""


def _hardware_counts(event: str) -> bool:
    done = subprocess.run(["perf", "stat", "-x", ";", "-e", event, "true"], capture_output=True, text=True)
    return done.returncode == 0 and bool(re.search(r"^\d+;", done.stderr, re.MULTILINE))


def choose() -> tuple[Method | None, str]:
    """The best that works here; or None, and why nothing does."""
    if shutil.which("perf") is None:
        return None, "perf is not installed"
    hardware = _hardware_counts("cycles:u")
    event = "cycles" if hardware else "cpu-clock"
    clock = ("cycles, counted by the CPU" if hardware else
             "the kernel's CPU clock, since no hardware counter is given to this machine")
    stacks = (f"{SAMPLES_PER_SECOND} a second, stacks unwound by DWARF since neither the server nor libcrypto keeps "
              f"frame pointers")
    for wanted in (event, event + ":u"):
        seen = _seen(wanted)
        if seen == "all":
            return Method(event, True, f"perf samples {clock}; {stacks}"), ""
        if seen == "user":
            hidden = "user code only, since kernel.perf_event_paranoid hides the kernel from this user"
            return Method(event + ":u", False, f"perf samples {clock}, {hidden}; {stacks}"), ""
    return None, "perf may not count here (kernel.perf_event_paranoid, or a container's rules)"


def record_command(method: Method, pids: list[int], seconds: float, data: pathlib.Path) -> list[str]:
    return ["perf", "record", "-q", "-e", method.event, "-F", str(SAMPLES_PER_SECOND),
            "--call-graph", f"dwarf,{STACK_BYTES}", "-o", str(data), "-p", ",".join(map(str, pids)),
            "--", "sleep", f"{seconds:g}"]


def read_samples(data: pathlib.Path) -> Iterator[Stack]:
    """Needs perf, which prints the samples."""
    command = ["perf", "script", "-i", str(data), "--no-inline", "--show-mmap-events",
               "-F", "comm,pid,tid,time,ip,sym,symoff,dso"]
    with tempfile.TemporaryFile("w+") as errors, \
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, errors="replace") as process:
        yield from parse(process.stdout)
        if process.wait() != 0:
            errors.seek(0)
            raise RuntimeError(f"perf script failed: {errors.read()[-2000:]}")


class Maps:
    """What is mapped where, from the lines that `perf script --show-mmap-events` prints."""
    LINE = re.compile(r"PERF_RECORD_MMAP2? -?\d+/-?\d+: \[0x([0-9a-f]+)\(0x([0-9a-f]+)\) @ (?:0x)?([0-9a-f]+) "
                      r".*?: [r-][w-]x[ps-] (/.*)$")

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int, int, str]] = []

    def take(self, line: str) -> None:
        found = self.LINE.search(line)
        if found:
            start, size, offset = (int(found[i], 16) for i in (1, 2, 3))
            self._ranges.append((start, start + size, offset, found[4]))

    def offset(self, path: str, place: int) -> int:
        """perf prints either an address in memory or the place in the file, depending on its version."""
        for start, end, offset, mapped in self._ranges:
            if mapped == path and start <= place < end:
                return place - start + offset
        return place


def parse(lines: Iterable[str]) -> Iterator[Stack]:
    """The samples in the output of `perf script`."""
    maps = Maps()
    frames: list[Frame] | None = None
    for line in lines:
        line = line.rstrip("\n")
        if "PERF_RECORD_" in line:
            maps.take(line)
        elif not line:
            if frames:
                yield _from_the_root(frames)
            frames = None
        elif frames is None:
            if _HEADER.match(line):
                frames = []
        else:
            found = _FRAME.match(line)
            if found:
                frames.append(_frame(found, maps))
    if frames:
        yield _from_the_root(frames)


def _from_the_root(frames: list[Frame]) -> Stack:
    """Unwinding may go one step too far, to an address that belongs to nothing."""
    while len(frames) > 1 and frames[-1] == Frame(UNNAMED, "[unknown]"):
        frames.pop()
    return tuple(reversed(frames))


def _frame(found: re.Match[str], maps: Maps) -> Frame:
    place, name, path = int(found[1], 16), _OFFSET.sub("", found[2]), found[3]
    if path.startswith("[") and path not in _USER_SPECIALS or path.endswith((".ko", ".ko.xz", ".ko.zst")):
        return Frame(UNNAMED if name == "[unknown]" else short_name(name), KERNEL)
    # The exported names alone would be wrong for what lies between them: recovered ones first.
    recovered = None
    if path.startswith("/"):
        recovered = symbols.name_at(path, symbols.address_of(path, maps.offset(path, place)))
    if recovered is None and name != "[unknown]":
        recovered = name.split("@")[0]
    return Frame(short_name(recovered) if recovered else UNNAMED, path.rsplit("/", 1)[-1])


def starts_at_the_root(stack: Stack) -> bool:
    """Whether the stack could be followed to where the process or thread began."""
    return stack[0].name in ("_start", "__clone3", "clone3", "__clone", "clone", "start_thread", "ret_from_fork_asm")
