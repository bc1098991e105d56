"""What the generator counts is what servers say in their own logs: Breakwater's access log, nginx's, HAProxy's."""
from __future__ import annotations

import pathlib
import re
import tempfile
import unittest

from flood_harness import Server, installed, load_of, main, wait_until
from peers import NGINX_LOG, Listening, haproxy_with_log, nginx

BOTH = ("1.2", "1.3")
KINDS = (("--requests", "1"), ("--requests", "7"), ("--requests", "0"))
COUNT = 300


class Counts(unittest.TestCase):
    def agree(self, port: int, logged) -> None:
        """logged(): lines of the log about our requests so far, by version ("1.2" or "1.3")."""
        for version in BOTH:
            for arguments in KINDS:
                with self.subTest(version=version, arguments=arguments):
                    before = logged()
                    load = load_of(port, "--mode", "request", "--tls", version, "--count", str(COUNT),
                                   "--connections", "8", *arguments)
                    self.assertEqual((load["requests"], load["failed"], load["unfinished"]), (COUNT, 0, 0),
                                     load["failures"])
                    wait_until(lambda: logged() != before, "the log has grown")
                    wait_until(lambda: logged()[version] - before[version] >= COUNT, "the log has caught up")
                    after = logged()
                    self.assertEqual({v: after[v] - before[v] for v in BOTH},
                                     {v: COUNT if v == version else 0 for v in BOTH})

    def test_nginx(self) -> None:
        if not installed("nginx"):
            self.skipTest("nginx is not installed")
        with Listening(nginx) as server:
            path = pathlib.Path(server.folder.name) / NGINX_LOG

            def logged() -> dict[str, int]:
                lines = path.read_text().splitlines()
                return {v: sum(line == f"TLSv{v} 200 GET / HTTP/1.1" for line in lines) for v in BOTH}
            self.agree(server.port, logged)

    def test_haproxy(self) -> None:
        if not installed("haproxy"):
            self.skipTest("haproxy is not installed")
        with Listening(haproxy_with_log) as server:
            def logged() -> dict[str, int]:
                text = server.text()
                return {v: len(re.findall(rf"^TLSv{v} 200 GET / HTTP/1\.1$", text, re.MULTILINE)) for v in BOTH}
            self.agree(server.port, logged)

    def test_breakwater(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "access.log"
            with Server("--guard", "off", "--respond", "hello", "--access-log", str(path)) as server:
                def logged() -> dict[str, int]:
                    found = re.findall(r" tls=(1\.[23]) .* requests=(\d+) ", path.read_text())
                    return {v: sum(int(count) for version, count in found if version == v) for v in BOTH}
                self.agree(server.port, logged)
                lines = path.read_text().count("\n")
                self.assertEqual(server.statistics()["handshakes"], lines)

    def test_breakwater_handshakes(self) -> None:
        # Every handshake the generator calls a success is a line, and no other connection is.
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "access.log"
            with Server("--guard", "off", "--respond", "hello", "--access-log", str(path)) as server:
                for version in BOTH:
                    before = path.read_text().count("\n")
                    load = load_of(server.port, "--tls", version, "--count", "200", "--connections", "8",
                                   "--end", "close")
                    self.assertEqual((load["succeeded"], load["failed"]), (200, 0), load["failures"])
                    wait_until(lambda: path.read_text().count("\n") >= before + 200, "the log has caught up")
                    load_of(server.port, "--tls", version, "--count", "50", "--corrupt-finished", status=1)
                    load_of(server.port, "--tls", version, "--mode", "hello", "--count", "50")
                    server.wait_for_statistics(lambda n: n["open"] == 0, "all connections are gone")
                    self.assertEqual(path.read_text().count("\n") - before, 200)


if __name__ == "__main__":
    main()
