"""curl: HTTP on top, through the built-in responder and through a backend."""
import hashlib
import os
import shutil

from backend import EchoBackend
from certificates import BOTH, WILDCARD
from harness import BODY, Skip, require
from suites import HOSTS, SUITES_13, case_name, matrix

CURL_GROUPS = {"x25519": "X25519", "secp256r1": "P-256"}
# -q: nobody's ~/.curlrc.
CURL = ("curl", "-q", "-s", "-S", "--noproxy", "*", "--max-time", "25")
UPLOAD_SIZES = (0, 1, 1023, 1024 * 1024 + 1, 20_000_003)


def missing():
    return None if shutil.which("curl") else "curl is not installed"


def version_options(version):
    return ["--tlsv1.2", "--tls-max", "1.2"] if version == "1.2" else ["--tlsv1.3"]


class Client:
    def __init__(self, bench):
        self.bench = bench
        self._backend = None

    def behind(self):
        """A server in front of the echo backend."""
        if self._backend is None:
            self._backend = EchoBackend()
        return self.bench.server("backend", "--backend", f"127.0.0.1:{self._backend.port}", respond=False)

    def fetch(self, *options, host=BOTH, paths=("/",), server=None):
        port = (server or self.bench.server()).port
        addresses = [f"https://{host}:{port}{path}" for path in paths]
        return self.bench.run(*CURL, "-v", "--cacert", self.bench.authority.roots, "--resolve",
                              f"{host}:{port}:127.0.0.1", *options, *addresses)

    def upload_file(self, size):
        path = self.bench.folder / f"upload.{size}"
        if not path.exists():
            path.write_bytes(os.urandom(size))
        return path, hashlib.sha256(path.read_bytes()).hexdigest()


def matrix_cases(client):
    for suite, kind, group in matrix():
        groups = CURL_GROUPS[group]
        if suite.version == "1.2" and kind == "ecdsa" and group != "secp256r1":
            groups += ":P-256"  # for the certificate's key (RFC 8422 5.1.1)
        choice = ["--ciphers", suite.openssl] if suite.version == "1.2" else ["--tls13-ciphers", suite.openssl]
        options = [*version_options(suite.version), *choice, "--curves", groups]
        described = f"SSL connection using TLSv{suite.version} / {suite.openssl}"

        def full(kind=kind, options=options, described=described):
            result = client.fetch(*options, host=HOSTS[kind]).must_succeed()
            result.has(described, "SSL certificate verify ok", f"CN=Breakwater test only_{kind}", BODY)
            result.lacks("SSL re-using session ID")

        def resumed(kind=kind, options=options, described=described):
            # Each answer ends its connection, so that the next request makes a new one from the ticket.
            result = client.fetch(*options, "-H", "Connection: close", host=HOSTS[kind], paths=("/1", "/2", "/3"))
            result.must_succeed()
            require(result.text.count(described) == 3, "there were not three connections")
            require(result.text.count(BODY) == 3, "there were not three answers")
            require(result.text.count("SSL re-using session ID") == 2, "the session was not reused twice")
            # Only a full handshake carries certificates: -v reports the message.
            require(result.text.count("TLS handshake, Certificate (11)") == 1, "there was another full handshake")

        yield f"{case_name(suite, kind, group)}/full", full
        if suite.version == "1.3":  # curl has no tickets in TLS 1.2, and we have no other resumption
            yield f"{case_name(suite, kind, group)}/resumed", resumed


def http_cases(client):
    for version in ("1.2", "1.3"):
        tag = f"Tls{version.replace('.', '')}"
        options = version_options(version)

        def keep_alive(options=options):
            paths = [f"/{number}" for number in range(20)]
            result = client.fetch(*options, paths=paths).must_succeed()
            require(result.text.count(BODY) == 20, "there were not twenty answers")
            require(result.text.count("SSL connection using") == 1, "there was more than one connection")

        def keep_alive_behind(options=options):
            paths = [f"/{number}" for number in range(20)]
            result = client.fetch(*options, paths=paths, server=client.behind()).must_succeed()
            for path in paths:
                result.has(f"GET {path} 0 ")
            require(result.text.count("SSL connection using") == 1, "there was more than one connection")

        def http11(options=options):
            client.fetch(*options, "--http2").must_succeed().has("ALPN: server accepted http/1.1", BODY)

        def http10(options=options):
            client.fetch(*options, "--http1.0").must_succeed().has(BODY)

        def head(options=options):
            result = client.fetch(*options, "-I").must_succeed()
            result.has("HTTP/1.1 200 OK", f"Content-Length: {len(BODY)}").lacks(BODY)

        def wildcard(options=options):
            client.fetch(*options, host=WILDCARD).must_succeed().has("CN=Breakwater test wildcard", BODY)

        def status(options=options):
            # No response is stapled: curl must find that, not a broken handshake.
            client.fetch(*options, "--cert-status").must_fail().has("No OCSP response received")

        def parallel(options=options):
            paths = [f"/{number}" for number in range(30)]
            result = client.fetch(*options, "--parallel", "--parallel-immediate", "--parallel-max", "10", paths=paths,
                                  server=client.behind()).must_succeed()
            for path in paths:
                result.has(f"GET {path} 0 ")

        yield f"Http/{tag}/KeepAlive", keep_alive
        yield f"Http/{tag}/KeepAliveBehind", keep_alive_behind
        yield f"Http/{tag}/Http11IsAccepted", http11
        yield f"Http/{tag}/Http10", http10
        yield f"Http/{tag}/Head", head
        yield f"Http/{tag}/Wildcard", wildcard
        yield f"Http/{tag}/CertificateStatusIsMissed", status
        yield f"Http/{tag}/Parallel", parallel

        for size in UPLOAD_SIZES:
            def post(size=size, options=options):
                path, digest = client.upload_file(size)
                result = client.fetch(*options, "--data-binary", f"@{path}", "-H", "Expect: 100-continue",
                                      paths=("/post",), server=client.behind())
                result.must_succeed().has(f"POST /post {size} {digest}", *(["100 Continue"] if size else []))

            def chunked(size=size, options=options):
                path, digest = client.upload_file(size)
                result = client.fetch(*options, "-T", path, "-H", "Transfer-Encoding: chunked", paths=("/put",),
                                      server=client.behind())
                result.must_succeed().has(f"PUT /put {size} {digest}")

            def responder(size=size, options=options):
                path, _ = client.upload_file(size)
                result = client.fetch(*options, "--data-binary", f"@{path}", "-H", "Expect: 100-continue")
                result.must_succeed().has("HTTP/1.1 200 OK", BODY, *(["100 Continue"] if size else []))

            yield f"Upload/{tag}/Backend/{size}", post
            if size:  # curl never ends an empty body in chunks
                yield f"Upload/{tag}/BackendChunked/{size}", chunked
            yield f"Upload/{tag}/Responder/{size}", responder

    for suite in SUITES_13:
        for group in CURL_GROUPS:
            def retried(suite=suite, group=group):
                result = client.fetch(*version_options("1.3"), "--tls13-ciphers", suite.openssl, "--curves",
                                      f"P-384:{CURL_GROUPS[group]}").must_succeed().has(BODY)
                hellos = result.text.count("TLS handshake, Server hello (2)")
                require(hellos == 2, f"{hellos} ServerHello messages, expected a HelloRetryRequest and another")
            yield f"HelloRetryRequest/{suite.aead}/{group}", retried

    def newest():
        client.fetch().must_succeed().has("SSL connection using TLSv1.3")
    yield "Versions/TheNewestIsTaken", newest

    def old():
        result = client.fetch("--tlsv1.1", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0").must_fail()
        result.has("alert protocol version")
    yield "Refused/Tls11", old

    def unknown_root():
        result = client.fetch("--cacert", client.bench.authority.root_files["rsa"], host=HOSTS["ecdsa"]).must_fail()
        result.has("unable to get local issuer certificate")
    yield "Certificates/UnknownRoot", unknown_root

    def version_6():
        if not os.path.exists("/proc/net/if_inet6"):
            raise Skip("this machine has no IPv6")
        server = client.bench.server("ipv6", address="[::1]")
        result = client.bench.run(*CURL, "--cacert", client.bench.authority.roots, f"https://[::1]:{server.port}/")
        result.must_succeed().has(BODY)
    yield "Http/Ipv6", version_6


def cases(bench):
    client = Client(bench)
    yield from matrix_cases(client)
    yield from http_cases(client)
