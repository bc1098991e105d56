"""Runs the cases: servers of a profile are started together, then each case goes round by round over all of them."""
from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Iterator

from . import accounting, floor, memory
from .cases import Case, in_running_order, servers_of
from .generator import Generator, Report
from .plan import Clock
from .problem import Problem
from .progress import Progress
from .servers import KINDS, Profile, Running, Site, check_tickets, start, start_backend, start_floor

OTHERS_SHARE = 0.05  # other programs may use so much of the servers' core before a round counts as disturbed
BUSY_SHARE = 0.9     # a server that uses less of the core that others leave it was not the bottleneck
IDLE_SHARE = 0.01    # a server that is not under test may use so much of a core
SETTLE_STEP_S = 0.02
SETTLE_PATIENCE_S = 1.0


@dataclass
class Result:
    """Of one case: what compare.json keeps."""
    case: Case
    servers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, name: str) -> dict[str, Any]:
        return self.servers.setdefault(name, {"rounds": []})

    def problem(self, name: str, text: str) -> None:
        self.of(name)["problem"] = text

    def works(self, name: str) -> bool:
        return "problem" not in self.of(name)


@dataclass
class Runner:
    site: Site
    generator: Generator
    clock: Clock
    chosen: list[str]
    progress: Progress
    files: dict[str, int]
    results: list[Result] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    backend: Running | None = None

    def run(self, cases: list[Case]) -> None:
        """Fills `results` as it goes, so that an interrupted run keeps what it has."""
        ordered = in_running_order(cases)
        for profile in dict.fromkeys(case.profile for case in ordered):
            group = [case for case in ordered if case.profile == profile]
            loaded = [case for case in group if case.kind != "memory"]
            if loaded:
                self._run_group(profile, loaded)
            for case in group:
                if case.kind == "memory":
                    self._run_memory(case)
        self._stop_backend()
        self._warn_of_others()

    def _warn_of_others(self) -> None:
        """Says how many rounds had company on the servers' core, or lost it to another virtual machine."""
        entries = [entry for result in self.results for server in result.servers.values() for entry in server["rounds"]
                   if "wall_s" in entry]
        company = sum(entry["others_us"] > OTHERS_SHARE * entry["wall_s"] * 1e6 for entry in entries)
        stolen = sum(entry["core_steal_us"] > OTHERS_SHARE * entry["wall_s"] * 1e6 for entry in entries)
        if company:
            self.warn(f"in {company} of {len(entries)} rounds other programs used more than {OTHERS_SHARE:.0%} of the "
                      f"servers' core: rates and latencies suffer from that, CPU times less")
        if stolen:
            self.warn(f"in {stolen} of {len(entries)} rounds the hypervisor took more than {OTHERS_SHARE:.0%} of the "
                      f"servers' core")

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)
            self.progress.say("note: " + text)

    # Servers

    def _needs_backend(self, profile: Profile, names: list[str]) -> bool:
        return profile.role == "proxy" or "hitch" in names

    def _stop_backend(self) -> None:
        if self.backend is not None:
            self.backend.stop()
            self.backend = None

    def _ensure_backend(self, profile: Profile, names: list[str]) -> None:
        if self.backend is None and self._needs_backend(profile, names):
            self.backend = start_backend(self.site, self.files)

    @contextmanager
    def _servers(self, profile: Profile, names: list[str]) -> Iterator[tuple[dict[str, Running], dict[str, str]]]:
        """The servers of these names, and why others did not start."""
        running: dict[str, Running] = {}
        problems: dict[str, str] = {}
        self._ensure_backend(profile, names)
        try:
            for name in names:
                try:
                    running[name] = start(KINDS[name], profile, self.site)
                except Problem as problem:
                    problems[name] = str(problem)
                    self.warn(f"the run goes on without {KINDS[name].title}: {problem}")
            yield running, problems
        finally:
            for server in running.values():
                server.stop()

    # Cases under load

    def _run_group(self, profile: Profile, cases: list[Case]) -> None:
        names = list(dict.fromkeys(n for case in cases for n in servers_of(case, self.chosen) if n != "floor"))
        with self._servers(profile, names) as (running, problems):
            for case in cases:
                result = Result(case)
                self.results.append(result)
                for name in servers_of(case, self.chosen):
                    if name in problems:
                        result.problem(name, problems[name])
                self._run_case(case, result, running)
                self.clock.done(case)

    def _run_case(self, case: Case, result: Result, running: dict[str, Running]) -> None:
        participants = {name: running[name] for name in servers_of(case, self.chosen) if name in running}
        for name, server in list(participants.items()):
            self._warm_up(case, result, name, server)
            if not result.works(name):
                del participants[name]
        floor_server = None
        if "floor" in servers_of(case, self.chosen):
            floor_server = self._start_floor(case, result)
            if floor_server is not None:
                participants["floor"] = floor_server
        try:
            seconds = self.clock.seconds()
            names = list(participants)
            for number in range(self.clock.budget.rounds):
                turn = number % max(1, len(names))
                for order, name in enumerate(names[turn:] + names[:turn]):
                    self.progress.show(f"{case.name}: round {number + 1} of {self.clock.budget.rounds}, "
                                       f"{KINDS[name].title}", self.clock.expected_end_s())
                    idle = [s for n, s in running.items() if n != name]
                    entry = self._measure(case, result, name, participants[name], idle, seconds)
                    if entry is not None:
                        result.of(name)["rounds"].append({"round": number + 1, "order": order + 1, **entry})
        finally:
            if floor_server is not None:
                floor_server.stop()
        self.progress.case_done(result)

    def _arguments(self, case: Case, name: str, result: Result) -> tuple[str, ...]:
        connections = ("--connections", str(case.connections))
        if name == "floor":
            return ("--mode", "plain", "--pattern", result.of("floor")["pattern"], *connections)
        return (*case.arguments, *connections)

    def _warm_up(self, case: Case, result: Result, name: str, server: Running) -> None:
        """A short run that is not counted: does the server do what the case is about? Also gives message sizes."""
        self.progress.show(f"{case.name}: warming up {KINDS[name].title}", self.clock.expected_end_s())
        try:
            self._check(case, name, server)
            report = self.generator.run(self._arguments(case, name, result), server.port, self.clock.budget.warm_up)
            settle(server)
            wrong = what_is_wrong(case, report)
            if wrong:
                raise Problem(f"{KINDS[name].title} {wrong}")
        except Problem as problem:
            output = server.process.output(1500)
            result.problem(name, f"{problem}" + (f"\nIts own output:\n{output}" if output else ""))
            self.warn(f"{case.name} without {KINDS[name].title}: {problem}")
            return
        result.of(name)["negotiated"] = report.load.get("negotiated", {})
        result.of(name)["sizes"] = {key: report.per_connection(key)
                                    for key in ("segments_out", "segments_in", "bytes_out", "bytes_in")}

    def _check(self, case: Case, name: str, server: Running) -> None:
        import ssl
        version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[case.tls]
        wrong = check_tickets(server, version, case.profile.tickets)
        if wrong:
            raise Problem(wrong)

    def _start_floor(self, case: Case, result: Result) -> Running | None:
        """The floor for the sizes of Breakwater's messages, or of another server's when it is not there."""
        sizes = next((result.of(name)["sizes"] for name in case.servers
                      if name in result.servers and (result.of(name).get("sizes") or {}).get("bytes_in")), None)
        try:
            if sizes is None:
                raise Problem("the floor needs the message sizes of a server, and no server of this case works")
            pattern = floor.pattern(case.tls, case.mode, sizes["bytes_out"], sizes["bytes_in"])
            result.of("floor")["pattern"] = pattern
            server = start_floor(self.site, pattern)
        except Problem as problem:
            result.problem("floor", str(problem))
            self.warn(f"{case.name} without the TCP floor: {problem}")
            return None
        return server

    def _measure(self, case: Case, result: Result, name: str, server: Running, idle_servers: list[Running],
                 seconds: float) -> dict[str, Any] | None:
        """One round of one server."""
        idle_pids = [pid for other in idle_servers for pid in other.pids]
        backend_pids = self.backend.pids if self.backend is not None else []
        core = self.site.server_cpu
        idle_before = accounting.group_cpu(idle_pids)
        backend_before = accounting.group_cpu(backend_pids)
        core_before = accounting.core(core)
        before = accounting.group_cpu(server.pids)
        begin = time.monotonic()
        try:
            report = self.generator.run(self._arguments(case, name, result), server.port, seconds)
        except Problem as problem:
            self.warn(f"{case.name}, {KINDS[name].title}: {problem}")
            return None
        settle(server)  # what the server still does for connections that have just gone belongs to them
        used = (accounting.group_cpu(server.pids) - before).split()
        wall = time.monotonic() - begin
        core_used = accounting.core(core) - core_before
        backend = accounting.group_cpu(backend_pids) - backend_before
        idle = accounting.group_cpu(idle_pids) - idle_before
        if idle.total > IDLE_SHARE * wall * 1e6:
            self.warn(f"{case.name}, {KINDS[name].title}: servers that should idle used more than {IDLE_SHARE:.0%} "
                      f"of a core")
        others = max(0.0, core_used.busy - used.total - idle.total)
        waited = used.total + others < BUSY_SHARE * report.duration_s * 1e6
        if server.process.ended():
            result.problem(name, f"{KINDS[name].title} ended during a round. It says:\n{server.process.output()}")
        return {
            "wall_s": wall, "duration_s": report.duration_s, "limit": report.limit or waited,
            "cpu_us": used.total, "user_us": used.user, "system_us": used.system,
            "core_busy_us": core_used.busy, "core_softirq_us": core_used.softirq, "core_steal_us": core_used.steal,
            "others_us": others, "idle_servers_us": idle.total, "backend_us": backend.total,
            "pss_kib": accounting.group_memory(server.pids).resident,
            "load": report.load, "generator": report.generator,
        }

    # Memory

    def _held(self, name: str) -> int:
        """How many connections a server is asked to hold."""
        wanted = self.clock.budget.held
        if name != "hitch":
            return wanted
        # It connects to the service for each of them.
        held = memory.connections_that_fit(wanted, self.site.descriptors, each=2)
        if held < wanted:
            self.warn(f"hitch is given {held:,} connections to hold instead of {wanted:,}: it needs two descriptors for "
                      f"each, and a process may have {self.site.descriptors:,} here")
        return held

    def _run_memory(self, case: Case) -> None:
        result = Result(case)
        self.results.append(result)
        budget = self.clock.budget
        names = servers_of(case, self.chosen)
        for number in range(budget.memory_rounds):
            for name in names[number % len(names):] + names[:number % len(names)] if names else []:
                self.progress.show(f"{case.name}: {budget.held:,} connections, {KINDS[name].title}",
                                   self.clock.expected_end_s())
                try:
                    self._ensure_backend(case.profile, [name])
                    server = start(KINDS[name], case.profile, self.site)
                    try:
                        entry = memory.measure(case, server, self.generator, self._held(name))
                    finally:
                        server.stop()
                    result.of(name)["rounds"].append({"round": number + 1, **entry})
                except Problem as problem:
                    result.problem(name, str(problem))
                    self.warn(f"{case.name} without {KINDS[name].title}: {problem}")
        self.clock.done(case)
        self.progress.case_done(result)


def settle(server: Running) -> None:
    """Waits until the server has nothing left to do, or a second."""
    end = time.monotonic() + SETTLE_PATIENCE_S
    last = accounting.group_cpu(server.pids).total
    while time.monotonic() < end:
        time.sleep(SETTLE_STEP_S)
        now = accounting.group_cpu(server.pids).total
        if now - last < 0.02 * SETTLE_STEP_S * 1e6:
            return
        last = now


def what_is_wrong(case: Case, report: Report) -> str:
    """Why a run does not measure what the case is about; "" when it does."""
    succeeded = report.count("succeeded")
    if case.kind == "bulk" and report.count("bytes_received") > case.size // 100:
        succeeded = max(1, succeeded)  # a long download need not end within a warm-up
    failures = ", ".join(f"{count} x {why}" for why, count in report.load.get("failures", {}).items())
    if succeeded == 0:
        return f"completes nothing here ({failures or 'no failure was reported either'})"
    if report.count("failed") > succeeded / 20:
        return f"fails too often: {report.count('failed')} times for {succeeded} successes ({failures})"
    if case.mode == "resumed" and report.count("resumed") < succeeded:
        return f"resumes only {report.count('resumed')} of {succeeded} sessions"
    for description in report.load.get("negotiated", {}):
        text = description.lower()
        if not text.startswith(f"tls {case.tls}") or "aes256-gcm" not in text:
            return f"negotiates {description}"
        # A resumption in TLS 1.2 has no key exchange of its own.
        if "secp256r1" not in text and not (case.mode == "resumed" and case.tls == "1.2"):
            return f"negotiates {description}, not secp256r1"
        if case.tls == "1.2" and case.mode != "resumed" and f"-{case.profile.auth}" not in text:
            return f"negotiates {description}, not a certificate for {case.profile.auth.upper()}"
    return ""
