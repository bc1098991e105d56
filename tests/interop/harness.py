"""What every peer's tests share: the server under test, commands with time limits, cases and their report.

A case is a function that raises Failure. What it did (commands, their output, the server's log) is written down as it
goes and printed when it fails. Results go to standard output in GoogleTest's words and, where GTEST_OUTPUT asks for it
(`xml:FOLDER/`), to the XML that tools/check_skips.py counts.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from certificates import Authority

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import gtest_report

BODY = "A quiet harbour behind the breakwater."
COMMAND_LIMIT_S = 30  # generous: a sanitized server on a busy machine
SANITIZER_REPORT = re.compile(r"ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:")


class Failure(Exception):
    """A case's claim did not hold."""


class Skip(Exception):
    """A case cannot be run here; the text says what is missing."""


def require(condition, claim):
    if not condition:
        raise Failure(claim)


def require_in(needle, text, what="the output"):
    require(needle in text, f"{what} lacks {needle!r}")


def request_bytes(path="/", close=True):
    end = "Connection: close\r\n" if close else ""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{end}\r\n".encode()


class Result:
    """A finished command: `code` and `text`, its two outputs together."""

    def __init__(self, code, text):
        self.code = code
        self.text = text

    def must_succeed(self):
        require(self.code == 0, f"exit status {self.code}, expected 0")
        return self

    def must_fail(self):
        require(self.code != 0, "exit status 0, expected a failure")
        return self

    def has(self, *needles):
        for needle in needles:
            require_in(needle, self.text)
        return self

    def lacks(self, *needles):
        for needle in needles:
            require(needle not in self.text, f"the output has {needle!r}")
        return self

    def matches(self, pattern):
        require(re.search(pattern, self.text, re.MULTILINE), f"the output does not match {pattern!r}")
        return self


class Talk:
    """A command talked to through its standard input while it runs. Use with `with`: the end kills what still runs."""

    def __init__(self, bench, command):
        self._bench = bench
        self._started = bench.note_command(command)
        self._process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, cwd=bench.folder)
        self._output = b""
        self._read_to = 0
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while piece := os.read(self._process.stdout.fileno(), 65536):
            with self._changed:
                self._output += piece
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def send(self, data):
        self._process.stdin.write(data)
        self._process.stdin.flush()
        return self

    def expect(self, needle, limit_s=COMMAND_LIMIT_S):
        """Waits until the output after the last expected piece holds `needle`."""
        wanted = needle.encode()
        deadline = time.monotonic() + limit_s
        with self._changed:
            while (at := self._output.find(wanted, self._read_to)) < 0:
                left = deadline - time.monotonic()
                require(left > 0 and not self._ended, f"waited in vain for {needle!r}")
                self._changed.wait(left)
            self._read_to = at + len(wanted)
        return self

    def finish(self, limit_s=COMMAND_LIMIT_S):
        """Ends the input and waits for the command."""
        self._process.stdin.close()
        return self.wait(limit_s)

    def wait(self, limit_s=COMMAND_LIMIT_S):
        try:
            code = self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise Failure(f"still running after {limit_s} s") from None
        self._reader.join(limit_s)
        return Result(code, self._output.decode(errors="replace"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join(COMMAND_LIMIT_S)
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except OSError:
                pass  # bytes that the command never read
        self._bench.note_output(self._started, self._process.returncode, self._output.decode(errors="replace"))


class Server:
    """`breakwater serve` on a free port of the loopback address. `port` is where it listens."""

    def __init__(self, program, options, log, address="127.0.0.1"):
        self.log_path = log
        self.command = [str(program), "serve", "--listen", f"{address}:0", "--workers", "2", *map(str, options)]
        with open(log, "wb") as sink:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
        self.port = self._wait_for_port(re.escape(address))

    def log(self):
        return self.log_path.read_text(errors="replace")

    def _wait_for_port(self, address):
        deadline = time.monotonic() + COMMAND_LIMIT_S
        while time.monotonic() < deadline:
            if found := re.search(rf"listening on {address}:(\d+)", self.log()):
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.kill()
        raise Failure(f"the server did not start: {' '.join(self.command)}\n{self.log()}")

    def stop(self):
        """SIGTERM; the server must drain and end with status 0, and no sanitizer may have complained."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(COMMAND_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("SIGTERM did not end the server") from None
        require(code == 0, f"the server ended with status {code}")
        require(not SANITIZER_REPORT.search(self.log()), "a sanitizer complained")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Bench:
    """A working folder, certificates, and servers that start when first asked for."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.authority = Authority(folder / "pki")
        self.servers = {}
        self._notes = []
        self._log_marks = {}

    def certificate_options(self, *names):
        options = []
        for name in names or self.authority.pairs:
            pair = self.authority.pairs[name]
            options += ["--cert", pair.chain, "--key", pair.key]
        return options

    def server(self, name="standard", *options, address="127.0.0.1", respond=True):
        """The server of this name; started with the options when it does not run yet."""
        if name not in self.servers:
            service = ["--respond", BODY] if respond else []
            self.servers[name] = Server(self.program, [*self.certificate_options(), *service, *options],
                                        self.folder / f"server.{name}.log", address)
        return self.servers[name]

    def run(self, *command, stdin=b"", limit_s=COMMAND_LIMIT_S, environment=None):
        """Runs a command to its end; its Result."""
        words = [str(part) for part in command]
        started = self.note_command(words)
        try:
            done = subprocess.run(words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit_s,
                                  cwd=self.folder, env={**os.environ, **(environment or {})})
        except subprocess.TimeoutExpired as error:
            self.note_output(started, "killed", (error.stdout or b"").decode(errors="replace"))
            raise Failure(f"still running after {limit_s} s") from None
        text = done.stdout.decode(errors="replace")
        self.note_output(started, done.returncode, text)
        return Result(done.returncode, text)

    def note_command(self, command):
        self._notes.append("$ " + " ".join(str(part) for part in command))
        return time.monotonic()

    def note_output(self, started, code, text):
        self._notes.append(f"{text[-8000:]}\n[status {code}, {time.monotonic() - started:.2f} s]")

    def begin_case(self):
        self._notes.clear()
        self._log_marks = {name: len(server.log()) for name, server in self.servers.items()}

    def account(self):
        """What happened since begin_case()."""
        logs = [f"--- log of server {name}\n{server.log()[self._log_marks.get(name, 0):][-4000:]}"
                for name, server in self.servers.items()]
        return "\n".join(self._notes + logs)

    def close(self):
        for server in self.servers.values():
            server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Report:
    """Outcomes of cases, printed as they come and written as GoogleTest's XML at the end."""

    def __init__(self, entry):
        self.entry = entry
        self.cases = []  # (name, outcome, text, seconds)

    def run(self, bench, name, function):
        print(f"[ RUN      ] {name}", flush=True)
        bench.begin_case()
        started = time.monotonic()
        outcome, text = "passed", ""
        try:
            function()
        except Skip as skip:
            outcome, text = "skipped", str(skip)
        except Exception as error:  # a mistake in a case is a failure of that case alone
            outcome, text = "failed", f"{type(error).__name__}: {error}\n{bench.account()}"
        self.add(name, outcome, text, time.monotonic() - started)

    def add(self, name, outcome, text="", seconds=0.0):
        self.cases.append((name, outcome, text, seconds))
        if text:
            print(text)
        label = {"passed": "      OK", "failed": " FAILED ", "skipped": " SKIPPED"}[outcome]
        print(f"[ {label} ] {name} ({seconds * 1000:.0f} ms)", flush=True)

    def count(self, outcome):
        return sum(1 for case in self.cases if case[1] == outcome)

    def write_xml(self):
        gtest_report.write(self.entry, self.cases)
