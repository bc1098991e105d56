"""Writes the results of a test program that is not a GoogleTest binary where GTEST_OUTPUT asks for them (`xml:FOLDER/`),
in the XML that tools/check_skips.py counts."""
import os
import pathlib
import re
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
