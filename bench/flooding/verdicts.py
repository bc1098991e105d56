"""Whether Breakwater reached what a case demands."""
from __future__ import annotations

from typing import Any

from .cases import (LATENCY_FLOOR_MS, LATENCY_TIMES, PAUSE_MS, REFUSAL_LIMIT_US, SHARE_TIMES, THROUGHPUT_LIMIT,
                    UNCHANGED_TIMES, Case)

Check = dict[str, Any]   # what, wanted, found (as text) and met


def check(what: str, wanted: str, found: str, met: bool) -> Check:
    return {"what": what, "wanted": wanted, "found": found, "met": met}


def percent(share: float | None) -> str:
    """As exact as the targets need it: 99.95% is not 100%."""
    if share is None:
        return "–"
    text = f"{share * 100:.2f}"
    return ("100" if share == 1 else "99.99" if text == "100.00" else text.rstrip("0").rstrip(".")) + "%"


def milliseconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def expected_new(run: dict[str, Any], capacity: dict[str, float]) -> float:
    """The share of new honest clients that can be served when all new ones are alike."""
    attacker = run["attacker"]
    all_new = run["rate"] / 2 + attacker["started"] / max(1e-9, attacker["measured_s"])
    return min(1.0, capacity["full"] / all_new)


def judge(case: Case, run: dict[str, Any], capacity: dict[str, float]) -> list[Check]:
    target, calm, attack = case.target, run["calm"]["all"], run["attack"]["all"]
    checks = []

    def success(what: str, found: float | None, least: float) -> None:
        checks.append(check(what, f"≥ {percent(least)}", percent(found), found is not None and found >= least))

    def latency(most: float, what: str = "honest p99", name: str = "p99_ms") -> None:
        found = attack[name]
        checks.append(check(what, f"≤ {milliseconds(most)}", milliseconds(found),
                            found is not None and found <= most))

    if target.success is not None:
        success("honest success", attack["success"], target.success)
    if target.success_resumed is not None:
        success("resumed honest success", run["attack"].get("resumed", {}).get("success"), target.success_resumed)
    if target.new_share:
        success("new honest success", run["attack"].get("new", {}).get("success"),
                SHARE_TIMES * expected_new(run, capacity))
    if target.latency and calm["p99_ms"] is not None:
        latency(max(LATENCY_FLOOR_MS, LATENCY_TIMES * calm["p99_ms"]))
    if target.latency_unchanged and calm["p99_ms"] is not None:
        if "p99_typical_ms" in calm:  # an older flood.json has none
            latency(UNCHANGED_TIMES * calm["p99_typical_ms"], "honest p99 of a typical 0.1 s", "p99_typical_ms")
        latency(max(PAUSE_MS, UNCHANGED_TIMES * calm["p99_ms"]))
    if target.memory_mib is not None:
        # Where fewer could be held than the target is about, less is allowed.
        found, most = run["memory_kib"] / 1024, target.memory_mib * min(1, run["held_wanted"] / case.held)
        checks.append(check(f"memory of {run['held_wanted']:,} connections", f"≤ {most:g} MiB", f"{found:.1f} MiB",
                            found <= most))
    return checks


def ways_of(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Of what a flood.json has: older ones know of one way only."""
    return {"": result} if "refused" in result else result


def judge_refusal(result: dict[str, Any]) -> list[Check]:
    """A way that was not measured has missed, and so has a result of no way at all."""
    checks = []
    for way, one in (ways_of(result) or {"": {"problem": "no way"}}).items():
        beyond = one.get("beyond_us")
        met = beyond is not None and beyond < REFUSAL_LIMIT_US
        found = ("not measured" if "problem" in one else "too few were refused to say" if beyond is None
                 else f"{beyond:.2f} µs")
        checks.append(check(f"CPU for a hello refused {way}".rstrip(), f"< {REFUSAL_LIMIT_US:g} µs beyond TCP", found,
                            met))
    return checks


def judge_peace(result: dict[str, Any], wanted: int) -> list[Check]:
    done, failed = result["succeeded"], result["failed"]
    # Loads round their counts, each by half a handshake at most.
    return [check("refused or failed", f"0 of {wanted:,}", f"{failed:,} of {done + failed:,}",
                  failed == 0 and done >= wanted - 10)]


def judge_throughput(result: dict[str, Any]) -> list[Check]:
    lost = result["cost_ratio"] - 1
    return [check("CPU of a handshake with the guard on", f"≤ {THROUGHPUT_LIMIT:.0%} more", f"{lost:+.1%}",
                  lost <= THROUGHPUT_LIMIT)]
