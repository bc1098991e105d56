"""What the configuration makes the guard do: lists, listeners, refusals, reloads."""
import collections
import contextlib
import os
import pathlib
import select
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest

from admin_harness import Admin
from proxy_harness import (GET, LAST_GET, PATIENCE_S, PROGRAM, SANITIZED, TLS13, MemoryClient, Server, client_context, main,
                           make_certificate, read_response, wait_until)

RECORD_ALERT, RECORD_HANDSHAKE = 21, 22
REASONS = "denied", "blocked", "address", "half-open", "trickle", "queue-full", "too-late", "rate"
SO_TIMESTAMPNS = 35  # Linux on x86-64; Python does not name it


def tcp_from(source, port, host="127.0.0.1"):
    return socket.create_connection((host, port), timeout=PATIENCE_S, source_address=(source, 0))


def is_served(port, source="127.0.0.1", host="127.0.0.1"):
    """True: a response; False: a reset at once. Anything else is an error."""
    try:
        with contextlib.closing(tcp_from(source, port, host)) as plain:
            with client_context().wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(GET)
                return read_response(connection)[0] == 200
    except ConnectionResetError:
        return False


def hello(name="localhost"):
    """The bytes of a ClientHello."""
    outgoing = ssl.MemoryBIO()
    tls = client_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()


# One with 896 suites, up to their end.
LONG_HELLO = (b"\x16\x03\x01\x08\x00" + b"\x01\x00\x07\xfc" + b"\x03\x03" + bytes(32) + b"\x00" + b"\x07\x00"
              + b"\x13\x01" * 896)


def rsa_certificate(folder, name):
    chain, key = (str(pathlib.Path(folder, f"{name}.{kind}")) for kind in ("pem", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", chain],
                   check=True, capture_output=True)
    return chain, key


def certificate_table(certificate, more=""):
    return f'[[certificate]]\nchain = "{certificate[0]}"\nkey = "{certificate[1]}"\n{more}'


FLOOD = os.path.join(os.path.dirname(PROGRAM), "breakwater-flood")


def ask(greetings, port):
    """The connections on which the hellos were sent; None for one that was reset before that."""
    clients = []
    for source, greeting in greetings:
        client = None
        with contextlib.suppress(ConnectionError):
            client = tcp_from(source, port)
            client.sendall(greeting)
        clients.append(client)
    return clients


def ask_while_stopped(server, greetings):
    """Sends all hellos, given with the address they come from, while the server is stopped: so there is more to do at
    once than can be done, however fast the machine is."""
    with server.stopped():
        return ask(greetings, server.port)


def answers_after_a_stop(server, greetings):
    """What each got: "flight", "alert", "reset" or "end"."""
    return [answer_of(client) for client in ask_while_stopped(server, greetings)]


def is_readable(client):
    """Whether something has come, a reset or the end included. It is not read."""
    poll = select.poll()
    poll.register(client, select.POLLIN)
    return poll.poll(1000 * PATIENCE_S) != []


def answer_of(client):
    if client is None:
        return "reset"
    with contextlib.closing(client):
        try:
            record = client.recv(65536)
        except ConnectionResetError:
            return "reset"
        return {b"": "end", bytes([RECORD_ALERT]): "alert", bytes([RECORD_HANDSHAKE]): "flight"}[record[:1]]


def is_closed_behind(client, patience_s=1.0):
    """Whether what is sent to a server that has ended its side is answered by a reset at once: then nothing is left
    there to read it."""
    end = time.monotonic() + patience_s
    late = False
    try:
        while not late:
            client.sendall(b"x")
            time.sleep(0.01)
            late = time.monotonic() > end
        client.sendall(b"x")
    except (ConnectionResetError, BrokenPipeError):
        return True
    return False


class Lists(unittest.TestCase):
    def test_denied_addresses_get_a_reset_and_allowed_ones_win(self):
        with Server("--deny", "127.0.0.0/8", "--allow", "127.0.0.2", "--allow", "127.0.1.0/24") as server:
            self.assertFalse(is_served(server.port))
            self.assertTrue(is_served(server.port, "127.0.0.2"))
            self.assertTrue(is_served(server.port, "127.0.1.77"))
            self.assertFalse(is_served(server.port, "127.0.0.3"))
            self.assertIn("allow list 2, deny list 1", server.find("guard on: "))
            self.assertRegex(server.wait_for_line("guard: "), r"guard: [12] connections refused \([12] denied\)$")

    def test_they_do_not_keep_others_from_the_last_place(self):
        config = 'respond = "hi"\nmax_connections = 1\ndeny = ["127.0.0.2"]\n'
        with Server(config=config) as server:
            begin = time.monotonic()
            for _ in range(6):
                self.assertFalse(is_served(server.port, "127.0.0.2"))
                self.assertTrue(is_served(server.port))
            self.assertLess(time.monotonic() - begin, 3, "accepting does not pause, which takes up to a second")

    def test_ipv6(self):
        with Server("--deny", "::1", listen="[::1]:0") as server:
            self.assertFalse(is_served(server.port, "::1", "::1"))
        with Server("--deny", "127.0.0.0/8", listen="[::1]:0") as server:
            self.assertTrue(is_served(server.port, "::1", "::1"))

    def test_the_administration_counts_them_at_once(self):
        with Admin("--deny", "127.0.0.1") as server:
            def refusals(metrics):
                return {labels[0][1]: n for (name, labels), n in metrics.items() if name == "breakwater_refusals_total"}

            first = server.metrics()
            self.assertEqual(first["breakwater_guard_enabled", ()], 1, "also for who asks first")
            self.assertEqual(refusals(first), dict.fromkeys(REASONS, 0))
            for count in range(1, 6):
                self.assertFalse(is_served(server.port))
                self.assertEqual(refusals(server.metrics()), dict.fromkeys(REASONS, 0) | {"denied": count})

    def test_nobody_is_judged_with_the_guard_off(self):
        with Server("--guard", "off", "--deny", "127.0.0.0/8") as server:
            self.assertTrue(is_served(server.port))
            self.assertIsNotNone(server.find("guard off"))

    def test_a_reload_changes_the_lists(self):
        with Server(config='respond = "hi"\n') as server:
            def reload(text):
                start = len(server.lines)
                server.config_path.write_text('respond = "hi"\n' + text)
                server.signal(signal.SIGHUP)
                server.wait_for_line("reload", start)

            def becomes(served):
                # The log says so before the worker has taken it on.
                wait_until(lambda: is_served(server.port) == served, f"is_served() is {served}")

            self.assertTrue(is_served(server.port))
            reload('deny = ["127.0.0.1"]\n')
            becomes(False)
            self.assertTrue(is_served(server.port, "127.0.0.2"))
            reload('deny = ["127.0.0.1"]\nallow = ["127.0.0.0/16"]\n')
            becomes(True)
            reload('deny = ["127.0.0.0/8"]\n')
            becomes(False)
            reload('deny = ["127.0.0.1/8"]\n')
            server.wait_for_line("127.0.0.1/8 lies inside a network of this length; write 127.0.0.0/8")
            self.assertFalse(is_served(server.port), "the old configuration stays in use")
            reload('deny = ["127.0.0.0/8"]\nguard = "off"\n')
            becomes(True)
            reload("")
            becomes(True)


class Listeners(unittest.TestCase):
    @staticmethod
    def config(first, second, more=""):
        return (f'respond = "hi"\ndeny = ["127.0.0.0/8"]\n{more}listen = ["127.0.0.1:0"]\n'
                f'[[listener]]\naddress = "127.0.0.1:0"\n{first}[[listener]]\naddress = "127.0.0.1:0"\n{second}')

    def test_each_is_judged_as_it_says(self):
        with Server(config=self.config('guard = "off"\n', 'guard = "on"\n'), listen=None) as server:
            self.assertEqual([is_served(port) for port in server.ports], [False, True, False])
            self.assertIsNotNone(server.find(f"guard on, off on 127.0.0.1:{server.ports[1]}: "))

    def test_with_the_guard_off_for_the_others(self):
        with Server(config=self.config('guard = "on"\n', "", 'guard = "off"\n'), listen=None) as server:
            self.assertEqual([is_served(port) for port in server.ports], [True, False, True])
            self.assertIsNotNone(server.find(f"guard off, on on 127.0.0.1:{server.ports[1]}: "))

    def test_a_reload_changes_the_rules(self):
        with Server(config=self.config('guard = "off"\n', ""), listen=None) as server:
            self.assertEqual([is_served(port) for port in server.ports], [False, True, False])
            server.config_path.write_text(self.config("", "", 'guard = "off"\n'))
            server.signal(signal.SIGHUP)
            server.wait_for_line("reloaded")
            wait_until(lambda: [is_served(port) for port in server.ports] == [True, True, True], "all are served")
            server.config_path.write_text(self.config("", 'guard = "off"\n'))
            server.signal(signal.SIGHUP)
            wait_until(lambda: [is_served(port) for port in server.ports] == [False, False, True], "the third is served")
            self.assertIsNone(server.find("takes a restart"))
            # Other addresses take a restart: until then the old rules hold.
            server.config_path.write_text('respond = "hi"\ndeny = ["127.0.0.0/8"]\nlisten = ["127.0.0.1:0"]\n')
            server.signal(signal.SIGHUP)
            server.wait_for_line("listen has changed, which takes a restart")
            time.sleep(0.2)
            self.assertEqual([is_served(port) for port in server.ports], [False, False, True])


class Workers(unittest.TestCase):
    SOURCE = "127.5.0.1"

    def connect(self, server, port):
        connection = socket.create_connection(("127.0.0.1", server.port), PATIENCE_S, (self.SOURCE, port))
        # An end by a reset leaves no TIME_WAIT: the port can be used again.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return connection

    def worker_of(self, server, port):
        """Which one gets the connections from this port: the kernel tells them by a hash of both ends."""
        with self.connect(server, port):
            workers = wait_until(lambda: [i for i, w in enumerate(server.status()["workers"]) if w["open"]], "accepted")
        wait_until(lambda: not any(w["open"] for w in server.status()["workers"]), "it is gone")
        return workers[0]

    def is_let_in(self, server, port):
        try:
            with self.connect(server, port) as connection:
                connection.settimeout(0.2)
                return connection.recv(1) != b""
        except TimeoutError:
            return True
        except ConnectionResetError:
            return False

    def test_whom_one_blocks_all_block(self):
        config = ('half_open_limit = 4\nhalf_open_per_address = 1\nblock_after = 8\nblock_first = "60s"\n'
                  'handshake_timeout = "60s"\n')
        with Admin("--respond", "x", "--workers", "2", config=config) as server, contextlib.ExitStack() as stack:
            ports = collections.defaultdict(list)
            port = 20_000
            while len(ports[0]) < 2 or len(ports[1]) < 2:
                ports[self.worker_of(server, port)].append(port)
                port += 1
            for i in range(1, 31):  # some at either worker
                stack.enter_context(tcp_from(f"127.4.0.{i}", server.port))
            wait_until(lambda: all(w["half_open"] >= 4 for w in server.status()["workers"]), "both are crowded")
            stack.enter_context(self.connect(server, ports[0][0]))
            for _ in range(10):
                self.assertFalse(self.is_let_in(server, ports[0][1]))
            time.sleep(0.1)  # for the other one to hear of it
            for _ in range(3):
                self.assertFalse(self.is_let_in(server, ports[1][0]))
                time.sleep(0.1)  # were it let in, it would be gone by now, and let in again
            wait_until(lambda: [block["strikes"] for block in server.status()["guard"]["blocks"]] == [1], "one strike")
            self.assertTrue(is_served(server.port, "127.5.0.2"))


class Crowd(unittest.TestCase):
    """More than half of half_open_limit connections are half-open."""
    CONFIG = 'half_open_limit = 4\nhalf_open_per_address = 1000\nhandshake_timeout = "60s"\n'

    @staticmethod
    def send_in_pieces(server, client, data, size):
        """The next one only when the one before has been read, so that each is a piece."""
        for i in range(0, len(data), size):
            before = server.statistics()["receives"]
            client.sendall(data[i:i + size])
            server.wait_for_statistics(lambda n: n["receives"] > before, f"byte {i} is read")

    def test_silent_connections_have_three_seconds(self):
        with Server(config=self.CONFIG) as server, contextlib.ExitStack() as stack:
            alone = stack.enter_context(tcp_from("127.0.0.2", server.port))
            server.wait_for_counts(half_open=1)
            time.sleep(3.5)
            self.assertEqual(server.statistics()["half_open"], 1, "one alone does not crowd")
            # It is the oldest, and its time is over as soon as there is a crowd.
            began = time.monotonic()
            silent = [stack.enter_context(tcp_from("127.0.0.2", server.port)) for _ in range(6)]
            self.assertEqual(answer_of(alone), "end")
            self.assertLess(time.monotonic() - began, 30)
            ends = []
            for connection in silent[:4]:
                self.assertEqual(answer_of(connection), "end")
                ends.append(time.monotonic() - began)
            self.assertGreater(ends[0], 2.5)
            self.assertLess(ends[-1], 30, "long before handshake_timeout")
            self.assertTrue(is_served(server.port))

    def test_hellos_in_pieces(self):
        greeting = hello()
        with Admin("--respond", "x", config=self.CONFIG) as server:
            def trickles():
                return server.value("refusals_total", reason="trickle")

            def crowd(stack):
                for _ in range(4):
                    stack.enter_context(tcp_from("127.0.0.3", server.port))
                server.wait_for_statistics(lambda n: n["half_open"] > 2, "half-open connections crowd")

            def is_refused(data, size):
                """Tries once: on a busy machine the time of the crowd may be over first."""
                before = trickles()
                with contextlib.ExitStack() as stack:
                    crowd(stack)
                    client = stack.enter_context(tcp_from("127.0.0.2", server.port))
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    with contextlib.suppress(ConnectionError):
                        for i in range(0, len(data), size):
                            client.sendall(data[i:i + size])
                            time.sleep(0.003)
                return trickles() > before

            with contextlib.closing(tcp_from("127.0.0.2", server.port)) as client:
                server.wait_for_counts(half_open=1)
                self.send_in_pieces(server, client, greeting[:20], 1)
                client.sendall(greeting[20:])
                self.assertEqual(answer_of(client), "flight", "one alone does not crowd")
            server.wait_for_counts(half_open=0)
            self.assertEqual(trickles(), 0)
            with contextlib.ExitStack() as stack:
                crowd(stack)
                self.assertTrue(is_served(server.port))
                client = stack.enter_context(tcp_from("127.0.0.2", server.port))
                self.send_in_pieces(server, client, greeting[:-1], max(100, len(greeting) // 8))
                client.sendall(greeting[-1:])
                self.assertEqual(answer_of(client), "flight", "as the network may cut it")
            self.assertEqual(trickles(), 0)
            wait_until(lambda: is_refused(greeting[:-1], 1), "a hello byte by byte is refused")
            # Not because they are many.
            wait_until(lambda: is_refused(greeting[:200], 20), "a hello in ten small pieces is refused")
            # And not because they are small.
            wait_until(lambda: is_refused(LONG_HELLO[:1600], 80), "a hello in twenty pieces is refused")

    def test_what_follows_the_hello_in_pieces(self):
        with Admin("--respond", "x", config=self.CONFIG) as server:
            def is_refused(size):
                before = server.value("refusals_total", reason="trickle")
                with contextlib.ExitStack() as stack:
                    client = MemoryClient(server.port, client_context(TLS13))
                    stack.callback(client.close)
                    client.step()
                    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    client.socket.sendall(client.take_output())
                    client.handshake()
                    rest = client.take_output()
                    for _ in range(4):
                        stack.enter_context(tcp_from("127.0.0.3", server.port))
                    server.wait_for_statistics(lambda n: n["half_open"] > 2, "half-open connections crowd")
                    with contextlib.suppress(ConnectionError):
                        for i in range(0, len(rest), size):
                            client.socket.sendall(rest[i:i + size])
                            time.sleep(0.003)
                return server.value("refusals_total", reason="trickle") > before

            wait_until(lambda: is_refused(1), "a Finished byte by byte is refused")
            self.assertFalse(is_refused(30), "in three pieces it is not")


class Bytewise(unittest.TestCase):
    """Many clients send their hello byte by byte, and the next byte all at the same moment."""
    CLIENTS, BYTES = 600, 8

    @staticmethod
    def next_arrival(client):
        """When the next bytes for the client came, by the kernel's clock. They are read."""
        data, facts, _, _ = client.recvmsg(65536, 64)
        assert data
        stamps = [struct.unpack("@2q", fact) for _, kind, fact in facts if kind == SO_TIMESTAMPNS]
        return stamps[-1][0] + stamps[-1][1] / 1e9

    def connect(self, stack, server, address):
        client = stack.enter_context(tcp_from(address, server.port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        return client

    def test_they_wait_until_others_are_served(self):
        # What a session identifier's length may not be is answered by an alert: that tells when it was read.
        wrong = LONG_HELLO[:9 + 2 + 32] + b"\xff"
        with Server("--respond", "x", "--workers", "1") as server, contextlib.ExitStack() as stack:
            trickling = [self.connect(stack, server, "127.3.0.1") for _ in range(self.CLIENTS)]
            for i in range(self.BYTES):
                before = server.statistics()["receives"]
                for client in trickling:
                    client.sendall(wrong[i:i + 1])
                server.wait_for_statistics(lambda n: n["receives"] >= before + self.CLIENTS, "all bytes are read")
            with server.stopped():
                for client in trickling:
                    client.sendall(wrong[self.BYTES:])
                honest = self.connect(stack, server, "127.0.0.1")
                honest.sendall(hello())
            served = self.next_arrival(honest)
            sooner = sum(self.next_arrival(client) < served for client in trickling)
            self.assertLess(sooner, self.CLIENTS / 2, "who came last and in one piece is served before most of them")


class UnderLoad(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="breakwater-guard-")
        cls.certificates = {name: rsa_certificate(cls.folder.name, name) for name in ("a.example", "b.example")}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def serve(*arguments, config):
        return Server("--crypto", "portable", "--tls-min", "1.3", *arguments,
                      config='respond = "hi"\nhandshake_timeout = 60\n' + config)


class Refusals(UnderLoad):
    CLIENTS, LATER = 400, 50

    def flood(self, *arguments, keys="", later="127.3.{}.1"):
        """How many clients got which answer: many of one address, and then some of others, who find the load that these
        have made, and more RSA handshakes than are wanted."""
        config = 'queue_limit = "1ms"\nrsa_rate = 1\n' + keys + certificate_table(self.certificates["a.example"])
        with self.serve(*arguments, config=config) as server:
            first = self.make_load(server)
            later = ask([(later.format(i), hello()) for i in range(self.LATER)], server.port)
            answers = collections.Counter(answer_of(client) for client in first + later)
            self.assertEqual(answers["end"], 0, answers)
            self.assertGreater(answers["flight"], 0, answers)
            if answers["flight"] < self.CLIENTS:
                self.assertRegex(server.wait_for_line("guard: "), r"(rate|queue-full|too-late|address)")
            return answers

    def make_load(self, server):
        """Many of one address, until they have their answers: who comes while they still wait is let into the queue, and
        withdrawn from it by a reset, whatever is configured for refusals at the hello."""
        clients = ask_while_stopped(server, [("127.0.0.1", hello())] * (self.CLIENTS - self.LATER))
        time.sleep(0.15)  # load has to last for a while
        for client in clients:
            if client is not None:
                self.assertTrue(is_readable(client), "an answer, or a reset")
        return clients

    def test_a_reset(self):
        answers = self.flood()
        self.assertGreater(answers["reset"], 0, answers)
        self.assertEqual(answers["alert"], 0, answers)

    def test_an_alert(self):
        answers = self.flood(keys='refusal = "alert"\n')
        self.assertGreater(answers["alert"], 0, answers)

    def test_nobody_lingers_behind_such_an_alert(self):
        config = 'refusal = "alert"\nqueue_limit = "1ms"\nrsa_rate = 1\n'
        config += certificate_table(self.certificates["a.example"])
        with self.serve(config=config) as server:
            clients = self.make_load(server)
            clients += ask([(f"127.3.{i}.1", hello()) for i in range(self.LATER)], server.port)
            alerts = [client for client in clients if client is not None and self.got_an_alert(client)]
            self.assertGreater(len(alerts), 0)
            for client in alerts:
                self.assertTrue(is_closed_behind(client))
            for client in clients:
                if client is not None:
                    client.close()

    @staticmethod
    def got_an_alert(client):
        """All it got, up to the end of the server's side."""
        with contextlib.suppress(ConnectionError):
            answer = client.recv(65536)
            if answer[:1] == bytes([RECORD_ALERT]):
                return client.recv(65536) == b""
        return False

    def test_allowed_addresses_are_all_served(self):
        answers = self.flood("--allow", "127.0.0.1", later="127.0.0.1")
        self.assertEqual(answers["flight"], self.CLIENTS, answers)

    def test_with_the_guard_off_all_are_served(self):
        answers = self.flood("--guard", "off")
        self.assertEqual(answers["flight"], self.CLIENTS, answers)

    def test_connections_of_an_unjudged_listener_are_all_served(self):
        config = 'queue_limit = "1ms"\n[[listener]]\naddress = "127.0.0.1:0"\nguard = "off"\n[[listener]]\n' \
                 'address = "127.0.0.1:0"\n' + certificate_table(self.certificates["a.example"])
        with Server("--crypto", "portable", "--tls-min", "1.3", listen=None,
                    config='respond = "hi"\nhandshake_timeout = 60\n' + config) as server:
            answers = collections.Counter(answers_after_a_stop(server, [("127.0.0.1", hello())] * self.CLIENTS))
            self.assertEqual(answers["flight"], self.CLIENTS, answers)


class Hosts(UnderLoad):
    """Many clients of one host, and then a few of another: whose share is small is refused. Each client has a network
    of its own, and all have one fingerprint."""
    MANY, FEW = 250, 8

    def served_of_the_few(self, share_of_many, share_of_few):
        config = 'queue_limit = "100ms"\nfingerprint_share = 100\n' \
                 + certificate_table(self.certificates["a.example"], f'share = "{share_of_many}"\n') \
                 + certificate_table(self.certificates["b.example"], f'share = "{share_of_few}"\n')
        many, few = hello("a.example"), hello("b.example")
        greetings = [(f"127.1.{i}.1", many) for i in range(self.MANY)] + [(f"127.2.{i}.1", few) for i in range(self.FEW)]
        with self.serve(config=config) as server:
            answers = answers_after_a_stop(server, greetings)
        self.assertGreater(answers[:self.MANY].count("flight"), 0, answers)
        self.assertGreater(answers[:self.MANY].count("reset"), 0, answers)
        return answers[self.MANY:].count("flight")

    def test_a_small_share_for_the_many(self):
        self.assertEqual(self.served_of_the_few("0.01%", "100%"), self.FEW)

    def test_a_small_share_for_the_few(self):
        self.assertLess(self.served_of_the_few("100%", "0.001%"), self.FEW)



class Flood(UnderLoad):
    """The load generator from a few addresses, and browsers from others."""
    SECONDS, LONG_ENOUGH = 13, 60

    @contextlib.contextmanager
    def flood(self, seconds, sources, config):
        """A server under load, and the generator that makes it."""
        with self.serve(config=config) as server:
            flood = subprocess.Popen(
                [FLOOD, "--quiet", "--mode", "hello", "--auth", "rsa", "--connections", "300", "--duration",
                 str(seconds), "--source", sources, f"127.0.0.1:{server.port}"],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            with flood:
                wait_until(lambda: server.find("guard: "), "the guard notices")
                yield server, flood

    @unittest.skipIf(SANITIZED, "a sanitizer takes more time than a flood leaves")
    def test_clients_are_served_and_the_log_says_who_floods(self):
        with self.flood(self.SECONDS, "127.2.0.1-127.2.0.4",
                        certificate_table(self.certificates["a.example"])) as (server, flood):
            end = time.monotonic() + self.SECONDS - 4
            served = []
            while time.monotonic() < end:
                number = len(served)
                served.append(is_served(server.port, f"127.1.{number % 200}.{1 + number // 200}"))
                time.sleep(0.05)
            line = server.wait_for_line(" connections refused in ")
            report = flood.communicate(timeout=PATIENCE_S)[0]
        self.assertGreater(len(served), 10)
        self.assertGreaterEqual(served.count(True), 0.99 * len(served) - 1, report)
        self.assertRegex(line, r"addresses: 127\.2\.0\.[1-4] \(")
        self.assertRegex(line, r"networks: 127\.2\.0\.0/24 \(")
        self.assertRegex(report, r"failure +\d+ +reset")

    @unittest.skipIf(SANITIZED, "a sanitizer takes more time than a flood leaves")
    def test_only_who_is_refused_is_reset(self):
        # RSA is refused from wherever it comes, so the load does not end while others are served.
        dear, cheap = self.certificates["a.example"], make_certificate(self.folder.name, "cheap", "a.example")
        config = "rsa_rate = 1\n" + certificate_table(dear) + certificate_table(cheap)
        with self.flood(self.LONG_ENOUGH, "127.32.0.1+64x8192", config) as (server, flood):
            time.sleep(2)  # the listener has been told for long enough
            answers = [self.last_answer(server.port, f"127.1.{number}.1") for number in range(40)]
            self.assertGreater(answers.count("served"), 20, answers)
            with contextlib.closing(tcp_from("127.1.200.1", server.port)) as silent:
                silent.shutdown(socket.SHUT_WR)
                self.assertEqual(silent.recv(1), b"", "who leaves without a word is let go in order")
            self.assertEqual(self.end_of_the_killed(server, flood), b"")
            flood.terminate()

    def end_of_the_killed(self, server, flood):
        """What clients that were answered get when the server dies: a reset would take back what is under way."""
        clients = []
        for number in range(40):
            with contextlib.suppress(ConnectionResetError):
                client = MemoryClient(server.port, connection=tcp_from(f"127.1.{number}.2", server.port))
                self.addCleanup(client.close)
                client.handshake()
                clients.append(client)
        self.assertGreater(len(clients), 20)
        self.assertIsNone(flood.poll(), "the load has lasted until now")
        server.kill()
        return b"".join(client.socket.recv(1) for client in clients)

    @staticmethod
    def last_answer(port, source):
        """Of a client that has said all it wants to say: the server closes as soon as it has answered, and nothing of
        the answer may get lost."""
        with MemoryClient(port, connection=tcp_from(source, port)) as client:
            try:
                client.handshake()
            except ConnectionResetError:
                return "refused"
            client.tls.write(LAST_GET)
            with contextlib.suppress(ssl.SSLWantReadError):
                client.tls.unwrap()
            client.socket.sendall(client.take_output())
            client.socket.shutdown(socket.SHUT_WR)
            time.sleep(0.05)
            while client.receive():  # a reset is an error
                pass
            return "served" if client.incoming.pending > 20 else "nothing"


if __name__ == "__main__":
    main()
