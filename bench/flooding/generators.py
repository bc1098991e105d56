"""Two generators on one core: the honest one goes first whenever it has something to do, and says how late it was."""
from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from comparison.problem import Problem
from comparison.processes import Process
from comparison.servers import Site

from . import priorities
from . import starts as starts_of
from .plan import Timing
from .starts import Start

STEP_S = 0.02
BEYOND_S = 20.0      # after its duration a generator may still wait for its last connections
TICKETS = 512        # of honest clients: each is used about as often as a browser comes back
NEW, RESUMED = "new", "resumed"


def honest_scenario(rate: float, source: str, warm_up_s: float, duration_s: float, patience_s: float) -> str:
    """Browsers: half of them new, half with a ticket that they got themselves and have used at most a few times."""
    return f"""
[defaults]
duration = {duration_s:g}
warmup = {warm_up_s:g}
timeout = {patience_s:g}
rate = {rate / 2:.3f}
shape = "browser"
group = "x25519"
sni = "localhost"
end = "close"
source = "{source}"

[[load]]
name = "{NEW}"
mode = "full"

[[load]]
name = "{RESUMED}"
mode = "resume"
tickets = {TICKETS}
fresh_tickets = true
own_tickets = true
"""


@dataclass
class Outcome:
    """Of one generator."""
    begin_s: float                 # by the machine's monotonic clock
    report: dict[str, Any]
    starts: list[Start]

    @property
    def loads(self) -> list[dict[str, Any]]:
        return self.report["loads"]

    def total(self, name: str) -> int:
        return sum(int(load[name]) for load in self.loads)

    def failures(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for load in self.loads:
            for why, count in load["failures"].items():
                found[why] = found.get(why, 0) + count
        return found

    def facts(self) -> dict[str, Any]:
        """What flood.json keeps of the generator."""
        generator = self.report["generator"]
        lateness = generator["lateness_us"]
        return {"busy_share": generator["busy_share"], "limit": generator["limit"],
                "late_p50_us": lateness["p50"], "late_p99_us": lateness["p99"], "late_max_us": lateness["max"],
                **{name: self.total(name) for name in ("started", "succeeded", "failed", "unfinished")},
                "held_max": max(int(load["held_max"]) for load in self.loads),
                "renegotiations": self.total("renegotiations"),
                "measured_s": max(float(load["measured_s"]) for load in self.loads), "failures": self.failures()}


class Flood:
    """A run of breakwater-flood under way."""

    def __init__(self, site: Site, arguments: tuple[str, ...], port: int, *, name: str, first: bool, log: bool):
        site.started += 1
        stem = site.folder / f"{site.started:03d}-{name}"
        self.report, self.log = Path(f"{stem}.json"), Path(f"{stem}.log")
        command = [str(site.binaries["breakwater-flood"]), *arguments, "--cpu", str(site.load_cpu), "--quiet", "--json",
                   str(self.report), *(("--log", str(self.log)) if log else ()), f"127.0.0.1:{port}"]
        self.begun_s = time.monotonic()
        self.process = Process(command, site.load_cpu, Path(f"{stem}.out"),
                               priority=priorities.honest() if first else ())

    def stop(self) -> None:
        self.process.stop()

    def finish(self, patience_s: float) -> Outcome:
        """Waits for the end, at most so long. A run in which nothing succeeded has a report, too."""
        status = self.process.wait(patience_s)
        self.process.stop()
        if status is None:
            raise Problem(f"breakwater-flood did not end within {patience_s:.0f} s: {' '.join(self.process.command)}")
        try:
            report = json.loads(self.report.read_text())
            report["loads"][0]["failures"], report["generator"]["lateness_us"]["p99"]
            if "error" in report:
                raise Problem(f"breakwater-flood could do nothing: {report['error']}")
            begin = float(report["begin_monotonic_s"])
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            raise Problem(f"breakwater-flood left no report that this program can read ({error!r}; exit status "
                          f"{status}): {self.process.output() or 'without a word'}\n"
                          f"The command was: {' '.join(self.process.command)}") from None
        starts = starts_of.parse(self.log.read_text(), begin) if self.log.exists() else []
        self.report.unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)
        return Outcome(begin, report, starts)


def honest(site: Site, rate: float, source: str, port: int, timing: Timing, duration_s: float) -> Flood:
    scenario = site.folder / f"honest-{site.started:03d}.toml"
    scenario.write_text(honest_scenario(rate, source, timing.warm_up, duration_s, timing.patience))
    # It sleeps when nothing is due: spinning, it would leave the attacker no time.
    return Flood(site, ("--mix", str(scenario), "--wait", "sleep"), port, name="honest", first=True, log=True)


def attacker(site: Site, arguments: tuple[str, ...], source: str, port: int, duration_s: float) -> Flood:
    name = () if "garbage" in arguments else ("--sni", "localhost")  # random bytes name no server
    return Flood(site, (*arguments, *name, "--source", source, "--duration", f"{duration_s:g}"), port, name="attack",
                 first=False, log=False)


def wait_until(when_s: float, flood: Flood, look: Callable[[], None] = lambda: None) -> None:
    """look: what is to be done at every step meanwhile."""
    while (left := when_s - time.monotonic()) > 0:
        if flood.process.ended():
            return  # what it has to say is read at its end
        time.sleep(min(left, STEP_S))
        look()
