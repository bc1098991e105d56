"""What servers used: CPU time and memory of processes, and how busy a core was, from /proc."""
from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cpu:
    """CPU time so far, in microseconds. `total` is exact (the scheduler's own sum); user and system are the kernel's
    split of it, whose resolution is a clock tick."""
    total: float = 0.0
    user: float = 0.0
    system: float = 0.0

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.total - other.total, self.user - other.user, self.system - other.system)

    def __add__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.total + other.total, self.user + other.user, self.system + other.system)

    def split(self) -> "Cpu":
        """User and system scaled so that their sum is the exact total."""
        ticks = self.user + self.system
        if ticks <= 0:
            return Cpu(self.total, self.total, 0.0)
        return Cpu(self.total, self.total * self.user / ticks, self.total * self.system / ticks)


def parse_stat(text: str) -> tuple[float, float]:
    """(user, system) microseconds of a /proc/PID/stat: all threads, those that have ended included."""
    fields = text[text.rindex(")") + 2:].split()
    return int(fields[11]) * 1e6 / TICKS, int(fields[12]) * 1e6 / TICKS


@dataclass(frozen=True)
class Thread:
    """So far, in microseconds."""
    ran: float     # on a CPU
    waited: float  # ready to run, while its CPU ran somebody else


def parse_schedstat(text: str) -> Thread:
    """Of a /proc/PID/task/TID/schedstat."""
    ran, waited = text.split()[:2]
    return Thread(int(ran) / 1000, int(waited) / 1000)


def threads(pids: list[int]) -> dict[int, Thread]:
    """All threads of these processes, by their numbers."""
    found = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError, ValueError):
                    found[int(thread)] = parse_schedstat(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text())
    return found


PAUSE_US = 2_000  # of waiting between two looks


class Pauses:
    """For how long a server stood ready while its CPU ran somebody else. Looked at every few milliseconds, since the
    sum holds the microseconds of each of its wake-ups as well, which do not matter. Of the thread that works: the
    others wait for that one."""

    def __init__(self, first: dict[int, Thread]):
        self.first = self.last = first
        self.total_us = 0.0

    def look(self, now: dict[int, Thread]) -> None:
        new = Thread(0.0, 0.0)
        busiest = max(now, key=lambda number: now[number].ran - self.first.get(number, new).ran, default=None)
        if busiest is not None:
            waited = now[busiest].waited - self.last.get(busiest, new).waited
            self.total_us += waited if waited >= PAUSE_US else 0.0
        self.last = now


def process_cpu(pid: int) -> Cpu:
    """Of one process with all its threads; nothing when it has ended."""
    with contextlib.suppress(OSError, ValueError):
        user, system = parse_stat(Path(f"/proc/{pid}/stat").read_text())
        total = sum(thread.ran for thread in threads([pid]).values())
        # Without CONFIG_SCHED_INFO there are only ticks.
        return Cpu(total or user + system, user, system)
    return Cpu()


def group_cpu(pids: list[int]) -> Cpu:
    return sum((process_cpu(pid) for pid in pids), Cpu())


@dataclass(frozen=True)
class Core:
    """Time of one core so far, in microseconds, with the resolution of a clock tick."""
    busy: float  # everything but idle and stolen time
    softirq: float
    steal: float  # the hypervisor ran somebody else

    def __sub__(self, other: "Core") -> "Core":
        return Core(self.busy - other.busy, self.softirq - other.softirq, self.steal - other.steal)


def parse_core(stat: str, cpu: int) -> Core:
    """From the text of /proc/stat."""
    for line in stat.splitlines():
        name, *numbers = line.split()
        if name == f"cpu{cpu}":
            user, nice, system, _idle, _iowait, irq, softirq, steal = (int(n) * 1e6 / TICKS for n in numbers[:8])
            return Core(user + nice + system + irq + softirq, softirq, steal)
    raise ValueError(f"/proc/stat has no cpu{cpu}")


def core(cpu: int) -> Core:
    return parse_core(Path("/proc/stat").read_text(), cpu)


@dataclass(frozen=True)
class Memory:
    """KiB. What processes share counts for each of them in proportion (PSS)."""
    resident: int = 0
    # Without files: their pages are shared with whoever else runs the same program or library, so that this process's
    # part of them changes when others come and go.
    own: int = 0

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(self.resident + other.resident, self.own + other.own)


def parse_rollup(text: str) -> Memory:
    """Of a /proc/PID/smaps_rollup."""
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss")}
    if "Pss" not in sizes:
        raise ValueError("no Pss in smaps_rollup")
    return Memory(sizes["Pss"], sizes.get("Pss_Anon", sizes["Pss"]) + sizes.get("Pss_Shmem", 0))


def group_memory(pids: list[int]) -> Memory:
    total = Memory()
    for pid in pids:
        with contextlib.suppress(OSError, ValueError):
            total += parse_rollup(Path(f"/proc/{pid}/smaps_rollup").read_text())
    return total


def descriptors(pids: list[int]) -> int:
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += len(os.listdir(f"/proc/{pid}/fd"))
    return total


def parse_sockstat(text: str) -> dict[str, int]:
    """The TCP line of /proc/net/sockstat: sockets in use, allocated, and pages of buffers (mem)."""
    for line in text.splitlines():
        if line.startswith("TCP:"):
            words = line.split()[1:]
            return {name: int(value) for name, value in zip(words[::2], words[1::2])}
    raise ValueError("no TCP line in sockstat")


def tcp_buffers_kib() -> int:
    """Kernel memory for the buffers of all TCP sockets of the machine: both ends of loopback connections."""
    pages = parse_sockstat(Path("/proc/net/sockstat").read_text()).get("mem", 0)
    return pages * os.sysconf("SC_PAGESIZE") // 1024
