"""bench/flood from its first line to its last."""
from __future__ import annotations

import json
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from comparison import certificates, machine, preparation, processes, program, steadiness
from comparison.cases import BODY_SIZE
from comparison.memory import connections_that_fit
from comparison.problem import Problem
from comparison.progress import Progress, as_minutes
from comparison.servers import KINDS, Site

from . import generators, markdown, options, page, priorities, table
from .cases import HALF_OPEN, Case, Extra
from .plan import FULL, QUICK, descriptors_needed, estimate
from .runner import HONEST_SHARE, Runner
from .summary import verdicts_of

FORMAT = 1
DESCRIPTORS = 100_000
PROGRAM = "bench/flood"


def write_reports(data: dict[str, Any], folder: Path) -> str:
    """Writes the two reports; returns the table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flood.html").write_text(page.render(data), encoding="utf-8")
    (folder / "flood.md").write_text(markdown.render(data), encoding="utf-8")
    return table.render(data)


def render_again(source: Path, output: Path) -> int:
    try:
        data = json.loads(source.read_text())
    except (OSError, ValueError) as error:
        raise Problem(f"{source} cannot be read: {error}") from None
    if not isinstance(data, dict) or data.get("program") != PROGRAM or data.get("format") != FORMAT:
        raise Problem(f"{source} is not a flood.json of this version of {PROGRAM}")
    print(write_reports(data, output))
    print(f"\nWritten: {output / 'flood.html'}, {output / 'flood.md'}")
    return 0


def list_cases() -> int:
    for case in options.ATTACKS:
        print(f"{case.name:<18} {case.title} ({case.target.text()})")
    for extra in options.EXTRAS:
        print(f"{extra.name:<18} {extra.title} ({', '.join(extra.servers)})")
    return 0


def record(site: Site, arguments: Any, chosen: list[str]) -> dict[str, Any]:
    """flood.json, but for what is measured."""
    timing = QUICK if arguments.quick else FULL
    return {
        "format": FORMAT, "program": PROGRAM, "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine.describe(site.server_cpu, site.load_cpu),
        "settings": {"quick": arguments.quick, "guard": arguments.guard == "on", "honest_share": HONEST_SHARE,
                     "priority": " ".join(priorities.honest()) or "none",
                     "server_priority": " ".join(site.server_priority) or "none", "tickets": generators.TICKETS,
                     **asdict(timing)},
        "servers": {name: machine.version_of(name, site) for name in chosen}, "interrupted": False,
    }


def measured(runner: Runner) -> dict[str, Any]:
    return {"capacity": runner.capacity, "runs": runner.runs, "extras": runner.extras, "problems": runner.problems,
            "warnings": runner.warnings}


def check_guard(site: Site, arguments: Any) -> None:
    """A Breakwater without a guard says so; asked now rather than by each run that fails."""
    if arguments.guard == "off" or not any(name == "breakwater" for name in chosen_of(arguments)):
        return
    config = site.folder / "guard.toml"
    config.write_text('respond = "x"\nguard = "on"\n')
    command = [str(site.binaries["breakwater"]), "check", "--config", str(config)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    if result.returncode != 0:
        raise Problem("this breakwater has no guard that can be switched on; measure it with --guard off. It says:\n"
                      + (result.stdout + result.stderr).strip())


def chosen_of(arguments: Any) -> list[str]:
    return options.chosen_servers(arguments.servers, arguments.guard == "on")


def measure(arguments: Any, cases: list[Case], extras: list[Extra]) -> int:
    server_cpu, load_cpu = preparation.choose_cpus(arguments.cpus)
    preparation.install_packages()
    programs = preparation.find_programs(arguments.build_dir, {
        "breakwater": arguments.breakwater, "flood": arguments.flood, "floor": arguments.floor})
    chosen = chosen_of(arguments)
    reasons = preparation.missing_programs(chosen)
    notes = [f"without {KINDS[name].title}: {why}" for name, why in reasons.items()]
    chosen = [name for name in chosen if name not in reasons]
    processes.stay_off(server_cpu)
    descriptors = processes.raise_descriptor_limit(DESCRIPTORS)
    if descriptors < descriptors_needed() and any(case.held for case in cases):
        notes.append(f"a process may open {descriptors:,} files here: "
                     f"{connections_that_fit(HALF_OPEN, descriptors, each=1):,} connections are held instead of "
                     f"{HALF_OPEN:,} (raise ulimit -n to {descriptors_needed():,})")
    folder = Path(tempfile.mkdtemp(prefix="breakwater-flood-bench-"))
    folder.chmod(0o755)  # servers that give up root must read what is in it
    try:
        site = Site(folder, programs, {}, arguments.base_port, server_cpu, load_cpu, "x" * BODY_SIZE, descriptors,
                    int(Path("/proc/sys/net/core/somaxconn").read_text()))
        site.server_priority = priorities.servers()
        check_guard(site, arguments)
        for kind in certificates.KINDS:
            site.certificates[kind] = certificates.make(folder, kind)
        return run(arguments, cases, extras, chosen, notes, site)
    finally:
        processes.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


def run(arguments: Any, cases: list[Case], extras: list[Extra], chosen: list[str], notes: list[str],
        site: Site) -> int:
    """Measures, and writes what there is even when interrupted."""
    arguments.output.mkdir(parents=True, exist_ok=True)
    json_file = arguments.json or arguments.output / "flood.json"
    timing = QUICK if arguments.quick else FULL
    progress = Progress()
    data = record(site, arguments, chosen)
    progress.say(f"{len(cases)} attacks, {', '.join(chosen)}; about "
                 f"{as_minutes(estimate(timing, cases, extras, chosen))} minutes. Servers on CPU {site.server_cpu}, "
                 f"generators on CPU {site.load_cpu}; honest clients go first by {data['settings']['priority']}.")
    runner = Runner(site, timing, chosen, arguments.guard == "on", progress, time.monotonic() + timing.total)
    for note in (*notes, *steadiness.warnings(data["machine"])):
        runner.warn(note)
    if data["settings"]["priority"] == "none":
        runner.warn("the honest generator may not have a higher priority here (chrt, nice: as root): it shares its "
                    "core with the attacker as equals, and comes late")
    if data["settings"]["server_priority"] == "none":
        runner.warn("the servers may not have a higher priority here (nice: as root): whatever else this machine does "
                    "may keep them waiting")
    try:
        runner.run(cases, extras)
    except KeyboardInterrupt:
        data["interrupted"] = True
        progress.say("Interrupted; writing what there is.")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # impatience does not cost the results
        processes.stop_all()
        data |= {"finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **measured(runner)}
        json_file.write_text(json.dumps(data))
    if not runner.runs and not runner.extras:
        raise Problem("nothing was measured; the lines above say why")
    data["verdicts"] = verdicts_of(data)
    json_file.write_text(json.dumps(data))
    print(write_reports(data, arguments.output))
    print(f"\nWritten: {arguments.output / 'flood.html'} (open it in a browser), flood.md, {json_file}")
    return 130 if data["interrupted"] else 0


def body() -> int:
    arguments = options.parser().parse_args()
    if arguments.list:
        return list_cases()
    if arguments.source is not None:
        return render_again(arguments.source, arguments.output)
    cases = options.chosen_cases(arguments.cases, arguments.quick)
    extras = options.chosen_extras(arguments.cases, arguments.quick)
    if not cases and not extras:
        raise Problem(f"no case matches; {PROGRAM} --list names them")
    return measure(arguments, cases, extras)


def main() -> int:
    return program.run(PROGRAM, body)
