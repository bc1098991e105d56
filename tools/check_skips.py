#!/usr/bin/env python3
"""Counts the tests of one ctest run and judges its skips.

Reads ctest's JUnit file and the XML files that GoogleTest binaries wrote during that run. Every gtest case counts as
one test; a ctest entry that is not a gtest binary counts as one. A test that was skipped must be listed in
tests/allowed_skips.txt, and the condition given there must hold on this machine; otherwise it counts as failed.

Prints what failed and what was skipped without leave, then one line `COUNTS passed failed skipped`.
Exit status: 0 when nothing failed, 1 otherwise.
"""
import argparse
import fnmatch
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def read_allowed(path):
    """[(pattern, condition, reason)] from the list; a malformed line is an error."""
    allowed = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" | ")]
        if len(fields) != 3 or not all(fields):
            sys.exit(f"{path}:{number}: expected `pattern | condition | reason`")
        allowed.append(tuple(fields))
    return allowed


def read_gtest(folder):
    """{binary name: {test name: outcome}} from the XML files of one run."""
    binaries = {}
    for path in sorted(folder.glob("*.xml")):
        cases = binaries.setdefault(path.stem, {})
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            if case.find("failure") is not None:
                cases[name] = FAILED
            elif case.find("skipped") is not None or case.get("status") == "notrun":
                cases[name] = SKIPPED
            else:
                cases[name] = PASSED
    return binaries


def read_reasons(folder):
    """{test name: what its failure said, in one line} from the same files."""
    reasons = {}
    for path in sorted(folder.glob("*.xml")):
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            failure = case.find("failure")
            if failure is not None:
                said = " ".join(failure.get("message", "").split())
                reasons[f"{case.get('classname')}.{case.get('name')}"] = said[:300]
    return reasons


def read_ctest(path):
    """{ctest entry: outcome} from ctest's JUnit file."""
    tests = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        skipped = case.find("skipped")
        # `notrun` also stands for a missing program or a failed fixture; only the SKIP_ properties are skips.
        by_itself = skipped is not None and skipped.get("message", "").startswith("SKIP_")
        if case.get("status") == "run":
            tests[case.get("name")] = PASSED
        elif case.get("status") == "disabled" or by_itself:
            tests[case.get("name")] = SKIPPED
        else:
            tests[case.get("name")] = FAILED
    return tests


def merge(ctest, gtest):
    """{test: outcome}, with the cases of a gtest binary in place of its ctest entry."""
    tests = {}
    for cases in gtest.values():
        tests.update(cases)
    for entry, outcome in ctest.items():
        cases = gtest.get(entry)
        if cases is None:
            tests[entry] = outcome
        elif outcome == FAILED and FAILED not in cases.values():
            tests[f"{entry} (the program as a whole: crash, leak, time-out or no tests)"] = FAILED
    return tests


def skip_is_allowed(test, allowed, holds):
    """Whether a line of the list covers the test and its condition holds here."""
    return any(fnmatch.fnmatchcase(test, pattern) and holds(condition) for pattern, condition, _ in allowed)


def condition_holds(condition):
    return subprocess.run(["sh", "-c", condition], stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--allowed", type=pathlib.Path, default=pathlib.Path("tests/allowed_skips.txt"))
    parser.add_argument("--junit", type=pathlib.Path, required=True, help="written by ctest --output-junit")
    parser.add_argument("--gtest", type=pathlib.Path, required=True, help="folder of GTEST_OUTPUT=xml:FOLDER/")
    arguments = parser.parse_args()

    allowed = read_allowed(arguments.allowed)
    tests = merge(read_ctest(arguments.junit), read_gtest(arguments.gtest))
    reasons = read_reasons(arguments.gtest)
    if not tests:
        print("no test ran")
        tests = {"(no test ran)": FAILED}
    for test, outcome in sorted(tests.items()):
        if outcome == SKIPPED and not skip_is_allowed(test, allowed, condition_holds):
            print(f"SKIPPED WITHOUT LEAVE (see {arguments.allowed}): {test}")
            tests[test] = FAILED
        elif outcome == FAILED:
            print(f"FAILED: {test}" + (f": {reasons[test]}" if reasons.get(test) else ""))
    counts = [list(tests.values()).count(outcome) for outcome in (PASSED, FAILED, SKIPPED)]
    print("COUNTS", *counts)
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main())
