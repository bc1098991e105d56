"""What the program says about single frames (BPF_PROG_TEST_RUN): ordinary ones, cut ones, broken ones."""
import ipaddress
import random
import time
import unittest

from frames import (ACK, FIN, IPV4, IPV6, RST, SERVICE_VLAN, SYN, UDP, VLAN, ethernet, ipv4, ipv6, should_drop, tcp)
from xdp_harness import Tool, Wire, main, needs_root

BAD, GOOD = "192.0.2.66", "192.0.2.67"
BAD6, BAD6_NEIGHBOUR, GOOD6 = "2001:db8:0:1::66", "2001:db8:0:1:ffff::1", "2001:db8:0:2::66"
AN_HOUR_MS = 3_600_000


@needs_root
class Verdicts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.wire = cls.enterClassContext(Wire())
        cls.tool = cls.enterClassContext(Tool(cls.wire.server, "lo", ports="443,8443"))

    def setUp(self):
        for network in (BAD, BAD6):
            self.assertEqual(self.tool.ask(f"block {network} {AN_HOUR_MS}"), "ok")

    def verdict(self, frame):
        return self.tool.ask(f"run {frame.hex()}")

    def test_generic_where_there_is_no_driver(self):
        self.assertEqual(self.tool.said, "xdp on lo (generic)")

    def test_a_blocked_source_is_dropped_at_our_ports(self):
        for tags in ((), (VLAN,), (SERVICE_VLAN, VLAN)):
            for port, source, source6, expected in ((443, BAD, BAD6, "drop"), (8443, BAD, BAD6_NEIGHBOUR, "drop"),
                                                    (80, BAD, BAD6, "pass"), (442, BAD, BAD6, "pass"),
                                                    (444, BAD, BAD6, "pass"), (443, GOOD, GOOD6, "pass")):
                with self.subTest(tags=tags, port=port, source=source):
                    self.assertEqual(self.verdict(ethernet(IPV4, ipv4(source, tcp(port)), tags)), expected)
                    self.assertEqual(self.verdict(ethernet(IPV6, ipv6(source6, tcp(port)), tags)), expected)

    def test_options_are_stepped_over(self):
        for words in range(1, 11):
            self.assertEqual(self.verdict(ethernet(IPV4, ipv4(BAD, tcp(443), options=b"\1" * 4 * words))), "drop")

    def test_what_passes(self):
        for what, frame in {
                "UDP": ethernet(IPV4, ipv4(BAD, tcp(443), protocol=UDP)),
                "UDP over IPv6": ethernet(IPV6, ipv6(BAD6, tcp(443), following=UDP)),
                "first fragment": ethernet(IPV4, ipv4(BAD, tcp(443), fragment=0x2000)),
                "later fragment": ethernet(IPV4, ipv4(BAD, tcp(443), fragment=0x0010)),
                "fragment of IPv6": ethernet(IPV6, ipv6(BAD6, b"\6\0\0\1\0\0\0\1" + tcp(443), following=44)),
                "hop-by-hop options": ethernet(IPV6, ipv6(BAD6, b"\6\0\1\4\0\0\0\0" + tcp(443), following=0)),
                "three tags": ethernet(IPV4, ipv4(BAD, tcp(443)), (VLAN, VLAN, VLAN)),
                "ARP": ethernet(0x0806, bytes(28)),
                "wrong version": ethernet(IPV4, ipv4(BAD, tcp(443), version=6)),
                "wrong version of IPv6": ethernet(IPV6, ipv6(BAD6, tcp(443), version=4)),
                # What would be the port is the second half of the destination.
                "header too short": ethernet(IPV4, ipv4(BAD, tcp(443), destination="10.231.1.187", words=4)),
                "header longer than the frame": ethernet(IPV4, ipv4(BAD, tcp(443), words=15)),
                "source and destination exchanged": ethernet(IPV4, ipv4(GOOD, tcp(443), destination=BAD)),
                "a port of theirs": ethernet(IPV4, ipv4(BAD, tcp(50000, source_port=443)))}.items():
            with self.subTest(what):
                self.assertEqual(self.verdict(frame), "pass")
        self.assertEqual(self.verdict(ethernet(IPV4, ipv4(BAD, tcp(443), fragment=0x4000))), "drop")  # don't fragment

    def test_counts(self):
        for flags, packets, syns in ((SYN, 1, 1), (SYN | ACK, 1, 0), (ACK, 1, 0), (FIN | ACK, 1, 0), (RST, 1, 0)):
            for frame in (ethernet(IPV4, ipv4(BAD, tcp(443, flags))), ethernet(IPV6, ipv6(BAD6, tcp(443, flags)))):
                before = self.tool.counts()
                self.assertEqual(self.verdict(frame), "drop")
                after = self.tool.counts()
                self.assertEqual((after[0] - before[0], after[1] - before[1]), (packets, syns), flags)
        before = self.tool.counts()
        self.verdict(ethernet(IPV4, ipv4(GOOD, tcp(443))))
        self.assertEqual(self.tool.counts(), before)

    def test_cut_at_every_length(self):
        for frame in (ethernet(IPV4, ipv4(BAD, tcp(443))), ethernet(IPV6, ipv6(BAD6, tcp(443))),
                      ethernet(IPV4, ipv4(BAD, tcp(443), options=bytes(8)), (VLAN,)),
                      ethernet(IPV6, ipv6(BAD6, tcp(443)), (SERVICE_VLAN, VLAN))):
            lengths = range(14, len(frame))  # the kernel itself refuses less than an Ethernet header
            answers = self.tool.ask_all([f"run {frame[:length].hex()}" for length in lengths])
            self.assertEqual(set(answers), {"pass"})
            for more in range(64):
                self.assertEqual(self.verdict(frame + bytes(more)), "drop")

    def check_all(self, frames):
        """Every verdict is the one of frames.should_drop(). Returns how many were dropped."""
        v4, v6 = {ipaddress.IPv4Address(BAD).packed}, {ipaddress.IPv6Address(BAD6).packed[:8]}
        answers = self.tool.ask_all([f"run {frame.hex()}" for frame in frames])
        for frame, answer in zip(frames, answers, strict=True):
            self.assertEqual(answer, "drop" if should_drop(frame, {443, 8443}, v4, v6) else "pass", frame.hex())
        return answers.count("drop")

    def test_random_frames(self):
        chance = random.Random(1)
        frames = [chance.randbytes(chance.randrange(14, 200)) for _ in range(10_000)]
        for frame in list(frames):  # and such as go further into the program
            kind = chance.choice(((IPV4, 4, 5), (IPV6, 6, 0)))
            tags = chance.choice(((), (VLAN,), (VLAN, VLAN)))
            frames.append(ethernet(kind[0], bytes([kind[1] << 4 | kind[2]]) + frame[1:], tags))
        self.check_all(frames)

    def test_changed_frames(self):
        chance = random.Random(2)
        whole = [ethernet(IPV4, ipv4(BAD, tcp(443)), (VLAN,)), ethernet(IPV6, ipv6(BAD6, tcp(8443))),
                 ethernet(IPV4, ipv4(BAD, tcp(443), options=bytes(12))), ethernet(IPV6, ipv6(BAD6, tcp(443)), (VLAN, VLAN))]
        frames = []
        for _ in range(20_000):
            frame = bytearray(chance.choice(whole))
            for _ in range(chance.randrange(1, 4)):
                frame[chance.randrange(len(frame))] = chance.choice((0, 0xff, chance.randrange(256)))
            frames.append(bytes(frame))
        dropped = self.check_all(frames)
        self.assertGreater(dropped, 1000)
        self.assertLess(dropped, 19_000)

    def test_time_is_over_in_the_kernel_as_well(self):
        frame = ethernet(IPV4, ipv4("192.0.2.70", tcp(443)))
        self.assertEqual(self.tool.ask("block 192.0.2.70 1500"), "ok")
        self.assertEqual(self.verdict(frame), "drop")
        time.sleep(1.55)
        self.assertEqual(self.verdict(frame), "pass")
        self.assertEqual(self.tool.ask(f"block 192.0.2.70 {AN_HOUR_MS}"), "ok")
        self.assertEqual(self.verdict(frame), "drop")
        self.assertEqual(self.tool.ask("release 192.0.2.70"), "ok")
        self.assertEqual(self.verdict(frame), "pass")
        self.assertEqual(self.tool.ask("block 2001:db8:0:9::1 0"), "ok")
        self.assertEqual(self.verdict(ethernet(IPV6, ipv6("2001:db8:0:9::1", tcp(443)))), "pass")
        self.tool.ask("sweep")

    def test_release_of_ipv6(self):
        self.assertEqual(self.tool.ask(f"release {BAD6_NEIGHBOUR}"), "ok")  # of the same /64
        self.assertEqual(self.verdict(ethernet(IPV6, ipv6(BAD6, tcp(443)))), "pass")

    def test_sweep_takes_what_is_over(self):
        self.tool.ask("sweep")
        for i in range(1500):  # more than one batch
            self.tool.ask(f"block 2001:db8:{i:x}::1 0")
        self.assertEqual(self.tool.ask("fill 3000 0"), "3000")
        self.assertEqual(self.tool.ask("sweep"), "4500")
        self.assertEqual(self.tool.ask("sweep"), "0")
        self.assertEqual(self.verdict(ethernet(IPV4, ipv4(BAD, tcp(443)))), "drop")
        self.assertEqual(self.verdict(ethernet(IPV6, ipv6(BAD6, tcp(443)))), "drop")

    def test_other_networks_are_refused(self):
        for network in ("192.0.2.0/24", "192.0.2.66/31", "2001:db8::/48", "2001:db8::1/128", "::/0"):
            self.assertEqual(self.tool.ask(f"block {network} {AN_HOUR_MS}"), "refused", network)
        self.assertEqual(self.verdict(ethernet(IPV4, ipv4(GOOD, tcp(443)))), "pass")

    def test_a_full_map_takes_new_addresses(self):
        with Tool(self.wire.client, "lo") as tool:
            self.assertEqual(tool.ask(f"fill 80000 {AN_HOUR_MS}"), "80000")
            for last in range(79_900, 80_000):
                address = ipaddress.IPv4Address((10 << 24) + last)
                self.assertEqual(tool.ask(f"run {ethernet(IPV4, ipv4(str(address), tcp(443))).hex()}"), "drop")

    def test_what_a_packet_costs(self):
        """No limit: machines differ. The log has the numbers."""
        for what, frame, expected in (("SYN of a blocked IPv4 address", ethernet(IPV4, ipv4(BAD, tcp(443))), "drop"),
                                      ("SYN of a blocked IPv6 address", ethernet(IPV6, ipv6(BAD6, tcp(443))), "drop"),
                                      ("SYN of another address", ethernet(IPV4, ipv4(GOOD, tcp(443))), "pass"),
                                      ("segment to another port", ethernet(IPV4, ipv4(BAD, tcp(80))), "pass"),
                                      ("UDP", ethernet(IPV4, ipv4(BAD, tcp(443), protocol=UDP)), "pass")):
            verdict, cost = self.tool.ask(f"cost 1000000 {frame.hex()}").split()
            self.assertEqual(verdict, expected)
            print(f"{what}: {cost} ns, then {verdict}", flush=True)


if __name__ == "__main__":
    main()
