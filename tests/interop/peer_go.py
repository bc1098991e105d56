"""Go's crypto/tls, by a small program of ours (go_client.go) that is compiled here."""
import pathlib
import re
import shutil
import subprocess

from certificates import BOTH, RSA_ONLY, WILDCARD
from harness import BODY, require
from suites import GROUPS, HOSTS, SUITES_12, SUITES_13

WIRE_VERSIONS = {"1.2": "0303", "1.3": "0304"}
# The first version with the extended master secret, without which we resume no session of TLS 1.2 (RFC 7627 5.4), and
# with the right binder in the second ClientHello after a HelloRetryRequest.
MODERN_GO = (1, 21)
COMPILE_LIMIT_S = 300  # without a cache, Go compiles parts of its library as well


def missing():
    return None if shutil.which("go") else "go (package golang-go) is not installed"


class Client:
    def __init__(self, bench):
        self.bench = bench
        self.program = bench.folder / "go_client"
        text = subprocess.run(["go", "version"], capture_output=True, text=True, timeout=60).stdout
        found = re.search(r"go(\d+)\.(\d+)", text)
        self.is_modern = bool(found) and (int(found[1]), int(found[2])) >= MODERN_GO

    def compile(self):
        environment = {"GOCACHE": str(self.bench.folder / "go-cache"), "GO111MODULE": "off", "GOFLAGS": "",
                       "GOPROXY": "off", "CGO_ENABLED": "0"}
        source = pathlib.Path(__file__).with_name("go_client.go")
        self.bench.run("go", "build", "-o", self.program, source, environment=environment,
                       limit_s=COMPILE_LIMIT_S).must_succeed()

    def run(self, name, *options):
        require(self.program.exists(), "the client was not compiled")
        address = f"127.0.0.1:{self.bench.server().port}"
        return self.bench.run(self.program, "-address", address, "-name", name, "-roots", self.bench.authority.roots,
                              "-wanted", BODY, *options)

    def fetch(self, name, *options):
        """The facts of each connection, as printed."""
        return self.run(name, *options).must_succeed().text.splitlines()

    def resumes(self, version):
        return version == "1.3" or self.is_modern

    def refused(self, error, *options):
        self.run(BOTH, *options).must_fail().has(f"remote error: tls: {error}")


def expect_facts(lines, facts, resumed):
    """`resumed`: whether each connection must have been, in order."""
    require(len(lines) == len(resumed), f"{len(lines)} connections, expected {len(resumed)}")
    for line, again in zip(lines, resumed):
        for fact in [*facts, f"resumed={str(again).lower()}", "verified=1"]:
            require(fact in line.split(" ") or fact in line, f"{line!r} lacks {fact!r}")


def matrix_cases(client):
    """Go lets the server choose among the suites of TLS 1.3, so they make one row here."""
    rows = [(suite.version, suite.kind, suite) for suite in SUITES_12] + [("1.3", kind, None) for kind in HOSTS]
    for version, kind, suite in rows:
        for group in GROUPS:
            groups = group
            if version == "1.2" and kind == "ecdsa" and group != "secp256r1":
                groups += ",secp256r1"  # for the certificate's key (RFC 8422 5.1.1)
            options = ["-version", version, "-groups", groups] + (["-suites", suite.number] if suite else [])
            facts = [f"version={WIRE_VERSIONS[version]}", f'leaf="Breakwater test only_{kind}"']
            facts += [f"suite={suite.number}"] if suite else []
            name = f"Tls{version.replace('.', '')}/{suite.aead if suite else 'AnySuite'}/{kind}/{group}"

            def full(kind=kind, options=options, facts=facts):
                expect_facts(client.fetch(HOSTS[kind], *options), facts, [False])

            def again(kind=kind, options=options, facts=facts, version=version):
                lines = client.fetch(HOSTS[kind], *options, "-connections", "4")
                expect_facts(lines, facts, [False] + [client.resumes(version)] * 3)

            yield f"{name}/full", full
            yield f"{name}/{'resumed' if client.resumes(version) else 'not_resumed'}", again


def other_cases(client):
    for version in ("1.2", "1.3"):
        tag = f"Tls{version.replace('.', '')}"

        def alpn(version=version):
            lines = client.fetch(BOTH, "-version", version, "-alpn", "h2,http/1.1", "-connections", "2")
            expect_facts(lines, ['alpn="http/1.1"'], [False, client.resumes(version)])

        def alpn_in_vain(version=version):
            client.refused("no application protocol", "-version", version, "-alpn", "h2,spdy/3")

        def no_alpn(version=version):
            expect_facts(client.fetch(BOTH, "-version", version), ['alpn=""'], [False])

        def wildcard(version=version):
            lines = client.fetch(WILDCARD, "-version", version, "-connections", "2")
            expect_facts(lines, ['leaf="Breakwater test wildcard"'], [False, client.resumes(version)])

        def unknown_name(version=version):
            client.run("nobody.test", "-version", version).must_fail().has("not nobody.test")

        def large_body(version=version):
            client.fetch(RSA_ONLY, "-version", version, "-body", "1000000", "-connections", "2")

        def no_group(version=version):
            client.refused("handshake failure", "-version", version, "-groups", "secp384r1,secp521r1")

        yield f"Alpn/{tag}/Http11", alpn
        yield f"Alpn/{tag}/NothingInCommon", alpn_in_vain
        yield f"Alpn/{tag}/NotOffered", no_alpn
        yield f"Names/{tag}/Wildcard", wildcard
        yield f"Names/{tag}/Unknown", unknown_name
        yield f"Body/{tag}/Large", large_body
        yield f"Groups/{tag}/NothingInCommon", no_group

    for group in GROUPS:
        def retried(group=group):
            # Go sends one key share, for the first of its groups. The second connection resumes and is retried as well.
            connections = 2 if client.is_modern else 1
            lines = client.fetch(BOTH, "-version", "1.3", "-groups", f"secp384r1,{group}", "-connections", connections)
            expect_facts(lines, ["version=0304"], [False, True][:connections])
        yield f"HelloRetryRequest/{group}", retried

    def newest():
        lines = client.fetch(BOTH)
        expect_facts(lines, ["version=0304"], [False])
        numbers = [suite.number for suite in SUITES_13]
        require(any(f"suite={number}" in lines[0] for number in numbers), f"none of {numbers} in {lines[0]!r}")
    yield "Versions/TheNewestIsTaken", newest

    for version in ("1.0", "1.1"):
        def old(version=version):
            client.refused("protocol version not supported", "-version", version)
        yield f"Refused/Tls{version.replace('.', '')}", old

    for name, number in {"Cbc": "C013", "StaticRsa": "009C", "Rc4": "C011"}.items():
        def weak(number=number):
            client.refused("handshake failure", "-version", "1.2", "-suites", number)
        yield f"Refused/{name}", weak


def cases(bench):
    client = Client(bench)
    yield "TheClientCompiles", client.compile
    yield from matrix_cases(client)
    yield from other_cases(client)
