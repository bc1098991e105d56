"""A server with an administration interface, and a strict reader of its metrics."""
import json
import re

from proxy_harness import Server, read_all, tcp, wait_until

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"^({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? ([0-9.e+-]+)$")


def parse_metrics(text):
    """{(name, ((label, value), ...)): number}. Refuses whatever the text format 0.0.4 does not allow, and what Prometheus
    itself would take but advises against: families in pieces, without help or type, counters that are not named so."""
    assert text.endswith("\n") and "\n\n" not in text
    samples, types, family = {}, {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            match = re.fullmatch(rf"# HELP ({NAME}) ((?:[^\\]|\\[\\n])+)", line)
            assert match, line
            family = match[1]
            assert family not in types, f"{family} comes twice"
            types[family] = None
            continue
        if line.startswith("# TYPE "):
            match = re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram)", line)
            assert match and match[1] == family and types[family] is None, line
            types[family] = match[2]
            assert (match[2] == "counter") == family.endswith("_total"), line
            continue
        match = SAMPLE.match(line)
        assert match, line
        suffixes = ("_bucket", "_sum", "_count") if types[family] == "histogram" else ("",)
        assert match[1] in [family + suffix for suffix in suffixes], f"{line} is not of {family}"
        assert match[1].startswith("breakwater_"), line
        labels = tuple(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
        assert len({name for name, _ in labels}) == len(labels), line
        assert (match[1], labels) not in samples, f"{line} comes twice"
        samples[match[1], labels] = float(match[3])
        assert types[family] == "gauge" or samples[match[1], labels] >= 0, line
    assert None not in types.values()
    for name in [name for name, kind in types.items() if kind == "histogram"]:
        buckets = [(float(labels[-1][1]), value) for (part, labels), value in samples.items() if part == name + "_bucket"]
        assert buckets == sorted(buckets) and [b[1] for b in buckets] == sorted(b[1] for b in buckets), buckets
        assert buckets[-1] == (float("inf"), samples[name + "_count", ()]), buckets
    return samples


class Admin(Server):
    """A server with an administration interface."""

    def __init__(self, *arguments, admin="127.0.0.1:0", **more):
        super().__init__(*arguments, "--admin", admin, **more)
        line = self.wait_for_line("administration on http://")
        self.admin_host, port = re.search(r"http://(.*):(\d+)/", line).groups()
        self.admin_port = int(port)

    def open(self):
        return tcp(self.admin_port, self.admin_host.strip("[]"))

    def ask(self, request):
        """(status, head, body) of the answer to these bytes. Raises ConnectionResetError when it was destroyed."""
        with self.open() as connection:
            connection.sendall(request)
            head, _, body = read_all(connection).partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body.decode()

    def get(self, path, method="GET", host=None):
        host = host if host is not None else f"{self.admin_host}:{self.admin_port}"
        return self.ask(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())

    def metrics(self):
        status, head, body = self.get("/metrics")
        assert status == 200 and "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n" in head, head
        return parse_metrics(body)

    def value(self, name, **labels):
        return self.metrics()["breakwater_" + name, tuple(labels.items())]

    def wait_for(self, name, value, **labels):
        wait_until(lambda: self.value(name, **labels) == value, f"{name}{labels} is {value}")

    def status(self):
        status, head, body = self.get("/status")
        assert status == 200 and "Content-Type: application/json\r\n" in head, head
        return json.loads(body)
