"""The log on standard error, as JSON."""
import json
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from proxy_harness import PATIENCE_S, PROGRAM, Server, main, read_all, tcp, wait_until


def objects(lines):
    """Every line is an object with these three, and at most one event's facts."""
    found = [json.loads(line) for line in lines]
    for one in found:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"]), one
        assert one["level"] in ("info", "warning", "error") and one["message"], one
        assert len(one) <= 4, one
    return found


def event(server, name):
    return wait_until(lambda: next((one for one in objects(server.lines) if name in one), None), f"an event {name!r}")


class Json(unittest.TestCase):
    def test_events_have_their_figures(self):
        with Server("--log-format", "json", "--deny", "127.0.0.9") as server:
            self.assertEqual(self.greeting_of(server.port, "127.0.0.9"), b"")
            with tcp(server.port) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                read_all(connection)
            attack = event(server, "attack")
            self.assertRegex(attack["message"], r"^guard: 1 connections refused \(1 denied\)$")
            self.assertEqual(attack["attack"], {"state": "begins", "refused": 1, "refused_by_reason": {"denied": 1},
                                                "packets_dropped": 0, "under_load": False,
                                                "queue_ms": attack["attack"]["queue_ms"]})
            failures = event(server, "failures")
            self.assertEqual(failures["failures"]["failed"], 1)
            self.assertEqual(failures["failures"]["reasons"][0]["count"], 1)
            self.assertIn(failures["failures"]["reasons"][0]["reason"], failures["message"])
            server.signal(signal.SIGUSR1)
            statistics = event(server, "statistics")["statistics"]
            self.assertEqual((statistics["accepted"], statistics["handshakes_failed"], statistics["xdp_dropped"]), (1, 1, 0))
        objects(server.lines)
        self.assertEqual(json.loads(server.lines[-1])["message"], "ended; all connections were finished")

    @staticmethod
    def greeting_of(port, source):
        """What the server sends to somebody from there; a reset may come while he still connects."""
        try:
            with socket.create_connection(("127.0.0.1", port), PATIENCE_S, (source, 0)) as connection:
                return connection.recv(1)
        except ConnectionResetError:
            return b""

    def test_what_is_wrong_at_the_start(self):
        done = subprocess.run([PROGRAM, "serve", "--log-format", "json", "--listen", "nowhere"], capture_output=True,
                              text=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 1)
        self.assertEqual([one["level"] for one in objects(done.stderr.splitlines())], ["error"])
        self.assertIn("--listen", done.stderr)

    def test_what_is_wrong_in_a_file_that_asks_for_json(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write('log_format = "json"\nlisten = ["nowhere"]\n')
            file.flush()
            done = subprocess.run([PROGRAM, "serve", "--config", file.name], capture_output=True, text=True,
                                  timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 1)
        error, = objects(done.stderr.splitlines())
        self.assertIn(":2:", error["message"])

    def test_a_reload_changes_it(self):
        with Server(config='log_format = "json"\n') as server:
            self.assertIn("listening on ", json.loads(server.find("listening on "))["message"])
            server.config_path.write_text('log_format = "text"\n')
            server.signal(signal.SIGHUP)
            self.assertRegex(server.wait_for_line("reloaded"), r"^\S+ info reloaded; ")
            server.config_path.write_text('log_format = "xml"\n')
            server.signal(signal.SIGHUP)
            server.wait_for_line('"xml" is not known here; use text or json')


if __name__ == "__main__":
    main()
