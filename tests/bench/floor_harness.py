"""What the tests of breakwater-floor share: the program on a free port, and bytes to and from it.

The path of the program is in the environment variable BREAKWATER_FLOOR.
"""
import contextlib
import os
import signal
import socket
import struct
import subprocess
import time

PROGRAM = os.environ["BREAKWATER_FLOOR"]
PATIENCE_S = 20


class Floor:
    """A running breakwater-floor on a free port; must end with status 0 when told to."""

    def __init__(self, pattern: str = "", host: str = "127.0.0.1", descriptors: int = 0, backend: int = 0,
                 reset: bool = False) -> None:
        limit = ["prlimit", f"--nofile={descriptors}:{descriptors}"] if descriptors else []
        steps = ["--pattern", pattern] if pattern else []
        service = ["--backend", f"127.0.0.1:{backend}"] if backend else []
        end = ["--reset"] if reset else []
        self.process = subprocess.Popen([*limit, PROGRAM, "--listen", f"{host}:0", *steps, *service, *end],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise AssertionError(f"the server said {line!r}")
        self.port = int(line.rsplit(":", 1)[1])

    def connect(self, host: str = "127.0.0.1") -> socket.socket:
        connection = socket.create_connection((host, self.port), timeout=PATIENCE_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def open_sockets(self) -> int:
        count = 0
        for entry in os.scandir(f"/proc/{self.process.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                count += os.readlink(entry.path).startswith("socket:")
        return count

    def wait_for_sockets(self, count: int) -> None:
        end = time.monotonic() + PATIENCE_S
        while self.open_sockets() != count:
            if time.monotonic() > end:
                raise AssertionError(f"{self.open_sockets()} sockets open, expected {count}")
            time.sleep(0.01)

    def __enter__(self) -> "Floor":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "does not end"
        self.process.stdout.close()
        if status != 0:
            raise AssertionError(f"the server ended with {status}")


def read_exactly(connection: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise AssertionError(f"the server ended the connection after {len(data)} of {count} bytes")
        data += part
    return bytes(data)


def abort(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
