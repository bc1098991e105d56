"""bench/profile from its first line to its last."""
from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from comparison import certificates, machine, preparation, processes
from comparison.cases import BODY_SIZE, Case
from comparison.generator import Generator
from comparison.problem import Problem
from comparison.servers import KINDS, Site

from . import callgrind, measure, options, page, perf, summary, symbols
from .classify import Classifier
from .flamegraph import render
from .stacks import folded, without_common_root

FORMAT = 1
DESCRIPTORS = 20_000


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def choose_method(wanted: str) -> tuple[perf.Method | None, str]:
    """perf's way of counting, or None for callgrind; and a line that says which it is and why."""
    method, why_not = perf.choose() if wanted != "callgrind" else (None, "it was asked for")
    if method is not None:
        return method, f"Method: {method.why}."
    if wanted == "perf":
        raise Problem(f"{why_not}. As root it may: sudo bench/profile; or use --method callgrind")
    if shutil.which("valgrind") is None:
        raise Problem(f"{why_not}, and valgrind is not installed: apt-get install linux-perf valgrind")
    return None, f"Method: {callgrind.WHY}, since {why_not}."


def notes_on_names(method: perf.Method | None) -> list[str]:
    """What cannot be seen here, and what would help."""
    found = []
    library = next(iter(sorted(Path("/usr/lib/x86_64-linux-gnu").glob("libcrypto.so.3"))), None)
    if library is not None and symbols.static_library_of(library) is None:
        found.append("libcrypto's local functions stay unnamed: with libssl-dev installed their names can be recovered")
    if method and method.kernel:
        with open("/proc/kallsyms") as names:
            if names.readline().startswith("0000000000000000"):
                found.append("the kernel's names are hidden (kernel.kptr_restrict): its time cannot be split; as root "
                             "it can")
    if method and not method.kernel:
        found.append("the kernel's share is taken from its own accounts, and cannot be split; as root it can")
    return found


def file_name(profile: measure.Profile) -> str:
    return f"{profile.server}-{profile.case}".replace(" ", "-")


def subtitle(profile: measure.Profile) -> str:
    if profile.unit == "instructions":
        return (f"{profile.per_handshake:,.0f} instructions of user code for one handshake; {profile.handshakes} "
                f"handshakes compared with twice as many")
    return (f"{profile.per_handshake:,.1f} µs of CPU for one handshake, {profile.per_second:,.0f} handshakes/s; "
            f"{profile.samples:,} samples, {profile.complete:.0%} of the stacks complete")


def flame_graph(profile: measure.Profile, classifier: Classifier) -> str:
    return render(without_common_root(profile.stacks), classifier, f"{profile.title}: {profile.case_title}",
                  subtitle(profile),
                  lambda share: f"{summary.amount(share * profile.per_handshake, profile.unit)} {profile.unit}")


def write(profiles: list[measure.Profile], classifier: Classifier, head: dict[str, Any], folder: Path) -> None:
    graphs = {}
    for profile in profiles:
        graph = graphs[profile.server, profile.case] = flame_graph(profile, classifier)
        (folder / f"{file_name(profile)}.svg").write_text(graph, encoding="utf-8")
        (folder / f"{file_name(profile)}.folded").write_text(folded(profile.stacks), encoding="utf-8")
    data = {**head, "profiles": [summary.as_json(profile, classifier) for profile in profiles]}
    (folder / "profile.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "profile.html").write_text(page.render(profiles, classifier, head, graphs), encoding="utf-8")


def run(arguments: Any, site: Site, servers: list[str], cases: list[Case]) -> int:
    method, line = choose_method(arguments.method)
    say(line)
    notes = notes_on_names(method)
    for note in notes:
        say(f"note: {note}")
    classifier = Classifier()
    generator = Generator(site.binaries["breakwater-flood"], site.load_cpu, site.folder)
    head = {
        "format": FORMAT, "program": "bench/profile", "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "method": {"tool": "perf" if method else "callgrind", "event": method.event if method else "instructions",
                   "kernel": bool(method and method.kernel), "line": line},
        "machine": machine.describe(site.server_cpu, site.load_cpu),
        "servers": {name: machine.version_of(name, site) for name in servers}, "notes": notes,
    }
    profiles: list[measure.Profile] = []
    interrupted = False
    try:
        for case in cases:
            of_case = []
            for name in servers:
                say(f"{KINDS[name].title}: {case.title}")
                try:
                    profile = (measure.by_perf(method, name, case, site, generator, arguments.seconds) if method
                               else measure.by_callgrind(name, case, site, generator))
                except (Problem, RuntimeError) as problem:
                    say(f"note: {case.name} without {KINDS[name].title}: {problem}")
                    notes.append(f"{case.name} without {KINDS[name].title}: {str(problem).splitlines()[0]}")
                    continue
                of_case.append(profile)
                profiles.append(profile)
            if of_case:
                print("\n" + summary.table(of_case, classifier) + "\n", flush=True)
    except KeyboardInterrupt:
        interrupted = True
        say("Interrupted; writing what there is.")
    processes.stop_all()
    if not profiles:
        raise Problem("nothing was measured" + (f": {notes[-1]}" if notes else ""))
    output = arguments.output or options.default_output()
    output.mkdir(parents=True, exist_ok=True)
    write(profiles, classifier, head, output)
    print(f"Written: {output / 'profile.html'} (open it in a browser), profile.json, flame graphs (*.svg), stacks "
          f"(*.folded)")
    return 130 if interrupted else 0


def stop(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def main() -> int:
    arguments = options.parser().parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # where Debian has servers; not on every user's path
    os.environ["LC_ALL"] = "C.UTF-8"
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    servers = list(dict.fromkeys(arguments.server or options.SERVERS))
    cases = list(dict.fromkeys(arguments.case or [options.HANDSHAKE_CASES[name] for name in options.DEFAULT_CASES]))
    folder = Path(tempfile.mkdtemp(prefix="breakwater-profile-"))
    try:
        server_cpu, load_cpu = preparation.choose_cpus(arguments.cpus)
        if not arguments.no_install:
            preparation.install_packages("profile")
        binaries = preparation.find_programs(arguments.build_dir, {
            "breakwater": arguments.breakwater, "flood": arguments.flood, "floor": None})
        for name, reason in preparation.missing_programs(servers).items():
            say(f"note: without {name}: {reason}")
            servers.remove(name)
        if not servers:
            raise Problem("none of these servers is installed")
        folder.chmod(0o755)  # servers that give up root must read what is in it
        processes.stay_off(server_cpu)
        descriptors = processes.raise_descriptor_limit(DESCRIPTORS)
        backlog = int(Path("/proc/sys/net/core/somaxconn").read_text())
        site = Site(folder, binaries, {}, arguments.base_port, server_cpu, load_cpu, "x" * BODY_SIZE, descriptors,
                    backlog)
        for kind in certificates.KINDS:
            site.certificates[kind] = certificates.make(folder, kind)
        return run(arguments, site, servers, cases)
    except Problem as problem:
        say(f"bench/profile: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        processes.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
