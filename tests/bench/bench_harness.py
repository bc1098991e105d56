"""What the tests of bench/ share: the module path, reports of single cases, and data as bench/compare would have
measured it."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench"))
sys.path.append(str(ROOT / "tests" / "support"))
import gtest_report


def main():
    gtest_report.main("bench")


def load_of(done, failed=0, **more):
    """A load of the generator's report."""
    histogram = {"count": done, "min": 900.0, "mean": 9000.0, "p50": 8000.0, "p90": 9500.0, "p99": 12000.0, "max": 2e4}
    return {"name": "x", "mode": "full", "started": done + failed, "succeeded": done, "failed": failed,
            "requests": done, "resumed": 0, "held_max": 0, "bytes_received": done * 1_000_000,
            "failures": {"connection refused": failed} if failed else {},
            "negotiated": {"TLS 1.3 ECDHE-ECDSA AES256-GCM secp256r1": done},
            "latency_us": {"handshake": histogram, "request": histogram},
            "tcp": {"sampled": 10, "segments_out": 4.0, "segments_in": 3.0, "bytes_out": 400.0, "bytes_in": 1000.0,
                    "retransmitted": 0.0}, **more}


def round_of(number, done, cpu_us, seconds=1.0, limit=False, failed=0, user=0.5):
    return {"round": number, "order": 1, "wall_s": seconds + 0.1, "duration_s": seconds, "limit": limit,
            "cpu_us": cpu_us, "user_us": cpu_us * user, "system_us": cpu_us * (1 - user), "core_busy_us": cpu_us,
            "others_us": 0.0, "core_softirq_us": 0.0, "core_steal_us": 0.0, "idle_servers_us": 0.0,
            "backend_us": 0.0, "pss_kib": 8192, "load": load_of(done, failed), "generator": {"limit": limit}}


def case_of(servers, name="1.3 ecdsa full", kind="handshake", **more):
    return {"name": name, "title": "TLS 1.3, ECDSA P-256, full handshake", "kind": kind, "tls": "1.3", "mode": "full",
            "size": 0, "unit": "handshakes/s", "connections": 64, "note": "", "arguments": [],
            "primitives": ["P-256 sign", "P-256 key pair", "P-256 ECDH"], "servers": servers} | more


def speed_of():
    """What `breakwater speed --json` says, in short."""
    def line(operation, implementation, microseconds):
        return {"operation": operation, "implementation": implementation, "microseconds": microseconds}
    return [line("P-256 sign", "portable", 30.0), line("P-256 sign", "ifma", 6.0),
            line("P-256 sign", "libcrypto", 20.0),
            line("P-256 key pair", "portable", 25.0), line("P-256 key pair", "libcrypto", 15.0),
            line("P-256 ECDH", "portable", 100.0), line("P-256 ECDH", "libcrypto", 65.0),
            line("RSA-2048 sign", "libcrypto", 400.0),
            *(line(f"AES-256-GCM seal, {size} B", name, microseconds)
              for size, ours, theirs in ((64, 0.04, 0.2), (1400, 0.10, 0.5), (16384, 0.8, 3.2))
              for name, microseconds in (("libipsec-mb", ours), ("libcrypto", theirs)))]


def data_of(cases, **more):
    return {"format": 1, "program": "bench/compare",
            "started": "2026-01-02T03:04:05Z", "finished": "2026-01-02T03:05:00Z",
            "machine": {"cpu": "A <CPU> & more", "cpus": 2, "virtual": True, "features": ["adx"], "memory_mib": 4096,
                        "kernel": "6.1.0", "system": "Debian GNU/Linux 12 (bookworm)", "python": "3.11.2",
                        "commit": "0123456789ab", "server_cpu": 0, "load_cpu": 1},
            "settings": {"quick": True, "rounds": 3, "seconds": 0.5, "held": 2000, "memory_rounds": 1,
                         "connections": 64, "backlog": 4096},
            "servers": {"breakwater": {"version": "0.1.0", "tls": "its own"},
                        "nginx": {"version": "1.22.1", "tls": "OpenSSL 3.0"}},
            "interrupted": False, "primitives": speed_of(), "cases": cases, "warnings": [], **more}
