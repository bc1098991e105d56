"""1 GiB through the tunnel in each direction, byte for byte."""
import hashlib
import os
import struct
import time
import unittest

from proxy_harness import SANITIZED, TLS12, TLS13, Backend, Server, client_context, connect, main, wait_until

SIZE = (64 if SANITIZED else 1024) << 20
BLOCK = 1 << 20


def blocks():
    """A stream no two blocks of which are alike, cheap to make."""
    base = os.urandom(BLOCK - 8)
    for number in range(SIZE // BLOCK):
        yield struct.pack(">Q", number) + base


def exactly(connection, size):
    """Yields what arrives until `size` bytes have."""
    buffer = bytearray(BLOCK)
    while size > 0:
        count = connection.recv_into(buffer, min(size, BLOCK))
        if count == 0:
            raise AssertionError(f"{size} bytes are missing")
        size -= count
        yield memoryview(buffer)[:count]


class Bulk(unittest.TestCase):
    def report(self, what, began):
        took = time.monotonic() - began
        print(f"{what}: {SIZE / took / 1e9:.2f} GB/s", flush=True)

    def test_download(self):
        for version in (TLS12, TLS13):
            digests = []

            def serve(connection):
                digest = hashlib.blake2b()
                for block in blocks():
                    digest.update(block)
                    connection.sendall(block)
                digests.append(digest.digest())

            with self.subTest(version=version), Backend(serve) as backend, Server("--backend", backend.address) as server:
                began = time.monotonic()
                with connect(server.port, client_context(version)) as connection:
                    digest = hashlib.blake2b()
                    for part in exactly(connection, SIZE):
                        digest.update(part)
                    self.assertEqual(connection.recv(1), b"")
                self.report(f"download {version.name}", began)
                self.assertEqual(digest.digest(), digests[0])

    def test_upload(self):
        for version in (TLS12, TLS13):
            digests = []

            def serve(connection):
                digest = hashlib.blake2b()
                while part := connection.recv(BLOCK):
                    digest.update(part)
                digests.append(digest.digest())

            with self.subTest(version=version), Backend(serve) as backend, Server("--backend", backend.address) as server:
                began = time.monotonic()
                with connect(server.port, client_context(version)) as connection:
                    digest = hashlib.blake2b()
                    for block in blocks():
                        digest.update(block)
                        connection.sendall(block)
                    connection.unwrap().close()
                wait_until(lambda: digests, "the backend has it all")
                self.report(f"upload {version.name}", began)
                self.assertEqual(digests[0], digest.digest())


if __name__ == "__main__":
    main()
