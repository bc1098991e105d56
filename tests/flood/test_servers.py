"""Against servers of others: openssl s_server always; nginx, HAProxy and hitch where they are installed."""
from __future__ import annotations

import os
import pathlib
import socket
import unittest
from collections.abc import Callable, Iterator

from flood_harness import OpensslServer, Program, Relay, certificate, installed, load_of, main, wait_until

BOTH = ("1.2", "1.3")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Listening(Program):
    """A server that is told its port by its configuration."""

    def __init__(self, write: Callable[[pathlib.Path, int], list[str]]):
        self.port = free_port()
        super().__init__(lambda folder: write(folder, self.port))
        wait_until(self.answers, "the server listens")

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.text()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def nginx(folder: pathlib.Path, port: int) -> list[str]:
    chain, key = certificate(folder, "ecdsa")
    user = "user root;" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/pid; error_log stderr;\n"
        f"events {{ worker_connections 512; }}\n"
        f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{port} ssl backlog=512; ssl_certificate {chain};\n"
        f"ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3; location / {{ return 200 hello; }} }} }}\n")
    return [installed("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def haproxy(folder: pathlib.Path, port: int) -> list[str]:
    chain, key = certificate(folder, "ecdsa")
    both = folder / "both.pem"
    both.write_text(pathlib.Path(chain).read_text() + pathlib.Path(key).read_text())
    (folder / "haproxy.cfg").write_text(
        "global\n  nbthread 1\n  maxconn 500\ndefaults\n  mode http\n  timeout client 9s\n  timeout server 9s\n"
        f"  timeout connect 9s\nfrontend f\n  bind 127.0.0.1:{port} ssl crt {both} ssl-min-ver TLSv1.2\n"
        "  http-request return status 200 content-type text/plain string hello\n")
    return [installed("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")]


def hitch(folder: pathlib.Path, port: int) -> list[str]:
    chain, key = certificate(folder, "ecdsa")
    both = folder / "both.pem"
    both.write_text(pathlib.Path(chain).read_text() + pathlib.Path(key).read_text())
    user = 'user = "nobody"\ngroup = "nogroup"\n' if os.geteuid() == 0 else ""
    # The backend is hitch itself: it is connected to and never has to answer.
    (folder / "hitch.conf").write_text(
        f'frontend = "[127.0.0.1]:{port}"\nbackend = "[127.0.0.1]:{port}"\npem-file = "{both}"\nworkers = 1\n'
        f'tls-protos = TLSv1.2 TLSv1.3\ndaemon = off\n{user}')
    return [installed("hitch"), f"--config={folder}/hitch.conf"]


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
