#!/usr/bin/env python3
"""Tests of check_skips.py: what counts as what, and that no skip slips through."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).with_name("check_skips.py")


def junit(*cases):
    return (
        "<testsuite>"
        + "".join(f'<testcase name="{n}" status="{s}">{inner}</testcase>' for n, s, inner in cases)
        + "</testsuite>"
    )


def gtest(*cases):
    return (
        '<testsuites><testsuite name="S">'
        + "".join(f'<testcase classname="S" name="{n}" status="{s}">{inner}</testcase>' for n, s, inner in cases)
        + "</testsuite></testsuites>"
    )


SKIP = '<skipped message="SKIP_RETURN_CODE=77"/>'
MISSING = '<skipped message="Unable to find executable"/>'
FAILURE = '<failure message="what"/>'


class CheckSkips(unittest.TestCase):
    def run_tool(self, ctest, binaries, allowed=""):
        status, said = self.output_of(ctest, binaries, allowed)
        return status, said.strip().splitlines()[-1]

    def output_of(self, ctest, binaries, allowed=""):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "xml").mkdir()
            (folder / "junit.xml").write_text(ctest)
            (folder / "allowed.txt").write_text(allowed)
            for name, content in binaries.items():
                (folder / "xml" / f"{name}.xml").write_text(content)
            command = [sys.executable, TOOL, "--allowed", folder / "allowed.txt"]
            command += ["--junit", folder / "junit.xml", "--gtest", folder / "xml"]
            done = subprocess.run(command, capture_output=True, text=True)
            return done.returncode, done.stdout or done.stderr

    def test_cases_count_instead_of_their_binary(self):
        got = self.run_tool(junit(("t", "run", ""), ("script", "run", "")), {"t": gtest(("a", "run", ""), ("b", "run", ""))})
        self.assertEqual(got, (0, "COUNTS 3 0 0"))

    def test_a_failed_case_fails(self):
        got = self.run_tool(junit(("t", "fail", "")), {"t": gtest(("a", "run", FAILURE), ("b", "run", ""))})
        self.assertEqual(got, (1, "COUNTS 1 1 0"))

    def test_what_a_failure_said_is_shown(self):
        _, said = self.output_of(junit(("t", "fail", "")), {"t": gtest(("a", "run", '<failure message="a&#10;  b"/>'))})
        self.assertEqual(said.splitlines()[0], "FAILED: S.a: a b")

    def test_a_crash_after_good_cases_fails(self):
        got = self.run_tool(junit(("t", "fail", "")), {"t": gtest(("a", "run", ""))})
        self.assertEqual(got, (1, "COUNTS 1 1 0"))

    def test_a_crash_before_any_report_fails(self):
        self.assertEqual(self.run_tool(junit(("t", "fail", "")), {}), (1, "COUNTS 0 1 0"))

    def test_a_missing_program_fails(self):
        self.assertEqual(self.run_tool(junit(("t", "notrun", MISSING)), {}, "t | true | never"), (1, "COUNTS 0 1 0"))

    def test_no_test_at_all_fails(self):
        self.assertEqual(self.run_tool(junit(), {}), (1, "COUNTS 0 1 0"))

    def test_an_unlisted_skip_fails(self):
        got = self.run_tool(junit(("t", "run", "")), {"t": gtest(("a", "run", SKIP))}, "S.b | true | another test")
        self.assertEqual(got, (1, "COUNTS 0 1 0"))

    def test_a_listed_skip_passes_where_its_condition_holds(self):
        ctest, binaries = junit(("t", "run", "")), {"t": gtest(("a", "run", SKIP))}
        self.assertEqual(self.run_tool(ctest, binaries, "S.* | true | reason"), (0, "COUNTS 0 0 1"))
        self.assertEqual(self.run_tool(ctest, binaries, "S.* | false | reason"), (1, "COUNTS 0 1 0"))

    def test_a_disabled_case_is_a_skip(self):
        got = self.run_tool(junit(("t", "run", "")), {"t": gtest(("DISABLED_a", "notrun", ""), ("b", "run", ""))})
        self.assertEqual(got, (1, "COUNTS 1 1 0"))

    def test_a_skipped_script_needs_leave_too(self):
        ctest = junit(("script", "notrun", SKIP))
        self.assertEqual(self.run_tool(ctest, {}), (1, "COUNTS 0 1 0"))
        self.assertEqual(self.run_tool(ctest, {}, "script | true | reason"), (0, "COUNTS 0 0 1"))

    def test_a_malformed_list_is_an_error(self):
        status, said = self.run_tool(junit(("t", "run", "")), {}, "S.* | true")
        self.assertEqual(status, 1)
        self.assertIn("expected `pattern | condition | reason`", said)


if __name__ == "__main__":
    unittest.main()
