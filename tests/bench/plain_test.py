"""The generator's plain mode against breakwater-floor: both take the same pattern, and every repetition counts.

The paths of the programs are in the environment variables BREAKWATER_FLOOR and BREAKWATER_FLOOD.
"""
import json
import os
import socket
import subprocess
import tempfile
import threading
import unittest
from typing import Any

from bench_harness import main
from floor_harness import PATIENCE_S, Floor

FLOOD = os.environ["BREAKWATER_FLOOD"]
PATTERN = "200:700,74:0,"


def flood(port: int, pattern: str, *arguments: str, status: int = 0) -> dict[str, Any]:
    """The one load of a run's report."""
    done = subprocess.run([FLOOD, "--mode", "plain", "--pattern", pattern, *arguments, "--quiet", "--json", "-",
                           f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=60)
    if done.returncode != status:
        raise AssertionError(f"status {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)["loads"][0]


class Plain(unittest.TestCase):
    def test_every_repetition_counts(self) -> None:
        for times, connections in ((5, 8), (1, 40), (0, 1)):
            pattern = f"{PATTERN}100:1300x{times}"
            with self.subTest(times=times), Floor(pattern) as floor:
                load = flood(floor.port, pattern, "--count", "40", "--connections", "1")
                self.assertEqual((load["succeeded"], load["requests"], load["failed"]), (40, 40, 0), load)
                self.assertEqual(load["latency_us"]["request"]["count"], 40)
                self.assertEqual(load["latency_us"]["handshake"]["count"], connections)
                self.assertEqual(load["bytes_sent"], connections * 274 + 40 * 100)
                self.assertEqual(load["bytes_received"], connections * 700 + 40 * 1300)

    def test_what_awaits_nothing_leaves_with_the_next(self) -> None:
        pattern = f"{PATTERN}100:1300x1"
        with Floor(pattern) as floor:
            load = flood(floor.port, pattern, "--count", "64", "--connections", "1")
        # SYN, ACK, two messages and an ACK; with a segment for each step there was one more.
        self.assertLess(load["tcp"]["segments_out"], 5.5)

    def test_the_timeout_is_for_one_repetition(self) -> None:
        pattern = f"{PATTERN}100:1300x0"
        with Floor(pattern) as floor:
            load = flood(floor.port, pattern, "--timeout", "0.3", "--duration", "0.8", "--connections", "4")
        self.assertEqual((load["failed"], load["latency_us"]["handshake"]["count"]), (0, 4), load)

    def test_a_server_that_says_less(self) -> None:
        with Floor(f"{PATTERN}100:1299x0") as floor:
            load = flood(floor.port, f"{PATTERN}100:1300x0", "--duration", "1", "--timeout", "0.3", "--connections",
                         "2", status=1)
        self.assertGreater(load["failures"]["request timeout"], 0, load)

    def test_held_connections(self) -> None:
        with Floor("200:700,74:0") as floor:
            load = flood(floor.port, "200:700,74:0", "--hold", "60", "--connections", "100", "--ramp", "2000",
                         "--duration", "0.6")
            self.assertEqual((load["held_max"], load["succeeded"], load["failed"]), (100, 100, 0), load)
            load = flood(floor.port, "200:700,74:0", "--hold", "0.1", "--connections", "10", "--count", "30",
                         "--duration", "10")
            self.assertEqual((load["held_max"], load["succeeded"]), (10, 30), load)

    def test_requests_that_a_service_understands(self) -> None:
        heads = []

        def serve(listener: socket.socket) -> None:
            connection, _ = listener.accept()
            with connection:
                head = []
                for line in connection.makefile("rb"):
                    head.append(line)
                    if line == b"\r\n":
                        heads.append(head)
                        head = []
                        connection.sendall(b"y" * 321)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE_S)
            service = threading.Thread(target=serve, args=(listener,), daemon=True)
            service.start()
            with Floor("200:700,74:0", backend=listener.getsockname()[1]) as floor:
                load = flood(floor.port, "200:700,74:0,150:321x3", "--path", "/a/b", "--host", "example.org", "--count",
                             "3", "--connections", "1")
            service.join(PATIENCE_S)
        self.assertEqual((load["requests"], load["failed"]), (3, 0), load)
        self.assertEqual([head[0] for head in heads], [b"GET /a/b HTTP/1.1\r\n"] * 3)
        for head in heads:
            self.assertEqual(sum(map(len, head)), 150)
            self.assertIn(b"Host: example.org\r\n", head)
        self.assertEqual([b"Connection: close\r\n" in head for head in heads], [False, False, True])

    def test_settings_that_make_no_sense(self) -> None:
        for arguments, word in ((("--pattern", "1:1x2,1:1"), "only the last step"),
                                (("--pattern", "1:1x"), "is no step"),
                                (("--pattern", "0:1x2"), "at least one byte"), (("--pattern", "1:0x2"), "at least one"),
                                (("--pattern", "1:1x0", "--hold", "5"), "without bound"),
                                (("--pattern", "1:1", "--ramp", "5"), "--hold too"),
                                (("--pattern", "99:1x1", "--host", "x"), "--path too"),
                                (("--pattern", "20:9x1", "--path", "/"), "sends only 20"),
                                (("--pattern", "20:9", "--path", "/"), "what the repeated step asks for")):
            with self.subTest(arguments), tempfile.NamedTemporaryFile("w+") as report:
                report.write("an older report")
                report.flush()
                done = subprocess.run([FLOOD, "--mode", "plain", *arguments, "--json", report.name, "--duration", "1",
                                       "127.0.0.1:9"], capture_output=True, text=True, timeout=PATIENCE_S)
                self.assertEqual(done.returncode, 2)
                self.assertIn(word, done.stderr)
                report.seek(0)
                self.assertEqual(report.read(), "an older report")

    def test_a_request_longer_than_a_tls_client_takes_at_once(self) -> None:
        pattern = "5000:10x2"
        with Floor(pattern) as floor:
            load = flood(floor.port, pattern, "--path", "/", "--count", "4", "--connections", "1")
            self.assertEqual((load["succeeded"], load["failed"], load["bytes_sent"]), (4, 0, 20_000), load)


if __name__ == "__main__":
    main()
