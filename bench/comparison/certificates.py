"""Self-signed certificates for localhost, made anew for every run."""
from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .problem import Problem

KINDS = {
    "ecdsa": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-newkey", "rsa:2048"],
}


@dataclass(frozen=True)
class Certificate:
    chain: Path
    key: Path
    both: Path  # key and chain in one file, as HAProxy and hitch read them


def make(folder: Path, kind: str) -> Certificate:
    """kind: a name of KINDS."""
    certificate = Certificate(folder / f"{kind}.pem", folder / f"{kind}.key", folder / f"{kind}-both.pem")
    command = ["openssl", "req", "-x509", *KINDS[kind], "-sha256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(certificate.key),
               "-out", str(certificate.chain)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        raise Problem("openssl is missing: apt-get install openssl") from None
    except subprocess.CalledProcessError as error:
        raise Problem(f"openssl could not make a certificate:\n{error.stderr}") from None
    certificate.both.write_text(certificate.key.read_text() + certificate.chain.read_text())
    return certificate
