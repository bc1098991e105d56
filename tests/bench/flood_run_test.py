"""bench/flood from end to end: a few attacks on Breakwater, as short as --quick has them."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from bench_harness import ROOT, main

FLOOD = [str(ROOT / "bench" / "flood"), "--breakwater", os.environ["BREAKWATER"], "--flood",
         os.environ["BREAKWATER_FLOOD"], "--floor", os.environ["BREAKWATER_FLOOR"], "--base-port", "24800", "--guard",
         "off", "--quick"]
# A machine that is busy with something else has no time for a server, which was told to expect clients for a whole
# core.
TOO_SLOW = {"handshake timeout", "connect timeout", "request timeout", "no session"}


def processes_with(word):
    """Processes with this word on their command line."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if word in line:
                found.append(line)
    return found


class Flood(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="flood-test-")
        self.addCleanup(self.place.cleanup)
        pathlib.Path(self.place.name).chmod(0o755)  # workers may be another user's
        self.output = pathlib.Path(self.place.name, "out")
        # Its working folder is made below this one, so that what it leaves behind can be told apart.
        self.environment = {**os.environ, "TMPDIR": self.place.name}

    def flood(self, pattern, *more, status=0, servers="breakwater"):
        command = [*FLOOD, "--cases", pattern, "--servers", servers, "--output", str(self.output), *more]
        result = subprocess.run(command, capture_output=True, text=True, timeout=100, env=self.environment)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assertEqual(processes_with(self.place.name), [])
        left = {path.name for path in pathlib.Path(self.place.name).iterdir()}
        self.assertLessEqual(left, {"out", "here.json", "broken"}, "nothing is left behind")
        return result

    def data(self):
        return json.loads((self.output / "flood.json").read_text())

    def test_an_attack(self):
        result = self.flood("^few (hello|stall)$")
        self.assertIn("Half a hello, then silence", result.stdout)
        data = self.data()
        self.assertFalse(data["interrupted"])
        self.assertGreater(data["capacity"]["breakwater"]["full"], 500)
        for name in ("few hello", "few stall"):
            run, = data["runs"][name]["breakwater"]
            for stretch in ("calm", "attack"):
                self.assertEqual(set(run[stretch]), {"all", "new", "resumed"})
                # The open loop starts what is due, whatever the server does; half of it with tickets.
                due = run["rate"] * run[f"{stretch}_s"]
                self.assertAlmostEqual(run[stretch]["new"]["due"] / due, 0.5, delta=0.02)
                self.assertAlmostEqual(run[stretch]["resumed"]["due"] / due, 0.5, delta=0.02)
                self.assertEqual(run[stretch]["all"]["ok"],
                                 run[stretch]["new"]["ok"] + run[stretch]["resumed"]["ok"])
            calm = run["calm"]["all"]
            self.assertGreater(calm["ok"], 0)
            self.assertLessEqual(set(calm["failures"]), TOO_SLOW, calm)
            self.assertGreater(run["honest"]["late_max_us"], 0)
            self.assertEqual(len(run["timeline"]), round((1.2 + run["attack_s"] + 1.3) * 10))
            self.assertIn(data["verdicts"][name]["verdict"], ("met", "missed"))
        self.assertGreater(data["runs"]["few hello"]["breakwater"][0]["attacker"]["succeeded"], 500)
        self.assertGreater(data["runs"]["few stall"]["breakwater"][0]["attacker"]["held_max"], 3000)
        self.assertGreater(data["runs"]["few stall"]["breakwater"][0]["memory_kib"], 1000, "connections are held")
        self.assertGreaterEqual((self.output / "flood.html").read_text().count("<svg"), 4)
        self.assertIn("## From a few addresses", (self.output / "flood.md").read_text())
        again = subprocess.run([*FLOOD[:1], "--from", str(self.output / "flood.json"), "--output",
                                str(self.output / "again")], capture_output=True, text=True, timeout=30)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual((self.output / "again" / "flood.md").read_text(), (self.output / "flood.md").read_text())

    def test_beside_the_attacks(self):
        place = pathlib.Path(self.place.name, "here.json")
        self.flood("^(refusal|peace|throughput)$", "--json", str(place))
        data = json.loads(place.read_text())
        peace = data["extras"]["peace"]["breakwater"]
        self.assertLessEqual(set(peace["failures"]), TOO_SLOW, peace)
        self.assertAlmostEqual(peace["succeeded"] + peace["failed"], 20_000, delta=600)
        self.assertGreater(min(load["succeeded"] for load in peace["loads"].values()), 0)
        # Without a guard nothing is refused, and nothing can be compared; a slow machine may well let some wait too
        # long.
        for refusal in data["extras"]["refusal"]["breakwater"].values():
            self.assertEqual(refusal["refused"], 0)
            self.assertNotIn("reset", refusal["failures"])
            self.assertIsNone(refusal["beyond_us"])
        self.assertIn("the guard is off", data["problems"]["throughput"]["breakwater"])

    @unittest.skipUnless(shutil.which("haproxy", path="/usr/sbin:/usr/bin:/bin"), "HAProxy is not installed")
    def test_a_limit_refuses(self):
        self.flood("^refusal$", servers="haproxy-limit")
        refusal, = self.data()["extras"]["refusal"]["haproxy-limit"].values()
        self.check_refusal(refusal)

    def check_refusal(self, refusal):
        self.assertGreater(refusal["refused"], 10 * refusal["served"])
        self.assertEqual(refusal["refused"], refusal["failures"]["reset"])
        self.assertAlmostEqual(refusal["beyond_us"], refusal["each_us"] - refusal["floor_us"])
        self.assertGreater(refusal["floor_us"], 1)

    def test_the_guard_refuses(self):
        self.flood("^refusal$", "--guard", "on")
        ways = self.data()["extras"]["refusal"]["breakwater"]
        self.assertEqual(set(ways), {"when read", "when blocked"})
        for way, refusal in ways.items():
            with self.subTest(way=way):
                self.check_refusal(refusal)

    def test_a_guard_that_is_not_there(self):
        broken = pathlib.Path(self.place.name, "broken")
        broken.write_text("#!/bin/sh\necho 'no guard in this one'\nexit 1\n")
        broken.chmod(0o755)
        result = self.flood("few full", "--breakwater", str(broken), "--guard", "on", status=1)
        self.assertRegex(result.stderr, re.compile("--guard off.*no guard in this one", re.DOTALL))

    def test_a_server_that_does_not_start_shows_its_own_words(self):
        broken = pathlib.Path(self.place.name, "broken")
        broken.write_text("#!/bin/sh\necho 'the cat ate my configuration' >&2\nexit 3\n")
        broken.chmod(0o755)
        result = self.flood("few full", "--breakwater", str(broken), status=1)
        self.assertIn("the cat ate my configuration", result.stderr)

    def test_interrupted(self):
        command = [*FLOOD, "--cases", "few", "--servers", "breakwater", "--output", str(self.output)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.environment) as process:
            end = time.monotonic() + 60
            while len(list(pathlib.Path(self.place.name).glob("breakwater-flood-bench-*/*-attack.out"))) < 2:
                self.assertLess(time.monotonic(), end, "a second attack begins")
                self.assertIsNone(process.poll())
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, errors)
        data = self.data()
        self.assertTrue(data["interrupted"])
        self.assertEqual(len(data["runs"]), 1)
        self.assertIn("interrupted", (self.output / "flood.md").read_text())
        self.assertEqual(processes_with(self.place.name), [])


if __name__ == "__main__":
    main()
