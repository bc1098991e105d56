"""Starts processes so that nothing is left behind: each has a session of its own, dies with us, and is ended with its
whole group. Every wait is bounded."""
from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_running: set["Process"] = set()


def _die_with_parent() -> None:
    """Runs in the child: if this program is killed outright, its children end as well. SIGTERM, since a master that is
    killed would leave its workers behind."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def stay_off(cpu: int) -> None:
    """Keeps this program itself away from the servers' CPU, and children that are not pinned: call it behind what may
    have to build."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, os.sched_getaffinity(0) - {cpu})


def allowed(prefix: tuple[str, ...]) -> bool:
    """May a program be started with this before it, which gives it another priority? nice says on standard error that
    it may not, and runs the program all the same."""
    if not shutil.which(prefix[0]):
        return False
    done = subprocess.run([*prefix, "true"], capture_output=True)
    return done.returncode == 0 and not done.stderr


class Process:
    """A child pinned to one CPU; its output goes to a file. priority: what stands before the command, as `nice`."""

    def __init__(self, command: list[str], cpu: int | None, log: Path, environment: dict[str, str] | None = None,
                 priority: tuple[str, ...] = ()):
        command = [*priority, *command]
        self.command = command
        self.log = log
        pinned = command if cpu is None else ["taskset", "--cpu-list", str(cpu), *command]
        output: IO[bytes]
        with open(log, "wb") as output:
            self.popen = subprocess.Popen(pinned, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                          start_new_session=True, preexec_fn=_die_with_parent,
                                          env={**os.environ, **(environment or {})})
        _running.add(self)

    @property
    def pid(self) -> int:
        return self.popen.pid

    def ended(self) -> bool:
        return self.popen.poll() is not None

    def output(self, most: int = 4000) -> str:
        """The end of what it wrote."""
        with contextlib.suppress(OSError):
            return self.log.read_text(errors="replace")[-most:].strip()
        return ""

    def group(self) -> list[int]:
        """The process and its descendants: what runs in its session now."""
        members = []
        for name in os.listdir("/proc"):
            if name.isdigit():
                with contextlib.suppress(OSError, ValueError):
                    stat = Path("/proc", name, "stat").read_text()
                    fields = stat[stat.rindex(")") + 2:].split()
                    if int(fields[3]) == self.pid and fields[0] != "Z":
                        members.append(int(name))
        return sorted(members)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def interrupt(self) -> None:
        self._signal(signal.SIGINT)

    def wait(self, seconds: float) -> int | None:
        """The exit status, or None when it still runs."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, patience_s: float = 0.5) -> None:
        """Ends the group: SIGTERM, then SIGKILL for whoever is left. Servers drain on the first: that takes long."""
        if self not in _running:
            return
        for number, seconds in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 5.0)):
            self._signal(number)
            end = time.monotonic() + seconds
            while time.monotonic() < end and self._alive():
                time.sleep(0.02)
            if not self._alive():
                break
        _running.discard(self)

    def _alive(self) -> bool:
        return self.popen.poll() is None or bool(self.group())


def stop_all() -> None:
    for process in list(_running):
        process.stop(0.1)


atexit.register(stop_all)


def raise_descriptor_limit(wanted: int) -> int:
    """Raises the limit of open files for us and our children; returns what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (wanted, hard):
        if soft >= wanted:
            break
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, max(hard, limit)))
            soft = limit
    return soft
