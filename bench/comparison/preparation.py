"""What must be there before anything can be measured: packages, programs, two cores."""
from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .machine import ROOT
from .problem import Problem

BUILT = {"breakwater": "breakwater", "flood": "breakwater-flood", "floor": "breakwater-floor"}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def install_packages(section: str = "bench") -> None:
    """Installs what is missing of a section of tools/packages.txt (services of the packages stay off); failing that, the
    run goes on with what is there."""
    if not shutil.which("dpkg-query"):
        return  # no Debian: whatever is on the path is used
    tool = [str(ROOT / "tools" / "install_packages.sh"), section]
    if subprocess.run(tool, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode != 0:
        say("Not everything could be installed; the run goes on with what is there.")


def build(folder: Path) -> None:
    """Builds the release programs when they are not there."""
    if all((folder / name).exists() for name in BUILT.values()):
        return
    say("Building Breakwater and its load generator (the first time takes a few minutes)")
    if subprocess.run([str(ROOT / "run"), "--build-only"], stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode != 0:
        raise Problem("Breakwater could not be built; the lines above say why.")
    log = ROOT / "build" / "bench-build.log"
    command = ["cmake", "--build", "--preset", "release", "--target", "breakwater_flood", "breakwater_floor"]
    with open(log, "w") as output:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT)
    if result.returncode != 0:
        raise Problem(f"the load generator could not be built; all of the output is in {log}:\n"
                      + log.read_text()[-3000:])


def find_programs(build_folder: Path | None, given: dict[str, Path | None]) -> dict[str, Path]:
    """Paths of "breakwater", "breakwater-flood" and "breakwater-floor". Builds them unless the user named others."""
    folder = (build_folder / "bin") if build_folder else ROOT / "build" / "release" / "bin"
    if build_folder is None and any(given.get(key) is None for key in BUILT):
        build(folder)
    found = {}
    for key, name in BUILT.items():
        path = (given.get(key) or folder / name).resolve()
        if path.exists():
            found[name] = path
        elif key != "floor":
            raise Problem(f"there is no {path}; build it, or name another with --{key}")
    return found


def siblings(cpu: int) -> set[int]:
    """CPUs that share this one's core."""
    with contextlib.suppress(OSError, ValueError):
        text = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text().strip()
        result: set[int] = set()
        for part in text.split(","):
            first, _, last = part.partition("-")
            result.update(range(int(first), int(last or first) + 1))
        return result
    return {cpu}


def choose_cpus(wanted: str | None) -> tuple[int, int]:
    """(the servers' CPU, the generator's): two different cores where there are two."""
    if not shutil.which("taskset"):
        raise Problem("taskset is missing, which pins servers to a core: apt-get install util-linux")
    allowed = sorted(os.sched_getaffinity(0))
    if wanted is not None:
        try:
            server, load = (int(part) for part in wanted.split(","))
        except ValueError:
            raise Problem(f"--cpus takes two numbers, as in --cpus 0,1; not {wanted!r}") from None
        if server == load or server not in allowed or load not in allowed:
            raise Problem(f"--cpus {wanted}: two different CPUs out of {', '.join(map(str, allowed))} are needed")
        return server, load
    if len(allowed) < 2:
        raise Problem("this program may use one CPU only. It needs two: with server and generator on the same one, "
                      "the numbers would say nothing about either.")
    server = allowed[0]
    other_cores = [cpu for cpu in allowed[1:] if cpu not in siblings(server)]
    if not other_cores:
        say(f"Note: CPUs {server} and {allowed[1]} share one core, so the generator slows the server.")
    return server, (other_cores or allowed[1:])[0]


def missing_programs(names: list[str]) -> dict[str, str]:
    """Chosen servers that cannot run here, and why."""
    from .servers import KINDS
    reasons = {}
    for name in names:
        kind = KINDS[name]
        if kind.package and not shutil.which(kind.program):
            reasons[name] = f"{kind.program} is not installed (apt-get install {kind.package})"
        elif name == "nginx-tcp" and not Path("/usr/lib/nginx/modules/ngx_stream_module.so").exists():
            reasons[name] = f"nginx has no stream module here (apt-get install {kind.package})"
    return reasons
