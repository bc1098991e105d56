"""Private-key and key-exchange work: not done for those who cannot use it any more, done for all the others."""
import pathlib
import select
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from admin_harness import Admin
from proxy_harness import TLS12, TLS13, MemoryClient, Server, client_context, connect, main, wait_until


def contexts():
    return [client_context(version) for version in (TLS12, TLS13)]


def hello_of(client):
    client.step()
    return client.take_output()


def has_answer(client):
    return bool(select.select([client.socket], [], [], 0)[0])


def secrets(server):
    """How many shared secrets have been computed: one for each handshake that anything was computed for."""
    return sum(one["alone"] + sum(i * runs for i, runs in enumerate(one["lane_runs"], 1))
               for one in server.status()["operations"] if one["name"].endswith("ECDH"))


def make_slow_certificate(folder):
    chain, key = (str(pathlib.Path(folder, f"slow.{kind}")) for kind in ("pem", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-keyout", key, "-out", chain], check=True, capture_output=True)
    return chain, key


def all_at_once(server, count):
    """Clients whose hellos the server finds together."""
    context = client_context(TLS13)
    with server.stopped():
        clients = [MemoryClient(server.port, context) for _ in range(count)]
        for client in clients:
            client.socket.sendall(hello_of(client))
    return clients


class Jobs(unittest.TestCase):
    def test_not_for_clients_that_have_left(self):
        with Server() as server:
            before = server.wait_for_statistics(lambda n: n["jobs"] > 0, "key pairs are made ahead")
            clients = [MemoryClient(server.port, context) for context in contexts() for _ in range(20)]
            server.wait_for_statistics(lambda n: n["open"] == len(clients), "all are connected")
            with server.stopped():
                for client in clients:
                    client.socket.sendall(hello_of(client))
                    client.socket.shutdown(socket.SHUT_WR)
            after = server.wait_for_statistics(lambda n: n["open"] == 0, "all are gone")
            for client in clients:
                client.close()
            self.assertEqual(after["jobs"], before["jobs"])
            self.assertEqual(after["handshakes_failed"], len(clients))
            server.wait_for_line("the client left before the handshake was done")
            with connect(server.port):
                pass
            server.wait_for_statistics(lambda n: n["jobs"] >= before["jobs"] + 2, "an honest client gets its signature")

    def test_not_for_clients_whose_time_is_over(self):
        with Server(config='handshake_timeout = "500ms"\n') as server:
            clients = [MemoryClient(server.port, context) for context in contexts() for _ in range(3)]
            before = server.wait_for_statistics(lambda n: n["open"] == len(clients), "all are connected")
            with server.stopped():
                for client in clients:
                    client.socket.sendall(hello_of(client))
                time.sleep(0.7)
            after = server.wait_for_statistics(lambda n: n["open"] == 0, "all are gone")
            self.assertEqual(after["handshake_timeouts"], len(clients))
            self.assertEqual(after["jobs"], before["jobs"])
            for client in clients:
                client.close()

    def test_deadlines_are_looked_at_between_slices(self):
        """Far more signatures are asked for at once than can be made in time: those that come too late are not made."""
        count = 300  # of 2 ms at least each
        with tempfile.TemporaryDirectory() as folder:
            chain, key = make_slow_certificate(folder)
            with Server("--cert", chain, "--key", key, "--crypto", "portable",
                        config='handshake_timeout = "200ms"\nguard = "off"\n') as server:
                server.wait_for_statistics(lambda n: n["jobs"] > 0, "key pairs are made ahead")
                clients = all_at_once(server, count)
                after = server.wait_for_statistics(lambda n: n["accepted"] == count and n["open"] == 0, "all are gone")
                for client in clients:
                    client.close()
                self.assertEqual(after["handshake_timeouts"], count)
                self.assertGreater(after["jobs_spared"], 50)
                self.assertLessEqual(after["flights"], count - after["jobs_spared"])

    def test_not_for_clients_that_leave_while_they_wait(self):
        count = 400  # signatures of 2 ms at least each
        with tempfile.TemporaryDirectory() as folder:
            chain, key = make_slow_certificate(folder)
            with Admin("--cert", chain, "--key", key, "--crypto", "portable",
                       config='handshake_timeout = "60s"\nguard = "off"\n') as server:
                before = server.wait_for_statistics(lambda n: n["jobs"] > 0, "key pairs are made ahead")
                clients = all_at_once(server, count)
                server.wait_for_statistics(lambda n: n["receives"] >= before["receives"] + count, "all hellos are read")
                with server.stopped():
                    waiting = [client for client in clients if not has_answer(client)]
                    self.assertGreater(len(waiting), 60, "the queue is long enough for what follows")
                    ended, reset = waiting[::3], waiting[1::3]
                    for client in ended:
                        client.socket.shutdown(socket.SHUT_WR)
                    for client in reset:
                        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        client.close()
                stay = [client for client in clients if client not in ended and client not in reset]
                for client in stay:
                    client.handshake()
                    client.socket.sendall(client.take_output())
                # A few may be answered: what was begun is finished, and not all that leave are heard of at once.
                after = server.wait_for_statistics(lambda n: n["handshakes"] + n["handshakes_failed"] == count,
                                                   "those who stay are served, the others are gone")
                self.assertEqual(after["handshakes"], len(stay))
                self.assertEqual(after["handshake_timeouts"], 0)
                self.assertGreater(after["jobs_spared"], (len(ended) + len(reset)) * 2 // 3)
                unanswered = sum(client.socket.recv(1) == b"" for client in ended)
                self.assertGreater(unanswered, len(ended) // 2)
                self.assertGreater(after["jobs_spared"] - unanswered, len(reset) // 2)
                wait_until(lambda: secrets(server) == count - after["jobs_spared"], "nothing is computed for them")
                for client in clients:
                    client.close()

    def test_key_pairs_are_there_when_the_first_client_comes(self):
        with Server() as server:
            numbers = server.wait_for_statistics(lambda n: n["jobs"] > 0, "key pairs are made ahead")
            self.assertEqual(numbers["jobs"], 128)  # 64 of each group
            for version, jobs in ((TLS13, 2), (TLS12, 2)):  # the shared secret and the signature, no key pair
                with connect(server.port, client_context(version, tickets=False)):
                    pass
                wait_until(lambda: server.statistics()["open"] == 0, "the connection ends")
                self.assertEqual(server.statistics()["jobs"], numbers["jobs"] + jobs)
                numbers["jobs"] += jobs


if __name__ == "__main__":
    main()
