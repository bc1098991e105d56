"""The built-in responder over TLS, against OpenSSL's client and curl."""
import shutil
import subprocess
import time
import unittest

from proxy_harness import (GET, LAST_GET, PATIENCE_S, TLS12, TLS13, MemoryClient, Server, client_context, connect, main,
                           read_all, read_response, tcp)

TEXT = "A quiet harbour."


class Respond(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--respond", TEXT, "--workers", "2").__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None)

    def test_both_versions(self):
        for version in (TLS12, TLS13):
            with self.subTest(version=version), connect(self.server.port, client_context(version)) as connection:
                self.assertEqual(connection.version(), "TLSv1.2" if version == TLS12 else "TLSv1.3")
                for _ in range(3):
                    connection.sendall(GET)
                    status, headers, body = read_response(connection)
                    self.assertEqual((status, body), (200, TEXT.encode()))
                    self.assertIn("date", headers)

    def test_alpn(self):
        context = client_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with connect(self.server.port, context) as connection:
            self.assertEqual(connection.selected_alpn_protocol(), "http/1.1")

    def test_curl(self):
        if shutil.which("curl") is None:
            self.skipTest("curl is not installed")
        url = f"https://127.0.0.1:{self.server.port}/"
        for extra in ([], ["--tls-max", "1.2"], ["--data", "x=y"], ["--http1.0"], ["--data-binary", "@" + __file__],
                      ["-H", "Transfer-Encoding: chunked", "--data-binary", "@" + __file__],
                      ["-H", "Expect: 100-continue", "--data-binary", "@" + __file__]):
            done = subprocess.run(["curl", "-sSk", "--max-time", "20", *extra, url], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, TEXT), f"{extra} {done.stderr}")
        done = subprocess.run(["curl", "-sSkI", "--max-time", "20", url], capture_output=True, text=True)
        self.assertIn(f"Content-Length: {len(TEXT)}", done.stdout)

    def test_connection_close_ends_with_close_notify(self):
        with connect(self.server.port) as connection:
            connection.sendall(LAST_GET)
            answer = read_all(connection)  # raises when close_notify is missing
            self.assertTrue(answer.endswith(TEXT.encode()))
            self.assertIn(b"Connection: close\r\n", answer)

    def test_pipelining(self):
        with connect(self.server.port) as connection:
            connection.sendall(GET * 500 + LAST_GET)
            self.assertEqual(read_all(connection).count(TEXT.encode()), 501)

    def test_more_pipelined_requests_than_buffers_hold(self):
        # The client reads nothing until the server has stopped reading, which must happen before 100 MB.
        block = GET * 500
        with connect(self.server.port) as connection:
            connection.settimeout(1)
            sent = 0
            with self.assertRaises(TimeoutError):
                while sent < 100_000_000:
                    sent += connection.send(block[sent % len(block):][:16384])
            self.assertLess(self.server.statistics()["buffers"], 10)
            connection.settimeout(PATIENCE_S)
            # What arrived is answered to the last request; the record that timed out may not have arrived whole.
            answers = 0
            rest = b""
            while answers < sent // len(GET):
                data = connection.recv(1 << 20)
                self.assertTrue(data)
                answers += (rest + data).count(TEXT.encode())
                rest = (rest + data).rpartition(TEXT.encode())[2][-len(TEXT):]

    def test_one_byte_per_record(self):
        with connect(self.server.port) as connection:
            for i in range(len(GET)):
                connection.sendall(GET[i:i + 1])
            self.assertEqual(read_response(connection)[0], 200)

    def test_one_byte_per_segment(self):
        for version in (TLS12, TLS13):
            with self.subTest(version=version), MemoryClient(self.server.port, client_context(version)) as client:
                def trickle(data):
                    for i in range(len(data)):
                        client.socket.sendall(data[i:i + 1])
                        if i % 16 == 0:
                            time.sleep(0.001)
                client.handshake(send=trickle)
                client.tls.write(GET)
                trickle(client.take_output())
                self.assertTrue(client.read().startswith(b"HTTP/1.1 200"))

    def test_request_with_the_client_finished(self):
        # The tickets go out together with the first response.
        with MemoryClient(self.server.port, client_context(TLS13)) as client:
            client.handshake()
            client.tls.write(GET)
            before = self.server.statistics()["sends"]
            client.socket.sendall(client.take_output())
            self.assertTrue(client.read().endswith(TEXT.encode()))
            self.assertEqual(self.server.statistics()["sends"] - before, 1)

    def test_http_mistakes(self):
        for request, status in ((b"GET / HTTP/1.1\r\n\r\n", 400), (b"nonsense\r\n\r\n", 400),
                                (b"GET / HTTP/1.1\r\nX: " + b"x" * 17000 + b"\r\n\r\n", 431),
                                (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)):
            with connect(self.server.port) as connection:
                connection.sendall(request)
                answer = read_all(connection)
                self.assertTrue(answer.startswith(f"HTTP/1.1 {status} ".encode()), answer)

    def test_a_refusal_survives_an_upload_that_goes_on(self):
        # The client sends a megabyte more before it reads: a reset would destroy the answer.
        with connect(self.server.port) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            for _ in range(60):
                connection.sendall(b"x" * 16_384)
                time.sleep(0.002)
            answer = read_all(connection)
            self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)

    def test_long_upload_is_passed_over(self):
        size = 3_000_000
        with connect(self.server.port) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
            connection.sendall(b"x" * size)
            self.assertEqual(read_response(connection)[2], TEXT.encode())

    def test_garbage_gets_an_alert_that_survives(self):
        # The client goes on sending: a reset would destroy the alert before it is read.
        for garbage in (b"GET / HTTP/1.1\r\nHost: plain\r\n\r\n", b"\x16\x03\x01\x00\x05\x07\x00\x00\x01\x00", b"\xff" * 100):
            with tcp(self.server.port) as connection:
                connection.sendall(garbage)
                connection.sendall(b"x" * 20_000)
                time.sleep(0.2)
                answer = b""
                while part := connection.recv(4096):  # raises ConnectionResetError if the alert was destroyed
                    answer += part
                self.assertEqual(len(answer), 7, answer)
                self.assertEqual(answer[0], 21)
                self.assertEqual(answer[5], 2)


class Flights(unittest.TestCase):
    COUNT = 40

    def flights(self, version, tickets):
        with Server("--tickets", "on" if tickets else "off") as server:
            for _ in range(self.COUNT):
                with connect(server.port, client_context(version)) as connection:
                    connection.sendall(LAST_GET)
                    read_all(connection)
            numbers = server.wait_for_statistics(lambda n: n["open"] == 0, "all connections end")
            self.assertEqual(numbers["handshakes"], self.COUNT)
            self.assertEqual(numbers["flight_sends"], numbers["flights"])
            return numbers

    def test_tls13_flight_is_one_send(self):
        numbers = self.flights(TLS13, tickets=False)
        self.assertEqual(numbers["flights"], self.COUNT)
        self.assertEqual(numbers["sends"], 2 * self.COUNT)  # the flight; the answer with close_notify

    def test_tls12_flights_are_two_sends(self):
        numbers = self.flights(TLS12, tickets=True)
        self.assertEqual(numbers["flights"], 2 * self.COUNT)
        self.assertEqual(numbers["sends"], 3 * self.COUNT)


if __name__ == "__main__":
    main()
