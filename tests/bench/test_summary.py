"""From rounds to numbers: medians, ratios, limits, sentences."""
import unittest

from bench_harness import case_of, data_of, main, round_of, speed_of
from comparison import floor, generator, headline, primitives, summary
from comparison.cases import CASES, FILES, in_running_order, servers_of
from comparison.options import chosen_cases
from comparison.plan import FULL, QUICK, estimate
from comparison.problem import Problem
from comparison.runner import what_is_wrong
from comparison.statistics_of import ratios, spread

ALL = ["breakwater", "nginx", "haproxy", "hitch", "floor"]


def two_servers(ours=(100.0, 110.0, 90.0), theirs=(250.0, 220.0, 270.0), **more):
    return {"breakwater": {"rounds": [round_of(i + 1, 1000, 1000 * us) for i, us in enumerate(ours)]},
            "nginx": {"rounds": [round_of(i + 1, 500, 500 * us, **more) for i, us in enumerate(theirs)]}}


class Statistics(unittest.TestCase):
    def test_spread(self):
        found = spread([3.0, None, 1.0, 2.0])
        self.assertEqual((found.median, found.low, found.high, found.count), (2.0, 1.0, 3.0, 3))
        self.assertIsNone(spread([None]))

    def test_ratios_pair_rounds(self):
        found = ratios({1: 20.0, 2: 60.0, 4: 1.0}, {1: 10.0, 2: 20.0, 3: 5.0})
        self.assertEqual((found.median, found.low, found.high), (2.5, 2.0, 3.0))
        self.assertIsNone(ratios({1: 1.0}, {2: 1.0}))


class Summaries(unittest.TestCase):
    def test_costs_and_ratios(self):
        case = summary.summarise_case(case_of(two_servers()), speed_of())
        nginx = case.row("nginx")
        self.assertEqual(case.row("breakwater").cost.median, 100.0)
        self.assertEqual(nginx.cost.median, 250.0)
        self.assertEqual((nginx.user, nginx.system), (125.0, 125.0))
        self.assertEqual((nginx.cost_ratio.median, nginx.cost_ratio.low, nginx.cost_ratio.high), (2.5, 2.0, 3.0))
        self.assertEqual(nginx.rate_ratio.median, 2.0)  # 1000 in a second beside 500
        self.assertEqual((nginx.p50_ms, nginx.p99_ms, nginx.segments, nginx.bytes), (8.0, 12.0, 7.0, 1400.0))

    def test_a_limited_rate_is_not_compared(self):
        case = summary.summarise_case(case_of(two_servers(limit=True)), speed_of())
        self.assertTrue(case.row("nginx").limited)
        self.assertIsNone(case.row("nginx").rate_ratio)
        self.assertIsNotNone(case.row("nginx").cost_ratio)

    def test_bulk(self):
        servers = {"breakwater": {"rounds": [round_of(1, 2000, 1e6, seconds=2.0)]}}
        case = summary.summarise_case(case_of(servers, kind="bulk", unit="MB/s", primitives=[]), speed_of())
        self.assertAlmostEqual(case.row("breakwater").cost.median, 0.5)  # a CPU second for 2 GB
        self.assertAlmostEqual(case.row("breakwater").rate.median, 1000.0)

    def test_memory(self):
        def entry(each):
            return {"round": 1, "held": 1000, "before_kib": 5000, "after_kib": 5000 + 1000 * each,
                    "per_connection_kib": each, "tcp_buffers_kib": 500}
        servers = {"breakwater": {"rounds": [entry(2.0)]}, "nginx": {"rounds": [entry(40.0)]}}
        case = summary.summarise_case(case_of(servers, kind="memory", unit="KiB"), [])
        self.assertEqual(case.row("nginx").cost_ratio.median, 20.0)
        self.assertEqual(case.row("nginx").extra["tcp_buffers_kib"], 0.5)

    def test_limits(self):
        servers = two_servers() | {"floor": {"rounds": [round_of(1, 1000, 25_000)]}}
        case = summary.summarise_case(case_of(servers), speed_of())
        self.assertEqual(case.floor_us, 25.0)
        self.assertEqual(case.own_primitives_us, 6.0 + 25.0 + 100.0)  # the fastest of our own implementations
        self.assertEqual(case.libcrypto_us, 20.0 + 15.0 + 65.0)
        self.assertEqual(case.limit_us, 156.0)
        self.assertIsNone(case.row("floor").cost_ratio)

    def test_what_is_left_to_libcrypto_costs_the_same(self):
        self.assertEqual(primitives.cost_us(speed_of(), "RSA-2048 sign", libcrypto=False), 400.0)
        self.assertIsNone(primitives.sum_us(speed_of(), ["P-256 sign", "no such"], libcrypto=False))
        self.assertEqual(primitives.sum_us(speed_of(), [], libcrypto=True), 0)

    def test_the_less_disturbed_measurement_counts(self):
        calm = [{"operation": "P-256 sign", "implementation": "portable", "microseconds": 30.0, "share": 0.99}]
        busy = [{"operation": "P-256 sign", "implementation": "portable", "microseconds": 25.0, "share": 0.5}]
        self.assertIs(primitives.less_disturbed(calm, busy), calm)
        self.assertIs(primitives.less_disturbed(busy, calm), calm)
        self.assertIs(primitives.less_disturbed([], busy), busy)

    def test_failures_add_up(self):
        servers = {"breakwater": {"rounds": [round_of(i, 100, 1000, failed=3) for i in (1, 2)]}}
        row = summary.summarise_case(case_of(servers), []).row("breakwater")
        self.assertEqual((row.failed, row.failures), (6, {"connection refused": 6}))

    def test_a_server_without_rounds(self):
        servers = two_servers() | {"hitch": {"rounds": [], "problem": "did not start"}}
        case = summary.summarise_case(case_of(servers), [])
        self.assertEqual(case.row("hitch").problem, "did not start")
        self.assertIsNone(case.row("hitch").cost)


class Sentences(unittest.TestCase):
    def test_winning(self):
        cases = summary.summarise(data_of([case_of(two_servers())]))
        self.assertIn("Breakwater needs 100 µs", headline.first_sentence(cases))
        self.assertIn("nginx 2.50×", headline.first_sentence(cases))
        self.assertIn("the cheaper one in 1", headline.second_sentence(cases))
        self.assertEqual(headline.losses(cases), [])

    def test_losing_is_said(self):
        cases = summary.summarise(data_of([case_of(two_servers(ours=(400.0,), theirs=(100.0,)))]))
        self.assertIn("the dearer one in 1", headline.second_sentence(cases))
        self.assertIn("needs only 25%", headline.second_sentence(cases))
        self.assertEqual([loss.row.server for loss in headline.losses(cases)], ["nginx"])

    def test_nothing_to_compare(self):
        cases = summary.summarise(data_of([case_of({"breakwater": {"rounds": [round_of(1, 10, 10)]}})]))
        self.assertIn("nothing to compare", headline.first_sentence(cases))


class Checks(unittest.TestCase):
    """What a warm-up run says about a server."""

    @staticmethod
    def report(**load):
        values = {"succeeded": 100, "failed": 0, "resumed": 0, "failures": {},
                  "negotiated": {"TLS 1.3 ECDHE-ECDSA AES256-GCM secp256r1": 100}} | load
        return generator.Report(1.0, False, values, {})

    @staticmethod
    def case(name):
        return next(case for case in CASES if case.name == name)

    def test_good(self):
        self.assertEqual(what_is_wrong(self.case("1.3 ecdsa full"), self.report()), "")
        self.assertEqual(what_is_wrong(self.case("1.3 ecdsa resumed"), self.report(resumed=100)), "")

    def test_bad(self):
        case = self.case("1.3 ecdsa full")
        nothing = what_is_wrong(case, self.report(succeeded=0, failures={"connection refused": 9}))
        self.assertIn("completes nothing", nothing)
        self.assertIn("9 x connection refused", nothing)
        self.assertIn("fails too often", what_is_wrong(case, self.report(failed=6)))
        for negotiated in ("TLS 1.2 ECDHE-ECDSA AES256-GCM secp256r1", "TLS 1.3 AES128-GCM secp256r1",
                           "TLS 1.3 AES256-GCM x25519"):
            self.assertIn("negotiates", what_is_wrong(case, self.report(negotiated={negotiated: 100})), negotiated)

    def test_not_resumed(self):
        self.assertIn("resumes only 99", what_is_wrong(self.case("1.3 ecdsa resumed"), self.report(resumed=99)))

    def test_wrong_certificate(self):
        wrong = self.report(negotiated={"TLS 1.2 ECDHE-RSA AES256-GCM secp256r1": 100})
        self.assertIn("ECDSA", what_is_wrong(self.case("1.2 ecdsa full"), wrong))


class Generator(unittest.TestCase):
    def test_not_a_report(self):
        for text in ("", "{}", '{"duration_s": 1, "generator": {}, "loads": []}'):
            with self.assertRaisesRegex(Problem, "cannot read"):
                generator.parse(text)

    def test_report(self):
        report = generator.parse("""{"duration_s": 2.5, "generator": {"limit": true, "lateness_us": {}}, "loads": [{
            "succeeded": 3, "tcp": {"sampled": 2, "bytes_in": 5.5}, "seconds": [1],
            "latency_us": {"handshake": {"count": 0}}}]}""")
        self.assertEqual((report.duration_s, report.limit), (2.5, True))
        self.assertEqual((report.count("succeeded"), report.count("failed")), (3, 0))
        self.assertEqual(report.per_connection("bytes_in"), 5.5)
        self.assertIsNone(report.latency("handshake", "p50"))
        self.assertNotIn("seconds", report.load)


class Plans(unittest.TestCase):
    def test_the_promises_of_the_help_hold(self):
        self.assertLess(estimate(QUICK, chosen_cases(None, quick=True), ALL), 4 * 60 - 15)  # 15 s: primitives, reports
        self.assertLess(estimate(FULL, list(CASES), ALL), 40 * 60)

    def test_patterns_of_the_floor_add_up(self):
        for tls, mode in (("1.2", "full"), ("1.2", "resumed"), ("1.2", "hello"), ("1.3", "full"), ("1.3", "resumed"),
                          ("1.3", "hello")):
            steps = [step.split(":") for step in floor.pattern(tls, mode, 700.2, 1100.7).split(",")]
            self.assertEqual(len(steps), 1 if mode == "hello" else 2)
            self.assertEqual(sum(int(a) for a, _ in steps), 700)
            self.assertEqual(sum(int(b) for _, b in steps), 1101)

    def test_servers_start_once_for_a_profile(self):
        ordered = in_running_order(list(CASES))
        profiles = [case.profile for case in ordered]
        changes = sum(a != b for a, b in zip(profiles, profiles[1:]))
        self.assertEqual(changes + 1, len(set(profiles)))
        self.assertEqual(sorted(c.name for c in ordered), sorted(c.name for c in CASES))

    def test_choosing_servers(self):
        case = next(case for case in CASES if case.name == "bulk 1 MiB")
        self.assertEqual(case.size, FILES["1m"])
        self.assertEqual(servers_of(case, ["breakwater", "nginx"]), ["breakwater", "nginx", "nginx-tcp"])


if __name__ == "__main__":
    main()
