"""Reading what perf and callgrind write."""
import unittest
from collections import Counter

from profile_support import UNNAMED, main, stack

from profiling import callgrind, perf
from profiling.stacks import Frame

PERF = """\
server 0/0     0.000000: PERF_RECORD_MMAP2 7/7: [0x7f0000001000(0x2000) @ 0x1000 fe:00 1 0]: r-xp /nowhere/libother.so.1
server worker 7/8    12.000001:
\tffffffff81000010 tcp_sendmsg+0x10 ([kernel.kallsyms])
\tffffffff81000130 entry_SYSCALL_64_after_hwframe+0x76 ([kernel.kallsyms])
\t           f1234 __send@@GLIBC_2.2.5+0x12 (/usr/lib/nowhere/libc.so.6)
\t           20010 breakwater::tls::(anonymous namespace)::pump<int>(int)+0x10 (/opt/bin/breakwater)
\t           20000 main+0x0 (/opt/bin/breakwater (deleted))
\t               0 [unknown] ([unknown])

server     7/7     12.000002:
\t    7f0000001200 [unknown] (/nowhere/libother.so.1)
\t           20000 main+0x0 (/opt/bin/breakwater)

server     7/7     12.000003:
\tffffffffc0000000 [unknown] ([some_module])
"""


class Perf(unittest.TestCase):
    def test_samples(self) -> None:
        first, second, third = perf.parse(PERF.splitlines(keepends=True))
        self.assertEqual(first, stack("breakwater:main", "breakwater:breakwater::tls::{anonymous}::pump",
                                      "libc.so.6:__send", "[kernel]:entry_SYSCALL_64_after_hwframe",
                                      "[kernel]:tcp_sendmsg"))
        self.assertEqual(second, (Frame("main", "breakwater"), Frame(UNNAMED, "libother.so.1")))
        self.assertEqual(third, (Frame(UNNAMED, "[kernel]"),))

    def test_addresses_in_memory_become_places_in_the_file(self) -> None:
        maps = perf.Maps()
        maps.take(PERF.splitlines()[0])
        self.assertEqual(maps.offset("/nowhere/libother.so.1", 0x7f0000001200), 0x1200)
        self.assertEqual(maps.offset("/nowhere/libother.so.1", 0x1200), 0x1200)
        self.assertEqual(maps.offset("/nowhere/another.so.1", 0x7f0000001200), 0x7f0000001200)

    def test_what_perf_may_see(self) -> None:
        for evlist, seen in {"cpu-clock\n": "all", "cpu-clock:u\n": "user", "cycles:P\n": "all",
                             "cycles:Pu\ndummy:u\n": "user", "dummy:u\ncycles\n# Tip: use -F\n": "all", "": ""}.items():
            self.assertEqual(perf.understood(evlist), seen, evlist)

    def test_complete_stacks(self) -> None:
        self.assertTrue(perf.starts_at_the_root(stack("nginx:_start", "nginx:main")))
        self.assertFalse(perf.starts_at_the_root(stack("nginx:ngx_worker", "nginx:main")))


CALLGRIND = """\
# callgrind format
version: 1
positions: line
events: Ir
summary: 1000

ob=(1) /opt/bin/breakwater
fl=(1) main.cpp
fn=(1) feed(int)'main
10 100
+1 20
-2 3
cob=(2) /nowhere/libc.so.6
cfi=(2) ???
cfn=(2) memcpy@@GLIBC_2.14'feed(int)'main
calls=4 0
* 400
12 7

fn=(3) main
5 9
cfn=(1)
calls=1 10
6 530

ob=(2)
fl=(2)
fn=(2)
0 400

ob=(3) /nowhere/libx.so
fn=(4) 0x0000000000001234'feed(int)'main
0 5
"""


class Callgrind(unittest.TestCase):
    def costs(self) -> Counter:
        return callgrind.self_costs(CALLGRIND.splitlines(keepends=True))

    def test_own_costs_without_calls(self) -> None:
        self.assertEqual(self.costs(), {
            ("/opt/bin/breakwater", "feed(int)'main"): 130, ("/opt/bin/breakwater", "main"): 9,
            ("/nowhere/libc.so.6", "memcpy@@GLIBC_2.14'feed(int)'main"): 400,
            ("/nowhere/libx.so", "0x0000000000001234'feed(int)'main"): 5})

    def test_stacks(self) -> None:
        main, feed = Frame("main", "breakwater"), Frame("feed", "[unknown]")
        found = callgrind.stacks_of(self.costs())
        feed = Frame("feed", "breakwater")
        self.assertEqual(found, {(main,): 9, (main, feed): 130, (main, feed, Frame("memcpy", "libc.so.6")): 400,
                                 (main, feed, Frame(UNNAMED, "libx.so")): 5})

    def test_difference(self) -> None:
        start, work = stack("a:main", "a:start"), stack("a:main", "a:work")
        once, twice = Counter({start: 1000, work: 50}), Counter({start: 999, work: 100})
        self.assertEqual(callgrind.difference(twice, once), {work: 50})


if __name__ == "__main__":
    main()
