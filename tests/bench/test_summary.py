"""From rounds to numbers: medians, ratios, limits, sentences."""
import os
import unittest

from bench_harness import case_of, data_of, main, round_of, speed_of
from comparison import floor, generator, headline, messages, primitives, steadiness, summary
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


class Steadiness(unittest.TestCase):
    def found(self, *lost):
        """Of a core that does a piece in 10 µs, but for those pieces: when they begin, and what they take more."""
        usual = 1e-5
        pieces = [(i * usual, usual) for i in range(1_000)] + [(begin, usual + more) for begin, more in lost]
        return steadiness.summarise(pieces, 2.0)

    def test_what_is_lost(self):
        self.assertEqual(self.found((0.5, 0.010), (0.512, 0.008), (1.5, 0.002)),
                         {"lost_share": 0.01, "worst_window_share": 0.72, "longest_ms": 10.0})

    def test_many_slow_pieces_are_lost_time(self):
        """A core at a tenth of its speed, without a pause that would be long enough to be seen."""
        found = self.found(*((0.5 + i * 0.0001, 0.00009) for i in range(250)))
        self.assertEqual(found, {"lost_share": 0.0112, "worst_window_share": 0.9, "longest_ms": 0.09})

    def test_a_gap_counts_as_far_as_the_window_goes(self):
        self.assertEqual(self.found((0.1, 0.2))["worst_window_share"], 1.0)
        self.assertEqual(self.found((0.1, 0.001), (0.12, 0.1))["worst_window_share"], 1.0)

    def test_nothing_is_lost(self):
        self.assertEqual(self.found(), {"lost_share": 0.0, "worst_window_share": 0.0, "longest_ms": 0.0})

    def test_only_noise_is_worth_a_warning(self):
        calm, noisy = self.found((0.1, 0.003)), self.found((0.1, 0.05))
        self.assertEqual(steadiness.warnings({"steadiness": {"0": calm, "1": calm}}), [])
        self.assertEqual(steadiness.warnings({}), [])
        self.assertEqual(len(steadiness.warnings({"steadiness": {"0": calm, "1": noisy}})), 1)
        self.assertIn("core 1 was away or slow 2.5% of the time, 100% of the worst 25 ms",
                      steadiness.text({"steadiness": {"1": noisy}}))

    def test_the_clock_is_read(self):
        """A real CPU, whatever it is: what was measured makes sense."""
        cpu = min(os.sched_getaffinity(0))
        found = steadiness.measure((cpu, cpu))
        self.assertEqual(list(found), [str(cpu)])
        self.assertLess(found[str(cpu)]["lost_share"], 1.0)


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
        self.assertEqual(case.floor, 25.0)
        self.assertEqual(case.own_arithmetic, 6.0 + 25.0 + 100.0)  # the fastest of our own implementations
        self.assertEqual(case.libcrypto, 20.0 + 15.0 + 65.0)
        self.assertEqual(case.limit_of(case.row("breakwater")), 156.0)
        self.assertEqual(case.limit_of(case.row("nginx")), 125.0)
        self.assertIsNone(case.limit_of(case.row("floor")))
        self.assertIsNone(case.row("floor").cost_ratio)

    def test_how_far_from_floor_and_limit(self):
        servers = two_servers() | {"floor": {"rounds": [round_of(n, 1000, 1000 * us) for n, us in ((1, 20), (2, 25))]}}
        case = summary.summarise_case(case_of(servers), speed_of())
        ours = case.row("breakwater")
        # By round: 100 beside 20 and 110 beside 25; the third round has no floor.
        self.assertEqual((ours.floor_ratio.low, ours.floor_ratio.high, ours.floor_ratio.count), (4.4, 5.0, 2))
        self.assertAlmostEqual(ours.limit_ratio.low, 100 / (20 + 131))
        self.assertAlmostEqual(ours.limit_ratio.high, 110 / (25 + 131))
        self.assertAlmostEqual(case.row("nginx").limit_ratio.high, 250 / (20 + 100))
        self.assertIsNone(case.row("floor").floor_ratio)
        said = summary.distances([case])["1.3 ecdsa full"]
        self.assertEqual((said["unit"], said["floor"]), ("µs", 22.5))
        self.assertEqual(said["servers"]["breakwater"]["arithmetic"], 131.0)
        self.assertEqual(said["servers"]["breakwater"]["times_floor"], 4.7)
        self.assertIsNone(said["servers"]["floor"]["times_limit"])

    def test_the_floor_of_requests(self):
        servers = two_servers() | {"floor": {"contents": [64, 1400], "rounds": [round_of(1, 1000, 10_000)]}}
        for primitives_of_each, expected in (([], 0.0), (["P-256 sign"], 6.0)):
            case = summary.summarise_case(case_of(servers, kind="request", primitives=primitives_of_each), speed_of())
            self.assertAlmostEqual(case.own_arithmetic, expected + 0.04 + 0.10)
            self.assertAlmostEqual(case.row("breakwater").limit_ratio.median, 100 / (10 + expected + 0.14))
            self.assertEqual(case.row("nginx").floor_ratio.median, 25.0)
        without_floor = case_of(servers | {"floor": {"rounds": []}}, kind="request", primitives=[])
        case = summary.summarise_case(without_floor, speed_of())
        self.assertIsNone(case.own_arithmetic)
        self.assertIsNone(case.row("breakwater").limit_ratio)
        self.assertIsNone(summary.summarise_case(case_of(servers, kind="request", primitives=[]), []).own_arithmetic)

    def test_the_floor_of_downloads(self):
        servers = {name: {"rounds": [round_of(1, 2000, cpu_us, seconds=2.0)]}
                   for name, cpu_us in (("breakwater", 1e6), ("floor", 4e5))}
        case = summary.summarise_case(case_of(servers, kind="bulk", unit="MB/s", primitives=[]), speed_of())
        self.assertAlmostEqual(case.floor, 0.2)
        self.assertAlmostEqual(case.own_arithmetic, 0.8 / 16384 * 1000)  # 0.8 µs for 16 KiB
        self.assertAlmostEqual(case.row("breakwater").floor_ratio.median, 2.5)
        self.assertAlmostEqual(case.row("breakwater").limit_ratio.median, 0.5 / (0.2 + 0.8 / 16384 * 1000))

    def test_the_floor_of_memory(self):
        def entry(each):
            return {"round": 1, "held": 1000, "before_kib": 5000, "after_kib": 6000, "per_connection_kib": each,
                    "tcp_buffers_kib": 0}
        servers = {name: {"rounds": [entry(each)]} for name, each in (("breakwater", 1.0), ("floor", -0.002))}
        case = summary.summarise_case(case_of(servers, kind="memory", unit="KiB", primitives=[], state=256), [])
        self.assertEqual((case.floor, case.own_arithmetic), (0.0, 0.25))
        self.assertIsNone(case.row("breakwater").floor_ratio)  # nothing is no measure
        self.assertEqual(case.row("breakwater").limit_ratio.median, 4.0)
        self.assertIsNone(case.row("floor").cost_ratio)

    def test_the_implementation_that_the_server_takes(self):
        def kept(auto):
            report = {"auto": auto, "results": [{"operation": operation, "implementation": implementation}
                                                for operation, implementation in (
                                                    ("sign", "portable"), ("sign", "adx"), ("sign", "ifma"),
                                                    ("sign", "libcrypto"), ("sign", "crypto_mb"),
                                                    ("seal", "libipsec-mb"), ("other", "portable"))]}
            return [r["implementation"] for r in primitives.of_this_machine(report)]
        self.assertEqual(kept("adx"), ["adx", "libcrypto", "libipsec-mb", "portable"])
        self.assertEqual(kept("portable"), ["portable", "libcrypto", "libipsec-mb", "portable"])

    def test_sealing_between_the_measured_sizes(self):
        def cost(content, libcrypto=False):
            return primitives.seal_us(speed_of(), content, libcrypto)
        self.assertAlmostEqual(cost(1), 0.04)
        self.assertAlmostEqual(cost(64 + (1400 - 64) // 2), 0.07)
        self.assertAlmostEqual(cost(16384), 0.8)
        self.assertAlmostEqual(cost(3 * 16384 + 64), 3 * 0.8 + 0.04)
        self.assertAlmostEqual(cost(1400, libcrypto=True), 0.5)
        self.assertIsNone(primitives.seal_us([], 64, False))

    def test_what_is_left_to_libcrypto_costs_the_same(self):
        self.assertEqual(primitives.cost_us(speed_of(), "RSA-2048 sign", libcrypto=False), 400.0)
        self.assertIsNone(primitives.sum_us(speed_of(), ["P-256 sign", "no such"], libcrypto=False))
        self.assertEqual(primitives.sum_us(speed_of(), [], libcrypto=True), 0)

    def test_the_least_of_two_measurements_counts(self):
        def row(microseconds, **more):
            return {"operation": "P-256 sign", "implementation": "ifma", "microseconds": microseconds, **more}
        first = [row(30.0, lanes=1), row(8.0, lanes=8)]
        second = [row(31.0, lanes=1), row(7.0, lanes=8), {**row(20.0), "implementation": "libcrypto"}]
        self.assertEqual(primitives.least(first, second), [first[0], *second[1:]])
        self.assertEqual(primitives.least([], second), second)
        self.assertEqual(primitives.least(first, []), first)

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

    def test_behind_in_latency_and_rate(self):
        def at(done, p50, p99, **more):
            entry = round_of(1, done, 100.0 * done, **more)
            entry["load"]["latency_us"]["handshake"] |= {"p50": p50, "p99": p99}
            return {"rounds": [entry]}
        servers = {"breakwater": at(1000, 1600.0, 2700.0), "nginx": at(1300, 1500.0, 2690.0),
                   "haproxy": at(1200, 1400.0, 2200.0), "floor": at(5000, 100.0, 200.0)}
        found = headline.behind(summary.summarise(data_of([case_of(servers)])))
        self.assertEqual([(b.what, b.ours, b.peers, b.limited) for b in found],
                         [("latency p50, ms", "1.6", {"HAProxy": "1.4", "nginx": "1.5"}, False),
                          ("latency p99, ms", "2.7", {"HAProxy": "2.2"}, False),  # within two percent is even
                          ("handshakes/s", "1,000", {"nginx": "1,300", "HAProxy": "1,200"}, False)])
        servers["breakwater"] = at(1000, 1600.0, 2700.0, limit=True)  # then its rate says nothing about it
        found = headline.behind(summary.summarise(data_of([case_of(servers)])))
        self.assertEqual([(b.what, b.limited) for b in found], [("latency p50, ms", True), ("latency p99, ms", True)])
        servers["breakwater"] = at(2000, 800.0, 900.0)
        self.assertEqual(headline.behind(summary.summarise(data_of([case_of(servers)]))), [])

    def test_arithmetic_in_lanes_is_not_called_alone(self):
        servers = two_servers() | {"floor": {"rounds": [round_of(1, 1000, 25_000)]}}
        def said(speed):
            return headline.limit_sentence(summary.summarise(data_of([case_of(servers)], primitives=speed)))
        self.assertIn("measured one operation at a time", said(speed_of()))
        for microseconds, shared in ((2.0, True), (7.0, False)):  # dearer than the row without lanes: not what counts
            speed = [*speed_of(), *({"operation": "P-256 sign", "implementation": "ifma", "lanes": lanes,
                                     "microseconds": microseconds * 8 / lanes} for lanes in (1, 8))]
            self.assertEqual("share of a full run of lanes" in said(speed), shared)
            self.assertEqual("one operation at a time" in said(speed), not shared)

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

    HANDSHAKE = floor.Handshake(sent=158 + 74 + 24, received=714 + 24)

    def test_patterns_of_requests(self):
        exchange = floor.Exchange(sent=89, received=1165.3)
        setup = floor.for_requests(self.HANDSHAKE, exchange, 0, "/1k", ("--wait", "spin"))
        self.assertEqual(setup.server, "158:714,74:0,89:1165x0")
        self.assertEqual(setup.arguments(), ("--mode", "plain", "--pattern", setup.server, "--wait", "spin"))
        self.assertFalse(setup.to_backend)
        self.assertEqual(exchange.contents(), [67, 1143])

    def test_patterns_of_requests_through_a_proxy(self):
        exchange = floor.Exchange(sent=108, received=1300, received_plain=1259)
        setup = floor.for_requests(self.HANDSHAKE, exchange, 1, "/1k", ())
        self.assertEqual((setup.server, setup.client), ("158:714,74:0", "158:714,74:0,108:1259x1"))
        self.assertTrue(setup.to_backend)
        self.assertEqual(setup.more, ("--path", "/1k", "--host", "localhost"))
        self.assertEqual(exchange.contents(), [86, 1259])

    def test_patterns_of_held_connections(self):
        self.assertEqual(floor.for_idle(self.HANDSHAKE, ()).client, "158:714,74:0")
        half = floor.for_half_open(self.HANDSHAKE, ("--ramp", "5"))
        self.assertEqual((half.server, half.client), ("158:714,74:0", "79:0"))
        self.assertEqual(half.more[-2:], ("--ramp", "5"))
        self.assertIn("--hold", half.more)

    def test_every_case_has_a_floor(self):
        for case in CASES:
            self.assertIn("floor", case.servers, case.name)
            self.assertEqual(case.kind == "memory", case.state > 0, case.name)
            self.assertEqual(case.kind in ("request", "bulk"), bool(case.path), case.name)

    def test_length_of_an_answer(self):
        head = b"HTTP/1.1 200 OK\r\nDate: x\r\nCONTENT-length: 67108864\r\n\r\n"
        self.assertEqual(messages.answer_length(head + b"the beginning", "/64m"), len(head) + (64 << 20))
        for wrong in (b"", b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n",
                      b"HTTP/1.1 200 OK\r\nContent-Length: 5",
                      b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
            with self.assertRaises(Problem):
                messages.answer_length(wrong, "/64m")

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
