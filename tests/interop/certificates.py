"""A small PKI for the tests, made by the openssl command: one chain of ECDSA keys and one of RSA keys.

Each chain is root, intermediate, leaf, and is signed with its own kind of key all the way up, so that a client which
verifies only one kind can be served. `roots.pem` holds both roots.
"""
import dataclasses
import pathlib
import subprocess

KEY_OPTIONS = {
    "ecdsa": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
}
DAYS = "30"
CA_EXTENSIONS = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
LEAF_EXTENSIONS = (
    "basicConstraints=critical,CA:false\nkeyUsage=critical,{usage}\nextendedKeyUsage=serverAuth\n"
    "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nsubjectAltName={names}\n"
)

# NSS wants the second for RSA keys, although nothing here encrypts with them.
USAGES = {"ecdsa": "digitalSignature", "rsa": "digitalSignature,keyEncipherment"}

# Host names of the leaves. The first two share their names: one host with two kinds of keys.
BOTH, ECDSA_ONLY, RSA_ONLY, WILDCARD = "localhost", "ecdsa.test", "rsa.test", "anything.wild.test"
LEAVES = {
    "both_ecdsa": ("ecdsa", "DNS:localhost,DNS:both.test,IP:127.0.0.1,IP:::1"),
    "both_rsa": ("rsa", "DNS:localhost,DNS:both.test,IP:127.0.0.1,IP:::1"),
    "only_ecdsa": ("ecdsa", "DNS:ecdsa.test"),
    "only_rsa": ("rsa", "DNS:rsa.test"),
    "wildcard": ("ecdsa", "DNS:*.wild.test"),
}


@dataclasses.dataclass
class Pair:
    chain: pathlib.Path  # leaf, then intermediate
    key: pathlib.Path


class Authority:
    """Makes all files below `folder` at once. `pairs` is keyed as LEAVES; `roots` is one PEM file."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.roots = folder / "roots.pem"
        self.root_files = {kind: self._chain_of_authorities(kind) for kind in KEY_OPTIONS}
        self.roots.write_text("".join(path.read_text() for path in self.root_files.values()))
        self.pairs = {name: self._leaf(name, *LEAVES[name]) for name in LEAVES}

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60, cwd=self.folder)

    def _certificate(self, name, kind, extensions, issuer):
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extension_file = self.folder / f"{name}.ext"
        extension_file.write_text(extensions)
        self._openssl("genpkey", *KEY_OPTIONS[kind], "-out", key)
        self._openssl("req", "-new", "-key", key, "-subj", f"/CN=Breakwater test {name}", "-out", request)
        signer = ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial"] if issuer else ["-signkey", key]
        self._openssl("x509", "-req", "-in", request, *signer, "-sha256", "-days", DAYS, "-extfile", extension_file,
                      "-out", certificate)
        return certificate

    def _chain_of_authorities(self, kind):
        root = self._certificate(f"{kind}_root", kind, CA_EXTENSIONS, None)
        self._certificate(f"{kind}_intermediate", kind, CA_EXTENSIONS, f"{kind}_root")
        return root

    def _leaf(self, name, kind, names):
        extensions = LEAF_EXTENSIONS.format(names=names, usage=USAGES[kind])
        leaf = self._certificate(name, kind, extensions, f"{kind}_intermediate")
        chain = self.folder / f"{name}.chain.pem"
        chain.write_text(leaf.read_text() + (self.folder / f"{kind}_intermediate.pem").read_text())
        return Pair(chain, self.folder / f"{name}.key")
