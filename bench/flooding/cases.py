"""What is tried: one table of attacks, with what each demands of Breakwater. Peers are measured by the same runs, and
have no targets."""
from __future__ import annotations

from dataclasses import dataclass

# Addresses of loopback. Honest clients are four of each of 512 networks of 256.
HONEST = "127.1.0.1+64x2048"
FEW = "127.9.0.1-127.9.0.4"
MANY = "127.32.0.1+256x4096"         # one of each of 4,096 networks of 256
MANY_COUNT = 4096
STRANGERS = "127.32.0.1+64x8192"     # so many that each comes a few times a second at most, whatever the generator can
# Honest clients and attackers side by side, in each of 16 networks of 256.
NEIGHBOURS_HONEST = "127.3.0.1+4x1024"
NEIGHBOURS_ATTACK = "127.3.0.2+256x16"

# What any one of the many addresses may do a second: below every limit for single addresses that would spare an office
# behind one address, and below that of the limited HAProxy, 10 in 3 s.
EACH_PER_S = 2.5

HALF_OPEN = 20_000


@dataclass(frozen=True)
class Target:
    """What Breakwater has to reach. Shares of honest starts that were due while the attack ran."""
    success: float | None = None          # of all honest clients
    success_resumed: float | None = None  # of those with a ticket
    new_share: bool = False               # of those without: what is left when all new ones are served alike
    latency: bool = False                 # p99 at most 20 ms, or 5 times its calm value
    latency_unchanged: bool = False       # p99 of a typical tenth of a second at most 1.2 times its calm value
    memory_mib: float | None = None       # that the server needs for what the attack holds

    def text(self) -> str:
        parts = []
        if self.success is not None:
            parts.append(f"success ≥ {self.success * 100:g}%")
        if self.success_resumed is not None:
            parts.append(f"resumed ≥ {self.success_resumed * 100:g}%")
        if self.new_share:
            parts.append("new ≥ 0.8 × their share of the capacity")
        if self.latency:
            parts.append("p99 ≤ 20 ms or 5 × calm")
        if self.latency_unchanged:
            parts.append("p99 of a typical 0.1 s ≤ 1.2 × calm, of all ≤ 5 ms")
        if self.memory_mib is not None:
            parts.append(f"memory ≤ {self.memory_mib:g} MiB")
        return ", ".join(parts)


FEW_TARGET = Target(success=0.999, latency=True)
LATENCY_FLOOR_MS = 20.0
LATENCY_TIMES = 5.0
UNCHANGED_TIMES = 1.2
PAUSE_MS = 5.0   # a pause of the virtual machine, which at less than a millisecond makes or unmakes the p99 of a run
SHARE_TIMES = 0.8


@dataclass(frozen=True)
class Case:
    name: str                   # what --cases is matched with
    title: str
    arguments: tuple[str, ...]  # of the attacker's generator, without --source, --duration and the target
    target: Target
    group: str = "few"          # "few", "many" or "held": a section of the page
    source: str = FEW
    honest_source: str = HONEST
    settle_s: float = 0.0       # behind the attack's begin, until what it does to honest clients counts
    held: int = 0               # connections that the attacker has at once, where descriptors allow
    quick: bool = True          # part of --quick as well
    note: str = ""


def few(name: str, title: str, *arguments: str, held: int = 0, quick: bool = True, note: str = "") -> Case:
    """As fast as the generator can, from four addresses."""
    return Case(f"few {name}", title, ("--timeout", "2", *arguments), FEW_TARGET, held=held, quick=quick, note=note)


def many(name: str, title: str, target: Target, *arguments: str, note: str = "", quick: bool = True) -> Case:
    """From 4,096 addresses, each below any limit of its own."""
    rate = str(int(MANY_COUNT * EACH_PER_S))
    return Case(f"many {name}", title, ("--timeout", "2", "--rate", rate, *arguments), target, "many", MANY, note=note,
                quick=quick)


ATTACKS: tuple[Case, ...] = (
    few("full", "Whole handshakes", "--mode", "full", "--connections", "256"),
    few("hello", "Hello, then gone", "--mode", "hello", "--connections", "256", quick=False),
    few("rsa hello", "Hello for the RSA certificate, then gone", "--mode", "hello", "--auth", "rsa", "--connections",
        "256"),
    few("stall", "Half a hello, then silence", "--mode", "stall", "--ramp", "8000", held=HALF_OPEN),
    few("trickle", "A hello byte by byte", "--mode", "trickle", "--interval", "100", held=HALF_OPEN,
        quick=False),
    few("garbage", "Random bytes", "--mode", "garbage", "--connections", "256", quick=False),
    few("renegotiate", "Renegotiation over and over", "--mode", "renegotiate", "--tls", "1.2", "--connections", "256",
        quick=False, note="TLS 1.2."),
    many("tool", "4,096 addresses, the hello of one tool", Target(success=0.99), "--mode", "hello", "--auth", "rsa",
         note="For the dearer certificate, as an attacker would."),
    many("browser", "4,096 addresses, the browser's hello", Target(success_resumed=0.99, new_share=True),
         "--mode", "full", "--shape", "browser",
         note="Whole handshakes: only tickets and behaviour tell them apart."),
    many("ticket", "4,096 addresses, one ticket", Target(success=0.99), "--mode", "resume", "--tickets", "1",
         "--shape", "browser", quick=False),
    Case("many neighbours", "Attackers in the honest clients' own networks",
         ("--timeout", "2", "--mode", "hello", "--shape", "browser", "--connections", "256"), Target(success=0.9),
         "many", NEIGHBOURS_ATTACK, NEIGHBOURS_HONEST, quick=False,
         note="The browser's hello, from an address in each of the 16 networks: honest clients must not be blocked, "
              "which is taken as nine of ten getting in."),
    Case("held half-open", f"{HALF_OPEN:,} half-open connections held",
         ("--mode", "stall", "--ramp", "8000"), Target(success=0.999, latency_unchanged=True, memory_mib=40), "held",
         MANY, settle_s=3.5, held=HALF_OPEN),
)


@dataclass(frozen=True)
class Extra:
    """What is measured beside the attacks."""
    name: str
    title: str
    servers: tuple[str, ...]
    quick: bool = True


REFUSAL = Extra("refusal", "The cost of refusing", ("breakwater", "haproxy-limit"))
PEACE = Extra("peace", "Honest clients alone", ("breakwater",))
THROUGHPUT = Extra("throughput", "What the guard costs when nothing is wrong", ("breakwater",))
EXTRAS = (REFUSAL, PEACE, THROUGHPUT)


@dataclass(frozen=True)
class Way:
    """Where hellos are refused."""
    name: str
    source: str          # of the attack
    limits: str = ""     # lines of Breakwater's configuration
    reads: bool = False  # the hello, before it refuses


# As it comes, Breakwater serves whom there is capacity for. So that nothing but refusing is measured, it is told to
# refuse nearly all: what is above a rate when it has read the hello, from so many addresses that none is refused often
# enough to be blocked; and at accept, where two half-open connections crowd, whoever came too often meanwhile, for
# longer than the run lasts.
BLOCKING = 'half_open_limit = 2\nhalf_open_per_address = 1\nblock_after = 4\nblock_first = "1m"'
WAYS = {
    "breakwater": (Way("when read", STRANGERS, "rsa_rate = 1", reads=True),
                   Way("when blocked", FEW, BLOCKING)),
    "haproxy-limit": (Way("at accept", FEW),),
}

REFUSAL_LIMIT_US = 3.0
THROUGHPUT_LIMIT = 0.02

SERVERS = ("breakwater", "breakwater-off", "nginx", "haproxy", "haproxy-limit")
GROUPS = {
    "few": "From a few addresses, as fast as the generator can",
    "many": "From many addresses",
    "held": "Connections held",
}
