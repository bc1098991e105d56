"""The commands: exit statuses, messages, `check` and `speed`."""
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from proxy_harness import PROGRAM, SANITIZED, Server, main, make_certificate


CPU = set(pathlib.Path("/proc/cpuinfo").read_text().split())
CPU_HAS_ADX = {"bmi2", "adx"} <= CPU
CPU_HAS_IFMA = CPU_HAS_ADX and {"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512ifma"} <= CPU
BEST = "ifma" if CPU_HAS_IFMA else "adx" if CPU_HAS_ADX else "portable"


def run(*arguments, timeout=60):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=timeout)


class Commands(unittest.TestCase):
    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "b.toml")
            path.write_text(text)
            done = run("check", "--config", str(path))
            return done.returncode, done.stdout.replace(str(path), "b.toml"), folder

    def test_check_says_ok(self):
        status, said, _ = self.check('listen = ["127.0.0.1:8443"]\nrespond = "hello"\n')
        self.assertEqual(status, 0)
        self.assertTrue(said.startswith("OK\n"), said)

    def test_check_prints_every_mistake_on_a_line(self):
        status, said, _ = self.check('listen = [5]\nbogus = 1\nworkers = "x"\n')
        self.assertEqual(status, 1)
        self.assertEqual([line.split(" ")[0] for line in said.splitlines()], ["b.toml:1:11:", "b.toml:2:1:", "b.toml:3:11:"])

    def test_check_reads_the_certificates(self):
        status, said, _ = self.check('[[certificate]]\nchain = "missing.pem"\nkey = "missing.key"\n')
        self.assertEqual(status, 1)
        self.assertIn("missing.pem", said)
        self.assertIn("No such file", said)

    def test_what_is_not_a_file_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn("it is a directory", run("check", "--config", folder).stdout)
            status, said, _ = self.check(f'[[certificate]]\nchain = "{folder}"\nkey = "/dev/null"\n')
            self.assertEqual(status, 1)
            self.assertIn("it is a directory", said)
            self.assertIn("it is not a regular file", said)

    def test_a_key_of_another_certificate_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            chain, _ = make_certificate(folder, "a", "a.example")
            _, key = make_certificate(folder, "b", "b.example")
            done = run("serve", "--listen", "127.0.0.1:0", "--cert", chain, "--key", key)
            self.assertEqual(done.returncode, 1)
            self.assertIn("a.pem", done.stderr)

    def test_exit_statuses(self):
        self.assertEqual(run("--version").returncode, 0)
        self.assertEqual(run("serve", "--help").returncode, 0)
        self.assertEqual(run("serve", "--bogus").returncode, 2)
        self.assertEqual(run().returncode, 2)
        self.assertEqual(run("serve", "--config", "/nonexistent").returncode, 1)

    def test_what_is_not_there_yet_is_refused_in_a_line(self):
        for flag, value, advice in (("--root", "/srv", "backend"), ("--ktls", "on", "auto"), ("--io", "uring", "epoll")):
            done = run("serve", flag, value)
            self.assertEqual(done.returncode, 1, flag)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(flag, done.stderr)
            self.assertIn("not available in this version", done.stderr)
            self.assertIn(advice, done.stderr)

    def test_arithmetic(self):
        for arguments, used in (((), BEST), (("--crypto", "auto"), BEST), (("--crypto", "portable"), "portable")):
            with Server(*arguments) as server:
                self.assertIn(f"; {used} arithmetic;", server.find("listening on "))
        for name, here, needs in (("adx", CPU_HAS_ADX, "BMI2 and ADX"),
                                  ("ifma", CPU_HAS_IFMA, "AVX-512 IFMA, BMI2 and ADX")):
            if here:
                with Server("--crypto", name) as server:
                    self.assertIn(f"; {name} arithmetic;", server.find("listening on "))
            else:
                done = run("serve", "--crypto", name)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(f'--crypto: "{name}" needs a CPU with {needs}', done.stderr)

    def test_a_port_in_use_is_explained(self):
        with tempfile.TemporaryDirectory():
            import socket
            with socket.socket() as other:
                other.bind(("127.0.0.1", 0))
                other.listen()
                done = run("serve", "--listen", f"127.0.0.1:{other.getsockname()[1]}")
            self.assertEqual(done.returncode, 1)
            self.assertIn("another program uses this port", done.stderr)

    def test_self_signed_certificates_are_announced(self):
        with Server() as server:
            server.wait_for_line("self-signed")

    def test_every_counter_is_documented(self):
        """In the order in which the statistics have them."""
        page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
        section = re.search(r"^## Statistics\n(.*?)^## ", page.read_text(), re.MULTILINE | re.DOTALL)[1]
        with Server() as server:
            self.assertEqual(re.findall(r"^\| `(\w+)` \| [^|]{5,} \|$", section, re.MULTILINE), list(server.statistics()))

    @unittest.skipIf(SANITIZED, "measuring a sanitized build means nothing")
    def test_speed(self):
        done = run("speed", "--json", timeout=110)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["auto"], BEST)
        self.assertIn(report["cycles_of"], ("core", "tsc", "none"))
        results = report["results"]
        seen = {(r["operation"], r["implementation"]) for r in results}
        operations = ("P-256 sign", "P-256 key pair", "P-256 ECDH", "X25519 key pair", "X25519 ECDH", "RSA-2048 sign",
                      "RSA-3072 sign", "RSA-4096 sign")
        for operation in operations:
            self.assertIn((operation, "portable"), seen)
            self.assertIn((operation, "libcrypto"), seen)
            self.assertEqual((operation, "adx") in seen, CPU_HAS_ADX)
            lanes = [r["lanes"] for r in results if r["operation"] == operation and r["implementation"] == "ifma"]
            self.assertEqual(lanes, list(range(1, 9)) if CPU_HAS_IFMA else [])
        self.assertEqual({t["operation"] for t in report["thresholds"]}, set(operations))
        for threshold in report["thresholds"]:
            self.assertIn(threshold["lanes_from"], [None, *range(1, 9)] if CPU_HAS_IFMA else [None])
        self.assertIn(("AES-256-GCM seal, 16384 B", "libipsec-mb"), seen)
        for result in results:
            self.assertGreater(result["microseconds"], 0)


if __name__ == "__main__":
    main()
