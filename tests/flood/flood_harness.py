"""Runs `breakwater-flood` as its users do, and starts what it is run against: shared by its end-to-end tests."""
from __future__ import annotations

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path += [str(FOLDER.parent / "proxy"), str(FOLDER.parent / "support")]
import gtest_report  # noqa: E402
from proxy_harness import PATIENCE_S, SANITIZED, Server, make_certificate, wait_until  # noqa: E402,F401

PROGRAM = os.environ["BREAKWATER_FLOOD"]
RELAY = os.environ["BREAKWATER_CORRUPTING_RELAY"]
Report = dict[str, Any]


def command(port: int, *arguments: str) -> list[str]:
    return [PROGRAM, "--quiet", "--json", "-", *arguments, f"127.0.0.1:{port}"]


def parse(done: subprocess.CompletedProcess[str]) -> Report:
    """The report, once its sums were found to agree."""
    if re.search(r"Sanitizer|runtime error:", done.stderr):
        raise AssertionError(done.stderr)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise AssertionError(f"no report (exit status {done.returncode}): {done.stdout}{done.stderr}") from None
    for load in report["loads"]:
        check_sums(load)
    return report


def check_sums(load: Report) -> None:
    """What holds for every load, whatever happened."""
    def equal(left: int, right: int, what: str) -> None:
        if left != right:
            raise AssertionError(f"{what}: {left} is not {right} in {load}")
    equal(load["started"], load["succeeded"] + load["failed"] + load["unfinished"], "starts and what became of them")
    equal(load["failed"], sum(load["failures"].values()), "failures and their kinds")
    if load["mode"] == "request":
        equal(load["requests"], load["succeeded"], "requests and successes")
        equal(load["requests"], load["latency_us"]["request"]["count"], "requests and their latencies")
    if load["mode"] in ("full", "resume", "trickle", "idle", "request", "renegotiate"):
        equal(load["handshakes"], load["latency_us"]["handshake"]["count"], "handshakes and their latencies")


def run(port: int, *arguments: str, status: int | None = 0, patience_s: float = PATIENCE_S,
        descriptors: int | None = None) -> Report:
    """The whole report of a run that ends by itself within patience_s. status: the exit status it must have."""
    def limit() -> None:
        if descriptors is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    done = subprocess.run(command(port, *arguments), capture_output=True, text=True, timeout=patience_s,
                          preexec_fn=limit)
    report = parse(done)
    report["stderr"] = done.stderr
    if status is not None and done.returncode != status:
        raise AssertionError(f"exit status {done.returncode} instead of {status}: {done.stderr}")
    return report


def load_of(port: int, *arguments: str, **options: Any) -> Report:
    """The report of the only load."""
    return run(port, *arguments, **options)["loads"][0]


class Program:
    """A server of others', in a folder of its own, ended with the `with` block."""

    def __init__(self, prepare: Callable[[pathlib.Path], list[str]], environment: dict[str, str] | None = None):
        self.folder = tempfile.TemporaryDirectory(prefix="breakwater-flood-test-")
        folder = pathlib.Path(self.folder.name)
        folder.chmod(0o755)
        self.log = folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(prepare(folder), stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder,
                                            env={**os.environ, **(environment or {})})

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, pattern: str) -> str:
        """The first group of the pattern, once the program has printed it."""
        def found() -> re.Match[str] | None:
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}: {self.text()}")
            return re.search(pattern, self.text())
        return wait_until(found, f"{pattern!r} in the output of {self.process.args}")[1]

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.folder.cleanup()


class OpensslServer(Program):
    """`openssl s_server`: one connection after the other. With -www it answers HTTP requests."""

    def __init__(self, *arguments: str, auth: str = "ecdsa"):
        def prepare(folder: pathlib.Path) -> list[str]:
            chain, key = certificate(folder, auth)
            return ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", chain, "-key", key, *arguments]
        super().__init__(prepare)
        self.port = int(self.wait_for(r"ACCEPT 127\.0\.0\.1:(\d+)"))


class Relay(Program):
    """A man in the middle who damages the server's Finished (or, told to "keep" it, only seals it anew)."""

    def __init__(self, what: str, port: int):
        super().__init__(lambda folder: [RELAY, what, str(port)])
        self.port = int(self.wait_for(r"(\d+)\n"))


def certificate(folder: pathlib.Path, auth: str) -> tuple[str, str]:
    if auth == "ecdsa":
        return make_certificate(folder, "server", "localhost")
    chain, key = str(folder / "server.pem"), str(folder / "server.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-keyout", key, "-out", chain], check=True, capture_output=True)
    return chain, key


def installed(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def main() -> None:
    gtest_report.main("flood")
