"""What the numbers were measured on and with."""
from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from . import steadiness
from .servers import KINDS, Site

ROOT = Path(__file__).resolve().parents[2]


def _output(*command: str) -> str:
    """What a program prints, on either stream; "" when it cannot be run."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, cwd=ROOT)
        return result.stdout + result.stderr
    except (OSError, subprocess.SubprocessError):
        return ""


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    return match[1].strip() if match else ""


def commit() -> str:
    """The commit of the tree, "-modified" behind it when files differ; "" without git."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return ""
    revision = _output("git", "rev-parse", "--short=12", "HEAD").strip()
    if not re.fullmatch("[0-9a-f]+", revision):
        return ""
    return revision + ("-modified" if _output("git", "status", "--porcelain").strip() else "")


def openssl_package() -> str:
    """The version of the libssl that Debian's servers are linked with."""
    return _output("dpkg-query", "--show", "--showformat=${Version}", "libssl3").strip()


def version_of(name: str, site: Site) -> dict[str, str]:
    """Version and TLS library of a server."""
    kind = KINDS[name]
    libssl = f"OpenSSL {openssl_package()}".strip()
    if kind.program == "breakwater":
        text = _output(str(site.binaries["breakwater"]), "--version")
        return {"version": _first(r"(\S+)\s*$", text), "tls": "its own"}
    if kind.program == "nginx":
        return {"version": _first(r"nginx/(\S+)", _output("nginx", "-v")), "tls": libssl}
    if kind.program == "haproxy":
        return {"version": _first(r"version (\S+)", _output("haproxy", "-v")), "tls": libssl}
    if kind.program == "hitch":
        return {"version": _first(r"hitch (\S+)", _output("hitch", "--version")), "tls": libssl}
    return {"version": "", "tls": "none"}


def describe(server_cpu: int, load_cpu: int) -> dict[str, Any]:
    cpuinfo = Path("/proc/cpuinfo").read_text()
    release = Path("/etc/os-release").read_text() if Path("/etc/os-release").exists() else ""
    memory_kib = int(_first(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()) or 0)
    return {
        "cpu": _first(r"^model name\s*:\s*(.*)$", cpuinfo) or platform.machine(),
        "cpus": os.cpu_count(),
        "virtual": bool(re.search(r"^flags\s*:.*\bhypervisor\b", cpuinfo, re.MULTILINE)),
        "features": [f for f in ("adx", "avx2", "vaes", "avx512ifma", "sha_ni")
                     if re.search(rf"^flags\s*:.*\b{f}\b", cpuinfo, re.MULTILINE)],
        "memory_mib": memory_kib // 1024,
        "kernel": platform.release(),
        "system": _first(r'^PRETTY_NAME="?([^"\n]*)', release),
        "python": platform.python_version(),
        "commit": commit(),
        "server_cpu": server_cpu,
        "load_cpu": load_cpu,
        "steadiness": steadiness.measure((server_cpu, load_cpu)),
    }
