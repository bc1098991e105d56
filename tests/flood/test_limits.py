"""Interrupted, short of descriptors, late: the report stays true."""
from __future__ import annotations

import signal
import subprocess
import time
import unittest

import flood_harness  # noqa: F401  (sets the import path for doubles)
from doubles import CountingBackend
from flood_harness import SANITIZED, Server, command, load_of, main, parse, run

# Under sanitizers the paths count, not the times: some runs are left out, others shorter.
MANY = 200 if SANITIZED else 1500
WAITS = ("sleep",) if SANITIZED else ("spin", "sleep")
REQUESTS = ("0",) if SANITIZED else ("0", "1")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Limits(unittest.TestCase):
    def test_interrupted(self) -> None:
        with Server("--respond", "x") as server:
            for number in (signal.SIGINT,) if SANITIZED else (signal.SIGINT, signal.SIGTERM):
                process = subprocess.Popen(command(server.port, "--duration", "60"), stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, text=True)
                time.sleep(1.2)
                process.send_signal(number)
                told = time.monotonic()
                out, errors = process.communicate(timeout=20)
                self.assertLess(time.monotonic() - told, 2)
                report = parse(subprocess.CompletedProcess([], process.returncode, out, errors))
                self.assertTrue(report["interrupted"])
                self.assertEqual(process.returncode, 0, errors)
                self.assertGreater(report["loads"][0]["succeeded"], 0)
                self.assertTrue(0.5 < report["duration_s"] < 3, report["duration_s"])

    @unittest.skipIf(SANITIZED, "the sanitizer itself needs descriptors")
    def test_few_descriptors(self) -> None:
        with Server("--respond", "x") as server:
            load = load_of(server.port, "--connections", "200", "--duration", "2", descriptors=64)
            self.assertGreater(load["succeeded"], 100)
            self.assertEqual(list(load["failures"]), ["out of descriptors"])
            self.assertLess(load["failed"], 200)  # it goes on with those it has
            load = load_of(server.port, "--connections", "200", "--duration", "2", "--mode", "stall", descriptors=64)
            self.assertTrue(40 <= load["held_max"] <= 60, load)
            self.assertEqual(list(load["failures"]), ["out of descriptors"])

    def test_many_held_connections(self) -> None:
        with Server("--respond", "x") as server:
            load = load_of(server.port, "--mode", "idle", "--connections", str(MANY), "--duration", "4",
                           "--ramp", "1000")
            self.assertEqual((load["succeeded"], load["held_max"], load["failed"]), (MANY, MANY, 0))

    def test_open_loop_counts_from_the_intended_start(self) -> None:
        # The backend stalls once for a second. A closed loop would wait with it and see one slow request; in an open
        # loop every start that was due meanwhile waited as well: a quarter of all, evenly from 1 s down to nothing.
        for requests in REQUESTS:
            with self.subTest(requests=requests), CountingBackend(OK, stall_at=60, stall_s=1) as backend, \
                    Server("--backend", backend.address) as server:
                load = load_of(server.port, "--mode", "request", "--rate", "60", "--duration", "4",
                               "--connections", "4", "--requests", requests)
                latency = load["latency_us"]["request"]
                self.assertGreaterEqual(load["succeeded"], 200)
                self.assertGreater(latency["p99"], 800_000)
                self.assertGreater(latency["p90"], 300_000)
                self.assertLess(latency["p50"], 300_000)
        with CountingBackend(OK, stall_at=60, stall_s=1) as backend, Server("--backend", backend.address) as server:
            load = load_of(server.port, "--mode", "request", "--requests", "0", "--duration", "4", "--connections", "4")
            self.assertLess(load["latency_us"]["request"]["p99"], 500_000)  # the closed loop, for comparison

    def test_the_rate_is_kept(self) -> None:
        with Server("--respond", "x") as server:
            for wait in WAITS:
                report = run(server.port, "--rate", "100", "--duration", "3", "--warmup", "1", "--wait", wait)
                load = report["loads"][0]
                starts = report["generator"]["lateness_us"]["count"]  # in the measured time
                self.assertTrue(198 <= starts <= 203, starts)
                self.assertGreaterEqual(load["started"], starts)  # with those that were under way when it began
                self.assertEqual([second["t"] for second in load["seconds"]], [1, 2])
                if wait == "sleep" and not SANITIZED:
                    generator = report["generator"]
                    self.assertLess(generator["cpu_user_us"] + generator["cpu_system_us"], 1_000_000)

    def test_the_warm_up_is_not_counted(self) -> None:
        with Server("--respond", "x") as server:
            load = load_of(server.port, "--rate", "50", "--duration", "2", "--warmup", "1")
            self.assertTrue(45 <= load["succeeded"] <= 55, load)


if __name__ == "__main__":
    main()
