"""Real packets: what a blocked client sees, and what the server's network stack sees of it."""
import select
import socket
import time
import unittest

from frames import ACK, IPV4, IPV6, SERVICE_VLAN, VLAN, ethernet, ipv4, ipv6, tcp
from xdp_harness import (CLIENT_V4, CLIENT_V6, NEIGHBOUR_V6, OTHER_PORT, OTHER_V4, OTHER_V6, PORT, SERVER_V4, SERVER_V6,
                         Tool, Wire, ip, main, needs_root)

LONG_MS = 60_000
NO_ANSWER_S = 1.5  # long enough for a second SYN


@needs_root
class Network(unittest.TestCase):
    def setUp(self):
        self.wire = self.enterContext(Wire())

    def attach(self):
        tool = self.enterContext(Tool(self.wire.server, "s0"))
        self.assertEqual(tool.said, "xdp on s0 (native)")
        return tool

    def test_a_blocked_client_reaches_nobody(self):
        self.wire.listen()
        self.wire.listen(port=OTHER_PORT)
        tool = self.attach()
        self.wire.connect().close()
        self.assertEqual(tool.counts(), (0, 0))

        self.assertEqual(tool.ask(f"block {CLIENT_V4} {LONG_MS}"), "ok")
        time.sleep(0.2)  # the last connection's ends have arrived
        before = self.wire.segments_received()
        with self.assertRaises(TimeoutError):
            self.wire.connect(patience_s=NO_ANSWER_S)
        self.assertEqual(self.wire.segments_received(), before)  # a dropped SYN costs the stack nothing
        packets, syns = tool.counts()
        self.assertGreaterEqual(syns, 2)  # the SYN, and sent again
        self.assertGreaterEqual(packets, syns)

        self.wire.connect(source=OTHER_V4).close()
        self.wire.connect(port=OTHER_PORT).close()
        self.assertGreater(self.wire.segments_received(), before)

        self.assertEqual(tool.ask(f"release {CLIENT_V4}"), "ok")
        self.wire.connect().close()

    def test_the_time_is_over(self):
        self.wire.listen()
        tool = self.attach()
        start = time.monotonic()
        tool.ask(f"block {CLIENT_V4} 2500")
        self.wire.connect(patience_s=20).close()  # by a SYN sent again
        self.assertGreaterEqual(time.monotonic() - start, 2.5)
        self.assertGreaterEqual(tool.counts()[1], 1)
        self.assertEqual(tool.ask("sweep"), "1")

    def test_an_ipv6_client_is_a_64(self):
        self.wire.listen(address=SERVER_V6)
        tool = self.attach()
        self.wire.connect(source=CLIENT_V6, address=SERVER_V6).close()
        tool.ask(f"block {CLIENT_V6} {LONG_MS}")
        time.sleep(0.2)
        before = self.wire.segments_received()
        for source in (CLIENT_V6, NEIGHBOUR_V6):
            with self.assertRaises(TimeoutError):
                self.wire.connect(source=source, address=SERVER_V6, patience_s=NO_ANSWER_S)
        self.assertEqual(self.wire.segments_received(), before)
        self.assertGreaterEqual(tool.counts()[1], 4)
        self.wire.connect(source=OTHER_V6, address=SERVER_V6).close()

    def test_established_connections_get_nothing_through_either(self):
        listener = self.wire.listen()
        tool = self.attach()
        with self.wire.connect() as client, listener.accept()[0] as accepted:
            client.sendall(b"before")
            self.assertEqual(accepted.recv(100), b"before")
            tool.ask(f"block {CLIENT_V4} {LONG_MS}")
            client.sendall(b"within")
            self.assertEqual(select.select([accepted], [], [], 0.7)[0], [])
            self.assertGreaterEqual(tool.counts()[0], 1)
            self.assertEqual(tool.counts()[1], 0)
            tool.ask(f"release {CLIENT_V4}")
            accepted.settimeout(20)
            self.assertEqual(accepted.recv(100), b"within")  # sent again

    def test_tagged_frames(self):
        tool = self.attach()
        tool.ask(f"block {CLIENT_V4} {LONG_MS}")
        tool.ask(f"block {CLIENT_V6} {LONG_MS}")
        to = self.wire.hardware_address(self.wire.server, "s0")
        with self.wire.inside(self.wire.server):
            seen = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))  # all that XDP lets pass
        with seen:
            seen.bind(("s0", 3))
            for tags in ((VLAN,), (SERVICE_VLAN, VLAN)):
                before = tool.counts()
                bad = [ethernet(IPV4, ipv4(CLIENT_V4, tcp(PORT)), tags, to),
                       ethernet(IPV6, ipv6(CLIENT_V6, tcp(PORT, ACK)), tags, to)]
                good = ethernet(IPV4, ipv4(OTHER_V4, tcp(PORT)), tags, to)
                self.wire.send_frames([*bad, good])
                seen.settimeout(10)
                while True:
                    frame = seen.recv(2000)
                    self.assertFalse(any(frame.endswith(one[-40:]) for one in bad), frame.hex())
                    if frame.endswith(good[-40:]):
                        break
                after = tool.counts()
                self.assertEqual((after[0] - before[0], after[1] - before[1]), (2, 1))


@needs_root
class Attachment(unittest.TestCase):
    def setUp(self):
        self.wire = self.enterContext(Wire())

    def test_the_end_of_the_process_detaches(self):
        self.wire.listen()
        with Tool(self.wire.server, "s0") as tool:
            tool.ask(f"block {CLIENT_V4} {LONG_MS}")
            self.assertTrue(self.wire.has_xdp())
            with self.assertRaises(TimeoutError):
                self.wire.connect(patience_s=NO_ANSWER_S)
            tool.ask("die")
            self.assertEqual(tool.process.wait(20), -9)
        self.assertFalse(self.wire.has_xdp())
        self.wire.connect().close()

    def test_two_interfaces(self):
        with Tool(self.wire.server, "s0", "lo") as tool:
            self.assertEqual(tool.said, "xdp on s0 (native), lo (generic)")
            self.assertTrue(self.wire.has_xdp("s0") and self.wire.has_xdp("lo"))
        self.assertFalse(self.wire.has_xdp("s0") or self.wire.has_xdp("lo"))

    def test_another_program_stays(self):
        with Tool(self.wire.server, "s0") as first:
            with Tool(self.wire.server, "lo", "s0") as second:
                self.assertIn("refused: another XDP program is attached to s0 already, and stays", second.said)
                self.assertFalse(self.wire.has_xdp("lo"))  # all or none
            self.assertTrue(self.wire.has_xdp("s0"))
            self.assertEqual(first.ask(f"block {CLIENT_V4} {LONG_MS}"), "ok")
        with Tool(self.wire.server, "s0") as again:
            self.assertEqual(again.said, "xdp on s0 (native)")

    def test_no_such_interface(self):
        with Tool(self.wire.server, "nosuch0") as tool:
            self.assertIn('refused: there is no interface "nosuch0"; `ip link` shows', tool.said)
        with Tool(self.wire.server) as tool:
            self.assertIn("refused: no interface was given", tool.said)

    def test_an_interface_that_goes(self):
        with Tool(self.wire.server, "s0") as tool:
            ip("-n", self.wire.server, "link", "del", "s0")
            self.assertEqual(tool.ask(f"block {CLIENT_V4} {LONG_MS}"), "ok")
            self.assertEqual(tool.counts(), (0, 0))

    def test_rights_given_up_afterwards(self):
        self.wire.listen()
        with Tool(self.wire.server, "s0") as tool:
            self.assertEqual(tool.ask("user nobody"), "ok")
            self.assertEqual(tool.ask(f"block {CLIENT_V4} {LONG_MS}"), "ok")
            with self.assertRaises(TimeoutError):
                self.wire.connect(patience_s=NO_ANSWER_S)
            self.assertGreaterEqual(tool.counts()[1], 1)
            self.assertEqual(tool.ask(f"block {OTHER_V4} 0"), "ok")
            self.assertEqual(tool.ask("sweep"), "1")
            self.assertEqual(tool.ask(f"release {CLIENT_V4}"), "ok")
            self.wire.connect().close()

    def test_no_more_rights_than_it_takes(self):
        three = "-all,+bpf,+net_admin,+perfmon"
        nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps={three}",
                  f"--ambient-caps={three}", f"--bounding-set={three}")
        with Tool(self.wire.server, "s0", launcher=nobody) as tool:
            self.assertEqual(tool.said, "xdp on s0 (native)")

    def test_without_rights(self):
        nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all")
        with Tool(self.wire.server, "s0", launcher=nobody) as tool:
            self.assertIn("refused: ", tool.said)
            self.assertIn("start as root", tool.said)
        self.assertFalse(self.wire.has_xdp())


if __name__ == "__main__":
    main()
