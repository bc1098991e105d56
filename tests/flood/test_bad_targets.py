"""Targets that are no TLS servers, or bad ones: a clear kind of failure, a report, and never a hang."""
from __future__ import annotations

import signal
import socket
import subprocess
import time
import unittest

import flood_harness  # noqa: F401  (sets the import path for doubles)
from doubles import a_byte_a_second, answers, relay_part_of, says_first, until_it_ends
from flood_harness import OpensslServer, Report, command, load_of, main, parse
from proxy_harness import Backend, Server

BOTH = ("1.2", "1.3")


class BadTargets(unittest.TestCase):
    def failures(self, port: int, *arguments: str, connections: int = 4) -> dict[str, int]:
        load = load_of(port, "--connections", str(connections), "--count", "12", "--duration", "8", *arguments,
                       status=1)
        self.assertEqual((load["succeeded"], load["handshakes"]), (0, 0))
        self.assertEqual(load["failed"], 12, load)
        return load["failures"]

    def test_refused(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound, and not listening
            port = unused.getsockname()[1]
            began = time.monotonic()
            done = subprocess.run(command(port, "--duration", "20"), capture_output=True, text=True, timeout=15)
            took = time.monotonic() - began
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(0.8 < took < 4, took)  # a server that is just starting may still come
        self.assertIn("connection refused", done.stderr)
        self.assertIn(f"nothing listens at 127.0.0.1:{port}", done.stderr)
        report = parse(done)
        self.assertLess(report["loads"][0]["failures"]["connection refused"], 1000)
        self.assertLess(report["generator"]["busy_s"], 0.7)

    def test_a_server_that_goes_away_and_comes_back(self) -> None:
        def serves(server: Server) -> None:
            server.wait_for_statistics(lambda n: n["handshakes"] > 0, "handshakes")

        with Server("--respond", "x") as server:
            port = server.port
            process = subprocess.Popen(command(port, "--duration", "60", "--connections", "4"), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            serves(server)
        time.sleep(1)
        with Server("--respond", "x", listen=f"127.0.0.1:{port}") as server:
            serves(server)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=30)
        load = parse(subprocess.CompletedProcess([], process.returncode, out, errors))["loads"][0]
        self.assertEqual(process.returncode, 0, errors)
        refused = load["failures"]["connection refused"]
        self.assertTrue(3 <= refused <= 1000, load)
        # The last second may just have begun.
        self.assertGreater(sum(second["succeeded"] for second in load["seconds"][-2:]), 0, load["seconds"])

    def test_not_tls(self) -> None:
        for name, serve in (("ssh", says_first(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")),
                            ("http", answers(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
                            ("zeros", answers(bytes(100)))):
            for version in BOTH:
                with self.subTest(name, version=version), Backend(serve) as target:
                    self.assertEqual(self.failures(target.port, "--tls", version), {"not TLS": 12})

    def test_closed_at_once(self) -> None:
        def close(connection: socket.socket) -> None:
            connection.recv(65536)
        with Backend(close) as target:
            self.assertEqual(self.failures(target.port), {"closed early": 12})
            for mode in ("stall", "idle"):
                # The run is over when the last of these has ended: what was open at its end would count as held.
                load = load_of(target.port, "--mode", mode, "--connections", "4", "--count", "30", "--ramp", "50",
                               "--duration", "20")
                self.assertEqual((load["started"], load["succeeded"], load["failures"]), (30, 0, {"closed early": 30}))
                self.assertTrue(0.4 < load["measured_s"] < 15, load)  # 29 / 50 s: reopened no faster than the ramp

    def test_never_answers(self) -> None:
        with Backend(until_it_ends) as target:
            self.assertEqual(self.failures(target.port, "--timeout", "0.3"), {"handshake timeout": 12})

    def test_a_byte_a_second(self) -> None:
        with Backend(a_byte_a_second) as target:
            self.assertEqual(self.failures(target.port, "--timeout", "1.5"), {"handshake timeout": 12})
            # A garbage sender waits for the end, not for an answer.
            load = load_of(target.port, "--mode", "garbage", "--count", "4", "--timeout", "1", "--duration", "5",
                           status=None)
            self.assertEqual(load["failures"], {"handshake timeout": 4})

    def test_alerts(self) -> None:
        with Backend(answers(b"\x15\x03\x03\x00\x02\x02\x28")) as target:
            for version in BOTH:
                self.assertEqual(self.failures(target.port, "--tls", version), {"alert handshake_failure": 12})

    def test_dies_half_way(self) -> None:
        with Server("--respond", "x") as server:
            for version in BOTH:
                for size in (3, 60, 300):
                    with self.subTest(version=version, size=size), Backend(relay_part_of(server.port, size)) as target:
                        self.assertEqual(self.failures(target.port, "--tls", version), {"closed early": 12})
                with Backend(relay_part_of(server.port, 60, reset=True)) as target:
                    self.assertEqual(self.failures(target.port, "--tls", version), {"reset": 12})

    def test_a_server_that_accepts_a_bad_finished_would_show(self) -> None:
        # What the success of a TLS 1.3 handshake rests on: an end without an alert after our Finished. A target that
        # vanishes by RST instead has not said so.
        with OpensslServer("-tls1_3", "-www") as server:
            def serve(connection: socket.socket) -> None:
                with socket.create_connection(("127.0.0.1", server.port)) as upstream:
                    upstream.sendall(connection.recv(65536))
                    connection.sendall(upstream.recv(65536))
                    connection.recv(65536)  # our Finished and close_notify
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            with Backend(serve) as target:
                self.assertEqual(self.failures(target.port, connections=1), {"reset": 12})

    def test_an_end_without_close_notify_is_an_end(self) -> None:
        with Server("--respond", "x") as server:
            def serve(connection: socket.socket) -> None:
                with socket.create_connection(("127.0.0.1", server.port)) as upstream:
                    upstream.sendall(connection.recv(65536))
                    connection.sendall(upstream.recv(65536))
                    upstream.sendall(connection.recv(65536))
                    while upstream.recv(65536):  # the close_notify is lost
                        pass
            for end in ("abort", "close"):
                with self.subTest(end=end), Backend(serve) as target:
                    load = load_of(target.port, "--count", "4", "--end", end, "--timeout", "6", "--connections", "4")
                    self.assertEqual(load["succeeded"], 4)
                    self.assertLess(load["measured_s"], 5)  # nobody waits for another

    def test_plain(self) -> None:
        def serve(connection: socket.socket) -> None:
            for send, expect in ((1200, 300), (50, 80)):
                got = 0
                while got < expect:
                    data = connection.recv(expect - got)
                    if not data:
                        return
                    got += len(data)
                connection.sendall(bytes(send))
            until_it_ends(connection)
        with Backend(serve) as target:
            load = self.plain(target.port, "300:1200,80:50")
            self.assertEqual((load["succeeded"], load["failed"]), (50, 0), load)
            self.assertEqual((load["bytes_sent"], load["bytes_received"]), (50 * 380, 50 * 1250))
            load = self.plain(target.port, "300:1000,80:50", status=1)
            self.assertEqual(load["failed"], 50, load)
            load = self.plain(target.port, "0:0")
            self.assertEqual(load["succeeded"], 50)

    def plain(self, port: int, pattern: str, status: int = 0) -> Report:
        return load_of(port, "--mode", "plain", "--pattern", pattern, "--count", "50", "--connections", "4",
                       status=status)

    def test_a_foreign_source(self) -> None:
        done = subprocess.run(command(1, "--source", "203.0.113.7"), capture_output=True, text=True, timeout=15)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ip addr add 203.0.113.7/32 dev lo", done.stderr)

    def test_out_of_ports(self) -> None:
        # In a network of its own, where there are few local ports.
        script = ("ip link set lo up && echo 40000 40029 > /proc/sys/net/ipv4/ip_local_port_range && "
                  "{ /usr/bin/python3 -c 'import socket, time; s = socket.create_server((\"127.0.0.1\", 443)); "
                  "print(flush=True); time.sleep(4)' | { read line; exec \"$@\"; }; }")
        if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
            self.skipTest("a network of its own needs root")
        done = subprocess.run(["unshare", "-n", "sh", "-c", script, "sh",
                               *command(443, "--mode", "stall", "--connections", "50", "--duration", "2")],
                              capture_output=True, text=True, timeout=30)
        load = parse(done)["loads"][0]
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(load["held_max"], 30, done.stderr)
        self.assertEqual(list(load["failures"]), ["out of ports"])
        self.assertLess(load["failed"], 500)


if __name__ == "__main__":
    main()
