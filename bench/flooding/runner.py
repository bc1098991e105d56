"""Runs the attacks: a fresh server for each, so that nothing it has learnt or lost before counts."""
from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Iterator

from comparison import accounting
from comparison import memory as memory_of
from comparison.generator import Generator
from comparison.problem import Problem
from comparison.progress import Progress
from comparison.servers import KINDS, Profile, Running, Site, start

from . import extras as extras_of
from . import generators, starts
from .cases import HONEST, Case, Extra
from .plan import OTHERS_SHARE, PAUSE_SHARE, Timing, attack_seconds, estimate, rate_kinds

HONEST_SHARE = 0.15      # of what a server can do: the rate of its honest clients
SAME_RATE_WITHIN = 0.03  # a server's own rate that is so near to the common one is not run again
LATE_MS = 2.0            # p99 of the honest generator's lateness: a tenth of the least bound there is for latencies


@dataclass
class Runner:
    site: Site
    timing: Timing
    chosen: list[str]
    guard: bool
    progress: Progress
    end_s: float                                # by the monotonic clock: nothing new begins behind it
    capacity: dict[str, dict[str, float]] = field(default_factory=dict)
    runs: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)   # by case and server
    extras: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    problems: dict[str, dict[str, str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.generator = Generator(self.site.binaries["breakwater-flood"], self.site.load_cpu, self.site.folder)
        self.left_cases: list[Case] = []
        self.left_extras: list[Extra] = []
        self.repeated = 0

    def run(self, cases: list[Case], extras: list[Extra]) -> None:
        """Fills what it knows as it goes, so that an interrupted run keeps what it has."""
        self.left_cases, self.left_extras = list(cases), list(extras)
        self._measure_capacities()
        for case in cases:
            self._run_case(case)
            self.left_cases.remove(case)
            self._say_case(case)
        for extra in extras:
            self._run_extra(extra)
            self.left_extras.remove(extra)
        self._warn_of_others()

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)
            self.progress.say("note: " + text)

    def _warn_of_others(self) -> None:
        """Says how many runs had company on the servers' core, or lost it to another virtual machine."""
        entries = [entry for servers in self.runs.values() for runs in servers.values() for entry in runs]
        if self.repeated:
            runs = "one run was" if self.repeated == 1 else f"{self.repeated} runs were"
            self.warn(f"{runs} made again because others used more than {OTHERS_SHARE:.0%} of the servers' core "
                      f"meanwhile, or kept the server from it, in pauses, for more than {PAUSE_SHARE:.0%} of the time; "
                      "of the two, the one with less of that counts")
        company = sum(entry["others_share"] > OTHERS_SHARE for entry in entries)
        stolen = sum(entry["steal_share"] > OTHERS_SHARE for entry in entries)
        paused = [entry["pause_share"] for entry in entries if entry["pause_share"] > PAUSE_SHARE]
        if company:
            self.warn(f"in {company} of {len(entries)} runs others, or the kernel for the generators, used more "
                      f"than {OTHERS_SHARE:.0%} of the servers' core")
        if paused:
            self.warn(f"in {len(paused)} of {len(entries)} runs the server was kept from its core, in pauses, for more "
                      f"than {PAUSE_SHARE:.0%} of the time (at most {max(paused):.1%})")
        if stolen:
            self.warn(f"in {stolen} of {len(entries)} runs the hypervisor took more than {OTHERS_SHARE:.0%} of the "
                      "servers' core")

    def show(self, text: str) -> None:
        self.progress.show(text, estimate(self.timing, self.left_cases, self.left_extras, self.chosen))

    def _say_case(self, case: Case) -> None:
        parts = []
        for name, entries in self.runs.get(case.name, {}).items():
            success = entries[0]["attack"]["all"]["success"]
            parts.append(f"{KINDS[name].title} {success:.1%}" if success is not None else f"{KINDS[name].title} –")
        self.progress.say(f"{case.name:<18} " + ", ".join(parts))

    def _out_of_time(self, what: str) -> bool:
        if time.monotonic() < self.end_s:
            return False
        self.warn(f"the time is over: without {what}")
        return True

    @contextmanager
    def server(self, name: str, guard: bool | None = None, limits: str = "") -> Iterator[Running]:
        """A fresh one. limits: lines of configuration, for Breakwater alone."""
        guard = self.guard if guard is None else guard
        profile = Profile("flooded", "ecdsa", tickets=True, guard=guard, limits=limits)
        running = start(KINDS[name], profile, self.site)
        try:
            yield running
        finally:
            running.stop()

    # What a server can do

    def _measure_capacities(self) -> None:
        """Of servers that judge nobody: what is refused would count as done."""
        for name in self.chosen:
            base = KINDS[name].program
            if base in self.capacity:
                continue
            self.show(f"what {KINDS[base].title} can do")
            try:
                with self.server(base, guard=False) as running:
                    self.capacity[base] = {mode: self._capacity(running, mode) for mode in ("full", "resume")}
            except Problem as problem:
                self.warn(f"the run goes on without {KINDS[base].title}: {problem}")
        missing = [name for name in self.chosen if KINDS[name].program not in self.capacity]
        self.chosen = [name for name in self.chosen if name not in missing]
        if not self.chosen:
            raise Problem("no server works; the lines above say why")

    def _capacity(self, running: Running, mode: str) -> float:
        """Handshakes a second: one second divided by the CPU time of one."""
        arguments: tuple[str, ...] = ("--mode", mode, "--shape", "browser", "--group", "x25519", "--sni", "localhost",
                                      "--source", HONEST, "--connections", "64")
        if mode == "resume":
            arguments += ("--tickets", "64")
        before = accounting.group_cpu(running.pids)
        report = self.generator.run(arguments, running.port, self.timing.capacity)
        used = (accounting.group_cpu(running.pids) - before).total
        done = report.count("succeeded")
        if done == 0 or report.count("failed") > done / 20:
            failures = ", ".join(f"{count} x {why}" for why, count in report.load.get("failures", {}).items())
            raise Problem(f"{running.kind.title} does not do what its capacity is measured with, mode {mode} "
                          f"({failures or 'no failure was reported'})")
        return done / used * 1e6

    def own_rate(self, name: str) -> float:
        """Of honest clients, half of whom bring a ticket."""
        capacity = self.capacity[KINDS[name].program]
        return HONEST_SHARE * 2 / (1 / capacity["full"] + 1 / capacity["resume"])

    def rates(self, name: str) -> dict[str, float]:
        """"own": a share of the server's own capacity; "same": one rate for all, which the slowest has as its own."""
        rates = {"own": self.own_rate(name)}
        same = min(self.own_rate(other) for other in self.chosen)
        if "same" in rate_kinds(name, self.timing) and abs(same / rates["own"] - 1) > SAME_RATE_WITHIN:
            rates["same"] = same
        return rates

    # Attacks

    def _run_case(self, case: Case) -> None:
        for name in self.chosen:
            for kind, rate in self.rates(name).items():
                if self._out_of_time(f"{case.name}, {KINDS[name].title}"):
                    continue
                self.show(f"{case.name}: {KINDS[name].title}, {rate:.0f} honest clients a second")
                try:
                    entry = self._attack_undisturbed(case, name, rate)
                except Problem as problem:
                    self.problems.setdefault(case.name, {})[name] = str(problem)
                    self.warn(f"{case.name} without {KINDS[name].title}: {problem}")
                    continue
                self.runs.setdefault(case.name, {}).setdefault(name, []).append({"rate_kind": kind, "rate": rate,
                                                                                **entry})

    def _attack_undisturbed(self, case: Case, name: str, rate: float) -> dict[str, Any]:
        """Once more where others were too busy meanwhile, whatever came of it."""
        def once() -> dict[str, Any]:
            with self.server(name) as running:
                return self._attack(case, running, rate)

        def disturbance(entry: dict[str, Any]) -> float:
            """Too much from 1 on."""
            others = float(entry["others_share"] + entry["steal_share"])
            return max(others / OTHERS_SHARE, entry["pause_share"] / PAUSE_SHARE)

        entry = once()
        if (disturbance(entry) <= 1 or self.repeated == self.timing.repetitions
                or time.monotonic() >= self.end_s):
            return entry
        self.repeated += 1
        return min(entry, once(), key=disturbance)

    def _attack(self, case: Case, running: Running, rate: float) -> dict[str, Any]:
        timing, lasts = self.timing, attack_seconds(case, self.timing)
        whole = timing.warm_up + timing.calm + lasts + timing.after
        honest = generators.honest(self.site, rate, case.honest_source, running.port, timing, whole)
        attack = None
        try:
            generators.wait_until(honest.begun_s + timing.warm_up + timing.calm, honest)
            memory_before = accounting.group_memory(running.pids)
            core_before, cpu_before = accounting.core(self.site.server_cpu), accounting.group_cpu(running.pids)
            pauses = accounting.Pauses(accounting.threads(running.pids))
            held = memory_of.connections_that_fit(case.held, self.site.descriptors, each=1) if case.held else 0
            arguments = (*case.arguments, "--connections", str(held)) if held else case.arguments
            attack = generators.attacker(self.site, arguments, case.source, running.port, lasts)
            generators.wait_until(attack.begun_s + 0.9 * lasts, attack,
                                  look=lambda: pauses.look(accounting.threads(running.pids)))
            memory = accounting.group_memory(running.pids)
            cpu = accounting.group_cpu(running.pids) - cpu_before
            core = accounting.core(self.site.server_cpu) - core_before
            cpu_s = time.monotonic() - attack.begun_s
            attack_outcome = attack.finish(generators.BEYOND_S)
            honest_outcome = honest.finish(whole + generators.BEYOND_S)
        finally:
            honest.stop()
            if attack is not None:
                attack.stop()
        if running.process.ended():
            raise Problem(f"{running.kind.title} ended during the attack. It says:\n{running.process.output()}")
        return self._describe(case, honest_outcome, attack_outcome, running, lasts) | {
            "cpu_share": cpu.total / 1e6 / cpu_s, "others_share": max(0.0, core.busy - cpu.total) / 1e6 / cpu_s,
            "steal_share": core.steal / 1e6 / cpu_s, "pause_share": pauses.total_us / 1e6 / cpu_s,
            "memory_kib": memory.own - memory_before.own, "memory_all_kib": memory.own, "held_wanted": held}

    def _describe(self, case: Case, honest: generators.Outcome, attack: generators.Outcome, running: Running,
                  lasts: float) -> dict[str, Any]:
        begin = attack.begin_s
        calm = starts.between(honest.starts, honest.begin_s + self.timing.warm_up, begin)
        flooded = starts.between(honest.starts, begin + case.settle_s, begin + lasts)
        if not calm or not flooded:
            raise Problem(f"the honest generator started nothing {'before' if not calm else 'during'} the attack on "
                          f"{running.kind.title} ({honest.failures() or 'without a failure'})")
        facts = honest.facts()
        if facts["late_p99_us"] > LATE_MS * 1000:
            self.warn(f"{case.name}, {running.kind.title}: the honest generator was late by "
                      f"{facts['late_p99_us'] / 1000:.1f} ms (p99); its latencies hold that as well")
        return {"calm": starts.describe(calm), "attack": starts.describe(flooded), "honest": facts,
                "attacker": attack.facts(), "attack_s": lasts, "settle_s": case.settle_s,
                "calm_s": begin - honest.begin_s - self.timing.warm_up,
                "timeline": starts.timeline(honest.starts, begin, -self.timing.calm, lasts + self.timing.after)}

    # What is measured beside

    def _run_extra(self, extra: Extra) -> None:
        for name in extra.servers:
            if name not in self.chosen or self._out_of_time(f"{extra.name}, {KINDS[name].title}"):
                continue
            self.show(f"{extra.name}: {KINDS[name].title}")
            try:
                self.extras.setdefault(extra.name, {})[name] = extras_of.measure(extra, name, self)
            except Problem as problem:
                self.problems.setdefault(extra.name, {})[name] = str(problem)
                self.warn(f"{extra.name} without {KINDS[name].title}: {problem}")
