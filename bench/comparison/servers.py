"""The servers that are compared: how each is configured, started, and told apart from one that does something else."""
from __future__ import annotations

import errno
import os
import re
import socket
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

from .certificates import Certificate
from .problem import Problem
from .processes import Process

PEERS = Path(__file__).resolve().parents[1] / "peers"
START_PATIENCE_S = 10.0

# An address that connects too fast is refused before the handshake, and counted again only once it is slow enough: the
# capping of abusive sources from HAProxy's manual, tcp-request connection.
HAPROXY_LIMIT = """stick-table type ip size 1m expire 30s store conn_rate(3s)
    tcp-request connection reject if { src_conn_rate gt 10 }
    tcp-request connection track-sc0 src"""


@dataclass(frozen=True)
class Kind:
    """A server that can be compared."""
    name: str
    title: str
    package: str                 # Debian's; "" for our own
    program: str
    templates: dict[str, str]    # role ("respond", "proxy") -> file in bench/peers
    note: str = ""


KINDS = {kind.name: kind for kind in (
    Kind("breakwater", "Breakwater", "", "breakwater",
         {"respond": "breakwater-respond.conf.in", "proxy": "breakwater-proxy.conf.in",
          "flooded": "breakwater-flooded.conf.in"}),
    Kind("nginx", "nginx", "nginx-light", "nginx",
         {"respond": "nginx-respond.conf.in", "proxy": "nginx-proxy.conf.in", "flooded": "nginx-flooded.conf.in"},
         "As a proxy it reads HTTP, and keeps connections to the service."),
    Kind("nginx-tcp", "nginx (TCP)", "libnginx-mod-stream", "nginx", {"proxy": "nginx-tcp-proxy.conf.in"},
         "The stream module: passes bytes, as Breakwater does."),
    Kind("haproxy", "HAProxy", "haproxy", "haproxy",
         {"respond": "haproxy-respond.conf.in", "proxy": "haproxy-proxy.conf.in",
          "flooded": "haproxy-flooded.conf.in"},
         "As a proxy it reads HTTP, and keeps connections to the service."),
    Kind("haproxy-tcp", "HAProxy (TCP)", "haproxy", "haproxy", {"proxy": "haproxy-tcp-proxy.conf.in"},
         "mode tcp: passes bytes, as Breakwater does."),
    Kind("hitch", "hitch", "hitch", "hitch", {"proxy": "hitch-proxy.conf.in"},
         "Only a proxy: in the handshake cases, too, it connects to the service after every handshake."),
    Kind("breakwater-off", "Breakwater, guard off", "", "breakwater", {"flooded": "breakwater-flooded.conf.in"}),
    Kind("haproxy-limit", "HAProxy, conn_rate limit", "haproxy", "haproxy", {"flooded": "haproxy-flooded.conf.in"},
         "At most 10 connections of an address in 3 s, as its manual shows for tcp-request connection."),
    Kind("floor", "TCP floor", "", "breakwater-floor", {}, "The same bytes over TCP without TLS."),
)}


@dataclass(frozen=True)
class Profile:
    """How a server is set up for a case. Servers of one profile serve all cases that have it."""
    role: str            # "respond", "proxy" or "flooded"; hitch, which cannot respond, is a proxy in the first two
    auth: str            # "ecdsa" or "rsa": the one certificate it has
    tickets: bool = False
    guard: bool = False  # Breakwater's
    limits: str = ""     # of the guard: lines of its configuration


@dataclass
class Site:
    """What all servers of a run share."""
    folder: Path
    binaries: dict[str, Path]            # "breakwater", "breakwater-flood", "breakwater-floor", where they exist
    certificates: dict[str, Certificate]
    base_port: int
    server_cpu: int
    load_cpu: int
    body: str                            # what responders answer with
    descriptors: int = 1024              # each process may open
    backlog: int = 4096
    backend_port: int = 0
    started: int = 0                     # processes so far: names their folders
    server_priority: tuple[str, ...] = ()  # what stands before the servers' commands

    @property
    def connections(self) -> int:
        """What every server is configured for: more than any case opens."""
        return min(40_000, self.descriptors - 500)


@dataclass
class Running:
    kind: Kind
    process: Process
    port: int
    pids: list[int] = field(default_factory=list)

    def stop(self) -> None:
        self.process.stop()


def fill(template: str, values: dict[str, str]) -> str:
    """Replaces every @NAME@; a name without a value is a mistake in a template."""
    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise Problem(f"a template of bench/peers asks for @{match[1]}@, which has no value")
        return values[match[1]]
    return re.sub(r"@([A-Z_]+)@", value, template)


def check_port_is_free(port: int) -> None:
    """Servers that set SO_REUSEPORT would share a port in silence."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise Problem(f"port {port} is in use by another program (`ss -ltnp 'sport = :{port}'` says which); choose "
                          f"others with --base-port") from None


def nginx_modules(name: str) -> str:
    """The load_module line for a dynamic module, as Debian builds nginx; nothing when there is no such file."""
    path = Path("/usr/lib/nginx/modules", name)
    return f"load_module {path};" if path.exists() else ""


def command_of(kind: Kind, config: Path, binaries: dict[str, Path]) -> list[str]:
    if kind.program == "breakwater":
        return [str(binaries["breakwater"]), "serve", "--config", str(config)]
    if kind.program == "nginx":
        return ["nginx", "-e", "stderr", "-c", str(config)]
    if kind.program == "haproxy":
        return ["haproxy", "-db", "-f", str(config)]
    return ["hitch", f"--config={config}"]


def configure(kind: Kind, profile: Profile, site: Site, folder: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """Writes the configuration; returns the command and what it needs in its environment."""
    role = profile.role if profile.role in kind.templates else "proxy"
    certificate = site.certificates[profile.auth]
    rsa = site.certificates.get("rsa", certificate)
    tickets = "on" if profile.tickets else "off"
    values = {
        "FOLDER": str(folder), "PORT": str(port), "BACKEND": str(site.backend_port), "BACKLOG": str(site.backlog),
        "CERT": str(certificate.chain), "KEY": str(certificate.key), "CERT_AND_KEY": str(certificate.both),
        "RSA_CERT": str(rsa.chain), "RSA_KEY": str(rsa.key), "RSA_CERT_AND_KEY": str(rsa.both),
        "GUARD": "on" if profile.guard and kind.name == "breakwater" else "off",
        "LIMITS": profile.limits,
        "LIMIT": HAPROXY_LIMIT if kind.name == "haproxy-limit" else "",
        "TICKETS": tickets, "NO_TICKETS": "" if profile.tickets else "no-tls-tickets",
        "NUM_TICKETS": "2" if profile.tickets else "0",   # 2 is OpenSSL's own default
        "TICKET_OPTION": "SessionTicket" if profile.tickets else "-SessionTicket",
        "CONNECTIONS": str(site.connections), "FILES": str(site.descriptors), "BODY": site.body,
        "USER": 'user = "nobody"\ngroup = "nogroup"' if os.geteuid() == 0 else "",
        "MODULES": nginx_modules("ngx_stream_module.so"),
    }
    config = folder / f"{kind.name}.conf"
    config.write_text(fill((PEERS / kind.templates[role]).read_text(), values))
    environment = {}
    if kind.program in ("haproxy", "hitch"):
        openssl = folder / "openssl.cnf"
        openssl.write_text(fill((PEERS / "openssl.cnf.in").read_text(), values))
        environment["OPENSSL_CONF"] = str(openssl)
    return command_of(kind, config, site.binaries), environment


def wait_until_it_listens(name: str, process: Process, port: int) -> None:
    end = time.monotonic() + START_PATIENCE_S
    while True:
        if process.ended():
            raise Problem(f"{name} did not start (exit status {process.popen.returncode}). It says:\n"
                          f"{process.output()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise Problem(f"{name} does not listen on port {port} after {START_PATIENCE_S:.0f} s. It says:\n"
                              f"{process.output()}") from None
            time.sleep(0.02)


def launch(kind: Kind, command: list[str], environment: dict[str, str], folder: Path, port: int, cpu: int,
           priority: tuple[str, ...] = ()) -> Running:
    process = Process(command, cpu, folder / "output.log", environment, priority)
    try:
        return when_ready(kind, process, port)
    except BaseException:
        process.stop()
        raise


def when_ready(kind: Kind, process: Process, port: int) -> Running:
    wait_until_it_listens(kind.title, process, port)
    time.sleep(0.1)  # workers are forked by now; and who listens first and finds a mistake later has ended
    if process.ended():
        raise Problem(f"{kind.title} ended right after its start (exit status {process.popen.returncode}). It says:\n"
                      f"{process.output()}")
    return Running(kind, process, port, process.group())


def new_folder(site: Site, name: str) -> tuple[Path, int]:
    """A folder and a port of its own for the next process."""
    site.started += 1
    folder = site.folder / f"{site.started:03d}-{name}"
    folder.mkdir()
    folder.chmod(0o755)  # workers may run as another user
    port = site.base_port + 1 + site.started % 800
    check_port_is_free(port)
    return folder, port


def start(kind: Kind, profile: Profile, site: Site) -> Running:
    """A fresh server on the server's core. Throws Problem with the server's own words when it does not start."""
    folder, port = new_folder(site, kind.name)
    command, environment = configure(kind, profile, site, folder, port)
    return launch(kind, command, environment, folder, port, site.server_cpu, site.server_priority)


def start_floor(site: Site, pattern: str, to_backend: bool = False, reset: bool = False) -> Running:
    """to_backend: what comes behind the pattern goes to the service, as through the proxies. reset: the connection is
    ended by the server, in that way; at accept and unread where the pattern is empty."""
    folder, port = new_folder(site, "floor")
    command = [str(site.binaries["breakwater-floor"]), "--listen", f"127.0.0.1:{port}"]
    if pattern:
        command += ["--pattern", pattern]
    if to_backend:
        command += ["--backend", f"127.0.0.1:{site.backend_port}"]
    if reset:
        command.append("--reset")
    return launch(KINDS["floor"], command, {}, folder, port, site.server_cpu, site.server_priority)


def start_backend(site: Site, files: dict[str, int]) -> Running:
    """The plain service behind proxies, on the generator's core; serves files of these names and sizes."""
    folder, port = new_folder(site, "backend")
    (folder / "files").mkdir()
    for name, size in files.items():
        with open(folder / "files" / name, "wb") as file:
            file.write(os.urandom(min(size, 1 << 20)) * max(1, size >> 20))
    config = folder / "backend.conf"
    config.write_text(fill((PEERS / "nginx-backend.conf.in").read_text(), {
        "FOLDER": str(folder), "PORT": str(port), "BACKLOG": str(site.backlog), "CONNECTIONS": str(site.connections),
        "FILES": str(site.descriptors), "FILES_FOLDER": str(folder / "files")}))
    backend = launch(KINDS["nginx"], ["nginx", "-e", "stderr", "-c", str(config)], {}, folder, port, site.load_cpu)
    site.backend_port = port
    return backend


def check_tickets(running: Running, version: ssl.TLSVersion, expected: bool) -> str:
    """Makes one request as a client that this project did not write, and says what is not as the case wants it ("" if
    all is well): does the server give tickets?"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    try:
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as tcp, \
                context.wrap_socket(tcp, server_hostname="localhost") as tls:
            tls.sendall(b"GET /1k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while part := tls.recv(65536):
                answer += part
            ticket = bool(tls.session and tls.session.has_ticket)
    except OSError as error:
        return f"{running.kind.title} does not answer a request ({error})"
    if not answer.startswith(b"HTTP/1.1 200"):
        return f"{running.kind.title} answers a request with {answer[:40]!r}"
    if ticket != expected:
        does = "gives" if ticket else "does not give"
        return f"{running.kind.title} {does} session tickets, and this case wants it otherwise"
    return ""
