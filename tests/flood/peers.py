"""Servers of others with the least configuration that does: nginx, HAProxy, hitch."""
from __future__ import annotations

import os
import pathlib
import socket
from collections.abc import Callable

from flood_harness import Program, certificate, installed, wait_until


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


NGINX_LOG = "access.log"  # in the folder: protocol, status and request of each


def nginx(folder: pathlib.Path, port: int) -> list[str]:
    chain, key = certificate(folder, "ecdsa")
    user = "user root;" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/pid; error_log stderr;\n"
        f"events {{ worker_connections 512; }}\n"
        f"http {{ log_format short '$ssl_protocol $status $request'; access_log {folder}/{NGINX_LOG} short; {paths}\n"
        f"server {{ listen 127.0.0.1:{port} ssl backlog=512; ssl_certificate {chain};\n"
        f"ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3; location / {{ return 200 hello; }} }} }}\n")
    return [installed("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def haproxy(folder: pathlib.Path, port: int, logging: str = "") -> list[str]:
    chain, key = certificate(folder, "ecdsa")
    both = folder / "both.pem"
    both.write_text(pathlib.Path(chain).read_text() + pathlib.Path(key).read_text())
    (folder / "haproxy.cfg").write_text(
        "global\n  nbthread 1\n  maxconn 500\n  log stdout format raw local0\ndefaults\n  mode http\n"
        "  timeout client 9s\n  timeout server 9s\n  timeout connect 9s\n"
        f"frontend f\n  bind 127.0.0.1:{port} ssl crt {both} ssl-min-ver TLSv1.2\n{logging}"
        "  http-request return status 200 content-type text/plain string hello\n")
    return [installed("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")]


def haproxy_with_log(folder: pathlib.Path, port: int) -> list[str]:
    """Writes protocol, status and request of each to its output."""
    return haproxy(folder, port, "  log global\n  log-format \"%sslv %ST %HM %HU %HV\"\n")


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
