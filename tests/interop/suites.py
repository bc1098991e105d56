"""The suites, groups and kinds of certificates that every peer's matrix is made of."""
import dataclasses

from certificates import ECDSA_ONLY, RSA_ONLY


@dataclasses.dataclass(frozen=True)
class Suite:
    version: str   # "1.2" or "1.3"
    name: str      # IANA's, without TLS_
    openssl: str
    number: str    # four hexadecimal digits
    kind: str      # of certificate: "ecdsa", "rsa", or "" for any

    @property
    def aead(self):
        return next(aead for aead in ("AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305") if aead in self.name)


SUITES_12 = (
    Suite("1.2", "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", "C02B", "ecdsa"),
    Suite("1.2", "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", "C02C", "ecdsa"),
    Suite("1.2", "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "CCA9", "ecdsa"),
    Suite("1.2", "ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "C02F", "rsa"),
    Suite("1.2", "ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "C030", "rsa"),
    Suite("1.2", "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "CCA8", "rsa"),
)
SUITES_13 = (
    Suite("1.3", "AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", "1301", ""),
    Suite("1.3", "AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", "1302", ""),
    Suite("1.3", "CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "1303", ""),
)
GROUPS = ("x25519", "secp256r1")
HOSTS = {"ecdsa": ECDSA_ONLY, "rsa": RSA_ONLY}


def matrix():
    """(suite, kind of certificate, group): all that a client can ask for."""
    for suite in SUITES_12 + SUITES_13:
        for kind in [suite.kind] if suite.kind else HOSTS:
            for group in GROUPS:
                yield suite, kind, group


def case_name(suite, kind, group):
    return f"Tls{suite.version.replace('.', '')}/{suite.aead}/{kind}/{group}"
