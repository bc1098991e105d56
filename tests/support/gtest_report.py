"""Writes the results of a test program that is not a GoogleTest binary where GTEST_OUTPUT asks for them (`xml:FOLDER/`),
in the XML that tools/check_skips.py counts."""
import os
import pathlib
import re
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree


def write(entry, cases):
    """entry: the ctest entry's name; cases: [(Suite.test, "passed" | "failed" | "skipped", text, seconds)]."""
    target = os.environ.get("GTEST_OUTPUT", "")
    if not target.startswith("xml:"):
        return
    folder = pathlib.Path(target[len("xml:"):])
    folder.mkdir(parents=True, exist_ok=True)
    root = ElementTree.Element("testsuites", name=entry)
    suite = ElementTree.SubElement(root, "testsuite", name=entry, tests=str(len(cases)))
    for name, outcome, text, seconds in cases:
        group, _, rest = name.partition(".")
        case = ElementTree.SubElement(suite, "testcase", classname=group, name=rest, time=f"{seconds:.3f}",
                                      status="notrun" if outcome == "skipped" else "run")
        if outcome != "passed":
            # XML knows no control characters.
            plain = re.sub(r"[^\t\n -~]", "?", text)
            ElementTree.SubElement(case, "failure" if outcome == "failed" else "skipped", message=plain[:2000])
    ElementTree.ElementTree(root).write(folder / f"{entry}.xml", encoding="utf-8", xml_declaration=True)


class Cases(unittest.TextTestResult):
    """Also remembers each test, for gtest_report."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.cases = []
        self.started = 0.0

    def add(self, test, outcome, text=""):
        name = f"{type(test).__name__}.{getattr(test, '_testMethodName', test)}"
        self.cases.append((name, outcome, text, time.monotonic() - self.started))

    def startTest(self, test):
        self.started = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.add(test, "passed")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.add(test, "failed", str(error[1]))

    def addError(self, test, error):
        super().addError(test, error)
        self.add(test, "failed", str(error[1]))

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.add(test, "failed", f"{subtest._subDescription()}: {error[1]}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.add(test, "skipped", reason)


def main(folder):
    """Runs the unittest cases of the program, [test_]<suite>.py, as the ctest entry <folder>_<suite>."""
    runner = unittest.TextTestRunner(verbosity=2, resultclass=Cases)
    program = unittest.main(testRunner=runner, exit=False)
    suite = pathlib.Path(sys.argv[0]).stem.removeprefix("test_")
    write(f"{folder}_{suite}", program.result.cases)
    sys.exit(not program.result.wasSuccessful())
