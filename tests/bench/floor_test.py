"""breakwater-floor over loopback: the pattern of messages, input in pieces, early ends, the command line.

The path of the program is in the environment variable BREAKWATER_FLOOR.
"""
import signal
import socket
import subprocess
import time
import unittest

from bench_harness import main
from floor_harness import PATIENCE_S, PROGRAM, Floor, abort, read_exactly


class Pattern(unittest.TestCase):
    def expect_silence(self, connection: socket.socket) -> None:
        connection.settimeout(0.1)
        with self.assertRaises(socket.timeout):
            connection.recv(1)
        connection.settimeout(PATIENCE_S)

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

    def test_the_last_step_is_repeated(self) -> None:
        with Floor("10:5,3:7x3") as floor, floor.connect() as connection:
            connection.sendall(b"a" * 10)
            read_exactly(connection, 5)
            for _ in range(3):
                self.expect_silence(connection)
                connection.sendall(b"c" * 3)
                read_exactly(connection, 7)
            connection.sendall(b"c" * 3)
            self.expect_silence(connection)

    def test_without_bound(self) -> None:
        with Floor("10:5,3:7x0") as floor, floor.connect() as connection:
            connection.sendall(b"a" * 10 + b"c" * 30)  # ten of them at once
            read_exactly(connection, 75)
            for _ in range(1000):
                connection.sendall(b"ccc")
                read_exactly(connection, 7)
            self.expect_silence(connection)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(connection.recv(1), b"")

    def test_clients_that_leave_early(self) -> None:
        with Floor("10:5,3:7") as floor:
            for sent in (b"", b"a", b"a" * 10, b"a" * 13, b"a" * 20):
                for leave in (abort, socket.socket.close):
                    connection = floor.connect()
                    connection.sendall(sent)
                    leave(connection)
            floor.wait_for_sockets(1)  # the listener
            with floor.connect() as connection:
                connection.sendall(b"a" * 13)
                read_exactly(connection, 12)

    def expect_reset_at_the_end(self, connection: socket.socket) -> None:
        self.expect_silence(connection)
        connection.sendall(b"c" * 3)
        with self.assertRaises(ConnectionResetError):
            connection.recv(1)

    def test_a_reset_when_all_is_done(self) -> None:
        with Floor("10:5,3:0", reset=True) as floor:
            for rounds in range(3):
                with floor.connect() as connection:
                    connection.sendall(b"a" * 10)
                    read_exactly(connection, 5)
                    self.expect_reset_at_the_end(connection)
                floor.wait_for_sockets(1)

    def held_until_it_wrote(self, floor: Floor, data: bytes) -> socket.socket:
        """A connection that the server finds in its queue together with the data."""
        floor.process.send_signal(signal.SIGSTOP)
        connection = floor.connect()
        connection.sendall(data)
        floor.process.send_signal(signal.SIGCONT)
        return connection

    def test_a_reset_of_what_came_with_the_connection(self) -> None:
        with Floor("10:0", reset=True) as floor:
            for _ in range(3):
                with self.held_until_it_wrote(floor, b"a" * 10) as connection:
                    with self.assertRaises(ConnectionResetError):
                        connection.recv(1)
                floor.wait_for_sockets(1)

    def test_a_reset_behind_a_part_that_came_with_the_connection(self) -> None:
        with Floor("10:5,3:0", reset=True) as floor, self.held_until_it_wrote(floor, b"a" * 9) as connection:
            self.expect_silence(connection)
            connection.sendall(b"a")
            read_exactly(connection, 5)
            self.expect_reset_at_the_end(connection)
            floor.wait_for_sockets(1)

    def test_a_reset_behind_more_than_the_socket_buffers_hold(self) -> None:
        steps = ",".join(["1:1048576"] * 14) + ",3:0"
        with Floor(steps, reset=True) as floor, self.held_until_it_wrote(floor, b"a" * 14) as connection:
            time.sleep(0.2)  # the server meets a full buffer
            read_exactly(connection, 14 * 1048576)
            connection.sendall(b"c" * 3)
            with self.assertRaises(ConnectionResetError):
                connection.recv(1)

    def test_a_client_that_left_before_it_was_accepted(self) -> None:
        with Floor("10:0", reset=True) as floor:
            for leave in (abort, socket.socket.close):
                leave(self.held_until_it_wrote(floor, b"a"))
            floor.wait_for_sockets(1)

    def test_a_reset_at_accept(self) -> None:
        with Floor(reset=True) as floor:
            for data in (b"", b"a"):
                with self.held_until_it_wrote(floor, data) as connection:
                    with self.assertRaises(ConnectionResetError):
                        connection.recv(1)
            floor.wait_for_sockets(1)

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
            floor.wait_for_sockets(1)

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
        self.assertIn("--reset", done.stdout)

    def test_errors_are_one_line(self) -> None:
        listen = ("--listen", "127.0.0.1:0")
        for arguments in ((), listen, ("--pattern", "1:1"), (*listen, "--pattern", "1"), (*listen, "--pattern", "0:1"),
                          (*listen, "--pattern", "1:1,"), (*listen, "--pattern", "1:2000000"), (*listen, "--pattern"),
                          (*listen, "--pattern", ",".join(["1:1"] * 17)), ("--listen", "9000", "--pattern", "1:1"),
                          (*listen, "--patern", "1:1"), (*listen, "--pattern", "1:1x"),
                          (*listen, "--pattern", "1:1x2,1:1"), (*listen, "--pattern", "1:1x2x2"),
                          (*listen, "--pattern", "1:1", "--backend", "localhost:80"),
                          (*listen, "--pattern", "1:1", "--backend", "127.0.0.1"),
                          (*listen, "--pattern", "1:1x0", "--backend", "127.0.0.1:80"),
                          (*listen, "--pattern", "1:1x0", "--reset"), ("--reset",), (*listen, "--pattern", "--reset"),
                          (*listen, "--reset", "--backend", "127.0.0.1:80"),
                          (*listen, "--pattern", "1:1", "--reset", "--backend", "127.0.0.1:80")):
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
