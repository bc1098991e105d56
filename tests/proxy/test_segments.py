"""A flight takes no more TCP segments than its bytes need."""
import socket
import struct
import unittest

from proxy_harness import TLS12, TLS13, MemoryClient, Server, client_context, main

# struct tcp_info, linux/tcp.h
OPTIONS_AT = 5
BYTES_RECEIVED_AT = 128
DATA_SEGMENTS_IN_AT = 152
TIMESTAMPS = 1
TIMESTAMP_OPTION_SIZE = 12


def tcp_info(connection):
    """(bytes received, segments that brought them, bytes of TCP options in each)"""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    options = TIMESTAMP_OPTION_SIZE if info[OPTIONS_AT] & TIMESTAMPS else 0
    return (struct.unpack_from("=Q", info, BYTES_RECEIVED_AT)[0], struct.unpack_from("=I", info, DATA_SEGMENTS_IN_AT)[0],
            options)


class SmallSegments(MemoryClient):
    """Asks for segments of this size, as a path with a small MTU would."""

    def __init__(self, port, context, size):
        super().__init__(port, context)
        self.socket.close()
        self.socket = socket.socket()
        self.socket.settimeout(20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, size)
        self.socket.connect(("127.0.0.1", port))


class Segments(unittest.TestCase):
    def check(self, version, size):
        with Server() as server, SmallSegments(server.port, client_context(version, tickets=False), size) as client:
            client.step()
            client.socket.sendall(client.take_output())
            # The whole first flight, and nothing else: the server waits for this client now.
            while not client.step() and not client.outgoing.pending:
                client.receive()
            received, segments, options = tcp_info(client.socket)
            room = size - options
            self.assertGreater(received, 300)
            self.assertEqual(segments, -(-received // room), f"{received} bytes, {room} in a segment")

    def test_one_segment_is_enough(self):
        for version in (TLS12, TLS13):
            self.check(version, 1460)

    def test_full_segments(self):
        for version in (TLS12, TLS13):
            for size in (536, 300):
                self.check(version, size)


if __name__ == "__main__":
    main()
