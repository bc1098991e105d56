"""Runs the cases: servers of a profile are started together, then each case goes round by round over all of them."""
from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Iterator

from . import accounting, floor, memory, messages
from .cases import RAMP, Case, in_running_order, servers_of, waiting
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
    handshakes: dict[tuple[str, ...], floor.Handshake] = field(default_factory=dict)  # by certificate and protocols

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
            floor_server = self._start_floor(case, result, running)
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
        arguments = result.of("floor")["arguments"] if name == "floor" else case.arguments
        return (*arguments, "--connections", str(case.connections))

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

    # The floor

    def _handshake(self, case: Case, server: Running) -> floor.Handshake:
        """The sizes of the handshakes that the case's connections begin with; the first server's that works."""
        key = (case.profile.auth, *messages.alpn(case))
        if key not in self.handshakes:
            self.handshakes[key] = messages.handshake(case, self.generator, server)
        return self.handshakes[key]

    def _floor_setup(self, case: Case, result: Result, running: dict[str, Running]) -> floor.Setup:
        """For the sizes of Breakwater's messages, or of another server's when it is not there. Throws Problem."""
        name = next((name for name in case.servers
                     if name in running and (result.of(name).get("sizes") or {}).get("bytes_in")), None)
        if name is None:
            raise Problem("the floor needs the message sizes of a server, and no server of this case works")
        if case.kind == "handshake":
            sizes = result.of(name)["sizes"]
            return floor.for_handshake(case.tls, case.mode, sizes["bytes_out"], sizes["bytes_in"])
        backend = self.backend if case.profile.role == "proxy" else None
        handshake = self._handshake(case, running[name])
        exchange = messages.exchange(case, handshake, self.generator, running[name], backend)
        result.of("floor")["contents"] = exchange.contents()
        return floor.for_requests(handshake, exchange, case.requests, case.path, waiting(case.profile.role))

    def _note_setup(self, result: Result, setup: floor.Setup) -> None:
        result.of("floor").update(pattern=setup.client, server_pattern=setup.server, arguments=list(setup.arguments()))

    def _start_floor(self, case: Case, result: Result, running: dict[str, Running]) -> Running | None:
        """Started, and seen to do what it is there for; None, and a warning, when it does not: nothing else is lost."""
        server = None
        try:
            setup = self._floor_setup(case, result, running)
            self._note_setup(result, setup)
            server = start_floor(self.site, setup.server, setup.to_backend)
            report = self.generator.run(self._arguments(case, "floor", result), server.port, self.clock.budget.warm_up)
            settle(server)
            if wrong := what_fails(case, report):
                raise Problem(f"the floor {wrong}")
        except (Problem, OSError) as problem:
            if server is not None:
                server.stop()
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
        if "floor" in names and not self._prepare_memory_floor(case, result, names):
            names.remove("floor")
        for number in range(budget.memory_rounds):
            for name in names[number % len(names):] + names[:number % len(names)] if names else []:
                self.progress.show(f"{case.name}: {budget.held:,} connections, {KINDS[name].title}",
                                   self.clock.expected_end_s())
                try:
                    entry = self._measure_memory(case, result, name)
                    result.of(name)["rounds"].append({"round": number + 1, **entry})
                except Problem as problem:
                    result.problem(name, str(problem))
                    self.warn(f"{case.name} without {KINDS[name].title}: {problem}")
        self.clock.done(case)
        self.progress.case_done(result)

    def _prepare_memory_floor(self, case: Case, result: Result, names: list[str]) -> bool:
        """Takes the sizes from the first server that works."""
        wrong = "no server of this case works"
        for name in names:
            if name == "floor":
                continue
            try:
                handshake = self._handshake_of_fresh(case, name)
                setup = (floor.for_idle if case.mode == "idle" else floor.for_half_open)(handshake, RAMP)
                self._note_setup(result, setup)
                return True
            except (Problem, OSError) as problem:
                wrong = str(problem)
        result.problem("floor", f"the floor needs the message sizes of a server: {wrong}")
        self.warn(f"{case.name} without the TCP floor: {wrong}")
        return False

    def _handshake_of_fresh(self, case: Case, name: str) -> floor.Handshake:
        if (case.profile.auth,) in self.handshakes:
            return self.handshakes[case.profile.auth,]
        self._ensure_backend(case.profile, [name])
        server = start(KINDS[name], case.profile, self.site)
        try:
            return self._handshake(case, server)
        finally:
            server.stop()

    def _measure_memory(self, case: Case, result: Result, name: str) -> dict[str, Any]:
        """One round of one server, freshly started. Throws Problem."""
        if name == "floor":
            server = start_floor(self.site, result.of("floor")["server_pattern"])
            warm_up: tuple[str, ...] = ("--mode", "plain", "--pattern", result.of("floor")["server_pattern"])
            arguments = tuple(result.of("floor")["arguments"])
        else:
            self._ensure_backend(case.profile, [name])
            server = start(KINDS[name], case.profile, self.site)
            warm_up, arguments = memory.WARM_UP, case.arguments
        try:
            return memory.measure(arguments, warm_up, server, self.generator, self._held(name))
        finally:
            server.stop()


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


def what_fails(case: Case, report: Report) -> str:
    """Why a run measures failures rather than a server; "" when it does not."""
    succeeded = report.count("succeeded")
    if case.kind == "bulk" and report.count("bytes_received") > case.size // 100:
        succeeded = max(1, succeeded)  # a long download need not end within a warm-up
    failures = ", ".join(f"{count} x {why}" for why, count in report.load.get("failures", {}).items())
    if succeeded == 0:
        return f"completes nothing here ({failures or 'no failure was reported either'})"
    if report.count("failed") > succeeded / 20:
        return f"fails too often: {report.count('failed')} times for {succeeded} successes ({failures})"
    return ""


def what_is_wrong(case: Case, report: Report) -> str:
    """Why a run does not measure what the case is about; "" when it does."""
    if wrong := what_fails(case, report):
        return wrong
    succeeded = report.count("succeeded")
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
