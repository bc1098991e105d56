"""Reads what the profiler needs of an x86-64 ELF file: sections, symbols, relocations; and members
of a static archive. Formats: System V ABI (gABI chapters 4 and 5, AMD64 supplement chapter 4); ar(5)."""
from __future__ import annotations

import dataclasses
import pathlib
import struct
from collections.abc import Iterator

SYMTAB, RELA, NOBITS, DYNSYM = 2, 4, 8, 11
FUNCTION_TYPES = (2, 10)  # STT_FUNC, STT_GNU_IFUNC
PT_LOAD = 1
PF_X = 1


class NotElf(ValueError):
    """The bytes are not a 64-bit little-endian ELF file."""


@dataclasses.dataclass(frozen=True)
class Section:
    index: int
    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int


@dataclasses.dataclass(frozen=True)
class Symbol:
    name: str
    section: int  # index; 0 for undefined
    value: int  # address, or offset in its section in a relocatable object
    size: int


class Elf:
    def __init__(self, data: bytes) -> None:
        if data[:6] != b"\x7fELF\x02\x01":
            raise NotElf("not a 64-bit little-endian ELF file")
        self.data = data
        self._program_offset, section_offset = struct.unpack_from("<QQ", data, 0x20)
        self._program_size, self._program_count, size, count, names = struct.unpack_from("<5H", data, 0x36)
        rows = [struct.unpack_from("<IIQQQQIIQQ", data, section_offset + i * size) for i in range(count)]
        self.sections = [Section(i, self._text(rows[names][4] + r[0]), r[1], r[2], r[3], r[4], r[5], r[6], r[7])
                         for i, r in enumerate(rows)]

    @classmethod
    def read(cls, path: pathlib.Path | str) -> "Elf":
        return cls(pathlib.Path(path).read_bytes())

    def _text(self, offset: int) -> str:
        return self.data[offset:self.data.index(b"\0", offset)].decode("utf-8", "replace")

    def content(self, section: Section) -> bytes:
        return b"" if section.kind == NOBITS else self.data[section.offset:section.offset + section.size]

    def functions(self, table: int = SYMTAB) -> Iterator[Symbol]:
        """The defined functions of .symtab (SYMTAB) or .dynsym (DYNSYM)."""
        for section in self.sections:
            if section.kind != table:
                continue
            names = self.sections[section.link].offset
            for name, info, _, index, value, size in struct.iter_unpack("<IBBHQQ", self.content(section)):
                if index and info & 15 in FUNCTION_TYPES:
                    yield Symbol(self._text(names + name), index, value, size)

    def relocations(self, section: Section) -> Iterator[tuple[int, int]]:
        """(offset in `section`, type) of each relocation that applies to it."""
        for table in self.sections:
            if table.kind == RELA and table.info == section.index:
                for offset, info, _ in struct.iter_unpack("<QQq", self.content(table)):
                    yield offset, info & 0xffffffff

    def executable_segments(self) -> list[tuple[int, int, int]]:
        """(file offset, address, size) of what is mapped to run: turns a place in the file into an address."""
        found = []
        for i in range(self._program_count):
            kind, flags, offset, address, _, size = struct.unpack_from("<IIQQQQ", self.data,
                                                                       self._program_offset + i * self._program_size)
            if kind == PT_LOAD and flags & PF_X:
                found.append((offset, address, size))
        return found


def archive_members(path: pathlib.Path | str) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each member of a static library."""
    data = pathlib.Path(path).read_bytes()
    if not data.startswith(b"!<arch>\n"):
        raise ValueError(f"{path} is not an ar archive")
    position = 8
    while position + 60 <= len(data):
        name = data[position:position + 16].decode("ascii").rstrip()
        size = int(data[position + 48:position + 58])
        position += 60
        yield name, data[position:position + size]
        position += size + (size & 1)
