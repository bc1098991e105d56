"""Drives breakwater-flood and reads its report."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .problem import Problem
from .processes import Process

WAIT_BEYOND_S = 20.0  # after its duration the generator may still wait for its last connections


@dataclass(frozen=True)
class Report:
    """One load of one run of the generator. Latencies in microseconds."""
    duration_s: float
    limit: bool                 # the generator found itself to be the bottleneck
    load: dict[str, Any]
    generator: dict[str, Any]

    def count(self, name: str) -> int:
        return int(self.load.get(name, 0))

    def latency(self, kind: str, name: str) -> float | None:
        histogram = self.load.get("latency_us", {}).get(kind) or {}
        return histogram.get(name) if histogram.get("count") else None

    def per_connection(self, name: str) -> float | None:
        """A number of TCP's own counts, per sampled connection."""
        tcp = self.load.get("tcp") or {}
        return tcp.get(name) if tcp.get("sampled") else None


def parse(text: str) -> Report:
    """The generator's JSON. Throws Problem when it is not what the generator writes."""
    try:
        report = json.loads(text)
        load = dict(report["loads"][0])
        load.pop("seconds", None)
        generator = dict(report["generator"])
        generator.pop("lateness_us", None)
        return Report(float(report["duration_s"]), bool(generator["limit"]), load, generator)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Problem(f"breakwater-flood wrote a report this program cannot read ({error!r}): "
                      f"is it of the same version?\n"
                      f"{text[:400]}") from None


class Generator:
    """Runs of breakwater-flood on one core."""

    def __init__(self, program: Path, cpu: int, folder: Path):
        self.program = program
        self.cpu = cpu
        self.folder = folder
        self.runs = 0

    def launch(self, arguments: tuple[str, ...], port: int, duration_s: float) -> tuple[Process, Path]:
        self.runs += 1
        report = self.folder / f"flood-{self.runs}.json"
        command = [str(self.program), *arguments, "--duration", f"{duration_s:g}", "--cpu", str(self.cpu), "--quiet",
                   "--json", str(report), f"127.0.0.1:{port}"]
        return Process(command, self.cpu, self.folder / "flood.log"), report

    def finish(self, process: Process, report: Path, patience_s: float) -> Report:
        """Waits for the end and reads the report. A run in which nothing succeeded has a report, too."""
        status = process.wait(patience_s)
        if status is None:
            process.stop()
            raise Problem(f"breakwater-flood did not end within {patience_s:.0f} s: {' '.join(process.command)}")
        process.stop()
        if not report.exists():
            raise Problem(f"breakwater-flood failed (exit status {status}): {process.output() or 'without a word'}\n"
                          f"The command was: {' '.join(process.command)}")
        text = report.read_text()
        report.unlink()
        return parse(text)

    def run(self, arguments: tuple[str, ...], port: int, duration_s: float) -> Report:
        process, report = self.launch(arguments, port, duration_s)
        try:
            return self.finish(process, report, duration_s + WAIT_BEYOND_S)
        finally:
            process.stop()
