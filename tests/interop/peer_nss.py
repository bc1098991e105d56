"""NSS's `tstclnt`: the TLS stack of Firefox."""
import shutil

from certificates import BOTH, RSA_ONLY, WILDCARD
from harness import BODY, request_bytes, require
from suites import GROUPS, HOSTS, SUITES_13, case_name, matrix

CIPHERS = {"AES_128_GCM": "128-bit AES-GCM", "AES_256_GCM": "256-bit AES-GCM",
           "CHACHA20_POLY1305": "256-bit CHACHA20POLY1305"}
POLICY_NAMES = {"AES_128_GCM": "aes128-gcm", "AES_256_GCM": "aes256-gcm", "CHACHA20_POLY1305": "chacha20-poly1305"}
NSS_GROUPS = {"x25519": "x25519", "secp256r1": "P256"}
GROUP_BITS = {"x25519": "Key Exchange: 255-bit", "secp256r1": "Key Exchange: 256-bit"}
KEY_BITS = {"ecdsa": "Server Auth: 256-bit", "rsa": "Server Auth: 2048-bit"}
WIRE_VERSIONS = {"1.2": "SSL version 3.3", "1.3": "SSL version 3.4"}
ANY_VERSION = "tls1.2:tls1.3"


def missing():
    lacking = [tool for tool in ("tstclnt", "certutil") if not shutil.which(tool)]
    return f"{' and '.join(lacking)} (package libnss3-tools) not installed" if lacking else None


class Client:
    def __init__(self, bench):
        self.bench = bench
        self.request = bench.folder / "request"
        self.request.write_bytes(request_bytes())
        self._databases = {}

    def database(self, aead=""):
        """A database that trusts our roots. With `aead`, its policy forbids all others: tstclnt's own option for that
        (-c) makes it crash when it connects a second time."""
        if aead not in self._databases:
            folder = self.bench.folder / f"nss.{aead}"
            folder.mkdir()
            where = ["-d", f"sql:{folder}"]
            self.bench.run("certutil", "-N", *where, "--empty-password").must_succeed()
            for kind, root in self.bench.authority.root_files.items():
                self.bench.run("certutil", "-A", *where, "-n", kind, "-t", "C,,", "-i", root).must_succeed()
            if aead:
                forbidden = ":".join(name for other, name in POLICY_NAMES.items() if other != aead)
                with open(folder / "pkcs11.txt", "a") as modules:
                    modules.write("\nlibrary=\nname=Policy\nNSS=flags=policyOnly,moduleDB\n"
                                  f'config="disallow={forbidden}"\n\n')
            self._databases[aead] = f"sql:{folder}"
        return self._databases[aead]

    def run(self, host, versions, *options, database=None, request=None):
        where = ["-h", "127.0.0.1", "-p", self.bench.server().port, "-a", host, "-d", database or self.database()]
        return self.bench.run("tstclnt", *where, "-v", "-u", "-V", versions, "-A", request or self.request, *options)

    def fetch(self, host, versions, *options, **named):
        return self.run(host, versions, *options, **named).must_succeed().has("HTTP/1.1 200 OK", BODY)

    def refused(self, versions, error, *options, host=BOTH):
        self.run(host, versions, *options).must_fail().has(error)


def only(version):
    return f"tls{version}:tls{version}"


def matrix_cases(client):
    for suite, kind, group in matrix():
        groups = NSS_GROUPS[group]
        if suite.version == "1.2" and kind == "ecdsa" and group != "secp256r1":
            groups += ",P256"  # for the certificate's key (RFC 8422 5.1.1)
        facts = [f"{WIRE_VERSIONS[suite.version]} using {CIPHERS[suite.aead]}", GROUP_BITS[group], KEY_BITS[kind],
                 f"subject DN: CN=Breakwater test only_{kind}"]

        def full(suite=suite, kind=kind, groups=groups, facts=facts):
            client.fetch(HOSTS[kind], only(suite.version), "-I", groups, "-c", f":{suite.number}").has(*facts)

        def resumed(suite=suite, kind=kind, groups=groups, facts=facts):
            result = client.fetch(HOSTS[kind], only(suite.version), "-I", groups, "-L", "3",
                                  database=client.database(suite.aead))
            result.has(*facts, "2 stateless resumes")
            require(result.text.count(facts[0]) == 3, "there were not three connections")
            require(result.text.count(BODY) == 3, "there were not three answers")

        yield f"{case_name(suite, kind, group)}/full", full
        yield f"{case_name(suite, kind, group)}/resumed", resumed


def other_cases(client):
    for suite in SUITES_13:
        for group in GROUPS:
            def retried(suite=suite, group=group):
                # NSS sends a key share for the first of its groups only.
                result = client.fetch(BOTH, only("1.3"), "-I", f"P384,{NSS_GROUPS[group]}", "-c", f":{suite.number}")
                result.has(GROUP_BITS[group], CIPHERS[suite.aead])
            yield f"HelloRetryRequest/{suite.aead}/{group}", retried

    for scheme, kind in (("rsa_pss_rsae_sha256", "rsa"), ("rsa_pss_rsae_sha384", "rsa"), ("rsa_pss_rsae_sha512", "rsa"),
                         ("ecdsa_secp256r1_sha256", "ecdsa")):
        for version in ("1.2", "1.3"):
            def signed(scheme=scheme, kind=kind, version=version):
                schemes = scheme if kind == "ecdsa" else f"{scheme},rsa_pkcs1_sha256"
                result = client.fetch(BOTH, only(version), "-J", schemes)
                result.has(f"Signature Scheme: {scheme}", f"CN=Breakwater test both_{kind}")
            yield f"Tls{version.replace('.', '')}/Signature/{scheme}", signed

    def pkcs1():
        client.fetch(RSA_ONLY, only("1.2"), "-J", "rsa_pkcs1_sha256").has("Signature Scheme: rsa_pkcs1_sha256")
    yield "Tls12/Signature/rsa_pkcs1_sha256", pkcs1

    for version in ("1.2", "1.3"):
        tag = f"Tls{version.replace('.', '')}"

        def wildcard(version=version):
            client.fetch(WILDCARD, only(version)).has("CN=Breakwater test wildcard")

        def status(version=version):
            client.fetch(BOTH, only(version), "-T", "-U").has("Received 0 Cert Status items")

        def unknown_name(version=version):
            client.refused(only(version), "SSL_ERROR_BAD_CERT_DOMAIN", host="nobody.test")

        def exporter(version=version):
            client.fetch(BOTH, only(version), "-x", "EXPERIMENTAL breakwater:32").has("Keying Material:")

        def large_request(version=version):
            """A request that fills several records."""
            request = client.bench.folder / f"large.{version}"
            body = b"b" * 100_000
            request.write_bytes(b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                                f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            client.fetch(BOTH, only(version), request=request)

        yield f"{tag}/Wildcard", wildcard
        yield f"{tag}/CertificateStatusAndTimestamps", status
        yield f"{tag}/UnknownName", unknown_name
        yield f"{tag}/Exporter", exporter
        yield f"{tag}/LargeRequest", large_request

    def middlebox():
        client.fetch(BOTH, only("1.3"), "-e")
    yield "Tls13/MiddleboxCompatibility", middlebox

    def early():
        # The ticket allows none, so none is sent: asking for it does no harm.
        result = client.fetch(BOTH, only("1.3"), "-Z", "-L", "2")
        result.has("1 stateless resumes")
    yield "Tls13/EarlyDataAllowedByTheClient", early

    def extended():
        client.fetch(BOTH, only("1.2"), "-G").has("Extended Master Secret: Yes")
    yield "Tls12/ExtendedMasterSecret", extended

    def newest():
        client.fetch(BOTH, ANY_VERSION).has(WIRE_VERSIONS["1.3"])
    yield "Versions/TheNewestIsTaken", newest

    def fallback():
        client.refused(only("1.2"), "SSL_ERROR_INAPPROPRIATE_FALLBACK_ALERT", "-K")
    yield "Versions/Fallback", fallback

    def old():
        client.refused("tls1.0:tls1.1", "SSL_ERROR_PROTOCOL_VERSION_ALERT")
    yield "Refused/Tls11", old

    for name, number in {"Cbc": "C013", "StaticRsa": "009C", "Dhe": "009E"}.items():
        def weak(number=number):
            client.refused(only("1.2"), "SSL_ERROR_NO_CYPHER_OVERLAP", "-c", f":{number}")
        yield f"Refused/{name}", weak

    def groups():
        client.refused(only("1.3"), "SSL_ERROR_NO_CYPHER_OVERLAP", "-I", "P384,P521")
    yield "Refused/Groups", groups


def cases(bench):
    client = Client(bench)
    yield from matrix_cases(client)
    yield from other_cases(client)
