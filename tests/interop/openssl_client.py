"""A client that runs `openssl s_client`, shared by the modules that test with it."""
from certificates import BOTH
from harness import BODY, Talk, request_bytes

ALERTS = {"handshake_failure": "alert number 40", "protocol_version": "alert number 70",
          "inappropriate_fallback": "alert number 86", "no_application_protocol": "alert number 120"}
OPENSSL_GROUPS = {"x25519": "X25519", "secp256r1": "P-256"}
# How s_client names the group of the server's key share.
TEMPORARY_KEYS = {"x25519": "Server Temp Key: X25519", "secp256r1": "Server Temp Key: ECDH, prime256v1"}


class Client:
    def __init__(self, bench):
        self.bench = bench

    def command(self, host, *options, server=None):
        port = (server or self.bench.server()).port
        return ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", host, "-verify_hostname", host,
                "-verify_return_error", "-CAfile", self.bench.authority.roots, *options]

    def fetch(self, host, *options, server=None, data=None):
        """One request, checked answer."""
        result = self.bench.run(*self.command(host, "-ign_eof", *options, server=server), stdin=data or request_bytes())
        return result.must_succeed().has("Verification: OK", "HTTP/1.1 200 OK", BODY)

    def refused(self, alert, *options, host=BOTH, server=None):
        result = self.bench.run(*self.command(host, *options, server=server))
        return result.must_fail().has(ALERTS[alert])

    def talk(self, host, *options):
        return Talk(self.bench, self.command(host, *options))

    def session(self, name):
        return self.bench.folder / f"{name.replace('/', '.')}.session"


def version_options(version):
    return ["-tls1_2"] if version == "1.2" else ["-tls1_3"]


def suite_options(suite):
    flag = "-cipher" if suite.version == "1.2" else "-ciphersuites"
    return [*version_options(suite.version), flag, suite.openssl]
