"""Timeouts, descriptor and connection limits, buffers: one's own slowness never becomes somebody else's."""
import contextlib
import pathlib
import re
import socket
import ssl
import threading
import time
import unittest

from proxy_harness import (GET, LAST_GET, PATIENCE_S, SANITIZED, TLS12, TLS13, Backend, MemoryClient, Server,
                           client_context, connect, echo, main, read_response, tcp, wait_until)

NEEDS_DESCRIPTORS = unittest.skipIf(SANITIZED, "UndefinedBehaviorSanitizer itself needs descriptors to look at memory")


def ends_within(connection, least_s, most_s):
    """Waits for the other side's end; checks that it came in time. Returns what was sent before."""
    began = time.monotonic()
    connection.settimeout(most_s)
    data = b""
    try:
        while part := connection.recv(4096):
            data += part
    except ConnectionResetError:
        pass
    took = time.monotonic() - began
    if not least_s <= took <= most_s:
        raise AssertionError(f"ended after {took:.2f} s instead of {least_s} to {most_s}")
    return data


class Timeouts(unittest.TestCase):
    def test_a_handshake_has_its_time_and_no_more(self):
        with Server(config='handshake_timeout = "600ms"\n') as server:
            with tcp(server.port) as silent:
                ends_within(silent, 0.4, PATIENCE_S)
            with MemoryClient(server.port) as trickling:  # activity does not extend it
                trickling.step()
                hello = trickling.take_output()
                began = time.monotonic()
                with self.assertRaises(OSError):
                    for i in range(len(hello)):
                        trickling.socket.sendall(hello[i:i + 1])
                        time.sleep(0.05)
                self.assertLess(time.monotonic() - began, PATIENCE_S)
            server.wait_for_line("the handshake took longer than handshake_timeout")
            server.wait_for_counts(handshake_timeouts=2)

    def test_an_idle_connection_is_closed_in_order(self):
        with Server(config='idle_timeout = "600ms"\n') as server:
            for version in (TLS12, TLS13):
                with connect(server.port, client_context(version)) as connection:
                    connection.sendall(GET)
                    read_response(connection)
                    self.assertEqual(ends_within(connection, 0.4, PATIENCE_S), b"")  # close_notify, or recv raises
            server.wait_for_counts(idle_timeouts=2)

    def test_requests_keep_a_connection_a_slow_header_does_not(self):
        with Server(config='idle_timeout = "800ms"\n') as server:
            with connect(server.port) as connection:
                for _ in range(4):
                    time.sleep(0.4)
                    connection.sendall(GET)
                    self.assertEqual(read_response(connection)[0], 200)
                began = time.monotonic()
                try:
                    for i in range(200):
                        connection.sendall(GET[i % len(GET):][:1] if i < 10 else b"x")
                        time.sleep(0.1)
                    self.fail("a header of one byte in 0.1 s kept the connection")
                except OSError:
                    self.assertLess(time.monotonic() - began, PATIENCE_S)

    def test_an_idle_tunnel_is_closed(self):
        with Backend(echo) as backend, Server(config=f'backend = "{backend.address}"\nidle_timeout = "600ms"\n') as server:
            with connect(server.port) as connection:
                connection.sendall(b"x")
                self.assertEqual(connection.recv(10), b"x")
                self.assertEqual(ends_within(connection, 0.4, PATIENCE_S), b"")
            # Nobody knows whether the backend had said everything.
            with MemoryClient(server.port, client_context(strict_end=True)) as client:
                client.handshake()
                client.tls.write(b"x")
                client.socket.sendall(client.take_output())
                self.assertEqual(client.read(), b"x")
                with self.assertRaises(ssl.SSLEOFError):
                    client.read()

    def test_an_idle_connection_with_a_full_socket_ends(self):
        # The client takes nothing and the idle time passes: the connection ends even though nothing can be sent.
        with Server("--respond", "r" * 50_000, config='idle_timeout = "600ms"\n') as server:
            with self.narrow(server) as connection:
                connection.settimeout(1)
                try:
                    for _ in range(10_000):
                        connection.sendall(GET)
                except OSError:
                    pass
                server.wait_for_statistics(lambda n: n["open"] == 0 and n["buffers"] == 0, "the connection ends")

    @staticmethod
    def narrow(server):
        """A connection whose client takes next to nothing unless it reads."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.settimeout(PATIENCE_S)
        return client_context().wrap_socket(connection, server_hostname="localhost")

    def test_a_finished_answer_nobody_takes_can_be_evicted(self):
        with Server("--respond", "r" * 1000, config="max_connections = 1\n") as server:
            with self.narrow(server) as probe:
                probe.sendall(GET)
                read_response(probe)
                one = server.statistics()["plaintext_out"]
                probe.sendall(GET * 20_000)
                most = wait_until(lambda: self.stalled(server), "the server is stopped by the full socket")
            server.wait_for_statistics(lambda n: n["open"] == 0, "the first one is gone")
            before = server.statistics()["plaintext_out"]
            # As many answers as the socket and half of the server's queue hold: all are handed over, not all sent.
            count = (most - 40_000) // one
            with self.narrow(server) as lazy:
                lazy.sendall(GET * (count - 1) + LAST_GET)
                server.wait_for_statistics(lambda n: n["plaintext_out"] - before >= count * one, "all is handed over")
                self.assertGreater(server.statistics()["buffers"], 0)
                with connect(server.port) as connection:
                    connection.sendall(GET)
                    self.assertEqual(read_response(connection)[0], 200)
                server.wait_for_counts(evicted=1)

    @staticmethod
    def stalled(server):
        """What has been handed over, once that is no longer growing."""
        before = server.statistics()["plaintext_out"]
        time.sleep(0.5)
        return before if server.statistics()["plaintext_out"] == before else 0

    def test_a_burst_of_hellos_with_little_memory(self):
        # More flights at once than there are buffers (32 for each worker): each goes out all the same.
        count = 200
        with Server("--workers", "4", config="buffer_memory = 1\nhandshake_timeout = 100\n") as server:
            context = client_context()
            clients = [MemoryClient(server.port, context) for _ in range(count)]
            server.wait_for_statistics(lambda n: n["open"] == count, "all are accepted")
            with server.stopped():  # so that all of them arrive in the same pass
                for client in clients:
                    client.step()
                    client.socket.sendall(client.take_output())
            for client in clients:
                client.handshake()
                client.socket.sendall(client.take_output())
            server.wait_for_statistics(lambda n: n["handshakes"] == count, "all handshakes are completed")
            for client in clients:
                client.close()

    def test_a_backend_that_does_not_answer_the_connection(self):
        # A listener whose queue is full drops connections silently.
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            fillers = []
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
                fillers.append(filler)
            time.sleep(0.1)
            address = "127.0.0.1:%d" % full.getsockname()[1]
            with Server(config=f'backend = "{address}"\nconnect_timeout = "600ms"\n') as server:
                with connect(server.port) as connection:
                    self.assertEqual(ends_within(connection, 0.4, PATIENCE_S), b"")
                server.wait_for_line("cannot connect to the backend (Connection timed out)")
            for filler in fillers:
                filler.close()

    def test_a_peer_that_never_closes_is_not_waited_for(self):
        with Server() as server, tcp(server.port) as stubborn:
            stubborn.sendall(b"garbage, not TLS")
            wait_until(lambda: stubborn.recv(100)[:1] == b"\x15", "the alert comes")
            server.wait_for_statistics(lambda n: n["open"] == 0, "the connection is closed after lingering")


class Limits(unittest.TestCase):
    def test_the_kernel_s_table_of_descriptors_need_not_grow(self):
        # Each time it doubles, threads that open one wait for all CPUs, in the midst of a flood of connections.
        with Server(launcher=["sh", "-c", 'ulimit -n 5000; exec "$@"', "sh"]) as server:
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            self.assertGreaterEqual(int(re.search(r"FDSize:\s+(\d+)", status).group(1)), 5000)
            self.assertLess(server.descriptors(), 100)

    @NEEDS_DESCRIPTORS
    def test_descriptors_run_out(self):
        # 64 descriptors, 200 clients that never finish their handshake: the oldest make room, others are served.
        with Server(launcher=["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"]) as server:
            server.wait_for_line("only 64 descriptors")
            half_open = [tcp(server.port) for _ in range(200)]
            for _ in range(20):
                with connect(server.port) as connection:
                    connection.sendall(GET)
                    self.assertEqual(read_response(connection)[0], 200)
            numbers = server.statistics()
            self.assertEqual(numbers["accepted"], 220)
            self.assertGreaterEqual(numbers["evicted"], 140)
            self.assertLessEqual(server.descriptors(), 64)
            # The first to come are the first to go.
            self.assertEqual(ends_within(half_open[0], 0, PATIENCE_S), b"")
            half_open[-1].settimeout(0.2)
            with self.assertRaises(TimeoutError):
                half_open[-1].recv(1)
            for connection in half_open:
                connection.close()

    @NEEDS_DESCRIPTORS
    def test_established_connections_are_not_evicted(self):
        with Server(launcher=["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"]) as server:
            kept = [connect(server.port) for _ in range(30)]
            server.wait_for_statistics(lambda n: n["handshakes"] == 30, "the server has seen them finish")
            half_open = [tcp(server.port) for _ in range(100)]
            wait_until(lambda: server.statistics()["evicted"] > 50, "eviction")
            for connection in kept:
                connection.sendall(GET)
                self.assertEqual(read_response(connection)[0], 200)
            for connection in kept + half_open:
                connection.close()

    @NEEDS_DESCRIPTORS
    def test_no_descriptor_and_nobody_to_evict(self):
        # All descriptors belong to established connections: newcomers are sent away, not left hanging.
        with Server(launcher=["sh", "-c", 'ulimit -n 48; exec "$@"', "sh"]) as server:
            kept = []
            while True:
                try:
                    connection = tcp(server.port)
                    connection.settimeout(PATIENCE_S)
                    kept.append(client_context().wrap_socket(connection, server_hostname="localhost"))
                except OSError:
                    connection.close()
                    break
                self.assertLess(len(kept), 60)
            self.assertGreater(len(kept), 20)
            kept[0].sendall(GET)
            self.assertEqual(read_response(kept[0])[0], 200)
            self.assertGreaterEqual(server.statistics()["refused"], 1)
            for connection in kept:
                connection.close()
            server.wait_for_statistics(lambda n: n["open"] == 0, "descriptors come back")
            with connect(server.port) as connection:
                connection.sendall(GET)
                self.assertEqual(read_response(connection)[0], 200)

    @NEEDS_DESCRIPTORS
    def test_backend_descriptors_make_room_too(self):
        with Backend(echo) as backend:
            with Server("--backend", backend.address, launcher=["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"]) as server:
                half_open = [tcp(server.port) for _ in range(100)]
                wait_until(lambda: server.statistics()["evicted"] > 30, "eviction")
                tunnels = [connect(server.port) for _ in range(10)]
                for connection in tunnels:
                    connection.sendall(b"x")
                    self.assertEqual(connection.recv(1), b"x")
                for connection in tunnels + half_open:
                    connection.close()

    def test_max_connections(self):
        with Server(config="max_connections = 10\n") as server:
            half_open = [tcp(server.port) for _ in range(30)]
            with connect(server.port) as connection:
                connection.sendall(GET)
                self.assertEqual(read_response(connection)[0], 200)
                self.assertLessEqual(server.statistics()["open"], 10)
            for connection in half_open:
                connection.close()

    def test_max_connections_with_established_ones_waits(self):
        with Server(config="max_connections = 3\n") as server:
            kept = [connect(server.port) for _ in range(3)]
            server.wait_for_statistics(lambda n: n["handshakes"] == 3, "the server has seen them finish")
            waiting = tcp(server.port)  # in the kernel's queue
            time.sleep(0.3)
            self.assertEqual(server.statistics()["accepted"], 3)
            kept.pop().close()
            with client_context().wrap_socket(waiting, server_hostname="localhost") as connection:
                connection.sendall(GET)
                self.assertEqual(read_response(connection)[0], 200)
            for connection in kept:
                connection.close()

    def test_stalled_records_do_not_exhaust_the_buffers(self):
        # 1 MiB has 50 buffers or so. 150 connections each hold back the end of a record.
        with Server(config="buffer_memory = 1\n") as server:
            stalled = []
            for _ in range(150):
                client = MemoryClient(server.port)
                client.handshake()
                client.tls.write(b"x" * 10_000)
                client.socket.sendall(client.take_output()[:-100])
                stalled.append(client)
            for _ in range(5):
                with connect(server.port) as connection:
                    connection.sendall(GET)
                    self.assertEqual(read_response(connection)[0], 200)
            numbers = server.statistics()
            self.assertLessEqual(numbers["buffers_most"], 80)
            self.assertGreater(numbers["reclaimed"], 0)
            for client in stalled:
                client.close()

    def test_dripped_records_do_not_exhaust_the_buffers(self):
        # The same, and each goes on with its record a byte at a time: that is no progress.
        with Server(config="buffer_memory = 1\n") as server:
            held_back = []
            stop = threading.Event()

            def drip():
                while not stop.wait(0.1):
                    for client, rest in list(held_back):
                        with contextlib.suppress(OSError):
                            client.socket.sendall(bytes([next(rest)]))

            dripping = threading.Thread(target=drip)
            dripping.start()
            try:
                for _ in range(60):
                    client = MemoryClient(server.port)
                    client.handshake()
                    client.tls.write(b"x" * 10_000)
                    record = client.take_output()
                    client.socket.sendall(record[:-2_000])
                    held_back.append((client, iter(record[-2_000:])))
                for _ in range(5):
                    with connect(server.port) as connection:
                        connection.sendall(GET)
                        self.assertEqual(read_response(connection)[0], 200)
            finally:
                stop.set()
                dripping.join()
            self.assertGreater(server.statistics()["reclaimed"], 0)
            for client, _ in held_back:
                client.close()

    def test_an_unread_flight_does_not_exhaust_the_buffers(self):
        # Clients that complete requests but never read.
        with Server("--respond", "r" * 100_000, config="buffer_memory = 1\n") as server:
            lazy = []
            for _ in range(40):
                connection = socket.socket()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect(("127.0.0.1", server.port))
                connection.settimeout(PATIENCE_S)
                try:
                    tls = client_context().wrap_socket(connection, server_hostname="localhost")
                    tls.sendall(GET * 100)
                    lazy.append(tls)
                except OSError:
                    connection.close()
            with connect(server.port) as connection:
                connection.sendall(GET)
                self.assertEqual(len(read_response(connection)[2]), 100_000)
            for connection in lazy:
                connection.close()


if __name__ == "__main__":
    main()
