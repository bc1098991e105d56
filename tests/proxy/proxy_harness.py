"""Starts `breakwater serve` and talks to it: what the end-to-end tests of the proxy share."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import gtest_report

PROGRAM = os.environ["BREAKWATER"]
SANITIZED = bool(os.environ.get("BREAKWATER_SANITIZE"))
PATIENCE_S = 60 if SANITIZED else 20  # how long anything that must happen may take on a busy machine

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST_GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def wait_until(condition, what, patience_s=PATIENCE_S):
    """Returns the first true value of condition()."""
    end = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience_s} s in vain: {what}")
        time.sleep(0.02)


class Server:
    """A running `breakwater serve`. Ends with the `with` block; a crash or a sanitizer report fails the test."""

    def __init__(self, *arguments, config=None, environment=None, launcher=(), listen="127.0.0.1:0"):
        self.folder = tempfile.TemporaryDirectory(prefix="breakwater-test-")
        command = [*launcher, PROGRAM, "serve", *arguments]
        if config is not None:
            self.config_path = pathlib.Path(self.folder.name, "breakwater.toml")
            self.config_path.write_text(config)
            command += ["--config", str(self.config_path)]
        if listen is not None:
            command += ["--listen", listen]
        if not any(a == "--workers" for a in arguments):
            command += ["--workers", "1"]
        self.killed = False
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, **(environment or {})})
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        line = wait_until(lambda: self.find("listening on ") or self.process.poll() is not None, "the server starts")
        if line is True:
            self.reader.join()
            raise AssertionError("the server did not start: " + "\n".join(self.lines))
        self.ports = [int(port) for port in re.findall(r":(\d+)[ ;]", line.split("listening on ")[1].split("; ")[0] + ";")]
        self.port = self.ports[0]

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def find(self, text, start=0):
        return next((line for line in self.lines[start:] if text in line), None)

    def wait_for_line(self, text, start=0):
        return wait_until(lambda: self.find(text, start), f"a log line with {text!r} in {self.lines}")

    def signal(self, number):
        self.process.send_signal(number)

    @contextlib.contextmanager
    def stopped(self):
        """What is sent meanwhile is found all at once when the server goes on."""
        def stands_still():
            states = [task.read_text().rsplit(")", 1)[1].split()[0]
                      for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/stat")]
            return set(states) == {"T"}

        self.signal(signal.SIGSTOP)
        try:
            wait_until(stands_still, "all threads of the server stop")
            yield
        finally:
            self.signal(signal.SIGCONT)

    def statistics(self):
        """The counters, by name."""
        start = len(self.lines)
        self.signal(signal.SIGUSR1)
        line = self.wait_for_line("statistics:", start)
        return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", line.split("statistics:")[1])}

    def wait_for_statistics(self, condition, what):
        def ask():
            numbers = self.statistics()
            return numbers if condition(numbers) else None
        return wait_until(ask, what)

    def wait_for_counts(self, **wanted):
        """Waits until these counters have these values: a peer may see a connection end before it is counted."""
        self.wait_for_statistics(lambda numbers: {name: numbers[name] for name in wanted} == wanted, wanted)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def wait(self):
        """Waits for the end; returns the exit status."""
        status = self.process.wait(PATIENCE_S)
        self.reader.join()
        return status

    def kill(self):
        """As when it crashes: it gets no chance to do anything about it."""
        self.killed = True
        self.process.kill()
        self.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            time.sleep(0.05)
            self.signal(signal.SIGTERM)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait()
            status = "does not end"
        self.process.stderr.close()
        log = "\n".join(self.lines)
        self.folder.cleanup()
        if kind is not None:
            print("--- the server's log ---\n" + log + "\n---", flush=True)
        elif status != (-signal.SIGKILL if self.killed else 0) or re.search(r"Sanitizer|runtime error:", log):
            raise AssertionError(f"the server ended with {status}:\n{log}")


def client_context(version=None, tickets=True, strict_end=False):
    """strict_end: an end without close_notify raises ssl.SSLEOFError in MemoryClient.read()."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the default one reads all the system trusts: 20 ms each
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if not tickets:
        context.options |= ssl.OP_NO_TICKET
    if strict_end:  # some builds of Python take a cut connection for an orderly end unless told otherwise
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    return context


TLS12 = ssl.TLSVersion.TLSv1_2
TLS13 = ssl.TLSVersion.TLSv1_3


def tcp(port, host="127.0.0.1"):
    connection = socket.create_connection((host, port), timeout=PATIENCE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def connect(port, context=None, host="127.0.0.1", session=None):
    connection = tcp(port, host)
    try:
        return (context or client_context()).wrap_socket(connection, server_hostname="localhost", session=session)
    except BaseException:
        connection.close()
        raise


def read_all(connection):
    """Until the other side ends. An end without close_notify raises ssl.SSLEOFError."""
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def read_response(connection):
    """(status, headers, body) of one response with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise AssertionError(f"the connection ended in the middle of a header: {data!r}")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    while len(body) < int(headers["content-length"]):
        part = connection.recv(65536)
        if not part:
            raise AssertionError("the connection ended in the middle of a body")
        body += part
    return int(lines[0].split()[1]), headers, body


class MemoryClient:
    """A TLS client whose bytes on the wire are in the hands of the test."""

    def __init__(self, port, context=None, connection=None):
        self.socket = connection or tcp(port)
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.tls = (context or client_context()).wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    def take_output(self):
        return self.outgoing.read()

    def receive(self):
        """One read from the socket into the TLS engine; False at the end."""
        data = self.socket.recv(65536)
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()
        return bool(data)

    def step(self):
        """True when the handshake is done on this side."""
        try:
            self.tls.do_handshake()
            return True
        except ssl.SSLWantReadError:
            return False

    def handshake(self, send=None):
        """Up to the client's last flight, which stays unsent in `outgoing`."""
        send = send or self.socket.sendall
        while not self.step():
            output = self.take_output()
            if output:
                send(output)
            self.receive()

    def read(self):
        """Plaintext; b"" at the end."""
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                self.receive()
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:  # not every version of Python has a class of its own for this one
                if error.reason == "UNEXPECTED_EOF_WHILE_READING":
                    raise ssl.SSLEOFError("cut without close_notify") from error
                raise

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Backend:
    """A TCP server on loopback; serve(connection) runs in a thread of its own for each connection."""

    def __init__(self, serve, family=socket.AF_INET, port=0):
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1" if family == socket.AF_INET else "::1", port))
        self.listener.listen(128)
        self.port = self.listener.getsockname()[1]
        self.address = ("127.0.0.1" if family == socket.AF_INET else "[::1]") + f":{self.port}"
        self.serve = serve
        self.errors = []
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        with contextlib.closing(connection):
            try:
                self.serve(connection)
            except OSError as error:
                self.errors.append(error)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def echo(connection):
    while data := connection.recv(65536):
        connection.sendall(data)


def make_certificate(folder, name, common_name):
    """Paths of a fresh self-signed P-256 certificate and its key."""
    chain, key = (str(pathlib.Path(folder, f"{name}.{kind}")) for kind in ("pem", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={common_name}", "-addext", f"subjectAltName=DNS:{common_name}", "-keyout", key,
                    "-out", chain], check=True, capture_output=True)
    return chain, key


def main():
    gtest_report.main("proxy")
