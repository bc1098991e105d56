"""Names of functions in stripped libraries, by their address: what perf and callgrind cannot know."""
from __future__ import annotations

import functools
import pathlib

from . import elf, local_names


def static_library_of(shared: pathlib.Path) -> pathlib.Path | None:
    """libcrypto.a beside libcrypto.so.3, when the -dev package is installed."""
    archive = shared.with_name(shared.name.split(".so")[0] + ".a")
    return archive if archive.is_file() else None


@functools.cache
def table_of(path: str) -> local_names.NameTable | None:
    """Names of the functions of a shared library; None when its own symbols are all there is."""
    shared = pathlib.Path(path)
    if ".so" not in shared.name:
        return None
    archive = static_library_of(shared.resolve()) or static_library_of(shared)
    if archive is None:
        return None
    try:
        return local_names.recover(elf.Elf.read(shared), archive)
    except (OSError, ValueError, StopIteration):
        return None


@functools.cache
def segments_of(path: str) -> list[tuple[int, int, int]]:
    try:
        return elf.Elf.read(path).executable_segments()
    except (OSError, ValueError):
        return []


def address_of(path: str, offset: int) -> int:
    """The address, as linked, of a place in the file."""
    for start, address, size in segments_of(path):
        if start <= offset < start + size:
            return offset - start + address
    return offset


def name_at(path: str, address: int) -> str | None:
    table = table_of(path)
    return table.find(address) if table else None
