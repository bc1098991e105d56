"""How long the messages of a case are: measured on a server that does TLS, so that the floor exchanges the same."""
from __future__ import annotations

import socket

from .cases import Case
from .floor import Exchange, Handshake
from .generator import Generator, Report
from .problem import Problem
from .servers import Running

HANDSHAKES = 16
MOST_REQUESTS = 50
MOST_BYTES = 4 << 20       # of the answers to them
PATIENCE_S = 5.0           # a count ends these runs long before


def _run(generator: Generator, arguments: tuple[str, ...], count: int, server: Running) -> Report:
    report = generator.run((*arguments, "--connections", "1", "--count", str(count)), server.port, PATIENCE_S)
    if report.count("succeeded") != count:
        raise Problem(f"the floor needs the sizes of messages, and only {report.count('succeeded')} of {count} "
                      f"exchanges with {server.kind.title} succeed")
    return report


def alpn(case: Case) -> tuple[str, ...]:
    """What the generator offers by itself where it sends requests: it makes both flights longer."""
    return ("--alpn", "http/1.1") if case.kind in ("request", "bulk") else ()


def handshake(case: Case, generator: Generator, server: Running) -> Handshake:
    """Of the TLS 1.3 handshakes that the case's connections begin with."""
    arguments = ("--mode", "full", "--tls", case.tls, "--auth", case.profile.auth, "--cipher", "aes256",
                 "--group", "secp256r1", *alpn(case))
    report = _run(generator, arguments, HANDSHAKES, server)
    return Handshake(report.count("bytes_sent") / HANDSHAKES, report.count("bytes_received") / HANDSHAKES)


def exchange(case: Case, of_handshake: Handshake, generator: Generator, server: Running,
             backend: Running | None) -> Exchange:
    """Of one request of the case: what is left of a few connections when their handshakes are taken off."""
    count = max(1, min(MOST_REQUESTS, MOST_BYTES // max(1, case.size)))
    connections = count if case.requests == 1 else 1
    report = _run(generator, case.arguments, count, server)
    start = of_handshake.without_close()
    sent = (report.count("bytes_sent") - connections * start.sent) / count
    received = (report.count("bytes_received") - connections * start.received) / count
    plain = plain_answer(backend, case.path, close=case.requests == 1) if backend is not None else 0
    return Exchange(sent, received, plain)


def plain_answer(backend: Running, path: str, close: bool) -> int:
    """Bytes of the service's answer, head and body."""
    ending = "Connection: close\r\n\r\n" if close else "\r\n"
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: breakwater-flood\r\n{ending}"
    try:
        with socket.create_connection(("127.0.0.1", backend.port), timeout=PATIENCE_S) as connection:
            connection.sendall(request.encode())
            answer = b""
            while b"\r\n\r\n" not in answer:
                part = connection.recv(65536)
                if not part:
                    break
                answer += part
    except OSError as error:
        raise Problem(f"the service behind the proxies does not answer a request for {path} ({error})") from None
    return answer_length(answer, path)


def answer_length(answer: bytes, path: str) -> int:
    """Of a whole answer of which the head, at least, is there."""
    head, end, _ = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if not end or not lines[0].startswith("HTTP/1.1 200") or not fields.get("content-length", "").isdigit():
        raise Problem(f"the service behind the proxies answers a request for {path} with {lines[0]!r}, not with a "
                      f"length that is known before")
    return len(head) + len(end) + int(fields["content-length"])
