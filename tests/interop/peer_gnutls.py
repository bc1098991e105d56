"""`gnutls-cli`: the matrix, with its own ideas of resumption, record sizes and key updates."""
import re
import shutil

from certificates import BOTH, ECDSA_ONLY, RSA_ONLY, WILDCARD
from harness import BODY, Talk, request_bytes, require
from suites import HOSTS, SUITES_13, case_name, matrix

CIPHERS = {"AES_128_GCM": "AES-128-GCM", "AES_256_GCM": "AES-256-GCM", "CHACHA20_POLY1305": "CHACHA20-POLY1305"}
GNUTLS_GROUPS = {"x25519": "X25519", "secp256r1": "SECP256R1"}
SIGNATURES = {"ecdsa": "ECDSA-SECP256R1-SHA256", "rsa": "RSA-PSS-RSAE-SHA256"}
# In TLS 1.2 the description of a signature by an ECDSA key names no curve, and GnuTLS puts PKCS#1 v1.5 before PSS.
SIGNATURES_12 = {"ecdsa": "ECDSA-SHA256", "rsa": "RSA-SHA256"}


def missing():
    return None if shutil.which("gnutls-cli") else "gnutls-cli (package gnutls-bin) is not installed"


def priority(version, cipher="", group="", more=""):
    words = ["NORMAL", "-VERS-ALL", f"+VERS-TLS{version}"]
    if cipher:
        words += ["-CIPHER-ALL", f"+{cipher}"]
    if group:
        words += ["-GROUP-ALL", *(f"+GROUP-{name}" for name in group.split(","))]
    return ":".join(words) + more


class Client:
    def __init__(self, bench):
        self.bench = bench

    def command(self, host, priorities, *options, server=None):
        port = (server or self.bench.server()).port
        return ["gnutls-cli", "--x509cafile", self.bench.authority.roots, "--sni-hostname", host, "--verify-hostname",
                host, "--priority", priorities, "--port", port, *options, "127.0.0.1"]

    def fetch(self, host, priorities, *options, data=None):
        result = self.bench.run(*self.command(host, priorities, *options), stdin=data or request_bytes())
        return result.must_succeed().has("The certificate is trusted", "HTTP/1.1 200 OK", BODY)

    def refused(self, priorities, alert, *options, host=BOTH):
        return self.bench.run(*self.command(host, priorities, *options)).must_fail().has(alert)


def matrix_cases(client):
    for suite, kind, group in matrix():
        groups = GNUTLS_GROUPS[group]
        if suite.version == "1.2" and kind == "ecdsa" and group != "secp256r1":
            groups += ",SECP256R1"  # for the certificate's key (RFC 8422 5.1.1)
        key_exchange = ""
        if suite.version == "1.2":
            key_exchange = f":-KX-ALL:+ECDHE-{kind.upper()}"
        priorities = priority(suite.version, CIPHERS[suite.aead], groups, key_exchange)
        signature = SIGNATURES_12[kind] if suite.version == "1.2" else SIGNATURES[kind]
        described = (f"(TLS{suite.version}-X.509)-(ECDHE-{GNUTLS_GROUPS[group]})-({signature})-"
                     f"({CIPHERS[suite.aead]})")

        def full(kind=kind, priorities=priorities, described=described):
            client.fetch(HOSTS[kind], priorities).has(described)

        def resumed(kind=kind, priorities=priorities, version=suite.version):
            options = ["--resume"] + (["--waitresumption"] if version == "1.3" else [])
            result = client.fetch(HOSTS[kind], priorities, *options)
            result.has("*** This is a resumed session")

        yield f"{case_name(suite, kind, group)}/full", full
        yield f"{case_name(suite, kind, group)}/resumed", resumed


def other_cases(client):
    for version in ("1.2", "1.3"):
        tag = f"Tls{version.replace('.', '')}"

        def wildcard(version=version):
            client.fetch(WILDCARD, priority(version))

        def alpn(version=version):
            result = client.fetch(BOTH, priority(version), "--alpn", "h2", "--alpn", "http/1.1")
            result.has("Application protocol: http/1.1")

        def alpn_in_vain(version=version):
            client.refused(priority(version), "*** Received alert [120]", "--alpn", "h2")

        def record_size(version=version):
            """record_size_limit (RFC 8449): handshake and answer come in records of at most 512 bytes of plaintext."""
            text = "0123456789abcdef" * 250
            server = client.bench.server("long_answer", "--respond", text, respond=False)
            command = client.command(BOTH, priority(version), "--recordsize", "512", server=server)
            client.bench.run(*command, stdin=request_bytes()).must_succeed().has(text)
            # Again for the sizes: what --debug prints gets between the pieces of the answer.
            result = client.bench.run(*command, "--debug", "5", stdin=request_bytes()).must_succeed()
            found = re.findall(r"Decrypted Packet\[\d+\] [\w ]+\((\d+)\) with length: (\d+)", result.text)
            # The handshake of TLS 1.2 is not protected, and so not subject to the limit (RFC 8449 4).
            sizes = [int(size) for kind, size in found if kind == "23" or version == "1.3"]
            require(len(sizes) > 8 and max(sizes) == 512, f"kinds and sizes of the records: {found}")

        def no_ticket(version=version):
            client.fetch(BOTH, priority(version), "--noticket")

        def export(version=version):
            client.fetch(BOTH, priority(version), "--keymatexport", "EXPERIMENTAL breakwater").has("Key material: ")

        def preferred(version=version):
            client.fetch(BOTH, priority(version)).has("ECDSA-" + ("SHA256" if version == "1.2" else "SECP256R1-SHA256"))

        yield f"{tag}/Wildcard", wildcard
        yield f"{tag}/Alpn", alpn
        yield f"{tag}/AlpnInVain", alpn_in_vain
        yield f"{tag}/RecordSizeLimit", record_size
        yield f"{tag}/WithoutTickets", no_ticket
        yield f"{tag}/Exporter", export
        yield f"{tag}/EcdsaIsPreferred", preferred

    for algorithm in ("RSA-PSS-RSAE-SHA256", "RSA-PSS-RSAE-SHA384", "RSA-PSS-RSAE-SHA512", "ECDSA-SECP256R1-SHA256"):
        def signed(algorithm=algorithm):
            # RSA-SHA256 is for the chain; no signature of TLS 1.3 itself can be of that kind.
            chain = ":+SIGN-RSA-SHA256" if algorithm.startswith("RSA") else ""
            client.fetch(BOTH, priority("1.3", more=f":-SIGN-ALL:+SIGN-{algorithm}{chain}")).has(f"({algorithm})")
        yield f"Tls13/Signature/{algorithm}", signed

    for algorithm in ("RSA-SHA256", "RSA-PSS-RSAE-SHA256"):
        def signed_12(algorithm=algorithm):
            more = ":-SIGN-ALL:" + ":".join(f"+SIGN-{name}" for name in dict.fromkeys([algorithm, "RSA-SHA256"]))
            client.fetch(RSA_ONLY, priority("1.2", more=more)).has(f"({algorithm})")
        yield f"Tls12/Signature/{algorithm}", signed_12

    for suite in SUITES_13:
        for group in GNUTLS_GROUPS:
            def retried(suite=suite, group=group):
                # With a single key share, for the first group, which we do not have.
                priorities = priority("1.3", CIPHERS[suite.aead], f"SECP384R1,{GNUTLS_GROUPS[group]}")
                client.fetch(BOTH, priorities, "--single-key-share").has(f"(ECDHE-{GNUTLS_GROUPS[group]})")
            yield f"HelloRetryRequest/{suite.aead}/{group}", retried

        def key_update(suite=suite):
            command = client.command(BOTH, priority("1.3", CIPHERS[suite.aead]), "--inline-commands")
            with Talk(client.bench, command) as talk:
                talk.expect("Simple Client Mode")
                for number in range(3):
                    talk.send(b"^rekey^\n").expect("Rekey was completed")
                    talk.send(request_bytes(f"/{number}", close=False)).expect(BODY)
                talk.send(request_bytes()).expect(BODY)
                talk.wait().must_succeed()
        yield f"KeyUpdate/{suite.aead}", key_update

    def renegotiation():
        command = client.command(BOTH, priority("1.2"), "--inline-commands")
        with Talk(client.bench, command) as talk:
            talk.expect("Simple Client Mode").send(b"^renegotiate^\n").expect("No renegotiation")
    yield "Renegotiation/IsRefused", renegotiation

    for name, words in {"Tls10": "NORMAL:-VERS-ALL:+VERS-TLS1.0", "Tls11": "NORMAL:-VERS-ALL:+VERS-TLS1.1"}.items():
        def old(words=words):
            client.refused(words, "Error in protocol version")
        yield f"Refused/{name}", old

    for name, words in {"Cbc": ":-CIPHER-ALL:+AES-128-CBC:+AES-256-CBC", "StaticRsa": ":-KX-ALL:+RSA",
                        "Dhe": ":-KX-ALL:+DHE-RSA", "Groups": ":-GROUP-ALL:+GROUP-SECP384R1:+GROUP-SECP521R1"}.items():
        def weak(words=words):
            client.refused(priority("1.2", more=words), "Handshake failed")
        yield f"Refused/{name}", weak

    def session_hash():
        # Without extended master secret, and without its resumption (RFC 7627 5.3).
        result = client.fetch(BOTH, priority("1.2", more=":%NO_SESSION_HASH"), "--resume")
        require("extended master secret" not in result.text, "extended master secret was used")
    yield "Tls12/WithoutExtendedMasterSecret", session_hash

    def with_hash():
        client.fetch(ECDSA_ONLY, priority("1.2")).has("extended master secret, safe renegotiation")
    yield "Tls12/ExtendedMasterSecret", with_hash

    def compatible():
        client.fetch(BOTH, "NORMAL:%COMPAT:%DISABLE_TLS13_COMPAT_MODE").has("(TLS1.3-X.509)")
    yield "Tls13/WithoutCompatibilityMode", compatible

    def fallback():
        client.refused("NORMAL:-VERS-TLS1.3:%FALLBACK_SCSV", "Inappropriate fallback")
    yield "Versions/Fallback", fallback


def cases(bench):
    client = Client(bench)
    yield from matrix_cases(client)
    yield from other_cases(client)
