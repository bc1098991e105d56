"""--log and --own-tickets, against `breakwater serve`: the log agrees with the report, and with what the server saw."""
from __future__ import annotations

import collections
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from flood_harness import PROGRAM, Report, Server, load_of, main, run


class Log(unittest.TestCase):
    def setUp(self) -> None:
        place = tempfile.TemporaryDirectory(prefix="breakwater-flood-log-")
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.file = self.folder / "log"

    def lines(self) -> list[dict[str, str]]:
        names, *rows = (line.split("\t") for line in self.file.read_text().splitlines())
        self.assertEqual(names, ["load", "due_us", "took_us", "outcome"])
        return [dict(zip(names, row, strict=True)) for row in rows]

    def check(self, load: Report, lines: list[dict[str, str]]) -> None:
        outcomes = collections.Counter(line["outcome"] for line in lines)
        self.assertEqual(outcomes.pop("ok", 0), load["succeeded"])
        self.assertEqual(outcomes.pop("unfinished", 0), load["unfinished"])
        self.assertEqual(outcomes, load["failures"])

    def test_an_open_loop(self) -> None:
        with Server("--respond", "x") as server:
            begin = time.monotonic()
            report = run(server.port, "--rate", "100", "--count", "60", "--log", str(self.file))
            self.assertTrue(begin < report["begin_monotonic_s"] < time.monotonic(), report["begin_monotonic_s"])
            load, lines = report["loads"][0], self.lines()
            self.check(load, lines)
            due = sorted(float(line["due_us"]) for line in lines)
            for number, at in enumerate(due):  # when they were due, not when they came
                self.assertAlmostEqual(at - due[0], number * 10_000, delta=2)
            took = sorted(float(line["took_us"]) for line in lines)
            self.assertAlmostEqual(took[-1], load["latency_us"]["handshake"]["max"], delta=1000)

    def test_failures_and_two_loads(self) -> None:
        scenario = self.folder / "mix.toml"
        scenario.write_text('[defaults]\ncount = 20\n[[load]]\nname = "good, and kind"\n'
                            '[[load]]\nname = "liars"\ncorrupt_finished = true\n')
        with Server("--respond", "x") as server:
            report = run(server.port, "--mix", str(scenario), "--log", str(self.file))
            lines = self.lines()
            for load in report["loads"]:
                self.check(load, [line for line in lines if line["load"] == load["name"]])
            self.assertIn("alert decrypt_error", {line["outcome"] for line in lines})

    def test_the_warm_up_is_in_it(self) -> None:
        with Server("--respond", "x") as server:
            load = load_of(server.port, "--rate", "100", "--duration", "1", "--warmup", "0.5", "--log", str(self.file))
            lines = self.lines()
            self.assertGreater(len(lines), load["succeeded"] + 40)
            self.assertLess(min(float(line["due_us"]) for line in lines), 100_000)

    def test_a_file_that_cannot_be_written(self) -> None:
        done = subprocess.run([PROGRAM, "--log", str(self.folder), "127.0.0.1:1"], capture_output=True, text=True,
                              timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--log: cannot write", done.stderr)


class OwnTickets(unittest.TestCase):
    def addresses(self, *arguments: str) -> dict[str, set[str]]:
        """Those that the server saw, by whether they resumed."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "access")
            with Server("--respond", "x", "--access-log", str(file)) as server:
                load = load_of(server.port, "--mode", "resume", "--tickets", "2", "--count", "30", "--connections", "4",
                               "--source", "127.0.7.1-127.0.7.3", *arguments)
                self.assertEqual((load["succeeded"], load["failed"]), (30, 0), load)
                server.wait_for_statistics(lambda n: n["open"] == 0, "all connections are gone")
            found: dict[str, set[str]] = collections.defaultdict(set)
            for address, resumed in re.findall(r"client=([\d.]+):.* resumed=(\w+)", file.read_text()):
                found[resumed].add(address)
        return found

    def test_a_ticket_stays_with_its_address(self) -> None:
        both = {"127.0.7.1", "127.0.7.2"}
        for more in ((), ("--fresh-tickets",)):
            self.assertEqual(self.addresses("--own-tickets", *more), {"no": both, "yes": both})
        self.assertEqual(self.addresses()["yes"], both | {"127.0.7.3"})


if __name__ == "__main__":
    main()
