"""What is measured: each case says how servers are set up for it and how the generator is driven."""
from __future__ import annotations

from dataclasses import dataclass, field

from .servers import KINDS, Profile

KIB = 1024
FILES = {"1k": KIB, "16k": 16 * KIB, "1m": KIB * KIB, "64m": 64 * KIB * KIB}  # of the plain service
BODY_SIZE = KIB                                                              # of responders

PEERS = ("breakwater", "nginx", "haproxy", "hitch")
RESPONDERS = ("breakwater", "nginx", "haproxy")
PROXIES = ("breakwater", "nginx", "nginx-tcp", "haproxy", "haproxy-tcp", "hitch")


@dataclass(frozen=True)
class Case:
    name: str                   # what --cases is matched with
    title: str
    kind: str                   # "handshake", "request", "bulk" or "memory"
    profile: Profile
    servers: tuple[str, ...]
    arguments: tuple[str, ...]  # of the generator, without --duration and the target
    tls: str = "1.3"
    mode: str = ""              # of a handshake: "full", "resumed" or "hello"
    size: int = 0               # of one answer in bytes
    path: str = ""              # of requests
    requests: int = 0           # on one connection; 0: without bound
    connections: int = 64
    note: str = ""
    primitives: tuple[str, ...] = field(default=())  # arithmetic of one handshake, as `breakwater speed` names it
    state: int = 0              # bytes that a connection held open cannot do without
    quick: bool = True          # part of --quick as well

    @property
    def unit(self) -> str:
        return {"handshake": "handshakes/s", "request": "requests/s", "bulk": "MB/s", "memory": "KiB"}[self.kind]


def primitives_of(tls: str, auth: str, mode: str) -> tuple[str, ...]:
    """The arithmetic a server cannot avoid. TLS 1.3 has the shared secret before its first flight, so a client that
    leaves early has cost it all the same; TLS 1.2 has it only when the client's key arrives. A TLS 1.2 resumption has
    none."""
    sign = "P-256 sign" if auth == "ecdsa" else "RSA-2048 sign"
    if mode == "resumed":
        return () if tls == "1.2" else ("P-256 key pair", "P-256 ECDH")
    if mode == "hello" and tls == "1.2":
        return (sign, "P-256 key pair")
    return (sign, "P-256 key pair", "P-256 ECDH")


def handshake_case(tls: str, auth: str, mode: str) -> Case:
    key = {"ecdsa": "ECDSA P-256", "rsa": "RSA-2048"}[auth]
    what = {"full": "full handshake", "resumed": "resumption by ticket", "hello": "hello, then gone"}[mode]
    return Case(
        name=f"{tls} {auth} {mode}", title=f"TLS {tls}, {key}, {what}", kind="handshake",
        profile=Profile("respond", auth, tickets=mode == "resumed"), servers=(*PEERS, "floor"),
        arguments=("--mode", "resume" if mode == "resumed" else mode, "--tls", tls, "--auth", auth,
                   "--cipher", "aes256", "--group", "secp256r1"),
        tls=tls, mode=mode, primitives=primitives_of(tls, auth, mode),
        quick=(auth, mode) != ("rsa", "resumed"))  # a resumption does not use the certificate: a cross-check, no more


def waiting(role: str) -> tuple[str, ...]:
    """The generator shares its core with the service behind proxies, so there it sleeps when it has nothing to do;
    elsewhere it spins, because one that sleeps slows the server (its wake-ups cost the sender)."""
    return ("--wait", "sleep") if role == "proxy" else ("--wait", "spin")


def request_case(name: str, title: str, role: str, requests: int) -> Case:
    return Case(
        name=f"request {name}", title=title, kind="request", profile=Profile(role, "ecdsa"),
        servers=(*(RESPONDERS if role == "respond" else PROXIES), "floor"), path="/1k", requests=requests,
        primitives=primitives_of("1.3", "ecdsa", "full") if requests == 1 else (),
        arguments=("--mode", "request", "--tls", "1.3", "--auth", "ecdsa", "--cipher", "aes256", "--group", "secp256r1",
                   "--path", "/1k", "--host", "localhost", "--requests", str(requests), *waiting(role)), size=KIB)


def bulk_case(name: str, path: str, connections: int) -> Case:
    return Case(
        name=f"bulk {name}", title=f"Downloads of {name} through a proxy", kind="bulk",
        profile=Profile("proxy", "ecdsa"), servers=(*PROXIES, "floor"), size=FILES[path], connections=connections,
        path="/" + path,
        arguments=("--mode", "request", "--tls", "1.3", "--auth", "ecdsa", "--cipher", "aes256", "--group", "secp256r1",
                   "--path", "/" + path, "--host", "localhost", "--requests", "0", *waiting("proxy")))


RAMP = ("--ramp", "5000")
# Both directions' key, IV and counter of AES-256-GCM (RFC 8446 5.3), and its secret, which a key update needs (7.2).
IDLE_STATE = 2 * (32 + 12 + 8 + 48)
# In the middle of a hello: a hash of it that runs (SHA-384: eight words, a block and its length), and its random.
HALF_OPEN_STATE = 8 * 8 + 128 + 16 + 32


def memory_case(name: str, title: str, mode: str, note: str, state: int) -> Case:
    return Case(
        name=f"memory {name}", title=title, kind="memory", profile=Profile("respond", "ecdsa"),
        servers=(*PEERS, "floor"), note=note, mode=mode, state=state,
        arguments=("--mode", mode, "--tls", "1.3", "--auth", "ecdsa", "--cipher", "aes256", "--group", "secp256r1",
                   *RAMP))


CASES: tuple[Case, ...] = (
    *(handshake_case(tls, auth, mode) for mode in ("full", "resumed", "hello") for tls in ("1.3", "1.2")
      for auth in ("ecdsa", "rsa")),
    request_case("respond keep-alive", "Requests on kept connections, answered by the server", "respond", 0),
    request_case("respond new", "One request on each connection, answered by the server", "respond", 1),
    request_case("proxy keep-alive", "Requests on kept connections, through a proxy", "proxy", 0),
    request_case("proxy new", "One request on each connection, through a proxy", "proxy", 1),
    memory_case("idle", "Memory of an idle connection", "idle", "Handshake done, nothing else.", IDLE_STATE),
    memory_case("half-open", "Memory of a half-open connection", "stall", "Half of a ClientHello has arrived.",
                HALF_OPEN_STATE),
    bulk_case("16 KiB", "16k", 64),
    bulk_case("1 MiB", "1m", 16),
    bulk_case("64 MiB", "64m", 4),
)


def servers_of(case: Case, chosen: list[str]) -> list[str]:
    """Those of the case that were chosen; a peer's TCP mode comes with the peer."""
    return [name for name in case.servers if name in chosen or name.removesuffix("-tcp") in chosen]


def in_running_order(cases: list[Case]) -> list[Case]:
    """Cases of one profile together, so that servers start once for all of them."""
    groups: dict[Profile, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.profile, []).append(case)
    return [case for group in groups.values() for case in group]


assert all(name in KINDS for case in CASES for name in case.servers)
