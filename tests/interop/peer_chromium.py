"""Headless Chromium: a browser's ClientHello, with GREASE, shuffled extensions and a hybrid key share of its own."""
import shutil

from certificates import BOTH, ECDSA_ONLY, RSA_ONLY, WILDCARD
from harness import BODY, require

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
LIMIT_S = 90  # the first start of a browser is slow


def missing():
    if not any(map(shutil.which, PROGRAMS)):
        return "Chromium is not installed"
    return None if shutil.which("certutil") else "certutil (package libnss3-tools) is not installed"


class Client:
    def __init__(self, bench):
        self.bench = bench
        self.program = next(filter(None, map(shutil.which, PROGRAMS)))
        self.home = bench.folder / "home"
        database = self.home / ".pki" / "nssdb"
        database.mkdir(parents=True)
        where = ["-d", f"sql:{database}"]
        bench.run("certutil", "-N", *where, "--empty-password").must_succeed()
        for kind, root in bench.authority.root_files.items():
            bench.run("certutil", "-A", *where, "-n", kind, "-t", "C,,", "-i", root).must_succeed()

    def load(self, host, *options, server=None):
        """The page as text. The certificate must be good: a browser shows another page otherwise."""
        port = (server or self.bench.server()).port
        return self.bench.run(
            self.program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
            f"--user-data-dir={self.home / 'profile'}", "--host-resolver-rules=MAP *.test 127.0.0.1", "--dump-dom",
            *options, f"https://{host}:{port}/", environment={"HOME": str(self.home)}, limit_s=LIMIT_S)


def cases(bench):
    client = Client(bench)
    for version, options in (("Newest", []), ("Tls12", ["--ssl-version-max=tls1.2"])):
        for name, host in (("Both", BOTH), ("Ecdsa", ECDSA_ONLY), ("Rsa", RSA_ONLY), ("Wildcard", WILDCARD)):
            def page(host=host, options=options):
                client.load(host, *options).must_succeed().has(BODY)
            yield f"{version}/{name}", page

    def only_newest():
        # Also shows that the option above does what its name says.
        server = bench.server("tls13", "--tls-min", "1.3")
        client.load(BOTH, server=server).must_succeed().has(BODY)
        result = client.load(BOTH, "--ssl-version-max=tls1.2", server=server)
        require(BODY not in result.text, "a browser limited to TLS 1.2 was served by a server limited to TLS 1.3")
    yield "Newest/OnlyTls13", only_newest

    def wrong_name():
        result = client.load("nobody.test")
        require(BODY not in result.text, "the page was shown although the certificate is for another name")
    yield "Newest/WrongName", wrong_name
