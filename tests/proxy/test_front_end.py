"""Front ends that say who their clients are (PROXY protocol), HAProxy among them."""
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from admin_harness import Admin
from proxy_harness import (LAST_GET, PATIENCE_S, TLS12, TLS13, Backend, MemoryClient, Server, client_context, echo, main,
                           read_all, wait_until)

HAPROXY = shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOCAL, PROXY = 0x20, 0x21


def line(protocol, source="", port=0):
    if protocol == "UNKNOWN":
        return b"PROXY UNKNOWN\r\n"
    target = "192.0.2.99" if protocol == "TCP4" else "2001:db8::99"
    return f"PROXY {protocol} {source} {target} {port} 443\r\n".encode()


def binary(command, family, addresses=b"", fields=b""):
    return SIGNATURE + struct.pack("!BBH", command, family, len(addresses) + len(fields)) + addresses + fields


def addresses(source, port):
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    target = "2001:db8::99" if ":" in source else "192.0.2.99"
    return socket.inet_pton(family, source) + socket.inet_pton(family, target) + struct.pack("!HH", port, 443)


V4 = binary(PROXY, 0x11, addresses("198.51.100.7", 4711))


def tcp(port, source="127.0.0.1"):
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S, source_address=(source, 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def is_closed(connection):
    """Waits for the end, in whatever way it comes."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


class FrontEnd(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.log = self.folder / "access.log"

    def serve(self, *arguments, networks=("127.0.0.1",), **options):
        flags = [flag for network in networks for flag in ("--proxy-protocol-from", network)]
        server = Server("--access-log", str(self.log), *flags, *arguments, **options)
        self.addCleanup(server.__exit__, None)
        return server.__enter__()

    def clients(self, count):
        """Who the access log says the clients were, as soon as there are so many lines."""
        wait_until(lambda: self.log.exists() and len(self.log.read_text().splitlines()) >= count, f"{count} lines")
        return [text.split(" client=")[1].split(" ")[0] for text in self.log.read_text().splitlines()]

    def ask(self, server, header, source="127.0.0.1", context=None):
        """A request behind a header; returns the address of the socket."""
        raw = tcp(server.port, source)
        raw.sendall(header)
        with (context or client_context()).wrap_socket(raw, server_hostname="localhost") as connection:
            own = "%s:%d" % connection.getsockname()
            connection.sendall(LAST_GET)
            self.assertIn(b"200 OK", read_all(connection))
        return own


class Headers(FrontEnd):
    def test_the_access_log_names_the_client(self):
        server = self.serve("--respond", "x")
        wanted = []
        for header, client in (
                (line("TCP4", "203.0.113.9", 50000), "203.0.113.9:50000"),
                (line("TCP6", "2001:db8::5", 50001), "[2001:db8::5]:50001"),
                (line("TCP4", "203.0.113.9", 0), "203.0.113.9:0"),
                (V4, "198.51.100.7:4711"),
                (binary(PROXY, 0x21, addresses("2001:db8::6", 65535)), "[2001:db8::6]:65535"),
                (binary(PROXY, 0x11, addresses("198.51.100.8", 1), b"\x04\x0f\xe1" + bytes(4065)), "198.51.100.8:1")):
            for version in (TLS12, TLS13):
                self.ask(server, header, context=client_context(version))
                wanted.append(client)
        self.assertEqual(self.clients(len(wanted)), wanted)
        self.assertEqual((server.statistics()["accepted"], server.statistics()["handshakes_failed"]), (len(wanted), 0))

    def test_the_front_end_itself(self):
        server = self.serve("--respond", "x")
        wanted = [self.ask(server, header) for header in (
            line("UNKNOWN"), b"PROXY UNKNOWN whatever 1 2 3\r\n", binary(LOCAL, 0), binary(LOCAL, 0x11, addresses("1.2.3.4", 5)),
            binary(PROXY, 0), binary(PROXY, 0x31, bytes(216)))]
        self.assertEqual(self.clients(len(wanted)), wanted)

    def test_a_check_that_leaves_is_no_failure(self):
        server = self.serve("--respond", "x")
        for header in (line("UNKNOWN"), binary(LOCAL, 0)):
            with tcp(server.port) as connection:
                connection.sendall(header)
                connection.shutdown(socket.SHUT_WR)
                self.assertTrue(is_closed(connection))
        server.wait_for_statistics(lambda numbers: numbers["handshakes_failed"] == 2, "both are counted")
        time.sleep(1.5)  # failures are summed up every second
        self.assertIsNone(server.find("failed:"))

    def test_resumption_and_a_tunnel(self):
        with Backend(echo) as backend:
            server = self.serve("--backend", backend.address)
            context, session = client_context(TLS12), None
            for port in (1000, 1001):
                raw = tcp(server.port)
                raw.sendall(line("TCP4", "203.0.113.1", port))
                with context.wrap_socket(raw, server_hostname="localhost", session=session) as connection:
                    connection.sendall(b"x" * 10_000)
                    got = 0
                    while got < 10_000:
                        got += len(connection.recv(65536))
                    session = connection.session
                    connection.unwrap()
            self.assertTrue(server.wait_for_statistics(lambda numbers: numbers["closed"] == 2, "both end")["resumed"] == 1)
        self.assertEqual(self.clients(2), ["203.0.113.1:1000", "203.0.113.1:1001"])

    def test_cut_anywhere(self):
        server = self.serve("--respond", "x")
        headers = (line("TCP6", "2001:db8::5", 50001), V4)
        for header in headers:
            for size in (1, 5, len(header), len(header) + 1, len(header) + 5, len(header) + 100):
                with MemoryClient(server.port) as client:
                    client.step()
                    data = header + client.take_output()
                    client.socket.sendall(data[:size])
                    time.sleep(0.02)
                    client.socket.sendall(data[size:])
                    client.handshake()
                    client.socket.sendall(client.take_output())
                    client.tls.write(LAST_GET)
                    client.socket.sendall(client.take_output())
                    self.assertIn(b"200 OK", client.read())
        wanted = ["[2001:db8::5]:50001"] * 6 + ["198.51.100.7:4711"] * 6
        self.assertEqual(self.clients(12), wanted)

    def test_byte_by_byte(self):
        server = self.serve("--respond", "x")
        for header in (line("TCP4", "203.0.113.9", 50000), V4):
            with MemoryClient(server.port) as client:
                client.step()
                for byte in header + client.take_output():
                    client.socket.sendall(bytes([byte]))
                    time.sleep(0.001)
                client.handshake()
                client.tls.write(LAST_GET)
                client.socket.sendall(client.take_output())
                self.assertIn(b"200 OK", client.read())
        self.assertEqual(self.clients(2), ["203.0.113.9:50000", "198.51.100.7:4711"])

    def test_without_the_guard(self):
        server = self.serve("--respond", "x", "--guard", "off")
        self.ask(server, V4)
        self.assertEqual(self.clients(1), ["198.51.100.7:4711"])

    def refused(self, server, header):
        with tcp(server.port) as connection:
            connection.sendall(header)
            self.assertRaises(ConnectionResetError, connection.recv, 1)

    def test_the_lists_of_the_guard_are_about_the_client(self):
        config = 'deny = ["198.51.100.0/24", "127.0.0.1"]\nallow = ["198.51.100.77"]\n'
        server = self.serve("--respond", "x", config=config)
        self.refused(server, V4)
        self.refused(server, line("TCP4", "198.51.100.255", 1))
        self.ask(server, line("TCP4", "198.51.100.77", 2))
        self.ask(server, line("TCP4", "203.0.113.9", 3))
        own = self.ask(server, line("UNKNOWN"))  # the front end's address is on the list, but a front end is not judged
        self.assertEqual(self.clients(3), ["198.51.100.77:2", "203.0.113.9:3", own])
        server.wait_for_counts(accepted=5, handshakes_failed=2, half_open=0)

    def test_each_refusal_counts_once(self):
        config = "half_open_limit = 2\nhalf_open_per_address = 1\nblock_after = 4\n"
        with Admin("--respond", "x", "--proxy-protocol-from", "127.0.0.1", config=config) as server:
            waiting = [tcp(server.port), tcp(server.port)]
            for connection, header in zip(waiting, (V4, line("TCP4", "203.0.113.9", 1))):
                connection.sendall(header)
            server.wait_for_statistics(lambda numbers: numbers["half_open"] == 2 and numbers["receives"] >= 2,
                                       "both headers are read, and half-open connections crowd")
            for _ in range(6):
                self.refused(server, V4)

            def refusals():
                samples = server.metrics()
                by_reason = {labels[0][1]: value for (name, labels), value in samples.items()
                             if name == "breakwater_refusals_total"}
                return by_reason if sum(by_reason.values()) == 6 else None
            by_reason = wait_until(refusals, "six refusals are told")
            self.assertGreaterEqual(by_reason["half-open"], 4)  # then it is blocked
            for connection in waiting:
                connection.close()

    def test_a_listener_that_judges_nobody(self):
        server = self.serve("--respond", "x", listen=None, config="""
deny = ["198.51.100.0/24"]
[[listener]]
address = "127.0.0.1:0"
guard = "off"
[[listener]]
address = "127.0.0.1:0"
""")
        self.ask(server, V4)
        self.assertEqual(self.clients(1), ["198.51.100.7:4711"])
        server.port = server.ports[1]
        self.refused(server, V4)

    def test_reload(self):
        server = self.serve("--respond", "x", networks=(), config="proxy_protocol_from = []\n")
        own = self.ask(server, b"")
        server.config_path.write_text('proxy_protocol_from = ["127.0.0.0/8"]\n')
        server.signal(signal.SIGHUP)
        server.wait_for_line("reloaded")
        self.ask(server, V4)
        self.assertEqual(self.clients(2), [own, "198.51.100.7:4711"])


class Failures(FrontEnd):
    def fails(self, data, reason, at_once=True, **options):
        server = self.serve("--respond", "x", **options)
        began = time.monotonic()
        with tcp(server.port) as connection:
            try:
                connection.sendall(data)
            except OSError:
                pass  # it is closed already
            self.assertTrue(is_closed(connection))
        if at_once:
            self.assertLess(time.monotonic() - began, 5)  # half of handshake_timeout
        server.wait_for_line(reason)
        statistics = server.statistics()
        self.assertEqual((statistics["accepted"], statistics["handshakes_failed"], statistics["handshakes"]), (1, 1, 0))

    def test_no_header(self):
        with MemoryClient(self.serve("--respond", "x").port) as client:
            client.step()
            hello = client.take_output()
        self.fails(hello, "1 x a front end's PROXY header is wrong (something else was sent in its place)")

    def test_garbage(self):
        self.fails(bytes(range(255, 0, -1)), "(something else was sent in its place)")

    def test_a_bad_line(self):
        self.fails(b"PROXY TCP4 203.0.113.999 192.0.2.1 1 2\r\n", "(an address in it is none of its family)")

    def test_a_bad_binary_header(self):
        self.fails(binary(0x31, 0x11, addresses("1.2.3.4", 5)), "(its version is neither 1 nor 2)")

    def test_too_much_behind_the_addresses(self):
        self.fails(binary(PROXY, 0x11, addresses("1.2.3.4", 5), bytes(4096 - 16 - 12 + 1)), "(it is longer than 4096 bytes)")

    def test_a_line_without_end(self):
        server = self.serve("--respond", "x")
        begin = b"PROXY UNKNOWN ".ljust(106, b"x")
        with tcp(server.port) as connection:
            connection.sendall(begin)
            connection.settimeout(0.5)
            self.assertRaises(TimeoutError, connection.recv, 1)
            connection.settimeout(PATIENCE_S)
            connection.sendall(b"x")
            self.assertTrue(is_closed(connection))
        server.wait_for_line("(its line does not end within 107 bytes)")

    def test_half_a_header(self):
        server = self.serve("--respond", "x")
        with tcp(server.port) as connection:
            connection.sendall(V4[:-1])
            connection.shutdown(socket.SHUT_WR)
            self.assertTrue(is_closed(connection))
        server.wait_for_line("1 x a front end left before its PROXY header was whole")

    def test_a_header_has_the_time_of_the_handshake(self):
        server = self.serve("--respond", "x", config='handshake_timeout = "600ms"\n')
        with tcp(server.port) as silent:
            self.assertTrue(is_closed(silent))
        with tcp(server.port) as trickling:
            with self.assertRaises(OSError):
                for byte in line("TCP4", "203.0.113.9", 50000).ljust(200):
                    trickling.sendall(bytes([byte]))
                    time.sleep(0.05)
        server.wait_for_counts(handshake_timeouts=2)

    def test_others_are_not_believed(self):
        server = self.serve("--respond", "x")
        for header in (V4, line("TCP4", "203.0.113.9", 50000)):
            with tcp(server.port, "127.0.0.2") as connection:
                connection.sendall(header)
                self.assertTrue(is_closed(connection))
        server.wait_for_counts(handshakes_failed=2)
        self.assertIsNone(server.find("PROXY header"))
        own = self.ask(server, b"", source="127.0.0.2")
        self.assertEqual(self.clients(1), [own])

    def test_nobody_is_believed_by_default(self):
        server = self.serve("--respond", "x", networks=())
        with tcp(server.port) as connection:
            connection.sendall(V4)
            self.assertTrue(is_closed(connection))
        own = self.ask(server, b"")
        self.assertEqual(self.clients(1), [own])

    def test_waiting_for_headers_holds_no_buffers(self):
        server = self.serve("--respond", "x", "--workers", "1")
        waiting = []
        for i in range(100):
            waiting.append(tcp(server.port))
            waiting[-1].sendall(V4[:1 + i % (len(V4) - 1)])
        server.wait_for_statistics(lambda numbers: numbers["receives"] >= 100, "all have been read")
        self.assertEqual(server.statistics()["buffers"], 0)
        for connection in waiting:
            connection.close()


@unittest.skipUnless(HAPROXY, "HAProxy is not installed")
class WithHaproxy(FrontEnd):
    def passes_on(self, send, check=""):
        server = self.serve("--respond", "x")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        configuration = self.folder / "haproxy.cfg"
        configuration.write_text(f"""
defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend front
  bind fd@{listener.fileno()}
  default_backend back
backend back
  server one 127.0.0.1:{server.port} {send} {check}
""")
        process = subprocess.Popen([HAPROXY, "-db", "-f", str(configuration)], pass_fds=[listener.fileno()],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

        def end():
            process.terminate()
            process.wait(PATIENCE_S)
            process.stdout.close()
        self.addCleanup(end)
        port = listener.getsockname()[1]
        for version in (TLS12, TLS13):
            raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S, source_address=("127.0.0.9", 0))
            with client_context(version).wrap_socket(raw, server_hostname="localhost") as connection:
                client = "%s:%d" % connection.getsockname()
                connection.sendall(LAST_GET)
                self.assertIn(b"200 OK", read_all(connection))
            self.assertEqual(self.clients(1)[-1], client)
            self.log.write_text("")
        return server

    def test_version_1(self):
        self.passes_on("send-proxy")

    def test_version_2(self):
        self.passes_on("send-proxy-v2")

    def test_version_2_with_a_checksum(self):
        self.passes_on("send-proxy-v2 proxy-v2-options crc32c,unique-id")

    def test_its_checks(self):
        server = self.passes_on("send-proxy-v2", "check check-send-proxy inter 100ms")
        server.wait_for_statistics(lambda numbers: numbers["accepted"] >= 5, "checks come")
        time.sleep(1.5)
        self.assertIsNone(server.find("PROXY header"))
        self.assertIsNone(server.find("left before"))


if __name__ == "__main__":
    main()
