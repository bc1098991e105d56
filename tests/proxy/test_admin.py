"""The administration interface of `breakwater serve`."""
import collections
import os
import pathlib
import re
import signal
import socket
import ssl
import struct
import subprocess
import time
import unittest

from admin_harness import Admin
from proxy_harness import (LAST_GET, PATIENCE_S, PROGRAM, TLS12, TLS13, MemoryClient, Server, client_context, connect, main,
                           read_all, tcp, wait_until)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Admin("--workers", "2").__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None)

    def test_health(self):
        status, head, body = self.server.get("/healthz")
        self.assertEqual((status, body), (200, "ok\n"))
        self.assertIn("Content-Length: 3\r\n", head)

    def test_head_has_no_body(self):
        for path in ("/", "/healthz", "/metrics", "/status"):
            status, head, body = self.server.get(path, method="HEAD")
            self.assertEqual((status, body), (200, ""))
            self.assertGreater(int(re.search(r"Content-Length: (\d+)", head)[1]), 2)

    def test_refusals(self):
        for request, status in (("GET /nothing HTTP/1.1\r\nHost: localhost", 404), ("POST / HTTP/1.1\r\nHost: localhost", 405),
                                ("nonsense", 400), ("GET / HTTP/1.1", 400), ("GET / HTTP/3.0\r\nHost: localhost", 505),
                                ("GET /metrics HTTP/1.1\r\nHost: rebinding.example", 421),
                                ("GET http://rebinding.example/status HTTP/1.1\r\nHost: localhost", 421)):
            with self.subTest(request=request):
                answer = self.server.ask(request.encode() + b"\r\n\r\n")
                self.assertEqual(answer[0], status)
                self.assertIn(str(status), answer[2])
        self.assertIn("\r\nAllow: GET, HEAD", self.server.ask(b"PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n")[1])

    def test_a_big_request(self):
        self.assertEqual(self.server.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000)[0], 431)
        self.assertEqual(self.server.ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 8_000 + b"\r\n\r\n")[0], 200)
        # A body is not read, and does not destroy the answer.
        self.assertEqual(self.server.ask(b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n" + b"x" * 30_000)[0], 405)

    def test_the_page_runs_nothing_but_its_own(self):
        nonces = set()
        for _ in range(2):
            status, head, body = self.server.get("/")
            self.assertEqual(status, 200)
            policy = re.search(r"Content-Security-Policy: ([^\r]*)", head)[1]
            nonce = re.search(r"script-src 'nonce-([0-9a-f]{32})';", policy)[1]
            self.assertTrue(policy.startswith("default-src 'none';"))
            self.assertEqual(re.findall(r"<(?:script|style)([^>]*)>", body), [f' nonce="{nonce}"'] * 2)
            self.assertNotRegex(body, r"(src|href)=\"(?!/|data:)|\{\{|innerHTML|\son\w+=")
            nonces.add(nonce)
        self.assertEqual(len(nonces), 2)

    def test_status_is_what_metrics_are(self):
        with connect(self.server.port) as connection:
            connection.sendall(LAST_GET)
            read_all(connection)
        self.server.wait_for_counts(open=0)
        status, metrics = self.server.status(), self.server.metrics()
        self.assertEqual(status["state"], "serving")
        self.assertEqual(len(status["workers"]), 2)
        self.assertEqual(status["guard"]["enabled"], True)
        self.assertEqual(status["listen"], [f"127.0.0.1:{self.server.port}"])
        for name, value in status["totals"].items():
            key = f"breakwater_{name}_total" if (f"breakwater_{name}_total", ()) in metrics else f"breakwater_{name}"
            if name not in ("arithmetic_us", "jobs", "jobs_in_lanes", "lane_runs"):  # key pairs may be made meanwhile
                self.assertEqual(metrics[key, ()], value, name)
        self.assertEqual(set(status["totals"]), set(self.server.statistics()))

    def test_everything_is_documented(self):
        docs = pathlib.Path(__file__).resolve().parents[2] / "docs"
        page = (docs / "admin.md").read_text()
        names = set(re.findall(r"`(breakwater_\w+)`", page))
        for rest in re.search(r"`breakwater_guard_enabled`((?:, `_\w+`)+)", page)[1].split(", ")[1:]:
            names.add("breakwater_guard" + rest.strip("`"))
        counters = set(self.server.statistics())
        for name in set(re.findall(r"(?m)^# TYPE (\S+) ", self.server.get("/metrics")[2])):
            if name.removeprefix("breakwater_").removesuffix("_total") not in counters:
                self.assertIn(name, names)
        for reason in re.findall(r'failed_by_reason_total\{reason="(\w+)"', self.server.get("/metrics")[2]):
            self.assertRegex(page, rf"(?m)^\|[^|]*`{reason}`[^|]*\|")

    def test_history_has_a_point_for_each_second(self):
        wait_until(lambda: len(self.server.status()["history"]["ecdsa"]) >= 3, "three seconds")
        history = self.server.status()["history"]
        lengths = {len(series) for series in history.values() if isinstance(series, list)}
        self.assertEqual(len(lengths), 1, history)


class Numbers(unittest.TestCase):
    def test_handshakes_by_kind(self):
        with Admin("--workers", "2") as server:
            def serve(count, context, resume=False):
                for _ in range(count):
                    session = None
                    if resume:
                        with connect(server.port, context) as first:
                            first.sendall(LAST_GET)
                            read_all(first)
                            session = first.session
                    with connect(server.port, context, session=session) as connection:
                        self.assertEqual(connection.session_reused, resume)
                        connection.sendall(LAST_GET)
                        read_all(connection)
            rsa = client_context(TLS12)
            rsa.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
            serve(5, client_context(TLS13))
            serve(3, client_context(TLS12))
            serve(2, rsa)
            serve(4, client_context(TLS13), resume=True)  # each after a full one
            serve(1, client_context(TLS12), resume=True)
            server.wait_for("open", 0)
            metrics = server.metrics()
            kinds = {tuple(value for _, value in labels): count for (name, labels), count in metrics.items()
                     if name == "breakwater_handshakes_by_kind_total"}
            self.assertEqual(kinds, {("1.2", "ecdsa", "no"): 4, ("1.2", "rsa", "no"): 2, ("1.2", "none", "yes"): 1,
                                     ("1.3", "ecdsa", "no"): 9, ("1.3", "rsa", "no"): 0, ("1.3", "none", "yes"): 4})
            count = lambda name: metrics[f"breakwater_{name}", ()]
            self.assertEqual(count("handshakes_total"), 20)
            self.assertEqual(count("resumed_total"), 5)
            self.assertEqual(count("tls12_total"), 7)
            self.assertEqual(count("accepted_total"), 20)
            self.assertEqual(count("requests_total"), 20)
            self.assertEqual(count("handshakes_failed_total"), 0)
            workers = [metrics["breakwater_worker_handshakes_total", (("worker", str(i)),)] for i in range(2)]
            self.assertEqual(sum(workers), 20)
            # Signatures: one for each full handshake.
            operations = {}
            for (name, labels), value in metrics.items():
                labels = dict(labels)
                if name == "breakwater_jobs_alone_total":
                    operations[labels["operation"]] = operations.get(labels["operation"], 0) + value
                if name == "breakwater_lane_runs_by_fill_total":
                    operations[labels["operation"]] = operations.get(labels["operation"], 0) + int(labels["lanes"]) * value
            self.assertEqual(operations["P-256 sign"], 13)
            self.assertEqual(operations["RSA-2048 sign"], 2)
            self.assertEqual(sum(operations.values()), count("jobs_total"))
            # Jobs waited: for each TLS 1.3 handshake once, for a full one of TLS 1.2 twice. Their key pairs were made ahead,
            # or one at a time when the client began before that.
            waits = count("job_wait_seconds_count")
            self.assertGreaterEqual(waits, 13 + 2 * 6)
            self.assertLessEqual(waits, 13 + 2 * 6 + 20)
            cpu = sum(value for (name, _), value in metrics.items() if name == "breakwater_cpu_seconds_total")
            ticks = sum(map(int, open(f"/proc/{server.process.pid}/stat").read().rpartition(")")[2].split()[11:13]))
            self.assertLessEqual(cpu, ticks / os.sysconf("SC_CLK_TCK") + 0.05)
            self.assertGreater(cpu, 0)

    def test_handshakes_that_fail(self):
        with Admin(config='handshake_timeout = "700ms"\n') as server:
            with tcp(server.port):  # says nothing
                server.wait_for("half_open", 1)
                server.wait_for("handshakes_failed_by_reason_total", 1, reason="timeout")
                server.wait_for("half_open", 0)
            for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 50):
                with tcp(server.port) as connection:
                    connection.sendall(garbage)
                    read_all(connection)
            with tcp(server.port):
                pass
            with tcp(server.port) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            for version in (TLS12, TLS13):  # takes our flight and goes
                with MemoryClient(server.port, client_context(version)) as client:
                    client.step()
                    client.socket.sendall(client.take_output())
                    self.assertTrue(client.receive())
            strict = ssl.create_default_context()  # does not trust the certificate, and says so
            with self.assertRaises(ssl.SSLError):
                connect(server.port, strict)
            old = client_context(TLS12)
            old.set_ciphers("AES128-SHA")
            with self.assertRaises(ssl.SSLError):
                connect(server.port, old)
            expected = {"timeout": 1, "violation": 2, "client_left": 3, "reset": 1, "client_alert": 1, "nothing_in_common": 1}
            wait_until(lambda: server.value("handshakes_failed_total") == sum(expected.values()), "all have failed")
            server.wait_for("open", 0)
            metrics = server.metrics()
            failed = {labels: value for (name, labels), value in metrics.items()
                      if name == "breakwater_handshakes_failed_by_reason_total" and value}
            reasons = collections.Counter()
            for labels, value in failed.items():
                reasons[dict(labels)["reason"]] += value
            self.assertEqual(dict(reasons), expected)
            # As far as they were known: who said nothing, who left after our flight, with whom nothing was in common.
            reason = lambda name, *more: (("reason", name), *more)
            of = lambda version, certificate: (("version", version), ("certificate", certificate), ("resumed", "no"))
            self.assertEqual(failed[reason("timeout")], 1)
            self.assertEqual(failed[reason("violation")], 2)
            self.assertEqual(failed[reason("client_left")], 1)
            self.assertEqual(failed[reason("client_left", *of("1.2", "ecdsa"))], 1)
            self.assertEqual(failed[reason("client_left", *of("1.3", "ecdsa"))], 1)
            self.assertEqual(failed[reason("client_alert", *of("1.3", "ecdsa"))], 1)
            self.assertEqual(failed[reason("nothing_in_common", ("version", "1.2"))], 1)
            self.assertEqual(metrics["breakwater_handshakes_wasted_total", ()], 3)  # two that left, one with an alert
            self.assertEqual(metrics["breakwater_handshake_timeouts_total", ()], 1)
            self.assertEqual(metrics["breakwater_accepted_total", ()], sum(expected.values()))
            failures = {dict(labels)["detail"]: value for (name, labels), value in metrics.items()
                        if name == "breakwater_failures_total"}
            self.assertEqual(failures["handshake_failure"], 1)


class Limits(unittest.TestCase):
    def test_the_seventeenth_connection(self):
        with Admin() as server:
            idle = [server.open() for _ in range(16)]
            time.sleep(0.2)
            self.assertEqual(server.get("/healthz")[0], 200)
            self.assertEqual(idle[0].recv(1), b"")  # the oldest went
            idle[15].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(read_all(idle[15]).startswith(b"HTTP/1.1 200 "))
            for connection in idle:
                connection.close()

    def test_many_connections_cost_nothing(self):
        with Admin() as server:
            self.assertEqual(server.get("/healthz")[0], 200)
            before = server.descriptors()
            connections = [server.open() for _ in range(100)]
            wait_until(lambda: server.get("/healthz")[0] == 200, "an answer among them")
            self.assertLessEqual(server.descriptors(), before + 16)
            for connection in connections:
                connection.close()

    def test_a_slow_request_has_five_seconds_and_keeps_nobody_waiting(self):
        with Admin() as server, server.open() as slow:
            begin = time.monotonic()
            slow.settimeout(0.25)
            slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
            ended = None
            while ended is None and time.monotonic() - begin < 5 + PATIENCE_S:
                try:
                    ended = time.monotonic() if slow.recv(1) == b"" else self.fail("it was answered")
                except TimeoutError:
                    slow.sendall(b"x")  # activity does not extend it
                except ConnectionResetError:
                    ended = time.monotonic()
                self.assertEqual(server.get("/healthz")[0], 200)
            self.assertGreater(ended - begin, 4.5)
            self.assertLess(ended - begin, 5 + PATIENCE_S / 2)

    def test_a_client_that_does_not_read(self):
        with Admin() as server:
            deaf = []
            for _ in range(8):
                connection = socket.socket()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect(("127.0.0.1", server.admin_port))
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                deaf.append(connection)
            self.assertEqual(server.get("/healthz")[0], 200)
            time.sleep(7)
            self.assertEqual(server.get("/healthz")[0], 200)
            for connection in deaf:
                connection.close()


class Life(unittest.TestCase):
    def test_only_on_loopback(self):
        for address, says in (("0.0.0.0:0", "use 127.0.0.1:PORT"), ("192.0.2.1:8444", "use 127.0.0.1:PORT"),
                              ("[::]:0", "use 127.0.0.1:PORT"), ("127.0.0.1", "has no host and port")):
            done = subprocess.run([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--admin", address], capture_output=True,
                                  text=True, timeout=PATIENCE_S)
            self.assertEqual(done.returncode, 1, address)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn("--admin: ", done.stderr)
            self.assertIn(says, done.stderr)

    def test_the_port_is_its_own(self):
        with Admin() as first:
            for flags in (("--admin", f"127.0.0.1:{first.admin_port}"), ("--admin", f"127.0.0.1:{first.port}")):
                done = subprocess.run([PROGRAM, "serve", "--listen", "127.0.0.1:0", *flags], capture_output=True, text=True,
                                      timeout=PATIENCE_S)
                self.assertEqual(done.returncode, 1)
                self.assertIn("another program uses this port: stop it or choose another one with --admin", done.stderr)

    def test_ipv6(self):
        with socket.socket(socket.AF_INET6) as probe:
            try:
                probe.bind(("::1", 0))
            except OSError:
                self.skipTest("this machine has no IPv6")
        with Admin(admin="[::1]:0") as server:
            self.assertEqual(server.get("/healthz")[0], 200)
            self.assertEqual(server.get("/healthz", host="localhost")[0], 200)

    def test_reload(self):
        with Admin(config='respond = "one"\n') as server:
            with connect(server.port) as connection:
                connection.sendall(LAST_GET)
                read_all(connection)
            server.config_path.write_text('respond = "two"\nadmin = "127.0.0.1:1"\nbackend = 5\n')
            server.signal(signal.SIGHUP)
            server.wait_for_line("reload failed")
            self.assertEqual(server.value("reloads_total"), 0)
            server.config_path.write_text('backend = "127.0.0.1:9"\n')
            server.signal(signal.SIGHUP)
            server.wait_for_line("reloaded")
            server.wait_for("reloads_total", 1)
            self.assertEqual(server.value("handshakes_total"), 1)
            self.assertEqual(server.status()["service"], "backend 127.0.0.1:9")

    def test_reload_with_another_address(self):
        with Server(config='admin = "127.0.0.1:0"\n') as server:
            server.config_path.write_text("")
            server.signal(signal.SIGHUP)
            server.wait_for_line("admin has changed, which takes a restart")

    def test_drain(self):
        with Admin() as server, tcp(server.port) as half_open:
            server.wait_for("half_open", 1)
            server.signal(signal.SIGTERM)
            wait_until(lambda: server.get("/healthz")[::2] == (503, "draining\n"), "it says that it drains")
            self.assertEqual(server.status()["state"], "draining")
            self.assertEqual(server.value("draining"), 1)
            half_open.close()
            self.assertEqual(server.wait(), 0)
            with self.assertRaises(ConnectionRefusedError):
                server.open()

    def test_without_the_flag_there_is_nothing(self):
        with Server() as server:
            self.assertIsNone(server.find("administration"))


if __name__ == "__main__":
    main()
