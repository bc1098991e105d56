"""HTTP/1.1 services to put behind Breakwater: one that says what it was asked, and streams of a gibibyte."""
import hashlib
import http.server
import socket
import threading

MEBIBYTE = 1 << 20


class EchoHandler(http.server.BaseHTTPRequestHandler):
    """Answers with the method, the path, and size and SHA-256 of the body. Keeps connections open."""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length", 0))
        while left > 0:
            piece = self.rfile.read(min(left, MEBIBYTE))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def _answer(self):
        digest, size = hashlib.sha256(), 0
        for piece in self._body():
            digest.update(piece)
            size += len(piece)
        text = f"{self.command} {self.path} {size} {digest.hexdigest()} connection {self.client_address[1]}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_HEAD = do_POST = do_PUT = _answer

    def log_message(self, *_):
        pass


class EchoBackend:
    """The echo service on a free port of 127.0.0.1, in threads of this process."""

    def __init__(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EchoHandler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


class Stream:
    """Bytes that differ everywhere and cost little to make: a fixed block, each time with its number in front."""

    def __init__(self, size):
        assert size % MEBIBYTE == 0
        self.size = size
        seed = b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(2048))
        self._block = bytearray(seed * (MEBIBYTE // len(seed)))

    def blocks(self):
        """Each block is valid until the next one is asked for."""
        block = bytearray(self._block)
        for number in range(self.size // MEBIBYTE):
            block[0:8] = number.to_bytes(8, "big")
            yield memoryview(block)

    def digest(self):
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()


class StreamBackend:
    """Speaks just enough HTTP for one large transfer at a time: GET sends the stream, PUT answers with the SHA-256."""

    def __init__(self, stream):
        self._stream = stream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            connection.settimeout(120)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            head, _, body = head.partition(b"\r\n\r\n")
            if head.startswith(b"GET "):
                connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {self._stream.size}\r\n\r\n".encode())
                for block in self._stream.blocks():
                    connection.sendall(block)
                return
            text = self._receive(connection, head, body).encode()
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)

    def _receive(self, connection, head, first):
        fields = head.lower().split(b"\r\n")
        length = next(int(field.split(b":")[1]) for field in fields if field.startswith(b"content-length:"))
        digest = hashlib.sha256(first)
        left = length - len(first)
        room = memoryview(bytearray(MEBIBYTE))
        while left > 0:
            size = connection.recv_into(room[:min(left, MEBIBYTE)])
            if size == 0:
                break
            digest.update(room[:size])
            left -= size
        return f"{digest.hexdigest()} {length - left}\n"
