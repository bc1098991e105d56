"""`breakwater serve --xdp`: attached before rights are given up, and never a reason not to serve."""
import contextlib
import os
import signal
import time
import unittest

from xdp_harness import CLIENT_V4, OTHER_V4, SERVER_V4, Tool, Wire, main, needs_root
from proxy_harness import GET, Server, client_context, connect, read_response  # found by xdp_harness

# Two half-open connections crowd, and then who comes again has soon been refused often enough.
EASILY_BLOCKED = f"""xdp = ["s0"]
half_open_limit = 2
half_open_per_address = 1
block_after = 4
allow = ["{OTHER_V4}"]
"""
WARNING = "blocked addresses are not dropped in the kernel: "


class Anybody(unittest.TestCase):
    def serves(self, server):
        with connect(server.port) as connection:
            connection.sendall(GET)
            self.assertEqual(read_response(connection)[0], 200)

    def test_without_rights(self):
        launcher = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all") \
            if os.geteuid() == 0 else ()
        with Server("--xdp", "lo", launcher=launcher) as server:
            line = server.wait_for_line(WARNING)
            self.assertIn("start as root", line)
            self.assertEqual(sum("kernel" in line for line in server.lines), 1)
            self.serves(server)

    def test_off(self):
        for arguments, config in (((), ""), (("--xdp", "off"), 'xdp = ["nosuch0"]\n'), ((), 'xdp = "off"\n')):
            with Server(*arguments, config=config) as server:
                self.serves(server)
                self.assertEqual(server.statistics()["xdp_dropped"], 0)
                self.assertIsNone(server.find("kernel"))


@needs_root
class Serve(unittest.TestCase):
    def setUp(self):
        self.wire = self.enterContext(Wire())

    def server(self, *arguments, **options):
        return Server(*arguments, listen=f"{SERVER_V4}:0", launcher=("ip", "netns", "exec", self.wire.server), **options)

    def serves(self, server, source=CLIENT_V4, port=None):
        raw = self.wire.connect(source, port=port or server.port, patience_s=20)
        with client_context().wrap_socket(raw) as connection:
            connection.sendall(GET)
            self.assertEqual(read_response(connection)[0], 200)

    def is_dropped(self, server, port=None):
        with self.assertRaises(TimeoutError):
            self.wire.connect(port=port or server.port, patience_s=0.5).close()

    def reload(self, server, config):
        start = len(server.lines)
        server.config_path.write_text(config)
        os.chmod(server.folder.name, 0o755)  # whoever it has become reads it again
        server.signal(signal.SIGHUP)
        server.wait_for_line("reloaded", start)

    def get_blocked(self, server, patience_s=30):
        """The client goes on with connections that are refused, until the kernel drops it."""
        end = time.monotonic() + patience_s
        with contextlib.ExitStack() as stack:
            while server.statistics()["xdp_dropped_syns"] == 0:
                self.assertLess(time.monotonic(), end, "it is not blocked")
                with contextlib.suppress(OSError):  # refused, or dropped
                    for source in (OTHER_V4, CLIENT_V4):  # say nothing, and crowd
                        stack.enter_context(self.wire.connect(source, port=server.port, patience_s=0.5))

    def test_a_block_reaches_the_kernel_and_ends(self):
        with self.server("--user", "nobody", config=EASILY_BLOCKED + 'block_first = "3s"\n') as server:
            self.get_blocked(server)
            before = server.statistics()["xdp_dropped_syns"]
            self.is_dropped(server)
            self.assertGreater(server.statistics()["xdp_dropped_syns"], before)
            self.serves(server)  # its SYN is sent again until the time is over

    def test_a_reload_lets_in_who_is_allowed_now(self):
        config = EASILY_BLOCKED + 'block_first = "10m"\n'
        with self.server("--user", "nobody", config=config) as server:
            self.get_blocked(server)
            self.reload(server, config)
            self.is_dropped(server)
            self.reload(server, config.replace(f'["{OTHER_V4}"]', f'["{OTHER_V4}", "{CLIENT_V4}"]'))
            self.serves(server)

    def test_a_listener_that_judges_nobody(self):
        config = EASILY_BLOCKED + 'block_first = "10m"\n'
        listeners = "".join(f'[[listener]]\naddress = "{SERVER_V4}:0"\n{{}}' for _ in range(2))
        with Server(listen=None, launcher=("ip", "netns", "exec", self.wire.server),
                    config=config + listeners.format("", 'guard = "off"\n')) as server:
            self.get_blocked(server)
            self.is_dropped(server, server.ports[0])
            self.serves(server, port=server.ports[1])
            self.reload(server, config + listeners.format('guard = "off"\n', ""))
            self.serves(server, port=server.ports[0])
            self.is_dropped(server, server.ports[1])

    def test_attached(self):
        with self.server("--user", "nobody", config='xdp = ["s0", "lo"]\n') as server:
            server.wait_for_line("blocked addresses are dropped in the kernel: xdp on s0 (native), lo (generic)")
            self.assertTrue(self.wire.has_xdp("s0") and self.wire.has_xdp("lo"))
            self.serves(server)
            numbers = server.statistics()
            self.assertEqual((numbers["xdp_dropped"], numbers["xdp_dropped_syns"]), (0, 0))
            server.config_path.write_text('xdp = "off"\n')
            os.chmod(server.folder.name, 0o755)  # nobody reads it again
            for _ in range(2):
                start = len(server.lines)
                server.signal(signal.SIGHUP)
                server.wait_for_line("reload: xdp has changed, which takes a restart", start)
                server.wait_for_line("reloaded", start)
            self.assertTrue(self.wire.has_xdp())
        self.assertFalse(self.wire.has_xdp("s0") or self.wire.has_xdp("lo"))

    def test_no_such_interface(self):
        with self.server("--xdp", "nosuch0") as server:
            server.wait_for_line(WARNING + 'there is no interface "nosuch0"')
            self.serves(server)

    def test_another_program_stays(self):
        with Tool(self.wire.server, "s0"):
            with self.server("--xdp", "s0") as server:
                server.wait_for_line(WARNING + "another XDP program is attached to s0 already")
                self.serves(server)
            self.assertTrue(self.wire.has_xdp())

    def test_killed(self):
        server = self.server("--xdp", "s0")
        server.wait_for_line("dropped in the kernel: xdp on s0")
        self.assertTrue(self.wire.has_xdp())
        server.signal(signal.SIGKILL)
        with self.assertRaisesRegex(AssertionError, "ended with -9"):
            with server:
                server.wait()
        self.assertFalse(self.wire.has_xdp())


if __name__ == "__main__":
    main()
