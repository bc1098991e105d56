"""`breakwater serve --xdp`: attached before rights are given up, and never a reason not to serve."""
import os
import signal
import unittest

from xdp_harness import SERVER_V4, Tool, Wire, main, needs_root
from proxy_harness import GET, Server, client_context, connect, read_response  # found by xdp_harness

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

    def serves(self, server):
        with client_context().wrap_socket(self.wire.connect(port=server.port, patience_s=20)) as connection:
            connection.sendall(GET)
            self.assertEqual(read_response(connection)[0], 200)

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
