"""Sorts call stacks into the classes of classes.toml."""
from __future__ import annotations

import dataclasses
import functools
import pathlib
import re
import tomllib

from .stacks import KERNEL, Frame, Stack

TABLE = pathlib.Path(__file__).with_name("classes.toml")


@dataclasses.dataclass(frozen=True)
class WorkClass:
    key: str
    title: str
    colour: str
    about: str
    rules: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]  # (object, function)


class Classifier:
    def __init__(self, table: pathlib.Path = TABLE) -> None:
        content = tomllib.loads(table.read_text())
        self.classes = [WorkClass(entry["key"], entry["title"], entry["colour"], entry["about"],
                                  tuple((re.compile(object_), re.compile(name)) for object_, name in entry["rules"]))
                        for entry in content["class"]]
        self.by_key = {entry.key: entry for entry in self.classes}
        self._transparent = [re.compile(expression) for expression in content["transparent"]]
        self._rest = content["rest"]
        self._kernel_rest = content["kernel_rest"]
        for key in (self._rest, self._kernel_rest):
            if key not in self.by_key:
                raise ValueError(f"{table}: there is no class {key!r}")
        # Few functions make up most frames.
        self._of_frame = functools.cache(self._find)

    def _find(self, frame: Frame) -> str | None:
        for entry in self.classes:
            for object_, name in entry.rules:
                if object_.search(frame.object) and name.search(frame.name):
                    return entry.key
        return None

    def _is_transparent(self, frame: Frame) -> bool:
        return any(expression.search(frame.object) for expression in self._transparent)

    def classify(self, stack: Stack) -> str:
        """The key of the class of what was running."""
        in_kernel = stack[-1].object == KERNEL
        for frame in reversed(stack):
            if in_kernel and frame.object != KERNEL:
                break
            found = self._of_frame(frame)
            if found:
                return found
            if not in_kernel and not self._is_transparent(frame):
                break
        return self._kernel_rest if in_kernel else self._rest
