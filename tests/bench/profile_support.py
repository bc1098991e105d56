"""What the profiler's tests share."""
from bench_harness import ROOT, main  # noqa: F401  (puts bench/ on the module path)

from profiling.stacks import KERNEL, UNNAMED, Frame, Stack  # noqa: F401


def stack(*frames: str) -> Stack:
    """stack("nginx:main", "[kernel]:tcp_sendmsg"): from caller to callee, each behind its object and a colon."""
    return tuple(Frame(*reversed(frame.split(":", 1))) for frame in frames)
