"""What goes before what on a core, as far as it is allowed here."""
from __future__ import annotations

from functools import lru_cache

from comparison.processes import allowed

Prefix = tuple[str, ...]  # of a command; nothing: it stays as it is


def best(prefixes: tuple[Prefix, ...]) -> Prefix:
    return next((prefix for prefix in prefixes if allowed(prefix)), ())


@lru_cache(maxsize=1)
def honest() -> Prefix:
    """The honest generator goes before the attacker on their core."""
    return best((("chrt", "--rr", "1"), ("nice", "-n", "-10")))


@lru_cache(maxsize=1)
def servers() -> Prefix:
    """All servers alike, above what else this machine does. Some agents look once a second at every descriptor that is
    open: with tens of thousands of connections they take tens of milliseconds, at a priority of their own. No real-time
    class, which would go before the kernel's threads as well, and these may do a server's work."""
    return best((("nice", "-n", "-20"),))
