"""Aborted connections leak nothing, and handshakes allocate nothing."""
import mmap
import os
import pathlib
import random
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from proxy_harness import (GET, LAST_GET, SANITIZED, TLS12, TLS13, Backend, MemoryClient, Server, client_context, connect,
                           echo, main, make_certificate, tcp, wait_until)


def abort(connection):
    """RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def finish(connection):
    connection.close()


def abort_everywhere(port, version, end, request):
    """One connection for every place at which a client can vanish."""
    # After any part of the ClientHello.
    with MemoryClient(port, client_context(version)) as client:
        client.step()
        hello = client.take_output()
    for size in sorted({0, 1, 4, 5, 6, 9, 43, 44, len(hello) // 2, len(hello) - 1, len(hello)}):
        connection = tcp(port)
        connection.sendall(hello[:size])
        end(connection)
    # After the server's flight, and after any part of the client's second flight and the request behind it.
    for cut in (0, 1, 5, 6, 20, 50, 51, 57, 58, 63, 64, 70, 80, 100, 120, -1, None):
        client = MemoryClient(port, client_context(version))
        client.step()
        client.socket.sendall(client.take_output())
        while not client.step() and not (second := client.take_output()):
            client.receive()
        if version == TLS13:
            client.tls.write(request)
            second = client.take_output()
        client.socket.sendall(second[:cut])
        if cut is None and version == TLS12:
            while not client.step():
                client.receive()
            client.tls.write(request)
            client.socket.sendall(client.take_output()[:-3])
        end(client.socket)


class Leaks(unittest.TestCase):
    def check(self, server, request):
        def rounds(count):
            for _ in range(count):
                for version in (TLS12, TLS13):
                    for end in (abort, finish):
                        abort_everywhere(server.port, version, end, request)
            return server.wait_for_statistics(lambda n: n["open"] == 0, "all connections end")

        with connect(server.port) as connection:
            connection.sendall(request)
            connection.recv(100)
        server.wait_for_statistics(lambda n: n["open"] == 0, "all connections end")
        descriptors = server.descriptors()
        rounds(3)
        resident = server.resident_kib()
        numbers = rounds(6)
        self.assertEqual(numbers["buffers"], 0)
        self.assertEqual(numbers["accepted"], numbers["closed"])
        wait_until(lambda: server.descriptors() == descriptors, "descriptors come back")
        if not SANITIZED:
            self.assertLess(server.resident_kib() - resident, 1024)

    def test_responder(self):
        with Server() as server:
            self.check(server, GET)

    def test_tunnel(self):
        with Backend(echo) as backend, Server("--backend", backend.address) as server:
            self.check(server, b"hello" * 100)

    def test_tunnel_without_backend(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            with Server("--backend", "127.0.0.1:%d" % probe.getsockname()[1]) as server:
                self.check(server, b"hello")

    def test_a_hundred_thousand_aborted_connections(self):
        count = 20_000 if SANITIZED else 100_000
        with Server() as server:
            def flood(connections):
                subprocess.run([os.environ["BREAKWATER_ABORT_FLOOD"], str(server.port), str(connections)], check=True,
                               timeout=240)
                return server.wait_for_statistics(lambda n: n["open"] == 0, "all connections end")

            descriptors = server.descriptors()
            flood(2_000)
            resident = server.resident_kib()
            numbers = flood(count)
            self.assertGreaterEqual(numbers["accepted"], count)
            self.assertEqual(numbers["accepted"], numbers["closed"])
            self.assertEqual(numbers["buffers"], 0)
            self.assertGreater(numbers["handshakes"], count // 100)  # some got that far
            wait_until(lambda: server.descriptors() == descriptors, "descriptors come back")
            if not SANITIZED:
                self.assertLess(server.resident_kib() - resident, 64)  # not a byte for each

    def test_random_bytes(self):
        random.seed(3)
        with Server() as server:
            with MemoryClient(server.port) as client:
                client.step()
                hello = client.take_output()
            for _ in range(400):
                data = bytearray(hello)
                for _ in range(random.randrange(1, 4)):
                    data[random.randrange(len(data))] = random.randrange(256)
                connection = tcp(server.port)
                connection.sendall(data)
                connection.close()
            numbers = server.wait_for_statistics(lambda n: n["open"] == 0, "all connections end")
            self.assertEqual(numbers["buffers"], 0)


@unittest.skipIf(SANITIZED, "sanitizers bring their own malloc")
class Allocations(unittest.TestCase):
    HANDSHAKES = 10_000
    THREADS = 4

    def clients(self, port, count, contexts, request):
        """Full handshakes and one exchange each, from several threads."""
        failures = []

        def work(number):
            try:
                for i in range(count // self.THREADS):
                    with connect(port, contexts[(number + i) % len(contexts)]) as connection:
                        connection.sendall(request)
                        connection.recv(1000)
            except OSError as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(self.THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def count(self, arguments, request):
        with tempfile.TemporaryDirectory() as folder:
            chain, key = make_certificate(folder, "ecdsa", "localhost")  # RSA signatures by libcrypto do allocate
            path = pathlib.Path(folder, "count")
            path.write_bytes(bytes(8))
            environment = {"LD_PRELOAD": os.environ["BREAKWATER_MALLOC_COUNTER"], "MALLOC_COUNT_FILE": str(path)}
            with open(path, "r+b") as file, mmap.mmap(file.fileno(), 8) as memory:
                def allocations():
                    return struct.unpack("=Q", memory[:8])[0]

                contexts = [client_context(TLS12), client_context(TLS13), client_context(TLS13, tickets=False)]
                with Server("--cert", chain, "--key", key, *arguments, environment=environment) as server:
                    self.clients(server.port, 400, contexts, request)  # warm-up
                    warm = allocations()
                    self.assertGreater(warm, 0, "the counter does not count")
                    self.clients(server.port, self.HANDSHAKES, contexts, request)
                    self.assertEqual(allocations() - warm, 0)
                    self.assertGreaterEqual(server.statistics()["handshakes"], self.HANDSHAKES + 400)

    def test_ten_thousand_handshakes_allocate_nothing(self):
        self.count([], LAST_GET)

    def test_tunnels_allocate_nothing(self):
        self.HANDSHAKES = 2_000
        with Backend(echo) as backend:
            self.count(["--backend", backend.address], b"hello")


if __name__ == "__main__":
    main()
