"""How steadily a CPU runs: what a hypervisor, or whoever shares the core, takes of it without a counter saying so.

Some stop it for milliseconds; others let it go on at a tenth of its speed. So equal pieces of work are timed."""
from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any, Iterable

PROBE_S = 2.0
PIECE = 1_000      # numbers to be added: some ten microseconds
SLOW = 3.0         # times what a piece usually takes: more than a neighbour on the same core makes of it
WINDOW_S = 0.025   # latencies suffer from what is taken within such a time
NOISY_SHARE = 0.01

Piece = tuple[float, float]  # when it began, and how long it took, in seconds


def pieces_of(seconds: float) -> list[Piece]:
    pieces = []
    clock = time.perf_counter
    begin = last = clock()
    while last - begin < seconds:
        sum(range(PIECE))
        now = clock()
        pieces.append((last - begin, now - last))
        last = now
    return pieces


def summarise(pieces: list[Piece], seconds: float) -> dict[str, float]:
    """The share that is lost to slow pieces, of all and of the worst WINDOW_S that begins with one, and the slowest."""
    usual = statistics.median(length for _, length in pieces)
    gaps = [(begin, length - usual) for begin, length in pieces if length > SLOW * usual]
    worst = 0.0
    for index, (begin, _) in enumerate(gaps):
        end = begin + WINDOW_S
        lost = 0.0
        for at, length in gaps[index:]:
            if at >= end:
                break
            lost += min(length, end - at)
        worst = max(worst, lost)
    return {"lost_share": round(sum(length for _, length in gaps) / seconds, 4),
            "worst_window_share": round(worst / WINDOW_S, 3),
            "longest_ms": round(max((length for _, length in gaps), default=0.0) * 1e3, 3)}


def measure(cpus: Iterable[int]) -> dict[str, dict[str, float]]:
    """Of each of the CPUs, at the same time; nothing of those where it fails."""
    programs = {}
    for cpu in sorted(set(cpus)):
        command = [sys.executable, os.path.abspath(__file__), str(cpu)]
        try:
            programs[cpu] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                             stderr=subprocess.DEVNULL, text=True)
        except OSError:
            continue
    found = {}
    for cpu, program in programs.items():
        try:
            found[str(cpu)] = json.loads(program.communicate(timeout=PROBE_S + 20)[0])
        except (subprocess.SubprocessError, ValueError):
            program.kill()
    return found


def text(machine: dict[str, Any]) -> str:
    """One sentence about all CPUs; "" when nothing is known."""
    return "; ".join(f"core {cpu} was away or slow {one['lost_share']:.1%} of the time, "
                     f"{one['worst_window_share']:.0%} of the worst {WINDOW_S * 1e3:.0f} ms"
                     for cpu, one in machine.get("steadiness", {}).items())


def warnings(machine: dict[str, Any]) -> list[str]:
    """What to say to whoever measures on a machine that is not his own."""
    if all(one["lost_share"] <= NOISY_SHARE for one in machine.get("steadiness", {}).values()):
        return []
    return [f"others share this machine's cores ({text(machine)}): every latency below holds that as well"]


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[1])})
    gc.disable()  # which would be found as well
    print(json.dumps(summarise(pieces_of(PROBE_S), PROBE_S)))
