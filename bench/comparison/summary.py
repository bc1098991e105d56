"""From the raw rounds of compare.json to the numbers that are shown. All renderers use this: they cannot disagree."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable

from . import primitives
from .servers import KINDS
from .statistics_of import Spread, ratios, spread

# Costs are CPU microseconds for each handshake or request, CPU milliseconds for each MB, or KiB for each connection.
COST_UNIT = {"handshake": "µs", "request": "µs", "bulk": "s/GB", "memory": "KiB"}
LEAST_FLOOR = 0.01  # in these units


@dataclass
class Row:
    """One server in one case. Ratios above 1 are in Breakwater's favour."""
    server: str
    title: str
    problem: str = ""
    rounds: int = 0
    cost: Spread | None = None
    user: float | None = None
    system: float | None = None
    rate: Spread | None = None
    limited: bool = False               # the server was not the bottleneck: the rate is a lower bound
    cost_ratio: Spread | None = None    # its cost : Breakwater's
    rate_ratio: Spread | None = None    # Breakwater's rate : its own; absent when either is a lower bound
    p50_ms: float | None = None
    p99_ms: float | None = None
    failed: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    segments: float | None = None       # both directions, for each connection
    bytes: float | None = None
    memory_mib: float | None = None
    arithmetic: float | None = None     # that of this server's own library, in the unit of the cost
    floor_ratio: Spread | None = None   # its cost : TCP alone
    limit_ratio: Spread | None = None   # its cost : TCP alone and that arithmetic
    extra: dict[str, float] = field(default_factory=dict)


@dataclass
class CaseSummary:
    name: str
    title: str
    kind: str
    tls: str
    mode: str
    note: str
    rate_unit: str
    rows: list[Row]
    # In the unit of the cost:
    floor: float | None = None          # TCP alone
    own_arithmetic: float | None = None
    libcrypto: float | None = None      # the arithmetic, by libcrypto
    in_lanes: bool = False              # own_arithmetic: shares of runs of several operations at once

    def row(self, server: str) -> Row | None:
        return next((row for row in self.rows if row.server == server), None)

    def limit_of(self, row: Row) -> float | None:
        """Below this the server cannot come: TCP plus the arithmetic of its library."""
        if self.floor is None or row.arithmetic is None or row.server == "floor":
            return None
        return self.floor + row.arithmetic


def done_in(entry: dict[str, Any], kind: str) -> int:
    """Handshakes, requests, or for bulk bytes: all that came, since a download may outlast the round."""
    return int(entry["load"].get({"request": "requests", "bulk": "bytes_received"}.get(kind, "succeeded"), 0))


def cost_of(entry: dict[str, Any], case: dict[str, Any], what: str = "cpu_us") -> float | None:
    """CPU for each handshake or request in µs; for bulk in seconds for each GB."""
    done = done_in(entry, case["kind"])
    if done == 0:
        return None
    if case["kind"] == "bulk":
        return entry[what] / 1e6 / (done / 1e9)
    return entry[what] / done


def rate_of(entry: dict[str, Any], case: dict[str, Any]) -> float | None:
    """Handshakes or requests in a second; for bulk MB in a second."""
    if entry["duration_s"] <= 0:
        return None
    rate = done_in(entry, case["kind"]) / entry["duration_s"]
    return rate / 1e6 if case["kind"] == "bulk" else rate


def _by_round(entries: list[dict[str, Any]], value: Callable[[dict[str, Any]], float | None]) -> dict[int, float]:
    return {e["round"]: v for e in entries if (v := value(e)) is not None}


def _latency_ms(entry: dict[str, Any], kind: str, quantile: str) -> float | None:
    histogram = entry["load"].get("latency_us", {}).get("request" if kind in ("request", "bulk") else "handshake") or {}
    return histogram[quantile] / 1000 if histogram.get("count") and quantile in histogram else None


def _tcp(entry: dict[str, Any], *names: str) -> float | None:
    tcp = entry["load"].get("tcp") or {}
    return sum(tcp[name] for name in names) if tcp.get("sampled") else None


def _middle(values: Any) -> float | None:
    found = spread(values)
    return found.median if found else None


def _loaded_row(row: Row, entries: list[dict[str, Any]], ours: list[dict[str, Any]], case: dict[str, Any]) -> None:
    kind = case["kind"]
    row.cost = spread(cost_of(e, case) for e in entries)
    row.user = _middle(cost_of(e, case, "user_us") for e in entries)
    row.system = _middle(cost_of(e, case, "system_us") for e in entries)
    row.rate = spread(rate_of(e, case) for e in entries)
    row.limited = any(e["limit"] for e in entries)
    row.p50_ms = _middle(_latency_ms(e, kind, "p50") for e in entries)
    row.p99_ms = _middle(_latency_ms(e, kind, "p99") for e in entries)
    row.failed = sum(int(e["load"].get("failed", 0)) for e in entries)
    for entry in entries:
        for why, count in (entry["load"].get("failures") or {}).items():
            row.failures[why] = row.failures.get(why, 0) + count
    if kind == "handshake":
        row.segments = _middle(_tcp(e, "segments_in", "segments_out") for e in entries)
        row.bytes = _middle(_tcp(e, "bytes_in", "bytes_out") for e in entries)
    row.memory_mib = _middle(e["pss_kib"] / 1024 for e in entries)
    if row.server in ("breakwater", "floor"):
        return

    def cost(entry: dict[str, Any]) -> float | None:
        return cost_of(entry, case)

    def rate(entry: dict[str, Any]) -> float | None:
        return rate_of(entry, case)

    row.cost_ratio = ratios(_by_round(entries, cost), _by_round(ours, cost))
    if not row.limited and not any(e["limit"] for e in ours):
        row.rate_ratio = ratios(_by_round(ours, rate), _by_round(entries, rate))


def _memory_row(row: Row, entries: list[dict[str, Any]], ours: list[dict[str, Any]]) -> None:
    row.cost = spread(e["per_connection_kib"] for e in entries)
    row.memory_mib = _middle(e["after_kib"] / 1024 for e in entries)
    row.extra = {"held": min((e["held"] for e in entries), default=0),
                 "before_mib": _middle(e["before_kib"] / 1024 for e in entries) or 0.0,
                 "tcp_buffers_kib": _middle(e["tcp_buffers_kib"] / e["held"] for e in entries) or 0.0}
    if row.server not in ("breakwater", "floor"):
        row.cost_ratio = ratios(_by_round(entries, lambda e: e["per_connection_kib"]),
                                _by_round(ours, lambda e: e["per_connection_kib"]))


def cost_in_round(entry: dict[str, Any], case: dict[str, Any]) -> float | None:
    return entry["per_connection_kib"] if case["kind"] == "memory" else cost_of(entry, case)


def _distance(row: Row, entries: list[dict[str, Any]], floor: list[dict[str, Any]], case: dict[str, Any]) -> None:
    """How many times the floor and the limit a server costs, round by round."""
    if row.server == "floor":
        return
    costs = _by_round(entries, lambda e: cost_in_round(e, case))
    alone = {number: max(0.0, cost) for number, cost in _by_round(floor, lambda e: cost_in_round(e, case)).items()}
    # A floor of nothing, which is what a held connection costs without TLS, is no measure.
    row.floor_ratio = ratios(costs, {number: cost for number, cost in alone.items() if cost >= LEAST_FLOOR})
    if row.arithmetic is not None:
        row.limit_ratio = ratios(costs, {number: cost + row.arithmetic for number, cost in alone.items()})


def summarise_case(case: dict[str, Any], speed: list[dict[str, Any]]) -> CaseSummary:
    own = primitives.arithmetic(case, speed, libcrypto=False)
    theirs = primitives.arithmetic(case, speed, libcrypto=True)
    ours = case["servers"].get("breakwater", {}).get("rounds", [])
    rows = []
    for name, server in case["servers"].items():
        row = Row(name, KINDS[name].title if name in KINDS else name, problem=server.get("problem", ""),
                  rounds=len(server["rounds"]))
        if server["rounds"]:
            if case["kind"] == "memory":
                _memory_row(row, server["rounds"], ours)
            else:
                _loaded_row(row, server["rounds"], ours, case)
        row.arithmetic = {"breakwater": own, "floor": 0.0}.get(name, theirs)
        _distance(row, server["rounds"], case["servers"].get("floor", {}).get("rounds", []), case)
        rows.append(row)
    rows.sort(key=lambda row: list(KINDS).index(row.server) if row.server in KINDS else 99)
    floor = next((row for row in rows if row.server == "floor" and row.cost), None)
    return CaseSummary(case["name"], case["title"], case["kind"], case["tls"], case["mode"], case.get("note", ""),
                       case["unit"], rows, max(0.0, floor.cost.median) if floor and floor.cost else None, own, theirs,
                       primitives.in_lanes(speed, case["primitives"]))


def summarise(data: dict[str, Any]) -> list[CaseSummary]:
    """All cases of a compare.json, in the order of the catalogue."""
    return [summarise_case(case, data.get("primitives") or []) for case in data["cases"]]


def distances(cases: list[CaseSummary]) -> dict[str, Any]:
    """For compare.json: what stands beside every row, by case and server. Medians."""
    def of_row(case: CaseSummary, row: Row) -> dict[str, float | None]:
        return {"cost": row.cost.median if row.cost else None, "arithmetic": row.arithmetic,
                "times_floor": row.floor_ratio.median if row.floor_ratio else None,
                "times_limit": row.limit_ratio.median if row.limit_ratio else None}
    return {case.name: {"unit": COST_UNIT[case.kind], "floor": case.floor,
                        "servers": {row.server: of_row(case, row) for row in case.rows}} for case in cases}


def one_line(result: Any) -> str:
    """A case that is just done, for the progress on the terminal."""
    case = result.case
    as_data = {"name": case.name, "title": case.title, "kind": case.kind, "tls": case.tls, "mode": case.mode,
               "size": case.size, "unit": case.unit, "primitives": list(case.primitives), "state": case.state,
               "servers": result.servers}
    parts = []
    for row in summarise_case(as_data, []).rows:
        ratio = f" ({row.cost_ratio.median:.2f}x)" if row.cost_ratio else ""
        parts.append(f"{row.server} {row.cost.median:,.4g}{ratio}" if row.cost else f"{row.server} -")
    return f"{case.name}, {COST_UNIT[case.kind]}: " + ", ".join(parts)
