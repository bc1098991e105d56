"""bench/compare from end to end: one case, Breakwater and the floor, one second."""
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

COMPARE = [str(ROOT / "bench" / "compare"), "--breakwater", os.environ["BREAKWATER"], "--flood",
           os.environ["BREAKWATER_FLOOD"],
           "--floor", os.environ["BREAKWATER_FLOOR"], "--base-port", "22800"]
CASE = ["--quick", "--cases", "^1.3 ecdsa full$", "--servers", "breakwater,floor"]


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


class Compare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """A Breakwater that remembers what its arithmetic costs: measuring that takes longer than all the rest."""
        place = tempfile.TemporaryDirectory(prefix="compare-test-speed-")
        cls.addClassCleanup(place.cleanup)
        pathlib.Path(place.name).chmod(0o755)
        cls.remembering = pathlib.Path(place.name, "breakwater")
        cls.remembering.write_text(f"""#!/bin/sh
said='{place.name}/speed.json'
if [ "$1" = speed ]; then
  [ -e "$said" ] || {{ '{os.environ["BREAKWATER"]}' "$@" >"$said.new" && mv "$said.new" "$said"; }}
  exec cat "$said"
fi
exec '{os.environ["BREAKWATER"]}' "$@"
""")
        cls.remembering.chmod(0o755)

    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="compare-test-")
        self.addCleanup(self.place.cleanup)
        pathlib.Path(self.place.name).chmod(0o755)  # the service's workers are another user's
        self.output = pathlib.Path(self.place.name, "out")
        # Its working folder is made below this one, so that what it leaves behind can be told apart.
        self.environment = {**os.environ, "TMPDIR": self.place.name}

    def test_one_case(self):
        begin = time.monotonic()
        command = [*COMPARE, *CASE, "--breakwater", str(self.remembering), "--rounds", "1", "--seconds", "1", "--output",
                   str(self.output)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=100, env=self.environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("TLS 1.3, ECDSA P-256, full handshake", result.stdout)
        data = json.loads((self.output / "compare.json").read_text())
        self.assertFalse(data["interrupted"])
        servers = data["cases"][0]["servers"]
        for name in ("breakwater", "floor"):
            self.assertNotIn("problem", servers[name])
            entry = servers[name]["rounds"][0]
            self.assertGreater(entry["load"]["succeeded"], 100, name)
            self.assertEqual(entry["load"]["failed"], 0, name)
            self.assertGreater(entry["cpu_us"], 1000)
            self.assertLess(entry["cpu_us"], 3e6)
            self.assertAlmostEqual(entry["user_us"] + entry["system_us"], entry["cpu_us"], delta=1)
        cost = {n: servers[n]["rounds"][0]["cpu_us"] / servers[n]["rounds"][0]["load"]["succeeded"] for n in servers}
        self.assertGreater(cost["breakwater"], cost["floor"], "TLS costs more than no TLS")
        ours = servers["breakwater"]
        self.assertTrue(all("secp256r1" in n and n.startswith("TLS 1.3") for n in ours["negotiated"]),
                        ours["negotiated"])
        # The floor exchanges as many bytes as the handshake did.
        self.assertRegex(servers["floor"]["pattern"], r"^\d+:\d+,\d+:\d+$")
        exchanged = sum(int(n) for n in re.findall(r"\d+", servers["floor"]["pattern"]))
        self.assertAlmostEqual(exchanged, ours["sizes"]["bytes_out"] + ours["sizes"]["bytes_in"], delta=3)
        self.assertTrue(any(r["operation"] == "P-256 ECDH" for r in data["primitives"]))
        self.assertIn("<svg", (self.output / "report.html").read_text())
        self.assertIn("## Handshakes", (self.output / "report.md").read_text())
        self.assertEqual(processes_with(self.place.name), [])
        self.assertEqual([p.name for p in pathlib.Path(self.place.name).iterdir()], ["out"], "no folder is left behind")
        self.assertLess(time.monotonic() - begin, 60)

    def run_cases(self, pattern, *more):
        """Cases with short rounds; their servers by the name of the case."""
        command = [*COMPARE, "--breakwater", str(self.remembering), "--quick", "--cases", pattern, "--servers",
                   "breakwater,floor", "--rounds", "1", "--seconds", "0.4", "--output", str(self.output), *more]
        result = subprocess.run(command, capture_output=True, text=True, timeout=100, env=self.environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        data = json.loads((self.output / "compare.json").read_text())
        self.assertEqual(processes_with(self.place.name), [])
        return {case["name"]: case["servers"] for case in data["cases"]}, data, result

    def check_floor(self, servers, distances, done="requests", more_records=0):
        """The floor exchanged the same bytes for a request as the server did; what the distance says is what was
        measured. done: what the cost is for. more_records: a response may have come in so many more than when its size
        was taken."""
        self.assertNotIn("problem", servers["floor"])
        ours, floor = (servers[name]["rounds"][0] for name in ("breakwater", "floor"))
        self.assertEqual(floor["load"]["failed"], 0, floor["load"])
        self.assertGreater(floor["load"]["requests"], 100)
        self.assertGreater(floor["cpu_us"], 1000)
        cost = [entry["cpu_us"] / entry["load"][done] for entry in (ours, floor)]
        self.assertAlmostEqual(distances["servers"]["breakwater"]["times_floor"], cost[0] / cost[1], places=6)
        self.assertGreater(distances["servers"]["breakwater"]["arithmetic"], 0)
        for way in ("bytes_sent", "bytes_received"):
            # What the round's end has cut off counts, too: the fewer requests, the more it is.
            each = [entry["load"][way] / entry["load"]["requests"] for entry in (ours, floor)]
            cut_off = 64 / min(entry["load"]["requests"] for entry in (ours, floor))
            more = more_records * 22 / each[0] if way == "bytes_received" else 0  # RFC 8446, 5.2: header, type, tag
            self.assertAlmostEqual(each[1] / each[0], 1.0, delta=0.02 + cut_off + more, msg=f"{way}: {each}")

    def test_requests_have_a_floor(self):
        cases, data, _ = self.run_cases("^request respond")
        for name in ("request respond keep-alive", "request respond new"):
            with self.subTest(case=name):
                self.check_floor(cases[name], data["distances"][name])
        self.assertRegex(cases["request respond new"]["floor"]["pattern"], r"^\d+:\d+,74:0,\d+:\d+x1$")

    @unittest.skipUnless(shutil.which("nginx", path="/usr/sbin:/usr/bin:/bin"), "nginx, the service, is not installed")
    def test_proxies_have_a_floor(self):
        cases, data, _ = self.run_cases("^request proxy keep|^bulk 16")
        for name, done in (("request proxy keep-alive", "requests"), ("bulk 16 KiB", "bytes_received")):
            with self.subTest(case=name):
                # The backend's headers and its body are read at once, or one after the other.
                self.check_floor(cases[name], data["distances"][name], done, more_records=1)
                self.assertGreater(cases[name]["floor"]["rounds"][0]["backend_us"], 1000)

    def test_memory_has_a_floor(self):
        cases, data, result = self.run_cases("^memory idle")
        entry = cases["memory idle"]["floor"]["rounds"][0]
        self.assertEqual(entry["held"], 2000)
        self.assertLess(abs(entry["per_connection_kib"]), 0.1)
        self.assertGreater(data["distances"]["memory idle"]["servers"]["breakwater"]["times_limit"], 1)
        self.assertIn("without TLS 0.0", result.stdout)

    def test_a_floor_that_fails_loses_nothing_else(self):
        broken = pathlib.Path(self.place.name, "broken")
        broken.write_text("#!/bin/sh\necho 'the floor fell' >&2\nexit 3\n")
        broken.chmod(0o755)
        cases, _, result = self.run_cases("^1.3 ecdsa full|^request respond keep|^memory idle", "--floor", str(broken))
        self.assertEqual(len(cases), 3)
        for name, servers in cases.items():
            self.assertIn("the floor fell", servers["floor"]["problem"], name)
            self.assertEqual(len(servers["breakwater"]["rounds"]), 1, name)
        self.assertIn("not measured", result.stdout)

    def test_interrupted(self):
        with subprocess.Popen([*COMPARE, *CASE, "--breakwater", str(self.remembering), "--rounds", "50", "--seconds",
                               "0.3", "--output", str(self.output)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.environment) as process:
            end = time.monotonic() + 60
            while not list(pathlib.Path(self.place.name).glob("breakwater-compare-*/*-floor/output.log")):
                self.assertLess(time.monotonic(), end, "the floor starts after the warm-up")
                self.assertIsNone(process.poll())
                time.sleep(0.05)
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, errors)
        self.assertIn("Breakwater", output)
        data = json.loads((self.output / "compare.json").read_text())
        self.assertTrue(data["interrupted"])
        self.assertGreaterEqual(len(data["cases"][0]["servers"]["breakwater"]["rounds"]), 1)
        self.assertIn("interrupted", (self.output / "report.md").read_text())
        self.assertEqual(processes_with(self.place.name), [])

    def test_a_server_that_does_not_start_shows_its_own_words(self):
        broken = pathlib.Path(self.place.name, "broken")
        broken.write_text("#!/bin/sh\necho 'the cat ate my configuration' >&2\nexit 3\n")
        broken.chmod(0o755)
        command = [*COMPARE, *CASE, "--rounds", "1", "--seconds", "0.3", "--output", str(self.output)]
        command[command.index("--breakwater") + 1] = str(broken)
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, env=self.environment)
        self.assertEqual(result.returncode, 1)
        self.assertIn("the cat ate my configuration", result.stderr)


if __name__ == "__main__":
    main()
