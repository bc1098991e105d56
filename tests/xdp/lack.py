#!/usr/bin/env python3
"""What dropping in the kernel needs and this machine does not have. As a program: says it; exit status 0 when something is
lacking."""
import ctypes
import os
import struct
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
SYS_BPF = {"x86_64": 321, "aarch64": 280}
BPF_PROG_LOAD, BPF_PROG_TYPE_XDP = 5, 6


def load_nothing():
    """Whether the kernel takes an XDP program of two instructions, `r0 = XDP_PASS; exit`."""
    code = ctypes.create_string_buffer(bytes([0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]))
    text = ctypes.create_string_buffer(b"MIT")
    attributes = struct.pack("=IIQQ", BPF_PROG_TYPE_XDP, 2, ctypes.addressof(code), ctypes.addressof(text))
    buffer = ctypes.create_string_buffer(attributes, 128)
    descriptor = LIBC.syscall(SYS_BPF.get(os.uname().machine, -1), BPF_PROG_LOAD, buffer, 128)
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor >= 0


def lack():
    """What is lacking, or None."""
    if os.geteuid() != 0:
        return "network namespaces and BPF need root"
    name = f"bwx{os.getpid()}t"
    try:
        subprocess.run(["ip", "netns", "add", name], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return "no network namespace can be made here"
    try:
        subprocess.run(["ip", "-n", name, "link", "add", "name", "one", "type", "veth", "peer", "name", "two"], check=True,
                       capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return "no pair of veth can be made here"
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True, timeout=30)
    return None if load_nothing() else "BPF programs cannot be loaded here"


if __name__ == "__main__":
    what = lack()
    print(what or "nothing is lacking")
    sys.exit(what is None)
