"""Against servers of others: openssl s_server always; nginx, HAProxy and hitch where they are installed."""
from __future__ import annotations

import unittest
from collections.abc import Iterator

from flood_harness import OpensslServer, Program, Relay, installed, load_of, main
from peers import Listening, haproxy, hitch, nginx

BOTH = ("1.2", "1.3")


class Servers(unittest.TestCase):
    def servers(self) -> Iterator[tuple[str, Program]]:
        """openssl, and those of the others that this machine has."""
        yield "openssl", OpensslServer("-www")
        for name, write in (("nginx", nginx), ("haproxy", haproxy), ("hitch", hitch)):
            if installed(name):
                yield name, Listening(write)

    def test_full_hello_and_signatures(self) -> None:
        for name, server in self.servers():
            with server:
                for version in BOTH:
                    for arguments in ((), ("--mode", "hello"), ("--check-signature", "--group", "x25519"),
                                      ("--shape", "browser"), ("--end", "close")):
                        with self.subTest(name, version=version, arguments=arguments):
                            load = load_of(server.port, "--tls", version, "--count", "20", "--connections", "4",
                                           *arguments)
                            self.assertEqual((load["succeeded"], load["failed"]), (20, 0), load["failures"])

    def test_ciphers_and_rsa(self) -> None:
        with OpensslServer("-www", auth="rsa") as server:
            for version in BOTH:
                for cipher in ("aes128", "aes256", "chacha20"):
                    with self.subTest(version=version, cipher=cipher):
                        load = load_of(server.port, "--tls", version, "--auth", "rsa", "--cipher", cipher,
                                       "--count", "5", "--check-signature")
                        self.assertEqual(load["succeeded"], 5, load["failures"])
                        self.assertIn("RSA", next(iter(load["negotiated"])))

    def test_resume(self) -> None:
        for name, server in self.servers():
            with server:
                for version in BOTH:
                    with self.subTest(name, version=version):
                        load = load_of(server.port, "--tls", version, "--mode", "resume", "--count", "20",
                                       "--connections", "2")
                        self.assertEqual((load["succeeded"], load["resumed"]), (20, 20), load["failures"])

    def test_requests(self) -> None:
        for name, server in self.servers():
            with server:
                if name == "hitch":
                    continue  # it has no answer of its own
                for version in BOTH:
                    for arguments in ((), ("--requests", "5")):
                        with self.subTest(name, version=version, arguments=arguments):
                            load = load_of(server.port, "--tls", version, "--mode", "request", "--count", "20",
                                           "--connections", "2", *arguments)
                            self.assertEqual((load["succeeded"], load["failed"]), (20, 0), load["failures"])

    def test_corrupt_finished_fails_always(self) -> None:
        for name, server in self.servers():
            with server:
                for version in BOTH:
                    with self.subTest(name, version=version):
                        load = load_of(server.port, "--tls", version, "--count", "20", "--corrupt-finished", status=1)
                        self.assertEqual((load["succeeded"], load["failed"], load["handshakes"]), (0, 20, 0), load)

    def test_a_corrupted_server_finished_is_no_success(self) -> None:
        for name, server in self.servers():
            with server:
                for version in BOTH:
                    with self.subTest(name, version=version), Relay("flip", server.port) as relay:
                        load = load_of(relay.port, "--tls", version, "--count", "10", "--connections", "2", status=1)
                        self.assertEqual(load["failures"], {"bad Finished": 10})

    def test_renegotiation(self) -> None:
        with OpensslServer("-tls1_2", "-client_renegotiation", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256") as server:
            load = load_of(server.port, "--tls", "1.2", "--mode", "renegotiate", "--duration", "1.5",
                           "--connections", "1", status=None)
            self.assertGreater(load["renegotiations"], 20, load)
            self.assertEqual((load["handshakes"], load["failed"]), (1, 0), load)
        for version, argument in zip(BOTH, ("-tls1_2", "-tls1_3")):  # refused
            with OpensslServer(argument) as server:
                load = load_of(server.port, "--tls", version, "--mode", "renegotiate", "--count", "5",
                               "--connections", "1")
                self.assertEqual((load["succeeded"], load["renegotiations"]), (5, 0), load)

    def test_no_session(self) -> None:
        with OpensslServer("-no_ticket", "-tls1_2", "-no_cache") as server:
            load = load_of(server.port, "--tls", "1.2", "--mode", "resume", "--duration", "1", status=1)
            self.assertEqual(load["succeeded"], 0)
            self.assertEqual(list(load["failures"]), ["no session"], load["failures"])
        with OpensslServer("-num_tickets", "0", "-tls1_3") as server:
            load = load_of(server.port, "--mode", "resume", "--duration", "1.5", "--timeout", "0.4", status=1)
            self.assertIn("no session", load["failures"])

    def test_another_version(self) -> None:
        with OpensslServer("-tls1_2") as server:
            load = load_of(server.port, "--tls", "1.3", "--count", "5", status=1)
            self.assertEqual(load["failed"], 5)
            self.assertNotIn("handshake timeout", load["failures"])


if __name__ == "__main__":
    main()
