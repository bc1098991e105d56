"""`breakwater top`: once, live in a terminal, and when nobody answers."""
import os
import pty
import select
import signal
import socket
import subprocess
import time
import unittest

from admin_harness import Admin
from proxy_harness import PATIENCE_S, PROGRAM, main, tcp


class Top(unittest.TestCase):
    def run_top(self, *arguments):
        return subprocess.run([PROGRAM, "top", *arguments], capture_output=True, text=True, timeout=PATIENCE_S,
                              stdin=subprocess.DEVNULL)

    def test_once(self):
        with Admin("--workers", "2") as server:
            with tcp(server.port):
                server.wait_for("half_open", 1)
                done = self.run_top("--once", "--admin", f"127.0.0.1:{server.admin_port}")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"^Breakwater \S+  serving  up \d+ s  built-in response, \w+ arithmetic, 2 workers\n")
            self.assertRegex(done.stdout, r"(?m)^connections +1 open +1 half-open$")
            self.assertRegex(done.stdout, r"(?m)^guard: quiet$")
            self.assertNotIn("\x1b", done.stdout)

    def test_nobody_answers(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{unused.getsockname()[1]}"
            done = self.run_top("--once", "--admin", address)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn(f"start the server with --admin {address}", done.stderr)

    def test_without_a_terminal(self):
        done = self.run_top()
        self.assertEqual(done.returncode, 2)
        self.assertIn("--once", done.stderr)

    def live(self, server, end):
        """What it wrote into a terminal until end(process, terminal) made it stop."""
        terminal, other = pty.openpty()
        process = subprocess.Popen([PROGRAM, "top", "--admin", f"127.0.0.1:{server.admin_port}"], stdin=other, stdout=other,
                                   stderr=other, start_new_session=True)
        os.close(other)
        written = b""
        ended = False
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    written += os.read(terminal, 65536)
                except OSError:  # closed by the other side
                    break
            if not ended and b"half-open" in written:
                ended = True
                end(process, terminal)
        self.assertEqual(process.wait(PATIENCE_S), 0)
        os.close(terminal)
        return written

    def test_live(self):
        with Admin() as server:
            for end in (lambda process, terminal: os.write(terminal, b"q"),
                        lambda process, terminal: process.send_signal(signal.SIGINT)):
                written = self.live(server, end)
                self.assertTrue(written.startswith(b"\x1b[?1049h\x1b[?25l"), written[:40])
                self.assertTrue(written.endswith(b"\x1b[?25h\x1b[?1049l"), written[-40:])


if __name__ == "__main__":
    main()
