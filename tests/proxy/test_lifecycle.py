"""Reload, drain, signals, users, key log."""
import os
import pathlib
import pwd
import signal
import ssl
import threading
import time
import unittest

from proxy_harness import (GET, TLS12, TLS13, Backend, Server, client_context, connect, echo, main,
                           make_certificate, read_all, read_response, tcp, wait_until)


def common_name(connection):
    return ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True))


class Reload(unittest.TestCase):
    def test_new_certificates_and_old_connections(self):
        with Server(config='respond = "hello"\n') as server:
            folder = server.folder.name
            with connect(server.port) as old:
                first = common_name(old)
                chain, key = make_certificate(folder, "new", "localhost")
                server.config_path.write_text(f'respond = "hi there"\n[[certificate]]\nchain = "{chain}"\nkey = "{key}"\n')
                server.signal(signal.SIGHUP)
                server.wait_for_line("reloaded")
                with connect(server.port) as new:
                    self.assertNotEqual(common_name(new), first)
                    new.sendall(GET)
                    self.assertEqual(read_response(new)[2], b"hi there")
                old.sendall(GET)
                self.assertEqual(read_response(old)[2], b"hello")

    def test_a_mistake_leaves_everything_as_it_is(self):
        with Server(config='respond = "hello"\n') as server:
            for mistake in ("respond = 5\n", "x = [", '[[certificate]]\nchain = "no"\nkey = "no"\n'):
                start = len(server.lines)
                server.config_path.write_text(mistake)
                server.signal(signal.SIGHUP)
                server.wait_for_line("the old configuration stays in use", start)
                with connect(server.port) as connection:
                    connection.sendall(GET)
                    self.assertEqual(read_response(connection)[2], b"hello")
            server.config_path.unlink()
            server.signal(signal.SIGHUP)
            server.wait_for_line("No such file")

    def test_self_signed_certificates_stay(self):
        with Server(config="") as server:
            with connect(server.port) as connection:
                first = common_name(connection)
            server.signal(signal.SIGHUP)
            server.wait_for_line("reloaded")
            with connect(server.port) as connection:
                self.assertEqual(common_name(connection), first)

    def test_tickets_outlive_a_reload(self):
        for version in (TLS12, TLS13):
            with self.subTest(version=version), Server(config="") as server:
                context = client_context(version)
                with connect(server.port, context) as connection:
                    connection.sendall(GET)
                    read_response(connection)
                    session = connection.session
                server.signal(signal.SIGHUP)
                server.wait_for_line("reloaded")
                with connect(server.port, context, session=session) as connection:
                    connection.sendall(GET)
                    read_response(connection)
                    self.assertTrue(connection.session_reused)
                self.assertEqual(server.statistics()["resumed"], 1)

    def test_what_needs_a_restart_is_said(self):
        with Server(config="workers = 1\n") as server:
            server.config_path.write_text("workers = 1\nbuffer_memory = 12\n")
            server.signal(signal.SIGHUP)
            server.wait_for_line("buffer_memory has changed, which takes a restart")

    def test_tunnels_go_on_over_a_reload(self):
        with Backend(echo) as first, Backend(echo) as second:
            with Server(config=f'backend = "{first.address}"\n') as server, connect(server.port) as old:
                old.sendall(b"one")
                self.assertEqual(old.recv(10), b"one")
                server.config_path.write_text(f'backend = "{second.address}"\n')
                server.signal(signal.SIGHUP)
                server.wait_for_line("reloaded")
                with connect(server.port) as new:
                    new.sendall(b"two")
                    self.assertEqual(new.recv(10), b"two")
                old.sendall(b"three")
                self.assertEqual(old.recv(10), b"three")
                self.assertEqual((first.accepted, second.accepted), (1, 1))

    def test_reloads_under_load(self):
        stop = threading.Event()
        failures = []

        def client():
            while not stop.is_set():
                try:
                    with connect(server.port) as connection:
                        connection.sendall(GET)
                        read_response(connection)
                except (OSError, AssertionError) as error:
                    failures.append(error)

        with Server("--workers", "2", config="") as server:
            threads = [threading.Thread(target=client) for _ in range(3)]
            for thread in threads:
                thread.start()
            for _ in range(15):
                start = len(server.lines)
                server.signal(signal.SIGHUP)
                server.wait_for_line("reloaded", start)
            stop.set()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])


class Drain(unittest.TestCase):
    def test_idle_connections_end_at_once(self):
        with Server() as server:
            connections = [connect(server.port) for _ in range(5)]
            for connection in connections:
                connection.sendall(GET)
                read_response(connection)
            server.signal(signal.SIGTERM)
            for connection in connections:
                self.assertEqual(read_all(connection), b"")  # with close_notify
                connection.close()
            self.assertEqual(server.wait(), 0)
            server.wait_for_line("all connections were finished")

    def test_a_request_under_way_is_answered(self):
        with Server() as server, connect(server.port) as connection:
            connection.sendall(GET[:20])
            wait_until(lambda: server.statistics()["plaintext_in"] == 20, "the first part arrives")
            server.signal(signal.SIGTERM)
            server.wait_for_line("accepting no more")
            with self.assertRaises(OSError):
                tcp(server.port).close()
            connection.sendall(GET[20:])
            answer = read_all(connection)
            self.assertIn(b"200 OK", answer)
            self.assertIn(b"Connection: close", answer)
            connection.close()
            self.assertEqual(server.wait(), 0)

    def test_tunnels_finish(self):
        with Backend(echo) as backend, Server("--backend", backend.address) as server:
            with connect(server.port) as connection:
                connection.sendall(b"before")
                self.assertEqual(connection.recv(10), b"before")
                server.signal(signal.SIGTERM)
                server.wait_for_line("accepting no more")
                connection.sendall(b"after")
                self.assertEqual(connection.recv(10), b"after")
                self.assertIsNone(server.process.poll())
                connection.unwrap().close()
            self.assertEqual(server.wait(), 0)
            server.wait_for_line("all connections were finished")

    def test_the_drain_ends_after_its_time(self):
        with Backend(echo) as backend:
            with Server(config=f'backend = "{backend.address}"\ndrain_timeout = "700ms"\n') as server:
                with connect(server.port) as connection:
                    connection.sendall(b"x")
                    connection.recv(1)
                    began = time.monotonic()
                    server.signal(signal.SIGTERM)
                    self.assertEqual(server.wait(), 0)
                    self.assertGreater(time.monotonic() - began, 0.6)
                server.wait_for_line("1 connections were cut")

    def test_a_second_signal_ends_at_once(self):
        with Backend(echo) as backend, Server("--backend", backend.address) as server:
            with connect(server.port) as connection:
                connection.sendall(b"x")
                connection.recv(1)
                server.signal(signal.SIGINT)
                server.wait_for_line("accepting no more")
                began = time.monotonic()
                server.signal(signal.SIGINT)
                self.assertEqual(server.wait(), 0)
                self.assertLess(time.monotonic() - began, 5)

    def test_half_open_connections_are_still_served(self):
        with Server() as server, tcp(server.port) as half_open:
            wait_until(lambda: server.statistics()["accepted"] == 1, "the connection is accepted")
            server.signal(signal.SIGTERM)
            server.wait_for_line("accepting no more")
            with client_context().wrap_socket(half_open, server_hostname="localhost") as connection:
                connection.sendall(GET)
                self.assertIn(b"Connection: close", read_all(connection))
            self.assertEqual(server.wait(), 0)


class Process(unittest.TestCase):
    def test_several_addresses(self):
        with Server("--listen", "127.0.0.1:0", "--workers", "2") as server:
            self.assertEqual(len(server.ports), 2)
            for port in server.ports:
                with connect(port) as connection:
                    connection.sendall(GET)
                    self.assertEqual(read_response(connection)[0], 200)

    def test_pinned_workers(self):
        cpu = sorted(os.sched_getaffinity(0))[0]
        with Server("--cpus", str(cpu), "--workers", "2") as server:
            threads = pathlib.Path(f"/proc/{server.process.pid}/task")
            named = {}
            for thread in threads.iterdir():
                named[(thread / "comm").read_text().strip()] = os.sched_getaffinity(int(thread.name))
            self.assertEqual(named["breakwater/0"], {cpu})
            self.assertEqual(named["breakwater/1"], {cpu})

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_another_user(self):
        with Server("--user", "nobody") as server:
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            nobody = str(pwd.getpwnam("nobody").pw_uid)
            for line in status.splitlines():
                if line.startswith("Uid:"):
                    self.assertEqual(set(line.split()[1:]), {nobody})
            with connect(server.port) as connection:
                connection.sendall(GET)
                self.assertEqual(read_response(connection)[0], 200)

    def test_key_log(self):
        with Server() as plain:
            path = pathlib.Path(plain.folder.name, "keys")
            with Server("--key-log", str(path), environment={"SSLKEYLOGFILE": "/nonexistent/ignored"}) as server:
                server.wait_for_line("whoever reads it can read all traffic")
                for version in (TLS12, TLS13):
                    with connect(server.port, client_context(version)) as connection:
                        connection.sendall(GET)
                        read_response(connection)
                text = path.read_text()
                self.assertIn("CLIENT_RANDOM ", text)
                self.assertIn("CLIENT_TRAFFIC_SECRET_0 ", text)
                self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_the_environment_alone_logs_no_keys(self):
        with Server() as outer:
            path = pathlib.Path(outer.folder.name, "keys")
            with Server(environment={"SSLKEYLOGFILE": str(path)}) as server:
                context = client_context()
                with connect(server.port, context) as connection:
                    connection.sendall(GET)
                    read_response(connection)
            self.assertFalse(path.exists())


if __name__ == "__main__":
    main()
