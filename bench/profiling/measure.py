"""One profile: a server under flood in one case, by perf or by callgrind."""
from __future__ import annotations

import dataclasses
import pathlib
import subprocess
import tempfile
import time

from comparison import accounting
from comparison.cases import Case
from comparison.generator import Generator
from comparison.problem import Problem
from comparison.runner import settle, what_is_wrong
from comparison.servers import KINDS, Running, Site, configure, launch, new_folder, start

from . import callgrind, perf
from .stacks import KERNEL, Frame, Stacks, merge

WARM_UP_S = 0.5
LEAD_S = 0.4  # the flood is under way before perf starts counting, and goes on a little longer
CALLGRIND_PATIENCE_S = 300.0
HIDDEN_KERNEL = Frame("[kernel code, not visible]", KERNEL)


@dataclasses.dataclass
class Profile:
    """Of one server in one case."""
    server: str
    title: str
    case: str
    case_title: str
    unit: str  # "µs" of CPU time or "instructions"
    per_handshake: float  # all of it, in that unit
    handshakes: int  # over which per_handshake was taken
    per_second: float | None  # handshakes, with nobody looking
    samples: int
    complete: float  # share of stacks followed to their root
    stacks: Stacks
    notes: list[str] = dataclasses.field(default_factory=list)


def _arguments(case: Case) -> tuple[str, ...]:
    return (*case.arguments, "--connections", str(case.connections))


def _warm_up(case: Case, server: Running, generator: Generator) -> None:
    report = generator.run(_arguments(case), server.port, WARM_UP_S)
    wrong = what_is_wrong(case, report)
    if wrong:
        raise Problem(f"{server.kind.title} {wrong}\nIts own output:\n{server.process.output(1500)}")


def by_perf(method: perf.Method, name: str, case: Case, site: Site, generator: Generator, seconds: float) -> Profile:
    server = start(KINDS[name], case.profile, site)
    try:
        _warm_up(case, server, generator)
        before = accounting.group_cpu(server.pids)
        report = generator.run(_arguments(case), server.port, max(1.0, seconds / 2))
        settle(server)
        used = (accounting.group_cpu(server.pids) - before).split()
        wrong = what_is_wrong(case, report)
        if wrong:
            raise Problem(f"{server.kind.title} {wrong}")
        stacks = _record(method, case, server, generator, seconds)
    finally:
        server.stop()
    done = report.count("succeeded")
    samples = sum(stacks.values())
    complete = sum(weight for stack, weight in stacks.items() if perf.starts_at_the_root(stack)) / samples
    if not method.kernel:
        # User samples are shares of user time; the kernel's part is known from its own accounts.
        stacks[HIDDEN_KERNEL,] += round(samples * used.system / max(used.user, 1.0))
    notes = ["the generator was at its limit: the server could have done more"] if report.limit else []
    return Profile(name, server.kind.title, case.name, case.title, "µs", used.total / done, done,
                   done / report.duration_s, samples, complete, stacks, notes)


def _record(method: perf.Method, case: Case, server: Running, generator: Generator, seconds: float) -> Stacks:
    load, report = generator.launch(_arguments(case), server.port, seconds + 2 * LEAD_S)
    try:
        time.sleep(LEAD_S)
        with tempfile.TemporaryDirectory(prefix="breakwater-profile-") as folder:
            data = pathlib.Path(folder, "perf.data")
            done = subprocess.run(perf.record_command(method, server.pids, seconds, data), capture_output=True,
                                  text=True, timeout=seconds + 60)
            if not data.exists() or data.stat().st_size == 0:
                raise Problem(f"perf recorded nothing: {(done.stdout + done.stderr).strip()[-1000:]}")
            generator.finish(load, report, seconds + 60)
            stacks = merge((stack, 1) for stack in perf.read_samples(data))
    finally:
        load.stop()
    if not stacks:
        raise Problem(f"perf took no sample of {server.kind.title}: was it busy at all?")
    return stacks


def by_callgrind(name: str, case: Case, site: Site, generator: Generator) -> Profile:
    once = _counted(name, case, site, generator, callgrind.HANDSHAKES)
    twice = _counted(name, case, site, generator, 2 * callgrind.HANDSHAKES)
    stacks = callgrind.difference(twice, once)
    return Profile(name, KINDS[name].title, case.name, case.title, "instructions",
                   (sum(twice.values()) - sum(once.values())) / callgrind.HANDSHAKES, callgrind.HANDSHAKES, None,
                   sum(stacks.values()), 1.0, stacks)


def _counted(name: str, case: Case, site: Site, generator: Generator, handshakes: int) -> Stacks:
    """Instructions of a server's whole life, in which it does so many handshakes."""
    kind = KINDS[name]
    folder, port = new_folder(site, f"{name}-callgrind")
    counts = folder / "counts"
    counts.mkdir()
    counts.chmod(0o777)  # servers may become another user before they write
    command, environment = configure(kind, case.profile, site, folder, port)
    server = launch(kind, [*callgrind.prefix(counts), *command], environment, folder, port, site.server_cpu)
    try:
        arguments = (*case.arguments, "--connections", "4", "--count", str(handshakes), "--timeout", "120")
        report = generator.run(arguments, port, CALLGRIND_PATIENCE_S)
        wrong = what_is_wrong(case, report)
        if wrong or report.count("succeeded") != handshakes:
            raise Problem(f"{kind.title} under callgrind {wrong or 'did not do all handshakes'}")
    finally:
        server.process.stop(CALLGRIND_PATIENCE_S)  # callgrind writes at the end
    stacks = callgrind.read(counts)
    if not stacks:
        raise Problem(f"callgrind wrote nothing for {kind.title}:\n{server.process.output()}")
    return stacks
