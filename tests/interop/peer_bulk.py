"""A gibibyte down and a gibibyte up through `--backend`, by curl, in both versions: the hashes must be right.

Nothing of it touches the disk: the backend makes and checks the bytes, pipes carry them at curl's end.
"""
import shutil
import subprocess

from backend import MEBIBYTE, Stream, StreamBackend
from certificates import BOTH
from harness import require

SIZE = 1024 * MEBIBYTE
LIMIT_S = 150


def missing():
    return None if shutil.which("curl") and shutil.which("sha256sum") else "curl or sha256sum is not installed"


class Transfer:
    """curl with a pipe at each end."""

    def __init__(self, bench, version, *options):
        port = bench.servers["bulk"].port
        command = ["curl", "-q", "-s", "-S", "--noproxy", "*", "--max-time", str(LIMIT_S), f"--tlsv{version}",
                   "--tls-max", version, "--cacert", str(bench.authority.roots), "--resolve",
                   f"{BOTH}:{port}:127.0.0.1", *options, f"https://{BOTH}:{port}/stream"]
        self.bench, self.command = bench, command

    def down(self):
        """SHA-256 of what curl received; the hashing is sha256sum's."""
        started = self.bench.note_command(self.command + ["|", "sha256sum"])
        with subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as curl, \
                subprocess.Popen(["sha256sum"], stdin=curl.stdout, stdout=subprocess.PIPE) as digest:
            curl.stdout.close()
            text = digest.communicate(timeout=LIMIT_S)[0].decode()
            complaint = curl.stderr.read().decode()
            code = curl.wait(LIMIT_S)
        self.bench.note_output(started, code, text + complaint)
        require(code == 0, f"curl ended with status {code}: {complaint}")
        return text.split()[0]

    def up(self, stream):
        """The backend's answer to the stream."""
        started = self.bench.note_command(["stream", "|", *self.command])
        with subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as curl:
            try:
                for block in stream.blocks():
                    curl.stdin.write(block)
            except BrokenPipeError:
                pass  # curl's own words say why
            text = curl.communicate(timeout=LIMIT_S)[0].decode()
        self.bench.note_output(started, curl.returncode, text)
        require(curl.returncode == 0, f"curl ended with status {curl.returncode}: {text}")
        return text


def cases(bench):
    stream = Stream(SIZE)
    backend = StreamBackend(stream)
    bench.server("bulk", "--backend", f"127.0.0.1:{backend.port}", respond=False)
    digest = []

    def expected():
        if not digest:
            digest.append(stream.digest())
        return digest[0]

    for version in ("1.2", "1.3"):
        def download(version=version):
            wanted = expected()
            got = Transfer(bench, version).down()
            require(got == wanted, f"the hash is {got}, expected {wanted}")

        def upload(version=version):
            # The length is ours to say: curl cannot know it of a pipe.
            answer = Transfer(bench, version, "-T", "-", "-H", f"Content-Length: {SIZE}", "-H", "Transfer-Encoding:",
                              "-H", "Expect:").up(stream)
            wanted = f"{expected()} {SIZE}\n"
            require(answer == wanted, f"the backend received {answer!r}, expected {wanted!r}")

        tag = f"Tls{version.replace('.', '')}"
        yield f"Gibibyte/{tag}/Download", download
        yield f"Gibibyte/{tag}/Upload", upload
