"""What the user sees while it runs: one line that changes on a terminal, one line for each case elsewhere."""
from __future__ import annotations

import sys
import time
from typing import Any


def as_minutes(seconds: float) -> str:
    seconds = max(0, round(seconds))
    return f"{seconds // 60}:{seconds % 60:02d}"


class Progress:
    def __init__(self, quiet: bool = False):
        self.terminal = sys.stderr.isatty()
        self.quiet = quiet
        self.start = time.monotonic()

    def _clear(self) -> None:
        if self.terminal:
            sys.stderr.write("\r\x1b[K")

    def say(self, text: str) -> None:
        """A line that stays."""
        self._clear()
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def show(self, text: str, left_s: float) -> None:
        """What happens now; replaced by the next."""
        if self.terminal and not self.quiet:
            end = time.strftime("%H:%M:%S", time.localtime(time.time() + left_s))
            line = f"[{as_minutes(time.monotonic() - self.start)}, done at about {end}] {text}"
            sys.stderr.write("\r\x1b[K" + line[:119])
            sys.stderr.flush()

    def case_done(self, result: Any) -> None:
        from .summary import one_line
        if not self.quiet:
            self.say(f"[{as_minutes(time.monotonic() - self.start)}] {one_line(result)}")
