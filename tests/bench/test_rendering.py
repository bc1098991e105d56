"""Table, page and markdown say what was measured, and hide nothing."""
import html.parser
import json
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from bench_harness import ROOT, case_of, data_of, main, round_of
from comparison import main as program
from comparison import headline, markdown, page, servers, table, text
from comparison.certificates import Certificate
from comparison.problem import Problem
from comparison.servers import KINDS, Profile, Site
from comparison.summary import summarise

VOID = {"meta", "link", "br", "hr", "img"}


def losing_data():
    """Breakwater loses to nginx, the floor is there, hitch did not start, the generator was the limit for one."""
    return data_of([
        case_of({
            "breakwater": {"rounds": [round_of(i, 1000, 400_000 + i) for i in (1, 2, 3)]},
            "nginx": {"rounds": [round_of(i, 2000, 400_000, limit=True, failed=2) for i in (1, 2, 3)]},
            "hitch": {"rounds": [], "problem": "hitch did not start. It says:\n<no & such> file"},
            "floor": {"pattern": "1:2,3:4", "rounds": [round_of(i, 9000, 200_000, limit=True) for i in (1, 2, 3)]}}),
        case_of({"breakwater": {"rounds": [{"round": 1, "held": 2000, "before_kib": 9000, "after_kib": 13000,
                                            "per_connection_kib": 2.0, "tcp_buffers_kib": 0}]}},
                name="memory idle", kind="memory", title="Memory of an idle connection", unit="KiB", primitives=[])],
        warnings=["the run goes on without hitch"])


class Page(html.parser.HTMLParser):
    """Notes what is not closed, and what would be loaded from elsewhere."""

    def __init__(self, content):
        super().__init__()
        self.open, self.wrong, self.outside = [], [], []
        self.feed(content)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.outside += [value for name, value in attributes if name in ("src", "href") or tag == "script"]

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def floor_data():
    """A case of each kind with its floor, and one whose floor could not be measured."""
    def loaded(**cpu_us):
        return {name: {"rounds": [round_of(1, 1000, us)]} for name, us in cpu_us.items()}

    def held(**each_kib):
        return {name: {"rounds": [{"round": 1, "held": 2000, "before_kib": 9000, "after_kib": 9000 + 2000 * each,
                                   "per_connection_kib": each, "tcp_buffers_kib": 0}]}
                for name, each in each_kib.items()}
    requests = loaded(breakwater=30_000, nginx=90_000, floor=20_000)
    requests["floor"]["contents"] = [64, 1400]
    return data_of([
        case_of(loaded(breakwater=300_000, nginx=600_000, floor=50_000)),
        case_of(requests, name="request proxy keep-alive", kind="request", title="Requests", unit="requests/s",
                primitives=[]),
        case_of(held(breakwater=2.0, nginx=40.0, floor=0.0), name="memory idle", kind="memory",
                title="Memory of an idle connection", unit="KiB", primitives=[], state=512, note="Handshake done."),
        case_of(loaded(breakwater=1e6, nginx=2e6, floor=5e5), name="bulk 1 MiB", kind="bulk", title="Downloads",
                unit="MB/s", primitives=[]),
        case_of(loaded(breakwater=1e6) | {"floor": {"rounds": [], "problem": "the floor fell"}}, name="bulk 16 KiB",
                kind="bulk", title="Small downloads", unit="MB/s", primitives=[])])


class Floor(unittest.TestCase):
    """The floor stands beside every row, in all reports."""

    def setUp(self):
        self.data = floor_data()
        self.cases = summarise(self.data)

    def row_of(self, title, server):
        """Words of a server's line in the table, which come below the headings."""
        lines = table.case_lines(next(case for case in self.cases if case.title == title))
        heading = next(line for line in lines if line.strip().startswith("server"))
        line = next(line for line in lines if line.strip().startswith(server + " "))
        return {name: line[:heading.index(name) + len(name)].split()[-1]
                for name in ("floor", "limit") if name in heading}

    def test_table(self):
        self.assertEqual(self.row_of("TLS 1.3, ECDSA P-256, full handshake", "nginx"),
                         {"floor": "12.0", "limit": "4.00"})
        self.assertEqual(self.row_of("Requests", "Breakwater"), {"floor": "1.50", "limit": "1.49"})
        self.assertEqual(self.row_of("Requests", "nginx"), {"floor": "4.50", "limit": "4.35"})
        self.assertEqual(self.row_of("Downloads", "Breakwater"), {"floor": "2.00", "limit": "1.82"})
        self.assertEqual(self.row_of("Memory of an idle connection", "nginx"), {"limit": "80.0"})
        self.assertEqual(self.row_of("Small downloads", "Breakwater"), {"floor": "–", "limit": "–"})
        content = table.render(self.data, self.cases)
        self.assertLessEqual(max(len(line) for line in content.splitlines()), table.WIDTH)
        self.assertIn("TCP alone 20.0 µs, arithmetic 0.14 µs (libcrypto 0.70 µs)", content)
        self.assertIn("without TLS 0.00 KiB, what the kernel keeps not counted, what TLS cannot forget 0.50 KiB",
                      content)
        self.assertIn("TCP floor       not measured: the floor fell", content)
        for case in self.cases:
            lines = [line for line in table.case_lines(case) if line.startswith("  ") and "not measured" not in line]
            self.assertEqual(len({len(line) for line in lines if not line.startswith("  [")}), 1, lines)

    def test_markdown(self):
        content = markdown.render(self.data, self.cases)
        self.assertIn("| Requests | 1.49× (1.50× TCP) | 4.35× (4.50× TCP) |", content)
        self.assertIn("| Requests | 30.0 | 90.0 (3.00×) | 20.0 | 0.14 | 0.70 |", content)
        self.assertIn("| Memory of an idle connection | 4.00× | 80.0× |", content)
        self.assertIn("| Memory of an idle connection | 2.00 | 40.0 (20.00×) | 0 | 0.50 |", content)
        for block in re.findall(r"(?:^\|.*\n)+", content, re.MULTILINE):
            self.assertEqual(len({line.count("|") for line in block.splitlines()}), 1, block)

    def test_page(self):
        content = page.render(self.data, self.cases)
        parsed = Page(content)
        self.assertEqual((parsed.wrong, parsed.open, parsed.outside), ([], [], []))
        self.assertEqual(content.count("<th>× limit</th>"), 5)
        self.assertEqual(content.count("<th>× floor</th>"), 4)
        charts = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", content, re.DOTALL)]
        marks = [sum(line.get("class") == "floor" for line in chart.iter("line")) for chart in charts]
        self.assertEqual(sum(marks), 4)  # in every case that has one

    def test_sentence(self):
        self.assertIn("is at 1.66 times the sum. Over all 3 cases of CPU time it is at 1.49 to 1.82 times that limit.",
                      headline.limit_sentence(self.cases))


class Rendering(unittest.TestCase):
    def setUp(self):
        self.data = losing_data()
        self.cases = summarise(self.data)

    def test_table_fits_and_shows_the_loss(self):
        content = table.render(self.data, self.cases)
        tables = content[:content.index("x: how many")]
        self.assertLessEqual(max(len(line) for line in content.splitlines()), table.WIDTH)
        nginx = next(line for line in tables.splitlines() if line.strip().startswith("nginx"))
        self.assertIn("≥2,000", nginx)
        self.assertIn(" 0.50 ", nginx)
        self.assertIn("hitch           not measured: hitch did not start", tables)
        self.assertIn("TCP floor", tables)
        for kind in ("handshake", "request", "bulk"):
            shown = [column for column in table.LOADED if not column.kinds or kind in column.kinds]
            self.assertLessEqual(2 + sum(column.width for column in shown), table.WIDTH)
        self.assertLessEqual(2 + sum(column.width for column in table.MEMORY), table.WIDTH)

    def test_columns_are_aligned(self):
        lines = table.case_lines(self.cases[0])[1:]
        ends = {len(line) for line in lines if "not measured" not in line}
        self.assertEqual(len(ends), 1, lines)

    def test_page(self):
        content = page.render(self.data, self.cases)
        parsed = Page(content)
        self.assertEqual((parsed.wrong, parsed.open, parsed.outside), ([], [], []))
        self.assertIn("A &lt;CPU&gt; &amp; more", content)
        self.assertIn("&lt;no &amp; such&gt; file", content)
        self.assertIn("the dearer one in 1", content)
        self.assertIn("prefers-color-scheme: dark", content)
        self.assertNotRegex(content, r"https?://|@import|url\(")

    def test_charts_are_xml_and_to_scale(self):
        content = page.render(self.data, self.cases)
        charts = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", content, re.DOTALL)]
        self.assertEqual(len(charts), 3)  # ratios, one handshake case, one memory case
        bars = {}
        for rectangle in charts[1].iter("rect"):
            bars[rectangle.get("y")] = bars.get(rectangle.get("y"), 0.0) + float(rectangle.get("width"))
        ours, nginx = (bars[y] for y in sorted(bars, key=float))
        self.assertAlmostEqual(ours / nginx, 2.0, delta=0.01)

    def test_markdown(self):
        content = markdown.render(self.data, self.cases)
        self.assertIn("## Where Breakwater loses", content)
        self.assertIn("50% of Breakwater's", content)
        self.assertIn("200 (0.50×)", content)
        self.assertIn("bench/compare --quick", content)
        self.assertIn("not measured", content)
        for block in re.findall(r"(?:^\|.*\n)+", content, re.MULTILINE):
            self.assertEqual(len({line.count("|") for line in block.splitlines()}), 1, block)

    def test_where_breakwater_is_behind(self):
        ours, theirs = round_of(1, 1000, 100_000, limit=True), round_of(1, 1000, 300_000)
        ours["load"]["latency_us"]["handshake"] |= {"p50": 9000.0}
        data = data_of([case_of({"breakwater": {"rounds": [ours]}, "nginx": {"rounds": [theirs]}})])
        content = markdown.render(data, summarise(data))
        self.assertIn("Not in cost: no peer was cheaper", content)
        self.assertIn("- TLS 1.3, ECDSA P-256, full handshake, latency p50, ms: Breakwater 9.0, nginx 8.0. The "
                      "generator was the bottleneck there", content)
        self.assertNotIn("p99, ms: Breakwater", content)
        ours["load"]["latency_us"]["handshake"] |= {"p50": 8000.0}
        self.assertIn("Nowhere in this run", markdown.render(data, summarise(data)))

    def test_how_the_arithmetic_was_measured(self):
        self.assertIn("for Breakwater, one operation at a time; libcrypto's", markdown.render(self.data, self.cases))
        self.data["primitives"].append({"operation": "P-256 sign", "implementation": "ifma", "lanes": 8,
                                        "microseconds": 2.0})
        content = markdown.render(self.data, summarise(self.data))
        self.assertIn("its share of a run of eight in lanes", content)
        self.assertNotIn("Breakwater, one operation at a time", content)

    def test_an_interrupted_run_says_so(self):
        self.data["interrupted"] = True
        self.assertIn("interrupted", page.render(self.data, self.cases))
        self.assertIn("interrupted", markdown.render(self.data, self.cases))

    def test_numbers(self):
        for value, expected in ((1234.5, "1,234"), (123.4, "123"), (12.34, "12.3"), (1.234, "1.23"), (0.0, "0"),
                                (None, "–")):
            self.assertEqual(text.number(value), expected)


class Command(unittest.TestCase):
    @staticmethod
    def run_compare(*arguments):
        return subprocess.run([str(ROOT / "bench" / "compare"), *arguments], capture_output=True, text=True, timeout=60)

    def test_from(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "compare.json")
            source.write_text(json.dumps(losing_data()))
            result = self.run_compare("--from", str(source), "--output", folder + "/again")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("full handshake", result.stdout)
            names = sorted(path.name for path in pathlib.Path(folder, "again").iterdir())
            self.assertEqual(names, ["report.html", "report.md"])

    def test_from_something_else(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "other.json")
            source.write_text("{}")
            result = self.run_compare("--from", str(source))
            self.assertEqual(result.returncode, 1)
            self.assertIn("not a compare.json", result.stderr)

    def test_usage(self):
        self.assertEqual(self.run_compare("--help").returncode, 0)
        for arguments, word in ((["--cases", "("], "regular expression"), (["--servers", "apache"], "unknown: apache"),
                                (["--rounds", "0"], "above 0"), (["--base-port", "80"], "1024")):
            result = self.run_compare(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(word, result.stderr)

    def test_no_case_matches(self):
        result = self.run_compare("--cases", "nothing like it")
        self.assertEqual(result.returncode, 1)
        self.assertIn("--list", result.stderr)

    def test_the_floor_alone(self):
        result = self.run_compare("--servers", "floor")
        self.assertEqual(result.returncode, 1)
        self.assertIn("name one more", result.stderr)

    def test_missing_programs_are_named(self):
        result = self.run_compare("--cases", "1.3 ecdsa full", "--build-dir", "/nowhere", "--servers", "breakwater")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nowhere/bin/breakwater", result.stderr)


class Templates(unittest.TestCase):
    def test_every_template_has_all_its_values(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            certificate = Certificate(folder / "a.pem", folder / "a.key", folder / "both.pem")
            site = Site(folder, {"breakwater": pathlib.Path("/breakwater")}, {"ecdsa": certificate}, 22000, 0, 1,
                        "body")
            for kind in KINDS.values():
                for role in kind.templates:
                    for tickets in (False, True):
                        command, _ = servers.configure(kind, Profile(role, "ecdsa", tickets), site, folder, 22001)
                        content = (folder / f"{kind.name}.conf").read_text()
                        self.assertIn("22001", content)
                        self.assertNotRegex(content, r"@[A-Z_]+@")
                        self.assertIn(str(folder / f"{kind.name}.conf"), " ".join(command))

    def test_a_name_without_a_value(self):
        with self.assertRaisesRegex(Problem, "@PROT@"):
            servers.fill("listen @PROT@;", {"PORT": "1"})

    def test_a_port_in_use(self):
        import socket
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            taken.bind(("127.0.0.1", 0))
            taken.listen(1)
            with self.assertRaisesRegex(Problem, "in use"):
                servers.check_port_is_free(taken.getsockname()[1])

    def test_memory_limit_of_descriptors(self):
        arguments = type("Arguments", (), {"quick": False, "rounds": None, "seconds": None})
        self.assertEqual(program.budget_of(arguments, 1_000_000).held, 10_000)
        self.assertEqual(program.budget_of(arguments, 20_000).held, 10_000)
        self.assertEqual(program.budget_of(arguments, 8_000).held, 7_000)


if __name__ == "__main__":
    main()
