"""bench/profile from end to end: a real server under a real flood, with whichever method works here and with callgrind.

BREAKWATER and BREAKWATER_FLOOD in the environment are the programs.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from profile_support import ROOT, main

PROGRAM = ROOT / "bench" / "profile"
TIMEOUT_S = 400


def profile(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(PROGRAM), "--no-install", "--base-port", "23600", *arguments], capture_output=True,
                          text=True, timeout=TIMEOUT_S)


class Run(unittest.TestCase):
    def measure(self, *arguments: str) -> dict:
        """Runs one profile of Breakwater, checks what every profile must have, returns profile.json."""
        with tempfile.TemporaryDirectory() as folder:
            server, flood = os.environ["BREAKWATER"], os.environ["BREAKWATER_FLOOD"]
            done = profile("--build-dir", str(pathlib.Path(server).parents[1]), "--breakwater", server,
                           "--flood", flood, "--server", "breakwater", "--output", folder, *arguments)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stderr, r"(?m)^Method: [^\n]+\.$")
            data = json.loads(pathlib.Path(folder, "profile.json").read_text())
            [entry] = data["profiles"]
            name = f"{entry['server']}-{entry['case']}".replace(" ", "-")
            ElementTree.parse(pathlib.Path(folder, f"{name}.svg"))
            page = pathlib.Path(folder, "profile.html").read_text()
            lines = pathlib.Path(folder, f"{name}.folded").read_text().splitlines()
        self.assertEqual(sum(int(line.rsplit(" ", 1)[1]) for line in lines), entry["samples"])
        self.assertIn("<svg", page)
        classes = {row["key"]: row for row in entry["classes"]}
        self.assertAlmostEqual(sum(row["share"] for row in classes.values()), 1.0, places=6)
        together = sum(row["per_handshake"] for row in classes.values())
        self.assertAlmostEqual(together, entry["per_handshake"], delta=0.01)
        for row in classes.values():
            if row["share"] >= 0.0005:
                self.assertRegex(done.stdout, rf"(?m)^{re.escape(row['title'])} .*{row['share']:.1%}$")
        # Known of Breakwater: it computes, it hashes, it allocates nothing for a handshake; its functions have names.
        self.assertGreater(classes["field"]["share"], 0.2)
        self.assertGreater(classes["symmetric"]["share"], 0.01)
        self.assertGreater(classes["protocol"]["share"], 0.002)
        self.assertLess(classes["allocation"]["share"], 0.02)
        self.assertLess(classes["other"]["share"] + classes["libcrypto_unnamed"]["share"], 0.1)
        names = [function["name"] for function in entry["functions"][:10]]
        self.assertTrue(any("crypto::" in name for name in names), names)
        return data

    def test_whatever_works_here(self) -> None:
        data = self.measure("--case", "1.3 ecdsa full", "--seconds", "2")
        [entry] = data["profiles"]
        classes = {row["key"]: row["share"] for row in entry["classes"]}
        if data["method"]["tool"] == "perf":
            self.assertEqual(entry["unit"], "us")
            self.assertGreater(entry["samples"], 200)
            self.assertGreater(entry["complete_stacks"], 0.6)
            self.assertGreater(entry["handshakes_per_second"], 10)
        if data["method"]["kernel"] and not any("kptr_restrict" in note for note in data["notes"]):
            self.assertGreater(classes["tcp"], 0.01)

    def test_callgrind(self) -> None:
        data = self.measure("--case", "1.2 ecdsa full", "--method", "callgrind")
        [entry] = data["profiles"]
        self.assertEqual(entry["unit"], "instructions")
        self.assertEqual(data["method"]["tool"], "callgrind")
        self.assertGreater(entry["per_handshake"], 300_000)
        self.assertLess(entry["per_handshake"], 30_000_000)


class CommandLine(unittest.TestCase):
    def test_help(self) -> None:
        done = profile("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("flame graphs", done.stdout)

    def test_mistakes(self) -> None:
        for arguments in (("--case", "1.4 ecdsa full"), ("--server", "apache"), ("--seconds", "0"),
                          ("--method", "guess")):
            with self.subTest(arguments=arguments):
                done = profile(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn("bench/profile: error:", done.stderr)

    def test_a_program_that_is_missing(self) -> None:
        done = profile("--build-dir", "/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"bench/profile: there is no /nowhere/bin/breakwater\b")
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    main()
