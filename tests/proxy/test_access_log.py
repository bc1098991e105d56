"""The access log: one line for each served connection, whole, true, and in a file that can be rotated."""
import os
import pathlib
import re
import signal
import socket
import tempfile
import threading
import time
import unittest

from proxy_harness import (GET, LAST_GET, TLS12, TLS13, Backend, Server, client_context, connect, echo, main, read_all,
                           read_response, tcp, wait_until)

LINE = re.compile(r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) client=(?P<client>\S+) name=(?P<name>\S+) "
                  r"tls=(?P<tls>1\.[23]) suite=(?P<suite>\S+) group=(?P<group>\S+) resumed=(?P<resumed>yes|no) "
                  r"alpn=(?P<alpn>\S+) requests=(?P<requests>\d+) in=(?P<bytes_in>\d+) out=(?P<bytes_out>\d+) "
                  r"ms=(?P<ms>\d+) end=(?P<end>clean|cut)")


def lines_of(path):
    found = []
    for line in path.read_text().splitlines():
        match = LINE.fullmatch(line)
        if match is None:
            raise AssertionError(f"not a line of the access log: {line!r}")
        found.append(match.groupdict())
    return found


def wait_for_lines(path, count):
    wait_until(lambda: path.exists() and len(lines_of(path)) >= count, f"{count} lines in the access log")
    return lines_of(path)


class AccessLog(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "access.log"

    def serve(self, *arguments, **options):
        server = Server("--access-log", str(self.path), *arguments, **options)
        self.addCleanup(server.__exit__, None)
        return server.__enter__()

    def test_what_a_line_says(self):
        server = self.serve("--respond", "twelve bytes")
        context = client_context(TLS13)
        context.set_alpn_protocols(["http/1.1"])
        with connect(server.port, context) as connection:
            port = connection.getsockname()[1]
            connection.sendall(GET + GET + LAST_GET)
            answer = read_all(connection)
            session = connection.session
        line, = wait_for_lines(self.path, 1)
        self.assertEqual(line["client"], f"127.0.0.1:{port}")
        self.assertEqual((line["name"], line["tls"], line["resumed"], line["alpn"]),
                         ("localhost", "1.3", "no", "http/1.1"))
        self.assertTrue(line["suite"].startswith("TLS_"))
        self.assertIn(line["group"], ("x25519", "secp256r1"))
        self.assertEqual((int(line["requests"]), int(line["bytes_in"]), int(line["bytes_out"])),
                         (3, len(GET + GET + LAST_GET), len(answer)))
        self.assertLess(int(line["ms"]), 60_000)
        self.assertEqual(line["end"], "clean")
        with connect(server.port, context, session=session) as connection:
            connection.sendall(LAST_GET)
            read_all(connection)
        self.assertEqual(wait_for_lines(self.path, 2)[1]["resumed"], "yes")

    def test_a_tunnel(self):
        with Backend(echo) as backend:
            server = self.serve("--backend", f"127.0.0.1:{backend.port}")
            with connect(server.port, client_context(TLS12)) as connection:
                connection.sendall(b"x" * 50_000)
                got = 0
                while got < 50_000:
                    got += len(connection.recv(65536))
                connection.unwrap()
            line, = wait_for_lines(self.path, 1)
        self.assertEqual((line["tls"], line["alpn"], line["requests"]), ("1.2", "-", "0"))
        self.assertEqual((line["bytes_in"], line["bytes_out"]), ("50000", "50000"))

    def test_as_many_lines_as_connections(self):
        server = self.serve("--respond", "x", "--workers", "2")
        requests = [0] * 4

        def client(which):
            for round_number in range(25):
                with connect(server.port, client_context(TLS12 if round_number % 2 else TLS13)) as connection:
                    for _ in range(round_number % 3):
                        connection.sendall(GET)
                        read_response(connection)
                        requests[which] += 1

        threads = [threading.Thread(target=client, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = wait_for_lines(self.path, 100)
        self.assertEqual(len(lines), 100)
        self.assertEqual(sum(int(line["requests"]) for line in lines), sum(requests))
        statistics = server.statistics()
        self.assertEqual((statistics["requests"], statistics["log_lines_lost"]), (sum(requests), 0))

    def test_no_line_without_a_handshake(self):
        server = self.serve("--respond", "x")
        with tcp(server.port) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while connection.recv(100):
                pass
        wait_until(lambda: server.statistics()["handshakes_failed"] == 1, "the failure is counted")
        self.assertEqual(self.path.read_text(), "")

    def test_a_name_that_is_none_is_left_out(self):
        server = self.serve("--respond", "x")
        context = client_context(TLS13)
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            with context.wrap_socket(raw, server_hostname='a end="clean"') as connection:
                connection.sendall(LAST_GET)
                read_all(connection)
        line, = wait_for_lines(self.path, 1)
        self.assertEqual(line["name"], "-")

    def test_rotation(self):
        server = self.serve("--respond", "x")
        old = self.path.with_suffix(".1")
        for path_written in (old, self.path):
            with connect(server.port) as connection:
                connection.sendall(LAST_GET)
                read_all(connection)
            wait_for_lines(self.path, 1)
            if path_written == old:
                self.path.rename(old)
                server.signal(signal.SIGHUP)
                server.wait_for_line("reloaded")
                wait_until(self.path.exists, "the new file is there")
        self.assertEqual((len(lines_of(old)), len(lines_of(self.path))), (1, 1))

    def test_a_cut_connection(self):
        with Backend(echo) as backend:
            server = self.serve("--backend", f"127.0.0.1:{backend.port}")
            raw = tcp(server.port)
            connection = client_context(TLS13).wrap_socket(raw, server_hostname="localhost")
            connection.sendall(b"half")
            time.sleep(0.2)
            os.close(connection.detach())  # without close_notify
            line, = wait_for_lines(self.path, 1)
        self.assertEqual((line["end"], line["bytes_in"]), ("cut", "4"))

    def test_a_file_that_cannot_be_opened(self):
        for path, why in ((self.path / "below" / "x", "No such file"), (self.path.parent, "Is a directory")):
            with self.assertRaises(AssertionError) as caught:
                Server("--access-log", str(path), "--respond", "x")
            self.assertIn("cannot open the access log", str(caught.exception))
            self.assertIn(why, str(caught.exception))


if __name__ == "__main__":
    main()
