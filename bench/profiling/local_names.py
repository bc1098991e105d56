"""Names of functions that a stripped shared library does not export.

Debian's shared libraries come without local symbols, and the packages of debug symbols are in an archive of their own.
The static library of the -dev package is made from the same objects, and has all names. So: find each object's code in
the shared library. Bytes that the linker fills in are left out of the comparison; everything else must be equal, and
the place must be unique. The result can be checked against the functions that are exported.
"""
from __future__ import annotations

import bisect
import dataclasses
import pathlib

from . import elf

# What the linker may rewrite: bytes before the relocated place (the opcode, where it turns a load into an address) and
# the relocated place itself, by the relocation's type in the AMD64 ABI.
WIDTHS = {1: (0, 8), 24: (0, 8), 41: (2, 4), 42: (3, 4)}
DEFAULT_WIDTH = (0, 4)
SHORTEST_CODE = 32  # bytes of an object that must be left to compare; less could be anywhere


@dataclasses.dataclass(frozen=True)
class Name:
    address: int  # as linked, in the shared library
    size: int
    name: str


class NameTable:
    """Functions of one shared library by address."""

    def __init__(self, names: list[Name]) -> None:
        self.names = sorted(names, key=lambda name: (name.address, name.size))
        self._starts = [name.address for name in self.names]

    def find(self, address: int) -> str | None:
        place = bisect.bisect_right(self._starts, address) - 1
        if place >= 0 and address < self.names[place].address + self.names[place].size:
            return self.names[place].name
        return None

    def __len__(self) -> int:
        return len(self.names)


def fixed_runs(code: bytes, relocations: list[tuple[int, int]]) -> list[tuple[int, bytes]]:
    """(offset, bytes) of the parts of `code` that linking leaves as they are."""
    runs, start = [], 0
    for offset, kind in sorted(relocations):
        before, width = WIDTHS.get(kind, DEFAULT_WIDTH)
        if offset - before > start:
            runs.append((start, code[start:offset - before]))
        start = max(start, offset + width)
    if start < len(code):
        runs.append((start, code[start:]))
    return runs


def find_code(text: bytes, runs: list[tuple[int, bytes]]) -> int | None:
    """The one place in `text` where all runs fit; None if there is none, or more than one."""
    if sum(len(part) for _, part in runs) < SHORTEST_CODE:
        return None
    anchor, needle = max(runs, key=lambda run: len(run[1]))
    found = None
    place = text.find(needle)
    while place >= 0:
        start = place - anchor
        if start >= 0 and all(text.startswith(part, start + offset) for offset, part in runs):
            if found is not None:
                return None
            found = start
        place = text.find(needle, place + 1)
    return found


def names_of_member(member: elf.Elf, text: bytes, text_address: int) -> list[Name]:
    """Functions of one object file, where its code is in `text`."""
    functions: dict[int, list[elf.Symbol]] = {}
    for symbol in member.functions():
        functions.setdefault(symbol.section, []).append(symbol)
    found: list[Name] = []
    for index, symbols in functions.items():
        section = member.sections[index]
        start = find_code(text, fixed_runs(member.content(section), list(member.relocations(section))))
        if start is not None:
            found += [Name(text_address + start + symbol.value, symbol.size, symbol.name) for symbol in symbols]
    return found


def recover(shared: elf.Elf, archive: pathlib.Path | str) -> NameTable:
    """All functions of `archive` that are found in `shared`, and those that `shared` exports."""
    section = next(section for section in shared.sections if section.name == ".text")
    text = shared.content(section)
    names: list[Name] = []
    for _, content in elf.archive_members(archive):
        try:
            member = elf.Elf(content)
        except elf.NotElf:  # the archive's index
            continue
        names += names_of_member(member, text, section.address)
    known = {name.address for name in names}
    names += [Name(symbol.value, symbol.size, symbol.name) for symbol in shared.functions(elf.DYNSYM)
              if symbol.value not in known]
    return NameTable(names)
