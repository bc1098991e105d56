"""Network namespaces joined by a cable, and the tool that drops packets in one of them."""
import contextlib
import ctypes
import os
import pathlib
import re
import socket
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "proxy"))
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import gtest_report
from lack import LIBC, lack

TOOL = os.environ["BREAKWATER_XDP_TOOL"]
CLONE_NEWNET = 0x40000000

SERVER_V4, CLIENT_V4, OTHER_V4 = "10.231.0.1", "10.231.0.2", "10.231.0.3"
SERVER_V6, CLIENT_V6, NEIGHBOUR_V6, OTHER_V6 = "fd31::1", "fd31:0:0:2::2", "fd31:0:0:2::77", "fd31:0:0:3::2"
PORT, OTHER_PORT = 443, 8080


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=30)


def show(namespace, interface):
    return subprocess.run(["ip", "-n", namespace, "link", "show", interface], check=True, capture_output=True, text=True,
                          timeout=30).stdout


class Wire:
    """Two namespaces, `server` and `client`, with an interface each, s0 and c0, at the ends of one cable."""

    def __init__(self):
        self.server, self.client = (f"bwx{os.getpid()}{end}" for end in "sc")
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            self._lay()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _lay(self):
        for name in (self.server, self.client):
            ip("netns", "add", name)
            self.stack.callback(ip, "netns", "del", name)
        ip("-n", self.server, "link", "add", "s0", "type", "veth", "peer", "name", "c0", "netns", self.client)
        for name, interface, addresses in ((self.server, "s0", (SERVER_V4 + "/24", SERVER_V6 + "/32")),
                                           (self.client, "c0", (CLIENT_V4 + "/24", OTHER_V4 + "/24", CLIENT_V6 + "/32",
                                                                NEIGHBOUR_V6 + "/32", OTHER_V6 + "/32"))):
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", interface, "up")
            for address in addresses:
                ip("-n", name, "address", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))

    @contextlib.contextmanager
    def inside(self, name):
        """This thread is in that namespace; a socket made there stays there."""
        with open("/proc/thread-self/ns/net") as here, open(f"/run/netns/{name}") as there:
            if LIBC.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                LIBC.setns(here.fileno(), CLONE_NEWNET)

    def listen(self, address=SERVER_V4, port=PORT):
        with self.inside(self.server):
            listener = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.stack.callback(listener.close)
        return listener

    def connect(self, source=CLIENT_V4, address=SERVER_V4, port=PORT, patience_s=5):
        """A connection that the server's kernel has accepted; TimeoutError when there is no answer."""
        with self.inside(self.client):
            connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        connection.settimeout(patience_s)
        try:
            connection.bind((source, 0))
            connection.connect((address, port))
        except BaseException:
            connection.close()
            raise
        return connection

    def segments_received(self):
        """TCP segments, of both families, that the server's network stack has seen."""
        with self.inside(self.server):
            lines = pathlib.Path("/proc/thread-self/net/snmp").read_text().splitlines()
        names, values = (line.split() for line in lines if line.startswith("Tcp:"))
        return int(values[names.index("InSegs")])

    def send_frames(self, frames):
        """As they are, from the client's end of the cable."""
        with self.inside(self.client):
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        with raw:
            raw.bind(("c0", 0))
            for frame in frames:
                raw.send(frame)

    def hardware_address(self, name, interface):
        return bytes.fromhex(re.search(r"link/ether ([\da-f:]+)", show(name, interface)).group(1).replace(":", ""))

    def has_xdp(self, interface="s0"):
        return "xdp" in show(self.server, interface)


class Tool:
    """A running xdp_tool. `said`: its first line."""

    def __init__(self, namespace, *interfaces, ports=str(PORT), launcher=()):
        self.process = subprocess.Popen(["ip", "netns", "exec", namespace, *launcher, TOOL, ports, *interfaces],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = self.process.stdout.readline().strip()

    def ask(self, command):
        return self.ask_all([command])[0]

    def ask_all(self, commands):
        answers = []
        for start in range(0, len(commands), 100):  # so that neither pipe is ever full
            some = commands[start:start + 100]
            self.process.stdin.write("\n".join(some) + "\n")
            self.process.stdin.flush()
            answers += [self.process.stdout.readline().strip() for _ in some]
        return answers

    def counts(self):
        return tuple(int(number) for number in self.ask("counts").split())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        status = self.process.wait(30)
        self.process.stdout.close()
        if kind is None and status not in (0, 3, -9):  # done, refused, told to die
            raise AssertionError(f"xdp_tool ended with {status}")


LACK = lack()
needs_root = unittest.skipIf(LACK is not None, LACK or "")


def main():
    gtest_report.main("xdp")
