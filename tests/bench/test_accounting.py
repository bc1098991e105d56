"""Reading of /proc, and the arithmetic on what was read."""
import os
import pathlib
import subprocess
import sys
import time
import unittest

from bench_harness import main
from comparison import accounting, processes
from comparison.accounting import Cpu, Thread

STAT = ("4242 (nginx: wor) ker) S 4241 4241 4241 0 -1 4194624 1207 0 3 0 250 75 0 0 20 0 1 0 5243212 12345678 1500 "
        "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n")
PROC_STAT = """cpu  100 0 100 1000 0 0 0 0 0 0
cpu0 60 5 40 500 7 3 12 9 0 0
cpu1 40 0 60 500 0 0 0 0 0 0
intr 12345
"""
SOCKSTAT = """sockets: used 31
TCP: inuse 5 orphan 1 tw 7 alloc 9 mem 21
UDP: inuse 1 mem 2
"""
ROLLUP = """55d0-7fff ---p 00000000 00:00 0                          [rollup]
Rss:               12000 kB
Pss:                8100 kB
Pss_Dirty:          4000 kB
Pss_Anon:           3000 kB
Pss_File:           5000 kB
Pss_Shmem:           100 kB
"""

BUSY = """import time
end = time.process_time() + 0.3
while time.process_time() < end: pass
print("done", flush=True)
time.sleep(30)
"""


class Parsing(unittest.TestCase):
    def test_stat_of_a_name_with_brackets(self):
        tick = 1e6 / accounting.TICKS
        self.assertEqual(accounting.parse_stat(STAT), (250 * tick, 75 * tick))

    def test_schedstat_is_nanoseconds(self):
        self.assertEqual(accounting.parse_schedstat("123456789 55000 1234\n"), Thread(ran=123456.789, waited=55))

    def test_pauses_are_those_of_the_thread_that_works(self):
        first = {1: Thread(1000, 10), 2: Thread(500_000, 70)}
        pauses = accounting.Pauses(first)

        def look(now):
            before = pauses.total_us
            pauses.look(now)
            return pauses.total_us - before

        self.assertEqual(look({1: Thread(9000, 40), 2: Thread(500_600, 99_000), 3: Thread(4000, 5000)}), 0,
                         "it waited for 30 us, as at every wake-up; others wait for it")
        self.assertEqual(look({1: Thread(19_000, 1939), 2: Thread(500_600, 99_000)}), 0)
        self.assertEqual(look({1: Thread(20_000, 3939), 2: Thread(520_500, 99_000)}), 0, "who has run most until now")
        self.assertEqual(look({1: Thread(50_000, 6000), 2: Thread(520_500, 99_000)}), 2061, "pauses count whole")
        self.assertEqual(look({1: Thread(50_000, 26_000), 2: Thread(520_500, 99_000)}), 20_000, "not even begun again")
        self.assertEqual(look({}), 0, "all have ended")
        self.assertEqual(look({4: Thread(20_000, 7000)}), 7000, "one that began in between")

    def test_core(self):
        tick = 1e6 / accounting.TICKS
        core = accounting.parse_core(PROC_STAT, 0)
        self.assertEqual(core, accounting.Core((60 + 5 + 40 + 3 + 12) * tick, 12 * tick, 9 * tick))
        with self.assertRaises(ValueError):
            accounting.parse_core(PROC_STAT, 2)

    def test_memory(self):
        self.assertEqual(accounting.parse_rollup(ROLLUP), accounting.Memory(resident=8100, own=3100))
        self.assertEqual(accounting.parse_sockstat(SOCKSTAT), {"inuse": 5, "orphan": 1, "tw": 7, "alloc": 9, "mem": 21})
        with self.assertRaises(ValueError):
            accounting.parse_rollup("Rss: 1 kB\n")


class Split(unittest.TestCase):
    def test_ticks_are_scaled_to_the_exact_total(self):
        used = (Cpu(1500.0, 300.0, 100.0) - Cpu(500.0, 0.0, 0.0)).split()
        self.assertEqual(used, Cpu(1000.0, 750.0, 250.0))

    def test_too_short_for_a_tick(self):
        self.assertEqual(Cpu(7.0, 0.0, 0.0).split(), Cpu(7.0, 7.0, 0.0))


class Live(unittest.TestCase):
    def test_cpu_and_memory_of_a_group(self):
        log = pathlib.Path(os.environ.get("TMPDIR", "/tmp"), f"bench-accounting-{os.getpid()}.log")
        child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}])\n"
        process = processes.Process([sys.executable, "-c", child], None, log)
        try:
            end = time.monotonic() + 20
            while "done" not in process.output() and time.monotonic() < end:
                time.sleep(0.05)
            group = process.group()
            self.assertEqual(len(group), 2, "the process and its child")
            used = accounting.group_cpu(group)
            self.assertGreater(used.total, 0.29e6)
            self.assertLess(used.total, 2e6)
            self.assertAlmostEqual(used.user + used.system, used.total, delta=0.1e6)
            self.assertGreater(accounting.group_memory(group).own, 2000)
            self.assertGreaterEqual(accounting.descriptors(group), 6)
        finally:
            process.stop()
            log.unlink()
        self.assertEqual(process.group(), [], "nothing is left behind")

    def test_who_shares_a_core_waits(self):
        cpu = min(os.sched_getaffinity(0))
        logs = [pathlib.Path(os.environ.get("TMPDIR", "/tmp"), f"bench-waits-{os.getpid()}-{n}.log") for n in (1, 2)]
        both = [processes.Process([sys.executable, "-c", BUSY], cpu, log) for log in logs]
        try:
            end = time.monotonic() + 20
            while not all("done" in process.output() for process in both) and time.monotonic() < end:
                time.sleep(0.02)
            # Each needs 0.3 s, and the first to be done has waited while the other ran.
            waits = [thread.waited for process in both for thread in accounting.threads(process.group()).values()]
            self.assertGreater(max(waits), 0.1e6)
        finally:
            for process, log in zip(both, logs):
                process.stop()
                log.unlink()

    def test_priority(self):
        log = pathlib.Path(os.environ.get("TMPDIR", "/tmp"), f"bench-priority-{os.getpid()}.log")
        process = processes.Process([sys.executable, "-c", "import os; print(os.nice(0))"], None, log,
                                    priority=("nice", "-n", "3"))
        try:
            process.wait(20)
            self.assertEqual(process.output(), str(os.nice(0) + 3))
        finally:
            process.stop()
            log.unlink()
        self.assertTrue(processes.allowed(("nice", "-n", "1")))
        self.assertFalse(processes.allowed(("no-such-program",)))
        # What may not be had: nice runs the program all the same, and says so.
        self.assertFalse(processes.allowed(("sh", "-c", "echo it may not >&2")))

    def test_a_cpu_is_left_to_others(self):
        program = ("import os\nfrom comparison import processes\nall = os.sched_getaffinity(0)\n"
                   "processes.stay_off(min(all))\nprint(all - os.sched_getaffinity(0) == {min(all)} or len(all) == 1)")
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        self.assertEqual(done.stdout.strip(), "True", done.stderr)

    def test_one_that_ignores_sigterm_is_killed(self):
        log = pathlib.Path(os.environ.get("TMPDIR", "/tmp"), f"bench-stubborn-{os.getpid()}.log")
        process = processes.Process(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"], None, log)
        try:
            while "ready" not in process.output() and not process.ended():
                time.sleep(0.02)
            process.stop(0.2)
            self.assertTrue(process.ended())
            self.assertEqual(process.group(), [])
        finally:
            process.stop(0.1)
            log.unlink()


if __name__ == "__main__":
    main()
