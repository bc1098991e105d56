"""Servers that misbehave, and backends that count: doubles for the end-to-end tests of the load generator."""
from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from proxy_harness import Backend


def drain(connection: socket.socket) -> bytes:
    """What is there to read now, at least a byte; b"" at the end."""
    return connection.recv(65536)


def until_it_ends(connection: socket.socket) -> None:
    while drain(connection):
        pass


def says_first(text: bytes) -> Callable[[socket.socket], None]:
    """Greets, and waits for the other side to go: SSH, SMTP."""
    def serve(connection: socket.socket) -> None:
        connection.sendall(text)
        until_it_ends(connection)
    return serve


def answers(data: bytes) -> Callable[[socket.socket], None]:
    """Answers whatever comes with the same bytes, and closes."""
    def serve(connection: socket.socket) -> None:
        drain(connection)
        connection.sendall(data)
    return serve


def a_byte_a_second(connection: socket.socket) -> None:
    """Begins a record that would take hours to arrive."""
    drain(connection)
    for byte in b"\x16\x03\x03\x40\x00\x02":
        connection.sendall(bytes([byte]))
        time.sleep(1)
    until_it_ends(connection)


def relay_part_of(port: int, size: int, reset: bool = False) -> Callable[[socket.socket], None]:
    """Passes everything to a real server, and `size` bytes of its answer back; then it is gone."""
    def serve(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(drain(connection))
            left = size
            while left > 0 and (data := server.recv(left)):
                connection.sendall(data)
                left -= len(data)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        else:  # FIN: nothing that came may be left unread
            connection.setblocking(False)
            try:
                drain(connection)
            except BlockingIOError:
                pass
    return serve


class CountingBackend(Backend):
    """An HTTP/1.1 server that counts requests. `body` is what it answers; stall_after: at that request it sleeps."""

    def __init__(self, response: bytes, stall_at: int = 0, stall_s: float = 0, closes: bool = False):
        self.response = response
        self.requests = 0
        self.stall_at = stall_at
        self.stall_s = stall_s
        self.closes = closes
        self.lock = threading.Lock()
        super().__init__(self.answer)

    def answer(self, connection: socket.socket) -> None:
        data = b""
        while part := drain(connection):
            data += part
            while b"\r\n\r\n" in data:
                data = data.partition(b"\r\n\r\n")[2]
                with self.lock:  # while one request stalls, all do
                    self.requests += 1
                    if self.requests == self.stall_at:
                        time.sleep(self.stall_s)
                connection.sendall(self.response)
                if self.closes:
                    return
