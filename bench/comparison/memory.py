"""What a connection costs in memory: many are held open, and the server's processes are looked at before and while."""
from __future__ import annotations

import time
from typing import Any

from . import accounting
from .generator import Generator
from .problem import Problem
from .servers import Running

WARM_UP = ("--mode", "full", "--tls", "1.3", "--auth", "ecdsa", "--group", "secp256r1")
PATIENCE_S = 30.0   # to open all connections
STALLED_S = 2.0     # without a new one: that was all
SETTLE_S = 0.7


def connections_that_fit(wanted: int, descriptors: int, each: int) -> int:
    """How many may be open in a process that may have so many descriptors and needs `each` for a connection."""
    return max(500, min(wanted, (descriptors - 1000) // each // 500 * 500))


def measure(arguments: tuple[str, ...], warm_up: tuple[str, ...], server: Running, generator: Generator,
            held: int) -> dict[str, Any]:
    """One server, freshly started, so that nothing freed earlier is used again. KiB for each connection."""
    # What is set up by the first handshakes is not a connection's; memory for many at once is.
    generator.run((*warm_up, "--connections", "2"), server.port, 0.2)
    time.sleep(0.2)
    pids = server.pids
    idle_descriptors = accounting.descriptors(pids)
    before, buffers_before = accounting.group_memory(pids), accounting.tcp_buffers_kib()
    process, report_path = generator.launch((*arguments, "--connections", str(held)), server.port, PATIENCE_S + 30)
    try:
        wait_for_connections(server, process, idle_descriptors + held)
        time.sleep(SETTLE_S)
        after, buffers_after = accounting.group_memory(pids), accounting.tcp_buffers_kib()
        opened = accounting.descriptors(pids) - idle_descriptors
        process.interrupt()
        report = generator.finish(process, report_path, 20)
    finally:
        process.stop()
    count = report.count("held_max")
    if count < held * 0.9:
        failures = ", ".join(f"{n} x {why}" for why, n in report.load.get("failures", {}).items())
        raise Problem(f"{server.kind.title} held {count} of {held} connections "
                      f"({failures or server.process.output(300)})")
    return {
        "held": count, "descriptors": opened, "before_kib": before.resident, "after_kib": after.resident,
        "own_before_kib": before.own, "own_after_kib": after.own,
        "per_connection_kib": (after.own - before.own) / count, "tcp_buffers_kib": buffers_after - buffers_before,
        "load": report.load, "generator": report.generator,
    }


def wait_for_connections(server: Running, process: Any, wanted: int) -> None:
    """Until the server has so many descriptors, or gets no more. One that connects to a service for each connection has
    twice as many, so that is waited for by way of the stall."""
    end = time.monotonic() + PATIENCE_S
    last, last_change = -1, time.monotonic()
    while time.monotonic() < end and not process.ended():
        now = accounting.descriptors(server.pids)
        if now != last:
            last, last_change = now, time.monotonic()
        stalled = time.monotonic() - last_change > (0.5 if now >= wanted else STALLED_S)
        if stalled:
            return
        time.sleep(0.2)
