"""Every mode against `breakwater serve`: what is counted here is what the server counted."""
from __future__ import annotations

import os
import subprocess
import unittest

import flood_harness  # noqa: F401  (sets the import path for doubles)
from doubles import CountingBackend
from flood_harness import PROGRAM, Relay, Report, Server, load_of, main, run

BOTH = ("1.2", "1.3")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Modes(unittest.TestCase):
    """Each test has a server of its own, so that the server's counters are the test's. Its guard is off: on a busy
    machine these loads are the flood that it asks for cookies and refuses."""

    def setUp(self) -> None:
        self.server = Server("--respond", "hello", "--guard", "off").__enter__()
        self.addCleanup(self.server.__exit__, None)

    def load(self, *arguments: str, status: int = 0) -> Report:
        return load_of(self.server.port, *arguments, status=status)

    def test_full(self) -> None:
        for number, (version, end) in enumerate(((v, e) for v in BOTH for e in ("abort", "close")), 1):
            with self.subTest(version=version, end=end):
                load = self.load("--tls", version, "--count", "200", "--end", end, "--connections", "20")
                self.assertEqual((load["succeeded"], load["handshakes"], load["failed"]), (200, 200, 0))
                self.assertEqual(sum(load["negotiated"].values()), 200)
                self.assertTrue(all(name.startswith(f"TLS {version} ") for name in load["negotiated"]))
                self.assertGreaterEqual(load["tcp"]["sampled"], 6)
                self.assertLess(load["measured_s"], 8)  # no connection waited for an end that had come
                # A handshake that ends with our Finished is counted there only when it was read.
                numbers = self.server.wait_for_statistics(lambda n: n["open"] == 0, "all connections are gone")
                self.assertEqual(numbers["handshakes"], 200 * number)
                self.assertEqual(numbers["handshakes_failed"], 0)

    def test_full_with_signatures_checked(self) -> None:
        for version in BOTH:
            load = self.load("--tls", version, "--count", "50", "--check-signature", "--group", "x25519")
            self.assertEqual(load["succeeded"], 50)

    def test_hello(self) -> None:
        for number, version in enumerate(BOTH, 1):
            load = self.load("--mode", "hello", "--tls", version, "--count", "200")
            self.assertEqual((load["succeeded"], load["handshakes"]), (200, 0))
            self.assertEqual(load["latency_us"]["handshake"]["count"], 200)
            numbers = self.server.wait_for_statistics(lambda n: n["open"] == 0, "all connections are gone")
            self.assertEqual((numbers["flights"], numbers["handshakes"]), (200 * number, 0))

    def test_resume(self) -> None:
        for number, version in enumerate(BOTH):
            for arguments in (("--tickets", "1"), ("--tickets", "5"), ("--tickets", "2", "--fresh-tickets")):
                before = self.server.statistics()
                load = self.load("--mode", "resume", "--tls", version, "--count", "100", "--connections", "10",
                                 *arguments)
                self.assertEqual((load["succeeded"], load["resumed"], load["failed"]), (100, 100, 0), load)
                self.assertTrue(all("resumed" in name for name in load["negotiated"]))
                after = self.server.wait_for_statistics(lambda n: n["open"] == 0, "all connections are gone")
                self.assertEqual(after["resumed"] - before["resumed"], 100)
                # Those that only collected: as many as there are sessions, and none of them reported.
                self.assertEqual(after["handshakes"] - before["handshakes"], 100 + int(arguments[1]))

    def test_requests(self) -> None:
        with CountingBackend(OK) as backend, Server("--guard", "off", "--backend", backend.address) as server:
            for version in BOTH:
                for arguments in ((), ("--requests", "7"), ("--requests", "0"), ("--requests", "0", "--rate", "2000")):
                    with self.subTest(version=version, arguments=arguments):
                        before = backend.requests
                        load = load_of(server.port, "--mode", "request", "--tls", version, "--count", "300", "--path",
                                       "/x?y=z", "--connections", "8", *arguments)
                        self.assertEqual((load["succeeded"], load["failed"], load["unfinished"]), (300, 0, 0))
                        self.assertEqual(backend.requests - before, 300)

    def test_requests_of_a_duration(self) -> None:
        # What was under way at the end was served as well, or not: nothing else may differ.
        with CountingBackend(OK) as backend, Server("--guard", "off", "--backend", backend.address) as server:
            load = load_of(server.port, "--mode", "request", "--requests", "0", "--duration", "1", "--connections", "4")
            self.assertGreater(load["succeeded"], 20)
            self.assertLessEqual(abs(backend.requests - load["succeeded"]), 4)
            self.assertEqual(load["unfinished"], 4)

    def test_bodies(self) -> None:
        big = bytes(3_000_000)
        for header, body in ((b"Content-Length: 3000000", big),
                             (b"Transfer-Encoding: chunked", b"2dc6c0\r\n" + big + b"\r\n0\r\n\r\n")):
            response = b"HTTP/1.1 200 OK\r\n" + header + b"\r\n\r\n" + body
            with self.subTest(header), CountingBackend(response) as backend, \
                    Server("--guard", "off", "--backend", backend.address) as server:
                load = load_of(server.port, "--mode", "request", "--requests", "3", "--count", "6",
                               "--connections", "2")
                self.assertEqual(load["succeeded"], 6, load)
                self.assertGreater(load["bytes_received"], 6 * len(big))

    def test_a_cut_body_is_a_failure(self) -> None:
        cut = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"
        with CountingBackend(cut, closes=True) as backend, \
                Server("--guard", "off", "--backend", backend.address) as server:
            load = load_of(server.port, "--mode", "request", "--count", "10", status=1)
            self.assertEqual(load["failures"], {"closed early": 10})

    def test_status_and_nonsense(self) -> None:
        for response, failure in ((b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP status"),
                                  (b"220 mail.example ESMTP\r\n", "HTTP"),
                                  (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy", "HTTP")):
            with self.subTest(response), CountingBackend(response) as backend, \
                    Server("--guard", "off", "--backend", backend.address) as server:
                load = load_of(server.port, "--mode", "request", "--count", "10", status=1)
                self.assertEqual(load["failed"], 10)
                self.assertTrue(all(failure in kind for kind in load["failures"]), load["failures"])

    def test_stall_and_idle(self) -> None:
        for mode in ("stall", "idle"):
            load = self.load("--mode", mode, "--connections", "50", "--duration", "1.5", "--ramp", "500")
            self.assertEqual((load["succeeded"], load["failed"], load["held_max"]), (50, 0, 50))
            self.server.wait_for_statistics(lambda n: n["open"] == 0, "all connections are gone")
            # Held for half a second, and opened again for as long as the run lasts.
            load = self.load("--mode", mode, "--connections", "10", "--duration", "1.8", "--hold", "0.5")
            self.assertGreaterEqual(load["succeeded"], 30)
            self.assertEqual((load["failed"], load["held_max"]), (0, 10))

    def test_ramp(self) -> None:
        load = self.load("--mode", "stall", "--connections", "1000", "--duration", "1", "--ramp", "100")
        self.assertTrue(60 <= load["held_max"] <= 110, load["held_max"])

    def test_trickle(self) -> None:
        load = self.load("--mode", "trickle", "--interval", "2", "--count", "10")
        self.assertEqual((load["succeeded"], load["handshakes"]), (10, 10))
        hello = load["latency_us"]["handshake"]["min"] / 2000  # bytes, at most, that were sent at intervals
        self.assertGreater(hello, 80)

    def test_garbage(self) -> None:
        load = self.load("--mode", "garbage", "--count", "300")
        self.assertEqual((load["succeeded"], load["failed"]), (300, 0))
        numbers = self.server.wait_for_statistics(lambda n: n["open"] == 0, "all connections are gone")
        self.assertEqual((numbers["handshakes"], numbers["accepted"]), (0, 300))
        self.assertEqual(self.load("--count", "10")["succeeded"], 10)  # and it serves on

    def test_renegotiation_is_refused(self) -> None:
        for version in BOTH:
            load = self.load("--mode", "renegotiate", "--tls", version, "--count", "20")
            self.assertEqual((load["succeeded"], load["renegotiations"], load["handshakes"]), (20, 0, 20))

    def test_corrupt_finished_fails_always(self) -> None:
        for version in BOTH:
            load = self.load("--tls", version, "--count", "50", "--corrupt-finished", status=1)
            self.assertEqual((load["succeeded"], load["failed"], load["handshakes"]), (0, 50, 0))
            self.assertEqual(load["failures"], {"alert decrypt_error": 50})
        self.assertEqual(self.server.statistics()["handshakes"], 0)

    def test_a_corrupted_server_finished_is_no_success(self) -> None:
        for version in BOTH:
            for mode in ("full", "hello", "request", "idle") if version == "1.3" else ("full", "request", "idle"):
                with self.subTest(version=version, mode=mode), Relay("flip", self.server.port) as relay:
                    load = load_of(relay.port, "--tls", version, "--mode", mode, "--count", "10", "--connections", "4",
                                   "--duration", "5", status=None)
                    self.assertEqual((load["succeeded"], load["failed"], load["handshakes"]), (0, 10, 0), load)
                    self.assertEqual(list(load["failures"]), ["bad Finished"], load["failures"])
        for version in BOTH:  # the relay itself does no harm
            with self.subTest(version=version, flip=False), Relay("keep", self.server.port) as relay:
                load = load_of(relay.port, "--tls", version, "--count", "10", "--connections", "4")
                self.assertEqual(load["succeeded"], 10)

    def test_sources(self) -> None:
        load = self.load("--count", "100", "--source", "127.3.0.1-127.3.0.7", "--source", "127.4.0.9")
        self.assertEqual((load["succeeded"], load["sources"]), (100, 8))

    def test_a_mix(self) -> None:
        scenario = self.server.folder.name + "/mix.toml"
        with open(scenario, "w") as file:
            file.write('[defaults]\nduration = 1.5\n[[load]]\nname = "honest"\nmode = "request"\nrate = 50\n'
                       '[[load]]\nname = "attack"\ntls = "1.2"\nmode = "hello"\nconnections = 8\nstart = 0.5\n'
                       'duration = 0.5\n')
        report = run(self.server.port, "--mix", scenario)
        honest, attack = report["loads"]
        self.assertEqual(honest["succeeded"] + honest["unfinished"], 75)
        self.assertGreater(attack["succeeded"], 10)
        self.assertEqual(honest["failed"] + attack["failed"], 0)


class Ipv6(unittest.TestCase):
    def test_sources(self) -> None:
        if not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("the kernel has no IPv6")
        with Server("--guard", "off", "--respond", "x", listen="[::1]:0") as server:
            done = subprocess.run([PROGRAM, "--quiet", "--count", "20", "--source", "::1", f"[::1]:{server.port}"],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(server.statistics()["handshakes"], 20)


if __name__ == "__main__":
    main()
