"""breakwater-floor over loopback: the pattern of messages, input in pieces, early ends, the command line.

The path of the program is in the environment variable BREAKWATER_FLOOR.
"""
import contextlib
import os
import signal
import socket
import struct
import subprocess
import time
import unittest

from bench_harness import main

PROGRAM = os.environ["BREAKWATER_FLOOR"]
PATIENCE_S = 20


class Floor:
    """A running breakwater-floor on a free port; must end with status 0 when told to."""

    def __init__(self, pattern: str, host: str = "127.0.0.1", descriptors: int = 0) -> None:
        limit = ["prlimit", f"--nofile={descriptors}:{descriptors}"] if descriptors else []
        self.process = subprocess.Popen([*limit, PROGRAM, "--listen", f"{host}:0", "--pattern", pattern],
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


class Pattern(unittest.TestCase):
    def expect_silence(self, connection: socket.socket) -> None:
        connection.settimeout(0.1)
        with self.assertRaises(socket.timeout):
            connection.recv(1)
        connection.settimeout(PATIENCE_S)

    def wait_for_sockets(self, floor: Floor, count: int) -> None:
        end = time.monotonic() + PATIENCE_S
        while floor.open_sockets() != count:
            self.assertLess(time.monotonic(), end, f"{floor.open_sockets()} sockets open, expected {count}")
            time.sleep(0.01)

    def test_two_steps(self) -> None:
        with Floor("517:1200,80:250") as floor, floor.connect() as connection:
            connection.sendall(b"a" * 517)
            read_exactly(connection, 1200)
            self.expect_silence(connection)  # no byte more, and nothing of the second step yet
            connection.sendall(b"c" * 80)
            read_exactly(connection, 250)
            self.expect_silence(connection)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(connection.recv(1), b"")

    def test_split_input(self) -> None:
        with Floor("10:5,3:7") as floor, floor.connect() as connection:
            for _ in range(9):
                connection.sendall(b"a")
                time.sleep(0.005)
            self.expect_silence(connection)
            connection.sendall(b"a")
            read_exactly(connection, 5)
            connection.sendall(b"cc")
            self.expect_silence(connection)
            connection.sendall(b"c")
            read_exactly(connection, 7)

    def test_input_that_comes_early_counts(self) -> None:
        with Floor("10:5,3:7") as floor, floor.connect() as connection:
            connection.sendall(b"a" * 12)
            read_exactly(connection, 5)
            self.expect_silence(connection)
            connection.sendall(b"c")
            read_exactly(connection, 7)

    def test_all_and_the_end_at_once(self) -> None:
        with Floor("10:5,3:7") as floor:
            floor.process.send_signal(signal.SIGSTOP)  # so that it finds the bytes and the end in one event
            with floor.connect() as connection:
                connection.sendall(b"a" * 13)
                connection.shutdown(socket.SHUT_WR)
                floor.process.send_signal(signal.SIGCONT)
                read_exactly(connection, 12)
                self.assertEqual(connection.recv(1), b"")

    def test_more_than_the_socket_buffers_hold(self) -> None:
        with Floor(",".join(["1:1048576"] * 14) + ",1048576:9,70000:3") as floor, floor.connect() as connection:
            connection.sendall(b"a" * 14)
            time.sleep(0.2)  # the server meets a full buffer
            read_exactly(connection, 14 * 1048576)
            connection.sendall(b"c" * 1048576)
            read_exactly(connection, 9)
            connection.sendall(b"d" * 70000)
            read_exactly(connection, 3)

    def test_clients_that_leave_early(self) -> None:
        with Floor("10:5,3:7") as floor:
            for sent in (b"", b"a", b"a" * 10, b"a" * 13, b"a" * 20):
                for leave in (abort, socket.socket.close):
                    connection = floor.connect()
                    connection.sendall(sent)
                    leave(connection)
            self.wait_for_sockets(floor, 1)  # the listener
            with floor.connect() as connection:
                connection.sendall(b"a" * 13)
                read_exactly(connection, 12)

    def test_many_at_once(self) -> None:
        with Floor("10:5,3:7") as floor:
            connections = [floor.connect() for _ in range(200)]
            for connection in connections:
                connection.sendall(b"a" * 10)
            for connection in connections:
                read_exactly(connection, 5)
                connection.sendall(b"c" * 3)
            for connection in connections:
                read_exactly(connection, 7)
                connection.close()
            self.wait_for_sockets(floor, 1)

    def test_no_descriptor_left(self) -> None:
        with Floor("1:1", descriptors=10) as floor:
            connections = [floor.connect() for _ in range(12)]  # most of them wait in the kernel's queue
            for connection in connections:
                connection.sendall(b"a")
            for connection in connections:
                read_exactly(connection, 1)
                connection.close()

    def test_ipv6(self) -> None:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:  # no IPv6 on this machine: then that must be said
            done = subprocess.run([PROGRAM, "--listen", "[::1]:0", "--pattern", "1:2"], capture_output=True, text=True)
            self.assertRegex(done.stderr, r"\Abreakwater-floor: cannot listen on ::1 [^\n]+\n\Z")
            return
        with Floor("1:2", host="[::1]") as floor, floor.connect("::1") as connection:
            connection.sendall(b"a")
            read_exactly(connection, 2)


class CommandLine(unittest.TestCase):
    def run_with(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=PATIENCE_S)

    def test_help(self) -> None:
        done = self.run_with("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--pattern", done.stdout)

    def test_errors_are_one_line(self) -> None:
        listen = ("--listen", "127.0.0.1:0")
        for arguments in ((), listen, ("--pattern", "1:1"), (*listen, "--pattern", "1"), (*listen, "--pattern", "0:1"),
                          (*listen, "--pattern", "1:1,"), (*listen, "--pattern", "1:2000000"), (*listen, "--pattern"),
                          (*listen, "--pattern", ",".join(["1:1"] * 17)), ("--listen", "9000", "--pattern", "1:1"),
                          (*listen, "--patern", "1:1")):
            with self.subTest(arguments=arguments):
                done = self.run_with(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, r"\Abreakwater-floor: [^\n]+\n\Z")

    def test_address_in_use(self) -> None:
        with Floor("1:1") as floor:
            done = self.run_with("--listen", f"127.0.0.1:{floor.port}", "--pattern", "1:1")
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"\Abreakwater-floor: cannot listen on [^\n]+ in use; [^\n]+\n\Z")


if __name__ == "__main__":
    main()
