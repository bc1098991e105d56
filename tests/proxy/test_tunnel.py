"""The tunnel to a backend: bytes unchanged, half-close, backpressure, and what happens when a side breaks."""
import errno
import hashlib
import os
import socket
import ssl
import struct
import threading
import time
import unittest

from proxy_harness import (PATIENCE_S, TLS12, TLS13, Backend, MemoryClient, Server, client_context, connect, echo, main,
                           read_all, wait_until)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def free_port(family=socket.AF_INET):
    with socket.socket(family) as probe:
        probe.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        return probe.getsockname()[1]


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class Tunnel(unittest.TestCase):
    def test_echo_of_many_sizes(self):
        with Backend(echo) as backend, Server("--backend", backend.address) as server:
            for version in (TLS12, TLS13):
                with self.subTest(version=version), connect(server.port, client_context(version)) as connection:
                    for size in (1, 2, 100, 16383, 16384, 16385, 70_000, 200_000):
                        # One thread, since an ssl socket is not for two; what is on its way fits into the buffers.
                        data = os.urandom(size)
                        connection.sendall(data)
                        got = b""
                        while len(got) < size:
                            got += connection.recv(65536)
                        self.assertEqual(got, data)

    def test_request_together_with_the_client_finished(self):
        # The plaintext is there before the backend's connection is.
        with Backend(echo) as backend, Server("--backend", backend.address) as server:
            with MemoryClient(server.port) as client:
                client.handshake()
                client.tls.write(b"early" * 3000)
                client.socket.sendall(client.take_output())
                got = b""
                while len(got) < 15_000:
                    got += client.read()
                self.assertEqual(got, b"early" * 3000)

    def test_client_ends_first(self):
        received = []

        def serve(connection):
            data = b""
            while part := connection.recv(65536):
                data += part
            received.append(data)
            time.sleep(0.3)  # the other direction goes on after the client's end
            for _ in range(20):
                connection.sendall(b"answer " * 1000)

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            for version in (TLS12, TLS13):
                with (self.subTest(version=version),
                      MemoryClient(server.port, client_context(version, strict_end=True)) as client):
                    received.clear()
                    client.handshake()
                    client.tls.write(b"question")
                    client.socket.sendall(client.take_output())
                    with self.assertRaises(ssl.SSLWantReadError):
                        client.tls.unwrap()  # close_notify
                    client.socket.sendall(client.take_output())
                    client.socket.shutdown(socket.SHUT_WR)
                    total = 0
                    while data := self.read_after_unwrap(client):
                        total += data
                    self.assertEqual(received, [b"question"])
                    self.assertEqual(total, 7000 * 20)

    @staticmethod
    def read_after_unwrap(client):
        """Bytes of the next record's plaintext, counted by record sizes; 0 at the end.

        OpenSSL reads no application data after its own close_notify, so the records are counted on the wire.
        """
        if not hasattr(client, "wire"):
            client.wire = b""
        while True:
            if len(client.wire) >= 5:
                size = struct.unpack(">H", client.wire[3:5])[0]
                if len(client.wire) >= 5 + size:
                    kind = client.wire[0]
                    client.wire = client.wire[5 + size:]
                    overhead = 17 if client.tls.version() == "TLSv1.3" else 24
                    if client.tls.cipher()[0].find("CHACHA20") >= 0 and overhead == 24:
                        overhead = 16
                    body = size - overhead
                    # Tickets and alerts are not counted: 23 is application data in TLS 1.2, everything in TLS 1.3.
                    if kind == 23 and body > 1000:
                        return body
                    continue
            data = client.socket.recv(65536)
            if not data:
                return 0
            client.wire += data

    def test_backend_ends_first(self):
        done = threading.Event()
        received = []

        def serve(connection):
            connection.sendall(b"greeting")
            connection.shutdown(socket.SHUT_WR)
            data = b""
            while part := connection.recv(65536):
                data += part
            received.append(data)
            done.set()

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            for version in (TLS12, TLS13):
                done.clear()
                received.clear()
                with (self.subTest(version=version),
                      MemoryClient(server.port, client_context(version, strict_end=True)) as client):
                    client.handshake()
                    client.socket.sendall(client.take_output())
                    self.assertEqual(client.read(), b"greeting")
                    self.assertEqual(client.read(), b"")  # close_notify, and then the FIN
                    self.assertEqual(client.socket.recv(1), b"")
                    for _ in range(10):  # our direction goes on
                        client.tls.write(b"still here " * 1000)
                        client.socket.sendall(client.take_output())
                    with self.assertRaises((ssl.SSLWantReadError, ssl.SSLError)):
                        client.tls.unwrap()
                        raise ssl.SSLWantReadError
                    client.socket.sendall(client.take_output())
                    client.socket.close()
                    self.assertTrue(done.wait(PATIENCE_S))
                    self.assertEqual(received[0], b"still here " * 10_000)

    def test_slow_reading_client_keeps_memory_bounded(self):
        size = 200_000_000

        def serve(connection):
            block = b"d" * 1_000_000
            for _ in range(size // len(block)):
                connection.sendall(block)

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            connections = [connect(server.port) for _ in range(5)]
            for connection in connections:
                connection.recv(1)
            before = server.resident_kib()
            time.sleep(1.5)
            numbers = server.statistics()
            self.assertLess(numbers["plaintext_out"], 5 * 40_000_000)  # what sockets hold, not what there is
            self.assertLessEqual(numbers["buffers"], 5 * 5)
            self.assertLess(server.resident_kib() - before, 4096)
            for connection in connections[1:]:
                connection.close()
            total = 1
            while data := connections[0].recv(1 << 20):
                total += len(data)
            self.assertEqual(total, size)
            connections[0].close()

    def test_slow_reading_backend_keeps_memory_bounded(self):
        go = threading.Event()
        digests = []

        def serve(connection):
            go.wait(PATIENCE_S)
            digest = hashlib.sha256()
            while data := connection.recv(1 << 20):
                digest.update(data)
            digests.append(digest.digest())

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            with connect(server.port) as connection:
                digest = hashlib.sha256()
                connection.settimeout(1)
                block = os.urandom(16384 + 777)
                count = 0
                try:
                    while count < 100_000_000 // len(block):
                        connection.sendall(block)
                        digest.update(block)
                        count += 1
                    self.fail("the server took 100 MB that nobody reads")
                except TimeoutError:
                    pass
                numbers = server.statistics()
                self.assertLessEqual(numbers["buffers"], 3)
            go.set()
            # The stream was cut in the middle of a block, so only what arrived before is known.
            wait_until(lambda: digests or backend.errors, "the backend's connection ends")

    def test_backpressure_loses_and_reorders_nothing(self):
        # Small records, and a backend that reads in bursts and more slowly than the client sends: the tunnel holds parts
        # of several records again and again.
        digests = []

        def serve(connection):
            digest = hashlib.sha256()
            time.sleep(0.5)
            while data := connection.recv(100_000):
                digest.update(data)
                time.sleep(0.01)
            digests.append(digest.digest())

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            with connect(server.port) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                digest = hashlib.sha256()
                for i in range(16_000):
                    block = os.urandom((i * 37) % 2500 + 1)
                    digest.update(block)
                    connection.sendall(block)
                self.end(connection)
            wait_until(lambda: digests, "the backend has read everything")
            self.assertEqual(digests[0], digest.digest())

    @staticmethod
    def end(connection):
        """close_notify and the end of TCP, waiting for the server's."""
        try:
            connection.unwrap().close()
        except (ssl.SSLError, OSError):
            pass

    def test_nobody_listens(self):
        with Server("--backend", f"127.0.0.1:{free_port()}") as server:
            with MemoryClient(server.port) as client:
                client.handshake()
                client.socket.sendall(client.take_output())
                self.assertEqual(client.read(), b"")  # close_notify
            server.wait_for_line("cannot connect to the backend (Connection refused)")

    def test_failures_are_summed_up(self):
        with Server("--backend", f"127.0.0.1:{free_port()}") as server:
            for _ in range(30):
                with connect(server.port) as connection:
                    read_all(connection)
            server.wait_for_line("cannot connect to the backend")
            time.sleep(1.5)
            self.assertLessEqual(sum("cannot connect" in line for line in server.lines), 2)

    def test_backend_resets(self):
        def serve(connection):
            connection.recv(100)
            reset(connection)

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            with connect(server.port) as connection:
                connection.sendall(b"hello")
                self.assertEqual(read_all(connection), b"")
            server.wait_for_line("the backend broke the connection (Connection reset by peer)")

    def test_a_cut_answer_does_not_look_complete(self):
        # The backend resets in the middle of its answer: the client must see no close_notify.
        sent = threading.Event()

        def serve(connection):
            connection.recv(100)
            connection.sendall(b"the first half")
            sent.wait(PATIENCE_S)
            reset(connection)

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            for version in (TLS12, TLS13):
                sent.clear()
                with (self.subTest(version=version),
                      MemoryClient(server.port, client_context(version, strict_end=True)) as client):
                    client.handshake()
                    client.tls.write(b"question")
                    client.socket.sendall(client.take_output())
                    self.assertEqual(client.read(), b"the first half")
                    sent.set()
                    with self.assertRaises(ssl.SSLEOFError):
                        client.read()
            server.wait_for_statistics(lambda n: n["open"] == 0, "nothing is left")

    def test_a_cut_client_connection_is_not_passed_on_as_an_end(self):
        # FIN without close_notify may be an attacker's: the backend must see an error, not the end of a request.
        outcome = []

        def serve(connection):
            try:
                while connection.recv(65536):
                    pass
                outcome.append("end")
            except ConnectionResetError:
                outcome.append("reset")

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            with MemoryClient(server.port) as client:
                client.handshake()
                client.tls.write(b"half a request")
                client.socket.sendall(client.take_output())
                wait_until(lambda: server.statistics()["plaintext_in"], "the request arrives")
                client.socket.shutdown(socket.SHUT_WR)
                wait_until(lambda: outcome, "the backend's connection ends")
            self.assertEqual(outcome, ["reset"])

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6 loopback")
    def test_ipv6(self):
        with Backend(echo, socket.AF_INET6) as backend, Server("--backend", backend.address, listen="[::1]:0") as server:
            with connect(server.port, host="::1") as connection:
                connection.sendall(b"six")
                self.assertEqual(connection.recv(10), b"six")

    def test_an_early_answer_is_delivered(self):
        # The backend answers without reading the request to its end, and closes.
        def serve(connection):
            connection.recv(1)
            connection.sendall(b"no, thank you")
            connection.shutdown(socket.SHUT_WR)
            time.sleep(0.2)

        with Backend(serve) as backend, Server("--backend", backend.address) as server:
            with connect(server.port) as connection:
                connection.settimeout(PATIENCE_S)
                try:
                    for _ in range(200):
                        connection.sendall(b"x" * 10_000)
                except OSError as error:
                    self.assertIn(error.errno, (errno.EPIPE, errno.ECONNRESET))
                self.assertEqual(connection.recv(100), b"no, thank you")


if __name__ == "__main__":
    main()
