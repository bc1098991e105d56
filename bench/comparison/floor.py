"""The TCP floor: the messages of a case, by size, without any TLS. Patterns are A:B,C:D as the client sees them: it
sends A bytes, awaits B, sends C, awaits D. breakwater-floor and the generator's plain mode take the same notation."""
from __future__ import annotations

from dataclasses import dataclass

# What a client sends after the server's flight, as records of AES-GCM suites with SHA-384 (RFC 8446 5.2, RFC 5288 3):
CHANGE_CIPHER_SPEC = 5 + 1    # of TLS 1.2; that of TLS 1.3, which says nothing, counts as part of the hello here
FINISHED_12 = 5 + 8 + 16 + 16
FINISHED_13 = 5 + 4 + 48 + 1 + 16
CLOSE_12 = 5 + 8 + 2 + 16
CLOSE_13 = 5 + 2 + 1 + 16
CLIENT_KEY_EXCHANGE = 5 + 4 + 66
RECORD_13 = 5 + 1 + 16        # what a record of TLS 1.3 adds to its content

HOLD = ("--hold", "3600")     # longer than any run


@dataclass(frozen=True)
class Handshake:
    """Bytes of a whole TLS 1.3 handshake with a close_notify of both sides behind it: the generator's mode full."""
    sent: float
    received: float

    def without_close(self) -> "Handshake":
        return Handshake(self.sent - CLOSE_13, self.received - CLOSE_13)

    def pattern(self) -> str:
        """As a connection begins that goes on."""
        return f"{self.hello}:{_bytes(self.received - CLOSE_13)},{FINISHED_13}:0"

    @property
    def hello(self) -> int:
        return _bytes(self.sent - FINISHED_13 - CLOSE_13)


@dataclass(frozen=True)
class Exchange:
    """Bytes of a request and of its answer, as they are on the wire."""
    sent: float
    received: float
    received_plain: int = 0   # what the service behind a proxy answers; 0: there is no service

    def contents(self) -> list[int]:
        """What is opened and what is sealed for it."""
        opened = _bytes(self.sent - RECORD_13)
        return [opened, self.received_plain or _bytes(self.received - RECORD_13)]


@dataclass(frozen=True)
class Setup:
    """How breakwater-floor and the generator are started for a case."""
    server: str                    # breakwater-floor's pattern
    client: str                    # the generator's
    to_backend: bool = False
    more: tuple[str, ...] = ()     # arguments of the generator

    def arguments(self) -> tuple[str, ...]:
        return ("--mode", "plain", "--pattern", self.client, *self.more)


def for_handshake(tls: str, mode: str, sent: float, received: float) -> Setup:
    steps = pattern(tls, mode, sent, received)
    return Setup(steps, steps)


def for_requests(handshake: Handshake, exchange: Exchange, requests: int, path: str,
                 more: tuple[str, ...]) -> Setup:
    """requests: on one connection; 0: without bound. With a service behind, the floor passes on what comes behind the
    handshake, so that has to be a request that the service understands, and the answer is the service's."""
    start = handshake.pattern()
    if exchange.received_plain:
        client = f"{start},{_bytes(exchange.sent)}:{exchange.received_plain}x{requests}"
        return Setup(start, client, to_backend=True, more=("--path", path, "--host", "localhost", *more))
    steps = f"{start},{_bytes(exchange.sent)}:{_bytes(exchange.received)}x{requests}"
    return Setup(steps, steps, more=more)


def for_idle(handshake: Handshake, more: tuple[str, ...]) -> Setup:
    return Setup(handshake.pattern(), handshake.pattern(), more=(*HOLD, *more))


def for_half_open(handshake: Handshake, more: tuple[str, ...]) -> Setup:
    return Setup(handshake.pattern(), f"{handshake.hello // 2}:0", more=(*HOLD, *more))


def pattern(tls: str, mode: str, sent: float, received: float) -> str:
    """For a handshake in which the client sent and received so many bytes in all. How the totals divide follows from
    the records of the last messages."""
    if mode == "hello":
        return f"{_bytes(sent)}:{_bytes(received)}"
    if tls == "1.3":
        client_end, server_end = FINISHED_13 + CLOSE_13, CLOSE_13
    elif mode == "full":
        client_end = CLIENT_KEY_EXCHANGE + CHANGE_CIPHER_SPEC + FINISHED_12
        server_end = CHANGE_CIPHER_SPEC + FINISHED_12
    else:
        client_end, server_end = CHANGE_CIPHER_SPEC + FINISHED_12 + CLOSE_12, CLOSE_12
    return f"{_bytes(sent - client_end)}:{_bytes(received - server_end)},{client_end}:{server_end}"


def _bytes(count: float) -> int:
    return max(1, round(count))
