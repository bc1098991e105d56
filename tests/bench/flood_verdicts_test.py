"""bench/flood without servers: the honest log, targets, and what the reports say of them."""
import dataclasses
import io
import unittest
from contextlib import nullcontext, redirect_stderr
from unittest import mock

from bench_harness import main
from comparison.problem import Problem
from flooding import charts, extras, generators, markdown, options, page, plan, refusal, runner, starts, summary
from flooding import table, verdicts
from flooding.cases import ATTACKS, EXTRAS, SERVERS, WAYS

CASES = {case.name: case for case in ATTACKS}
LOG = ("load\tdue_us\ttook_us\toutcome\n"
       "resumed\t1500000\t4000\tok\n"
       "new\t1000000\t2000\tok\n"
       "new\t2000000\t3000000\thandshake timeout\n"
       "new\t1900000\t100\tunfinished\n")


def described(due, ok, p99, load="new", typical=None):
    entry = {"due": due, "ok": ok, "success": ok / due, "p50_ms": p99 / 3, "p99_ms": p99, "max_ms": p99,
             "p99_typical_ms": p99 / 2 if typical is None else typical,
             "failures": {"reset": due - ok} if ok < due else {}}
    return {"all": entry, load: entry}


def run_of(success=1.0, p99=5.0, calm_p99=2.0, memory_kib=1000, typical=None, attack_started=70_000, **more):
    due = 10_000
    attack = described(due, round(due * success), p99, typical=typical)
    attack["resumed"] = attack["new"]
    facts = {"busy_share": 0.3, "limit": False, "late_p50_us": 10.0, "late_p99_us": 90.0, "late_max_us": 400.0,
             "started": attack_started, "succeeded": 1, "failed": 0, "unfinished": 0, "held_max": 0,
             "renegotiations": 0, "measured_s": 7.0, "failures": {}}
    timeline = [{"t": round(-0.3 + i / 10, 1), "due": 10, "ok": 10 if i != 4 else 0,
                 "p50_ms": 1.0, "p99_ms": 2.0 + i if i != 4 else None} for i in range(12)]
    return {"rate_kind": "own", "rate": 1000.0, "calm": described(3000, 3000, calm_p99), "attack": attack,
            "honest": facts, "attacker": facts, "attack_s": 0.5, "settle_s": 0, "timeline": timeline, "cpu_share": 0.9,
            "others_share": 0.0, "steal_share": 0.0, "memory_kib": memory_kib, "memory_all_kib": memory_kib,
            "held_wanted": 20_000, **more}


def data_of(**runs):
    return {"format": 1, "program": "bench/flood", "started": "2026-11-28T10:00:00Z", "interrupted": False,
            "machine": {"cpu": "A <fast> CPU", "cpus": 2, "virtual": True, "features": [], "memory_mib": 1,
                        "kernel": "6", "system": "Debian", "commit": "", "server_cpu": 0, "load_cpu": 1},
            "settings": {"quick": False, "guard": True, "honest_share": 0.15, "priority": "nice -n -10",
                         "tickets": 512, **dataclasses.asdict(plan.FULL)},
            "servers": {name: {"version": "1", "tls": "x"} for name in SERVERS},
            "capacity": {name: {"full": 8000.0, "resume": 16000.0} for name in ("breakwater", "nginx", "haproxy")},
            "runs": runs, "extras": {}, "problems": {}, "warnings": []}


class Log(unittest.TestCase):
    def test_it_is_read(self):
        found = starts.parse(LOG, 100.0)
        self.assertEqual([s.due_s for s in found], [101.0, 101.5, 101.9, 102.0])
        self.assertEqual([s.ok for s in found], [True, True, False, False])
        self.assertEqual(found[3].took_ms, 3000)
        with self.assertRaises(Problem):
            starts.parse("load,due\n", 0)
        with self.assertRaises(Problem):
            starts.parse("", 0)

    def test_a_stretch_of_time(self):
        found = starts.describe(starts.between(starts.parse(LOG, 0), 1.0, 2.0))
        self.assertEqual((found["all"]["due"], found["all"]["ok"]), (3, 2))
        self.assertEqual(found["new"]["success"], 0.5, "who was cut off has not succeeded")
        self.assertEqual(found["resumed"]["success"], 1)
        self.assertEqual(found["new"]["failures"], {"unfinished": 1})
        self.assertIsNone(starts.describe([])["all"]["success"])

    def test_a_pause_now_and_then_does_not_move_the_typical_p99(self):
        calm = [starts.Start("new", i / 100, 1.0, "ok") for i in range(90)]
        paused = [starts.Start("new", s.due_s, 50.0 if s.due_s < 0.4 else 1.0, "ok") for s in calm]
        slow = [starts.Start("new", s.due_s, 50.0 if int(s.due_s * 100) % 10 == 3 else 1.0, "ok") for s in calm]
        self.assertEqual([starts.typical_p99(s) for s in (calm, paused, slow, [])], [1.0, 1.0, 50.0, None])

    def test_quantiles(self):
        values = [float(i) for i in range(1, 101)]
        self.assertEqual(starts.quantile(values, 0.99), 99)
        self.assertEqual(starts.quantile(values, 0.5), 50)
        self.assertEqual(starts.quantile([7.0], 0.99), 7)
        self.assertIsNone(starts.quantile([], 0.5))

    def test_the_timeline(self):
        bins = starts.timeline(starts.parse(LOG, 0), 1.5, -0.6, 0.7)
        self.assertEqual(len(bins), 13)
        by_time = {entry["t"]: entry for entry in bins}
        self.assertEqual((by_time[-0.5]["due"], by_time[-0.5]["p99_ms"]), (1, 2.0))
        self.assertEqual(by_time[0.0]["ok"], 1)
        self.assertEqual(by_time[0.4]["due"], 0, "who was cut off says nothing")
        self.assertEqual((by_time[0.5]["due"], by_time[0.5]["ok"], by_time[0.5]["p99_ms"]), (1, 0, None))


class Verdicts(unittest.TestCase):
    CAPACITY = {"full": 8000.0, "resume": 16000.0}

    def met(self, name, **more):
        return [check["met"] for check in verdicts.judge(CASES[name], run_of(**more), self.CAPACITY)]

    def test_a_few_addresses(self):
        self.assertEqual(self.met("few full"), [True, True])
        self.assertEqual(self.met("few full", success=0.9991), [True, True])
        self.assertEqual(self.met("few full", success=0.9989), [False, True])
        self.assertEqual(self.met("few full", p99=19.9, calm_p99=1.0), [True, True])
        self.assertEqual(self.met("few full", p99=20.1, calm_p99=1.0), [True, False])
        self.assertEqual(self.met("few full", p99=49.0, calm_p99=10.0), [True, True])
        self.assertEqual(self.met("few full", p99=51.0, calm_p99=10.0), [True, False])

    def test_many_addresses(self):
        self.assertEqual(self.met("many tool", success=0.99, p99=900.0), [True])
        self.assertEqual(self.met("many tool", success=0.98), [False])

    def test_new_clients_get_their_share(self):
        # 8,000 a second can be served; 500 new honest ones and 10,000 of the attacker's ask.
        run = run_of(attack_started=70_000)
        self.assertAlmostEqual(verdicts.expected_new(run, self.CAPACITY), 8000 / 10_500)
        self.assertEqual(self.met("many browser"), [True, True])
        self.assertEqual(self.met("many browser", success=0.62), [False, True])
        self.assertEqual(self.met("many browser", success=0.60), [False, False])
        self.assertEqual(verdicts.expected_new(run_of(attack_started=7), self.CAPACITY), 1)

    def test_held_connections(self):
        self.assertEqual(self.met("held half-open", p99=2.3, calm_p99=2.0), [True, True, True, True])
        self.assertEqual(self.met("held half-open", p99=2.5, calm_p99=2.0), [True, False, True, True])
        self.assertEqual(self.met("held half-open", p99=4.9, typical=1.1, calm_p99=2.0), [True, True, True, True])
        self.assertEqual(self.met("held half-open", p99=5.1, typical=1.1, calm_p99=2.0), [True, True, False, True])
        self.assertEqual(self.met("held half-open", p99=7.1, typical=1.1, calm_p99=6.0), [True, True, True, True])
        self.assertEqual(self.met("held half-open", p99=2.0, memory_kib=41 * 1024), [True, True, True, False])
        self.assertEqual(self.met("held half-open", p99=2.0, memory_kib=21 * 1024), [True, True, True, True])
        self.assertEqual(self.met("held half-open", p99=2.0, memory_kib=21 * 1024, held_wanted=10_000),
                         [True, True, True, False])

    def test_a_file_without_typical_latencies(self):
        run = run_of(p99=4.0, calm_p99=2.0)
        del run["calm"]["all"]["p99_typical_ms"], run["attack"]["all"]["p99_typical_ms"]
        found = verdicts.judge(CASES["held half-open"], run, self.CAPACITY)
        self.assertEqual([c["met"] for c in found], [True, True, True])

    def test_nobody_got_in(self):
        run = run_of(success=0.0)
        run["attack"]["all"]["p99_ms"] = None
        self.assertEqual([c["met"] for c in verdicts.judge(CASES["few full"], run, self.CAPACITY)], [False, False])

    def test_beside_the_attacks(self):
        refused = {"refused": 9, "served": 1, "cpu_us": 1.0, "each_us": 19.0, "floor_us": 17.0, "beyond_us": 2.0}
        dear, unknown = refused | {"beyond_us": 3.1}, refused | {"beyond_us": None}
        found = verdicts.judge_refusal({"here": refused, "there": dear, "nowhere": unknown})
        self.assertEqual([c["met"] for c in found], [True, False, False])
        self.assertIn("there", found[1]["what"])
        self.assertEqual([c["met"] for c in verdicts.judge_refusal(refused)], [True], "as older files have it")
        self.assertEqual([c["met"] for c in verdicts.judge_refusal(dear)], [False])
        self.assertEqual([c["met"] for c in verdicts.judge_refusal({"here": refused, "there": {"problem": "x"}})],
                         [True, False])
        self.assertEqual([c["met"] for c in verdicts.judge_refusal({})], [False])
        self.assertTrue(verdicts.judge_peace({"succeeded": 1000, "failed": 0}, 1000)[0]["met"])
        self.assertFalse(verdicts.judge_peace({"succeeded": 999, "failed": 1}, 1000)[0]["met"])
        self.assertFalse(verdicts.judge_peace({"succeeded": 500, "failed": 0}, 1000)[0]["met"])
        self.assertTrue(verdicts.judge_throughput({"cost_ratio": 1.0199})[0]["met"])
        self.assertFalse(verdicts.judge_throughput({"cost_ratio": 1.021})[0]["met"])

    def test_shares_are_not_rounded_up(self):
        self.assertEqual(verdicts.percent(0.99999), "99.99%")
        self.assertEqual([verdicts.percent(v) for v in (1, 0.9995, 0.5, 0, None)], ["100%", "99.95%", "50%", "0%", "–"])


class Refusals(unittest.TestCase):
    def resets(self, succeeded, **failures):
        load = {"started": 1000, "succeeded": succeeded, "failed": sum(failures.values()), "failures": failures}
        return refusal.resets(generators.Outcome(0, {"loads": [load]}, []), "Somebody")

    def test_only_resets_count(self):
        self.assertEqual(self.resets(1, reset=990, timeout=9), 990)
        self.assertEqual(self.resets(1, timeout=999), 0, "a slow machine is no mistake")
        with self.assertRaisesRegex(Problem, "Somebody .* 30 x timeout"):
            self.resets(1, reset=969, timeout=30)

    def runner_of(self, rounds, binaries=("breakwater-floor",)):
        one = mock.Mock()
        one.timing.refusal_rounds, one.site.binaries = rounds, dict.fromkeys(binaries)
        return one

    def test_without_the_floor(self):
        with self.assertRaisesRegex(Problem, "breakwater-floor is not built"):
            refusal.refusal("breakwater", WAYS["breakwater"][0], self.runner_of(7, ()))

    def test_the_median_of_the_rounds_counts(self):
        def outcome(refused, served=0):
            failures = {"reset": refused} if refused else {}
            return generators.Outcome(0, {"loads": [{"started": 100, "succeeded": served, "failed": refused,
                                                     "unfinished": 0, "failures": failures}]}, [])

        rounds = [((outcome(100), 1500.0), 12.0), ((outcome(96, 4), 2000.0), 13.0), ((outcome(10, 90), 9000.0), 12.0),
                  Problem("no luck"), ((outcome(100), 1300.0), 12.0)]
        one = self.runner_of(len(rounds))
        with mock.patch.object(refusal, "cost_of_serving", return_value=(80.0, 190)), \
                mock.patch.object(refusal, "beside_the_floor", side_effect=rounds):
            found = refusal.refusal("breakwater", WAYS["breakwater"][0], one)
        # 15 - 12, (2000 - 4 * 80) / 96 - 13 = 4.5, nothing of two rounds: one served most, one failed; 13 - 12.
        self.assertEqual([round(r["beyond_us"], 3) for r in found["rounds"]], [3.0, 4.5, 1.0])
        self.assertAlmostEqual(found["beyond_us"], 3.0)
        self.assertEqual((found["refused"], found["served"], found["failures"]), (296, 4, {"reset": 296}))
        self.assertEqual(len(one.warn.mock_calls), 1)

    def test_who_serves_has_no_cost_of_refusing(self):
        served = generators.Outcome(0, {"loads": [{"started": 100, "succeeded": 100, "failed": 0, "unfinished": 0,
                                                   "failures": {}}]}, [])
        one = self.runner_of(7)
        with mock.patch.object(refusal, "cost_of_serving", return_value=(80.0, 190)), \
                mock.patch.object(refusal, "beside_the_floor", return_value=((served, 1500.0), 12.0)) as round_of_it:
            found = refusal.refusal("breakwater", WAYS["breakwater"][0], one)
        self.assertEqual((found["refused"], found["served"], found["beyond_us"]), (0, 100, None))
        round_of_it.assert_called_once()

    def test_cpu_time_counts_from_when_the_generator_has_warmed_up(self):
        target = refusal.Target(mock.Mock(), mock.Mock(), [(10.0, 500.0), (10.5, 600.0), (11.0, 1600.0)])
        self.assertEqual([target.used_until(s) for s in (10.0, 10.25, 10.5, 10.75, 11.0)],
                         [500.0, 550.0, 600.0, 1100.0, 1600.0])
        self.assertEqual(target.used_until(9.0), 500.0)
        with self.assertRaises(Problem):
            target.used_until(11.1)

    def measured(self, *answers):
        one = mock.Mock()
        with mock.patch.object(refusal, "refusal", side_effect=answers):
            return refusal.measure("breakwater", one), one.warn.mock_calls

    def test_a_way_with_a_problem_leaves_the_other(self):
        found, warnings = self.measured({"refused": 9}, Problem("no luck"))
        self.assertEqual(found, {"when read": {"refused": 9}, "when blocked": {"problem": "no luck"}})
        self.assertEqual(len(warnings), 1)
        with self.assertRaisesRegex(Problem, "when read: no luck; when blocked: none either"):
            self.measured(Problem("no luck"), Problem("none either"))


class Reports(unittest.TestCase):
    def setUp(self):
        self.data = data_of(**{
            "few full": {"breakwater": [run_of(), run_of(rate_kind="same", rate=300.0)],
                         "nginx": [run_of(success=0.5, p99=900.0)]},
            "many tool": {"breakwater": [run_of(success=0.5)]}})
        self.data["problems"] = {"few full": {"haproxy": "it <fell>"}, "throughput": {"breakwater": "no guard"}}
        self.data["extras"] = {
            "refusal": {"breakwater": {"when read": {"refused": 9, "served": 1, "cpu_us": 1.0, "each_us": 19.0,
                                                     "floor_us": 17.0, "beyond_us": 2.0}}},
            "peace": {"breakwater": {"guard": True, "rate": 5000.0, "loads": {"a": {}, "b": {}}, "succeeded": 999_999,
                                     "failed": 1, "failures": {"reset": 1}}}}

    def test_verdicts_are_kept(self):
        found = summary.verdicts_of(self.data)
        self.assertEqual({name: entry["verdict"] for name, entry in found.items()},
                         {"few full": "met", "many tool": "missed", "The cost of refusing": "met",
                          "Honest clients alone": "missed"})
        self.assertEqual(set(found["few full"]["checks"]), {"own", "same"})
        self.assertEqual(summary.headline(self.data),
                         "With the guard on, Breakwater meets 2 of 4 targets under floods.")

    def test_one_bad_rate_is_enough(self):
        self.data["runs"]["few full"]["breakwater"][1]["attack"]["all"]["success"] = 0.9
        self.assertEqual(summary.verdicts_of(self.data)["few full"]["verdict"], "missed")

    def test_texts(self):
        for rendered in (table.render(self.data), markdown.render(self.data), page.render(self.data)):
            for words in ("Whole handshakes", "Target: success ≥ 99.9%", "same for all", "900 ms", "1 × reset",
                          "was not measured", "no guard", "meets 2 of 4"):
                self.assertIn(words, rendered)
        self.assertIn("it &lt;fell&gt;", page.render(self.data))
        self.assertIn("A &lt;fast&gt; CPU", page.render(self.data))
        self.assertNotIn("<script", page.render(self.data))

    def test_what_kept_the_server_waiting(self):
        """Newer files know it, and that the servers went before others; older ones are rendered all the same."""
        renderers = (table.render, markdown.render, page.render)
        for render in renderers:
            self.assertNotIn("kept from its core", render(self.data))
        self.assertNotIn("All servers run with", markdown.render(self.data))
        self.assertIn("The two take turns", markdown.render(self.data))
        self.data["settings"]["server_priority"] = "nice -n -20"
        for run in self.data["runs"]["many tool"]["breakwater"]:
            run["pause_share"] = 0.0312
        for render in renderers[:2]:
            self.assertIn("; the server was kept from its core, in pauses, 3.1% of the time)", render(self.data))
        text = markdown.render(self.data)
        self.assertIn("All servers run with nice -n -20", text)
        self.assertIn("kept the server from it for more than 1% of the time", text)
        self.assertIn("Both have the core at the same time and are flooded alike", text)
        self.data["settings"]["server_priority"] = "none"
        self.assertNotIn("All servers run with", markdown.render(self.data))

    def test_the_cost_of_refusing(self):
        one = self.data["extras"]["refusal"]["breakwater"]
        self.assertIn("read the hello", markdown.render(self.data))
        self.assertNotIn("rounds", table.render(self.data))
        one["when read"]["rounds"] = [{"each_us": 19.0, "floor_us": 17.0, "beyond_us": beyond} for beyond in (1, 2, 4)]
        self.assertIn("(median of 3 rounds, +1.00 to +4.00; 9 refused, 1 served)", table.render(self.data))
        one["when blocked"] = {"problem": "it <fell>"}
        self.assertIn("refused when blocked costs was not measured: it <fell>", table.render(self.data))
        self.data["extras"]["refusal"]["breakwater"] = one["when read"]
        old = markdown.render(self.data)
        self.assertIn("TCP alone, which the client closes, 17.00 µs", old)
        self.assertNotIn("read the hello", old)

    def test_the_peers_have_no_verdict(self):
        rows = summary.cases_of(self.data)[0].rows
        self.assertEqual([row.verdict for row in rows], ["met", "met", ""])

    def test_charts(self):
        case = summary.cases_of(self.data)[0]
        drawn = charts.timeline(case)
        self.assertEqual(drawn.count("<polyline"), 2 * 3, "p99 of both in two parts around a gap, success in one each")
        self.assertIn("attack", drawn)
        dots = charts.latency_dots([case])
        self.assertEqual(dots.count("<circle"), 4, "calm and under attack")
        self.assertEqual(charts.success_dots([case]).count("<circle"), 2)
        case.rows[0].run["attack"]["all"]["p99_ms"] = None
        self.assertIn("under attack –", charts.latency_dots([case]))

    def test_an_empty_run(self):
        empty = data_of()
        self.assertIn("Nothing of Breakwater", table.render(empty))
        page.render(empty)
        markdown.render(empty)


class Plans(unittest.TestCase):
    def test_everything_fits_its_time(self):
        for timing, quick, most in ((plan.FULL, False, 40 * 60), (plan.QUICK, True, 5 * 60)):
            cases, more = options.chosen_cases(None, quick), options.chosen_extras(None, quick)
            self.assertLess(plan.estimate(timing, cases, more, list(SERVERS)), most)
            self.assertLess(timing.total, most)
            self.assertGreater(timing.after, timing.patience, "who was due under attack has an end")

    def test_names(self):
        self.assertEqual(len({case.name for case in ATTACKS} | {extra.name for extra in EXTRAS}),
                         len(ATTACKS) + len(EXTRAS))
        self.assertEqual(set(charts.STYLES), set(SERVERS))

    def test_servers(self):
        self.assertEqual(options.chosen_servers(None, True), list(SERVERS))
        self.assertNotIn("breakwater-off", options.chosen_servers(None, False))
        self.assertEqual(options.chosen_servers(["breakwater-off"], False), ["breakwater-off"])
        with redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            options.parser().parse_args(["--servers", "apache"])

    def test_scenarios(self):
        self.assertAlmostEqual(sum(share for _, _, share in extras.KINDS_OF_CLIENTS), 1)
        text = generators.honest_scenario(300, "127.1.0.1", 1.5, 12, 3)
        for words in ("rate = 150.000", 'source = "127.1.0.1"', "timeout = 3", "own_tickets = true", "warmup = 1.5"):
            self.assertIn(words, text)

    def test_runs_that_were_disturbed_are_made_again(self):
        def run(disturbances, repetitions):
            one = object.__new__(runner.Runner)
            one.repeated, one.end_s = 0, float("inf")
            one.timing = dataclasses.replace(plan.FULL, repetitions=repetitions)
            one.server = lambda name: nullcontext(name)
            entries = iter([{"others_share": others, "steal_share": stolen, "pause_share": waited}
                            for others, stolen, waited in disturbances])
            one._attack = lambda case, running, rate: next(entries)
            found = one._attack_undisturbed(None, "breakwater", 100.0)
            return ((found["others_share"], found["steal_share"], found["pause_share"]), one.repeated,
                    len(list(entries)))

        calm, busy, busier, stolen = (0.04, 0.0, 0.005), (0.1, 0.0, 0.0), (0.2, 0.0, 0.0), (0.0, 0.15, 0.0)
        waited, waited_long = (0.0, 0.0, 0.015), (0.0, 0.0, 0.05)
        self.assertEqual(run([calm, calm], 8), (calm, 0, 1))
        self.assertEqual(run([busy, calm], 8), (calm, 1, 0))
        self.assertEqual(run([busy, busier], 8), (busy, 1, 0), "once only, and what was disturbed less counts")
        self.assertEqual(run([busier, stolen], 8), (stolen, 1, 0))
        self.assertEqual(run([busy, calm], 0), (busy, 0, 1), "none is left")
        self.assertEqual(run([waited, calm], 8), (calm, 1, 0))
        self.assertEqual(run([waited_long, busy], 8), (busy, 1, 0), "each in shares of what is too much of it")
        self.assertEqual(run([busy, waited], 8), (waited, 1, 0))

    def test_what_disturbed_is_said(self):
        one = object.__new__(runner.Runner)
        one.warnings, one.progress, one.repeated = [], mock.Mock(), 2
        quiet = {"others_share": 0.0, "steal_share": 0.0, "pause_share": 0.009}
        one.runs = {"few full": {"nginx": [quiet, {**quiet, "pause_share": 0.02}, {**quiet, "others_share": 0.06}],
                                 "breakwater": [{**quiet, "pause_share": 0.034}]}}
        one._warn_of_others()
        self.assertEqual(len(one.warnings), 3)
        self.assertIn("2 runs were made again", one.warnings[0])
        self.assertIn("in 1 of 4 runs others", one.warnings[1])
        self.assertIn("in 2 of 4 runs the server was kept from its core", one.warnings[2])
        self.assertIn("at most 3.4%", one.warnings[2])

    def test_rates(self):
        one = object.__new__(runner.Runner)
        one.capacity = {"breakwater": {"full": 9000.0, "resume": 18000.0}, "nginx": {"full": 3000.0, "resume": 3000.0}}
        one.chosen, one.timing = ["breakwater", "nginx"], plan.FULL
        self.assertAlmostEqual(one.rates("breakwater")["own"], 0.15 * 12_000)
        self.assertAlmostEqual(one.rates("breakwater")["same"], 450)
        self.assertEqual(list(one.rates("nginx")), ["own"], "the slowest has nothing to run again")
        self.assertEqual(list(one.rates("breakwater-off")), ["own"])
        one.timing = plan.QUICK
        self.assertEqual(list(one.rates("breakwater")), ["own"])


if __name__ == "__main__":
    main()
