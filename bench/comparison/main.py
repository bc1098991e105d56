"""bench/compare from its first line to its last."""
from __future__ import annotations

import json
import shutil
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import (certificates, machine, markdown, memory, options, page, preparation, primitives, processes, program,
               steadiness, table)
from .cases import BODY_SIZE, FILES, Case, servers_of
from .generator import Generator
from .plan import FULL, QUICK, Budget, Clock, estimate
from .problem import Problem
from .progress import Progress, as_minutes
from .runner import Result, Runner
from .servers import Site
from .summary import distances, summarise

FORMAT = 1
DESCRIPTORS = 100_000


def budget_of(arguments: Any, descriptors: int) -> Budget:
    """The mode's budget with what the user asked for instead; who asks for more than fits gets it."""
    budget = QUICK if arguments.quick else FULL
    if arguments.rounds is not None:
        budget = replace(budget, rounds=arguments.rounds, memory_rounds=min(arguments.rounds, budget.memory_rounds))
    if arguments.seconds is not None:
        budget = replace(budget, seconds=arguments.seconds)
    if arguments.rounds is not None or arguments.seconds is not None:
        budget = replace(budget, total_s=1e9)
    return replace(budget, held=memory.connections_that_fit(budget.held, descriptors, each=1))


def case_data(result: Result) -> dict[str, Any]:
    case = result.case
    return {"name": case.name, "title": case.title, "kind": case.kind, "tls": case.tls, "mode": case.mode,
            "size": case.size, "unit": case.unit, "connections": case.connections, "note": case.note,
            "primitives": list(case.primitives), "state": case.state, "arguments": list(case.arguments),
            "servers": result.servers}


def record(site: Site, budget: Budget, arguments: Any, started: str) -> dict[str, Any]:
    """compare.json, but for the cases."""
    names = list(dict.fromkeys(name for case in options.chosen_cases(arguments.cases, arguments.quick)
                               for name in servers_of(case, arguments.servers)))
    return {
        "format": FORMAT, "program": "bench/compare", "started": started,
        "machine": machine.describe(site.server_cpu, site.load_cpu),
        "settings": {"quick": arguments.quick, "rounds": budget.rounds, "seconds": budget.seconds, "held": budget.held,
                     "memory_rounds": budget.memory_rounds, "connections": 64, "backlog": site.backlog},
        "servers": {name: machine.version_of(name, site) for name in names},
        "interrupted": False, "primitives": [], "cases": [], "warnings": [],
    }


def write_reports(data: dict[str, Any], folder: Path) -> str:
    """Writes the two reports; returns the table."""
    cases = summarise(data)
    (folder / "report.html").write_text(page.render(data, cases), encoding="utf-8")
    (folder / "report.md").write_text(markdown.render(data, cases), encoding="utf-8")
    return table.render(data, cases)


def render_again(source: Path, output: Path | None) -> int:
    try:
        data = json.loads(source.read_text())
    except (OSError, ValueError) as error:
        raise Problem(f"{source} cannot be read: {error}") from None
    if not isinstance(data, dict) or data.get("program") != "bench/compare" or data.get("format") != FORMAT:
        raise Problem(f"{source} is not a compare.json of this version of bench/compare")
    folder = output or source.resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    print(write_reports(data, folder))
    print(f"\nWritten: {folder / 'report.html'}, {folder / 'report.md'}")
    return 0


def list_cases() -> int:
    for case in options.CASES:
        print(f"{case.name:<26} {case.title} ({', '.join(case.servers)})")
    return 0


def usable_servers(chosen: list[str]) -> tuple[list[str], list[str]]:
    """Those that are installed, and a sentence for each that is not."""
    reasons = preparation.missing_programs(chosen)
    return [name for name in chosen if name not in reasons], [f"without {n}: {why}" for n, why in reasons.items()]


def backlog() -> int:
    return int(Path("/proc/sys/net/core/somaxconn").read_text())


def measure(arguments: Any, cases: list[Case]) -> int:
    server_cpu, load_cpu = preparation.choose_cpus(arguments.cpus)
    preparation.install_packages()
    programs = preparation.find_programs(arguments.build_dir, {
        "breakwater": arguments.breakwater, "flood": arguments.flood, "floor": arguments.floor})
    chosen, notes = usable_servers(arguments.servers)
    if "floor" in chosen and "breakwater-floor" not in programs:
        chosen.remove("floor")
        notes.append("without the TCP floor: breakwater-floor is not built")
    processes.stay_off(server_cpu)
    descriptors = processes.raise_descriptor_limit(DESCRIPTORS)
    budget = budget_of(arguments, descriptors)
    folder = Path(tempfile.mkdtemp(prefix="breakwater-compare-"))
    folder.chmod(0o755)  # servers that give up root must read what is in it
    try:
        site = Site(folder, programs, {}, arguments.base_port, server_cpu, load_cpu, "x" * BODY_SIZE, descriptors,
                    backlog())
        for kind in certificates.KINDS:
            site.certificates[kind] = certificates.make(folder, kind)
        return run(arguments, cases, chosen, notes, budget, site)
    finally:
        processes.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


def measure_arithmetic(runner: Runner, cases: list[Case], data: dict[str, Any]) -> None:
    """Adds what the primitives cost to `data`, if a case is about them; of several calls the least counts."""
    if all(case.kind == "memory" for case in cases):
        return
    runner.progress.show("measuring the arithmetic alone", runner.clock.expected_end_s())
    try:
        found = primitives.measure(runner.site.binaries["breakwater"], runner.site.server_cpu)
    except Problem as problem:
        runner.warn(f"without the cost of the arithmetic: {problem}")
        return
    data["primitives"] = primitives.least(data["primitives"], found)


def run(arguments: Any, cases: list[Case], chosen: list[str], notes: list[str], budget: Budget, site: Site) -> int:
    """Measures, and writes what there is even when interrupted."""
    output = arguments.output or options.default_output()
    output.mkdir(parents=True, exist_ok=True)
    progress = Progress()
    data = record(site, budget, arguments, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    minutes = as_minutes(estimate(budget, cases, chosen) + 10)
    progress.say(f"{len(cases)} case{'s' * (len(cases) != 1)}, {', '.join(chosen)}; about {minutes} minutes. "
                 f"Servers on CPU {site.server_cpu}, generator on CPU {site.load_cpu}.")
    runner = Runner(site, Generator(site.binaries["breakwater-flood"], site.load_cpu, site.folder),
                    Clock(budget, cases, chosen), chosen, progress, FILES)
    for note in (*notes, *steadiness.warnings(data["machine"])):
        runner.warn(note)
    try:
        # Where there is time, before and after: what disturbs one of them need not disturb the other.
        if not arguments.quick:
            measure_arithmetic(runner, cases, data)
        runner.run(cases)
        measure_arithmetic(runner, cases, data)
    except KeyboardInterrupt:
        data["interrupted"] = True
        progress.say("Interrupted; writing what there is.")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # impatience does not cost the results
        processes.stop_all()
        data["finished"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        order = {case.name: index for index, case in enumerate(options.CASES)}
        data["cases"] = sorted((case_data(r) for r in runner.results if r.servers),
                               key=lambda case: order[case["name"]])
        data["warnings"] = runner.warnings
        (output / "compare.json").write_text(json.dumps(data, indent=1))
    measured = any(server["rounds"] for case in data["cases"] for server in case["servers"].values())
    if not measured:
        raise Problem("nothing was measured; the lines above say why")
    data["distances"] = distances(summarise(data))
    (output / "compare.json").write_text(json.dumps(data, indent=1))
    print(write_reports(data, output))
    print(f"\nWritten: {output / 'report.html'} (open it in a browser), report.md, compare.json")
    return 130 if data["interrupted"] else 0


def body() -> int:
    arguments = options.parser().parse_args()
    if arguments.list:
        return list_cases()
    if arguments.source is not None:
        return render_again(arguments.source, arguments.output)
    cases = options.chosen_cases(arguments.cases, arguments.quick)
    if arguments.servers == ["floor"]:
        raise Problem("the floor takes the sizes of its messages from a server: name one more in --servers")
    cases = [case for case in cases if [n for n in servers_of(case, arguments.servers) if n != "floor"]]
    if not cases:
        raise Problem("no case matches; bench/compare --list names them")
    return measure(arguments, cases)


def main() -> int:
    return program.run("bench/compare", body)
