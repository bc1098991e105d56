"""The TCP floor: the messages of a handshake, by size, without any TLS."""
from __future__ import annotations

# What a client sends after the server's flight, as records of AES-GCM suites with SHA-384 (RFC 8446 5.2, RFC 5288 3):
CHANGE_CIPHER_SPEC = 5 + 1    # of TLS 1.2; that of TLS 1.3, which says nothing, counts as part of the hello here
FINISHED_12 = 5 + 8 + 16 + 16
FINISHED_13 = 5 + 4 + 48 + 1 + 16
CLOSE_12 = 5 + 8 + 2 + 16
CLOSE_13 = 5 + 2 + 1 + 16
CLIENT_KEY_EXCHANGE = 5 + 4 + 66


def pattern(tls: str, mode: str, sent: float, received: float) -> str:
    """The pattern of breakwater-floor and of the generator's plain mode for a handshake in which the client sent and
    received so many bytes in all: A:B,C:D as the client sees it. How the totals divide follows from the records of the
    last messages."""
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
