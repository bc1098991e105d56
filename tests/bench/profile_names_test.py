"""Names that a stripped library has lost come back from the static library made of the same objects.

The compiler is in the environment variable CXX, `ar` and `strip` are those of binutils.
"""
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

from profile_support import main

from profiling import elf, local_names

CXX = os.environ.get("CXX", "c++")

# Two objects with exported, hidden and static functions, calls and data that the linker relocates.
ONE = """
#include <string.h>
extern "C" int table[64];
static __attribute__((noinline)) int hidden_in_one(const char* text, int n) {
  int sum = 7; for (int i = 0; i < n; ++i) sum = sum * 31 + text[i] + table[i & 63]; return sum; }
extern "C" int exported_one(const char* text) { return hidden_in_one(text, (int)strlen(text)) ^ 0x5a5a; }
"""
TWO = """
extern "C" int table[64] = {1, 2, 3};
extern "C" int exported_one(const char*);
extern "C" __attribute__((visibility("hidden"), noinline)) long hidden_in_two(long a, long b) {
  long r = 1; while (b > 0) { if (b & 1) r = r * a % 1000003; a = a * a % 1000003; b >>= 1; } return r; }
extern "C" long exported_two(long a) { return hidden_in_two(a, 65537) + exported_one("text"); }
"""


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


class Recovered(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        base = pathlib.Path(cls.folder.name)
        objects = []
        for name, source in (("one", ONE), ("two", TWO)):
            (base / f"{name}.cpp").write_text(source)
            run(CXX, "-O2", "-fPIC", "-c", str(base / f"{name}.cpp"), "-o", str(base / f"{name}.o"))
            objects.append(str(base / f"{name}.o"))
        cls.archive, cls.full, cls.stripped = base / "libx.a", base / "libx-full.so", base / "libx.so"
        run("ar", "rcs", str(cls.archive), *objects)
        run(CXX, "-shared", "-o", str(cls.full), *objects)
        run("strip", "-o", str(cls.stripped), str(cls.full))

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def test_every_function_is_where_the_unstripped_library_has_it(self) -> None:
        truth = {symbol.name: symbol.value for symbol in elf.Elf.read(self.full).functions()}
        stripped = elf.Elf.read(self.stripped)
        self.assertEqual(list(stripped.functions()), [])
        found = {name.name: name.address for name in local_names.recover(stripped, self.archive).names}
        hidden = [name for name in truth if "hidden_in" in name]
        self.assertEqual(len(hidden), 2)
        for name in (*hidden, "exported_one", "exported_two"):
            self.assertEqual(found.get(name), truth[name], name)

    def test_addresses_inside_a_function_have_its_name_and_others_none(self) -> None:
        table = local_names.recover(elf.Elf.read(self.stripped), self.archive)
        name = next(name for name in table.names if name.name == "hidden_in_two")
        self.assertEqual(table.find(name.address), "hidden_in_two")
        self.assertEqual(table.find(name.address + name.size - 1), "hidden_in_two")
        self.assertNotEqual(table.find(name.address + name.size), "hidden_in_two")
        self.assertIsNone(table.find(0))

    def test_code_that_differs_is_not_named(self) -> None:
        changed = pathlib.Path(self.folder.name, "changed")
        changed.mkdir(exist_ok=True)
        (changed / "two.cpp").write_text(TWO.replace("1000003", "1000033"))
        run(CXX, "-O2", "-fPIC", "-c", str(changed / "two.cpp"), "-o", str(changed / "two.o"))
        run("ar", "rcs", str(changed / "libx.a"), str(changed / "two.o"))
        names = {name.name for name in local_names.recover(elf.Elf.read(self.stripped), changed / "libx.a").names}
        self.assertNotIn("hidden_in_two", names)
        self.assertIn("exported_two", names)  # exported: the library itself says so


class Matching(unittest.TestCase):
    def setUp(self) -> None:
        self.code = random.Random(1).randbytes(200)

    def test_the_linkers_bytes_are_left_out(self) -> None:
        pc32, rex_gotpcrelx, abs64 = 2, 42, 1
        runs = local_names.fixed_runs(self.code, [(20, pc32), (60, rex_gotpcrelx), (100, abs64)])
        self.assertEqual([(offset, len(part)) for offset, part in runs], [(0, 20), (24, 33), (64, 36), (108, 92)])
        text = bytearray(b"\xcc" * 64 + self.code + b"\xcc" * 64)
        for place in (*range(20, 24), *range(57, 64), *range(100, 108)):
            text[64 + place] ^= 0xff
        self.assertEqual(local_names.find_code(bytes(text), runs), 64)
        text[64 + 30] ^= 1
        self.assertIsNone(local_names.find_code(bytes(text), runs))

    def test_two_places_are_none(self) -> None:
        runs = [(0, self.code)]
        self.assertIsNone(local_names.find_code(self.code + b"\xcc" + self.code, runs))

    def test_too_little_to_compare(self) -> None:
        self.assertIsNone(local_names.find_code(self.code, [(0, self.code[:31])]))


class NotElf(unittest.TestCase):
    def test_other_files(self) -> None:
        with self.assertRaises(elf.NotElf):
            elf.Elf(b"!<arch>\n" + b"\0" * 100)


if __name__ == "__main__":
    main()
