#!/usr/bin/env python3
"""Tests `breakwater serve` with other people's TLS programs.

    interop.py --peer openssl --server build/release/bin/breakwater [--filter '*resumed*'] [--list]

Each peer is a module peer_<name>.py with `missing()`, which says what this machine lacks (or None), and `cases(bench)`,
which yields names and functions. See harness.py for what they have at hand.
"""
import argparse
import fnmatch
import importlib
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True  # the sources may lie where nobody should write

from harness import Bench, Report  # noqa: E402

SKIPPED_STATUS = 77  # ctest's SKIP_RETURN_CODE
PEERS = ("openssl", "gnutls", "curl", "nss", "go", "chromium", "bulk")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True, choices=PEERS)
    parser.add_argument("--server", required=True, type=pathlib.Path, help="the breakwater program")
    parser.add_argument("--filter", default="*", help="only cases whose names match this pattern")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and end")
    parser.add_argument("--keep", action="store_true", help="keep the working folder, and say where it is")
    arguments = parser.parse_args()

    peer = importlib.import_module(f"peer_{arguments.peer}")
    group = arguments.peer.capitalize()
    report = Report(f"interop_{arguments.peer}")
    if reason := peer.missing():
        report.add(f"{group}.All", "skipped", reason)
        report.write_xml()
        return SKIPPED_STATUS

    bench = Bench(arguments.server.resolve(), pathlib.Path(tempfile.mkdtemp(prefix="breakwater-interop.")))
    try:
        for name, function in peer.cases(bench):
            if not fnmatch.fnmatchcase(name, arguments.filter):
                continue
            if arguments.list:
                print(name)
            else:
                report.run(bench, f"{group}.{name}", function)
        for name, server in bench.servers.items():
            report.run(bench, f"{group}.TheServerEndsWell/{name}", server.stop)
    finally:
        if arguments.keep:
            print(f"kept: {bench.folder}")
            for server in bench.servers.values():
                server.kill()
        else:
            bench.close()
    report.write_xml()
    failed = report.count("failed")
    print(f"{report.count('passed')} passed, {failed} failed, {report.count('skipped')} skipped")
    return 1 if failed or not (report.cases or arguments.list) else 0


if __name__ == "__main__":
    sys.exit(main())
