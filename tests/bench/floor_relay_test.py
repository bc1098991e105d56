"""breakwater-floor in front of a service: bytes pass unchanged both ways, also when one side is slow, and every end is
passed on.

The path of the program is in the environment variable BREAKWATER_FLOOR.
"""
import hashlib
import os
import signal
import socket
import threading
import time
import unittest

from bench_harness import main
from floor_harness import PATIENCE_S, Floor, abort, read_exactly

LARGE = 24 << 20  # more than all buffers on the way hold


class Service:
    """Accepts connections for the test to use."""

    def __enter__(self) -> "Service":
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.listener.settimeout(PATIENCE_S)
        self.port = self.listener.getsockname()[1]
        return self

    def accept(self) -> socket.socket:
        connection, _ = self.listener.accept()
        connection.settimeout(PATIENCE_S)
        return connection

    def __exit__(self, *_: object) -> None:
        self.listener.close()


def wait_until_acknowledged(connection: socket.socket) -> None:
    """Until all that was sent, its end included, lies in the peer's socket."""
    fin_wait2 = 5  # tcpi_state: our FIN was acknowledged
    end = time.monotonic() + PATIENCE_S
    while connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != fin_wait2:
        if time.monotonic() > end:
            raise AssertionError("the peer's kernel does not take all that was sent")
        time.sleep(0.01)


def digest_until_end(connection: socket.socket, pause_s: float = 0.0) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    time.sleep(pause_s)  # the sender meets full buffers
    while part := connection.recv(1 << 16):
        digest.update(part)
        size += len(part)
    return size, digest.hexdigest()


class Relay(unittest.TestCase):
    def setUp(self) -> None:
        self.service = self.enterContext(Service())
        self.floor = self.enterContext(Floor("10:5,3:0", backend=self.service.port))

    def pair(self, first: bytes = b"") -> tuple[socket.socket, socket.socket]:
        """A client behind its pattern, and the service's end of its connection."""
        client = self.enterContext(self.floor.connect())
        client.sendall(b"a" * 10)
        read_exactly(client, 5)
        client.sendall(b"ccc" + first)
        return client, self.enterContext(self.service.accept())

    def test_what_comes_with_the_end_of_the_pattern_is_passed_on(self) -> None:
        client, service = self.pair(b"question")
        self.assertEqual(read_exactly(service, 8), b"question")
        service.sendall(b"answer")
        self.assertEqual(read_exactly(client, 6), b"answer")
        client.sendall(b"more")
        self.assertEqual(read_exactly(service, 4), b"more")

    def test_a_service_that_speaks_first(self) -> None:
        client, service = self.pair()
        service.sendall(b"hello")
        self.assertEqual(read_exactly(client, 5), b"hello")

    def test_much_at_once_with_slow_readers(self) -> None:
        client, service = self.pair()
        for sender, receiver in ((service, client), (client, service)):
            content = os.urandom(1 << 20) * (LARGE >> 20)
            writer = threading.Thread(target=lambda: (sender.sendall(content), sender.shutdown(socket.SHUT_WR)))
            writer.start()
            got = digest_until_end(receiver, pause_s=0.3)
            writer.join(PATIENCE_S)
            self.assertEqual(got, (LARGE, hashlib.sha256(content).hexdigest()))
        self.floor.wait_for_sockets(1)  # both ends are passed on: nothing is left but the listener

    def test_much_that_is_there_at_once(self) -> None:
        """More than the share of one turn waits in the floor's socket, and no event tells of the rest."""
        client, service = self.pair()
        for stopped in (False, True):  # the first time the kernel learns to keep so much
            content = os.urandom(1 << 20) * (10 if stopped else 64)
            writer = threading.Thread(target=service.sendall, args=(content,))
            if stopped:
                self.floor.process.send_signal(signal.SIGSTOP)
            writer.start()
            if stopped:
                writer.join(0.5)
                self.floor.process.send_signal(signal.SIGCONT)
            self.assertEqual(hashlib.sha256(read_exactly(client, len(content))).digest(),
                             hashlib.sha256(content).digest())
            writer.join(PATIENCE_S)

    def test_both_ways_at_the_same_time(self) -> None:
        client, service = self.pair()
        content = os.urandom(1 << 20) * 8
        results = {}
        workers = []
        for name, connection in (("client", client), ("service", service)):
            workers.append(threading.Thread(
                target=lambda c=connection: (c.sendall(content), c.shutdown(socket.SHUT_WR))))
            workers.append(threading.Thread(
                target=lambda n=name, c=connection: results.update({n: digest_until_end(c, 0.1)})))
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(PATIENCE_S)
        expected = (len(content), hashlib.sha256(content).hexdigest())
        self.assertEqual(results, {"client": expected, "service": expected})

    def test_the_end_of_one_direction_leaves_the_other(self) -> None:
        client, service = self.pair(b"question")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(digest_until_end(service)[0], 8)
        service.sendall(b"late answer")
        self.assertEqual(read_exactly(client, 11), b"late answer")
        service.close()
        self.assertEqual(client.recv(1), b"")
        self.floor.wait_for_sockets(1)

    def test_an_end_that_comes_with_the_end_of_the_pattern(self) -> None:
        """Pattern, more than one read takes, and the end are there before the floor looks: one event tells of all."""
        for size in (5, 65_533, 65_536, 120_000):
            with self.subTest(size=size):
                client = self.enterContext(self.floor.connect())
                client.sendall(b"a" * 10)
                read_exactly(client, 5)
                content = os.urandom(size)
                self.floor.process.send_signal(signal.SIGSTOP)
                try:
                    writer = threading.Thread(target=client.sendall, args=(b"ccc" + content,))
                    writer.start()
                    writer.join(PATIENCE_S)  # the kernel has taken all of it
                    client.shutdown(socket.SHUT_WR)
                    wait_until_acknowledged(client)
                finally:
                    self.floor.process.send_signal(signal.SIGCONT)
                service = self.enterContext(self.service.accept())
                self.assertEqual(digest_until_end(service), (size, hashlib.sha256(content).hexdigest()))
                service.sendall(b"answer")
                service.shutdown(socket.SHUT_WR)
                self.assertEqual(read_exactly(client, 6), b"answer")
                self.assertEqual(client.recv(1), b"")
        self.floor.wait_for_sockets(1)

    def test_a_broken_side_ends_both(self) -> None:
        client, service = self.pair()
        abort(client)
        self.assertEqual(service.recv(1), b"")
        client, service = self.pair()
        abort(service)
        self.assertEqual(client.recv(1), b"")
        self.floor.wait_for_sockets(1)

    def test_no_service(self) -> None:
        self.service.listener.close()
        client = self.enterContext(self.floor.connect())
        client.sendall(b"a" * 10)
        read_exactly(client, 5)
        client.sendall(b"ccc")
        try:
            self.assertEqual(client.recv(1), b"")
        except ConnectionResetError:
            pass
        self.floor.wait_for_sockets(1)

    def test_clients_beyond_the_most_wait_for_their_turn(self) -> None:
        clients = [self.floor.connect() for _ in range(262)]
        for client in clients:
            client.sendall(b"a" * 10 + b"ccc")
        for client in clients[:256]:
            read_exactly(client, 5)
        clients[256].settimeout(0.1)
        with self.assertRaises(socket.timeout):
            clients[256].recv(1)
        clients[256].settimeout(PATIENCE_S)
        for client in clients[:10]:
            abort(client)  # a mere end would be passed on, and wait for the service's
        for client in clients[256:]:
            read_exactly(client, 5)
        for client in clients[10:]:
            abort(client)
        self.floor.wait_for_sockets(1)


if __name__ == "__main__":
    main()
