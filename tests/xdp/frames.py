"""Ethernet frames, built field by field, and what the program has to say about any frame."""
import ipaddress
import struct

IPV4, IPV6, VLAN, SERVICE_VLAN = 0x0800, 0x86dd, 0x8100, 0x88a8
TCP, UDP = 6, 17
FIN, SYN, RST, ACK = 1, 2, 4, 16


def tcp(port, flags=SYN, source_port=40000):
    return struct.pack("!HHIIBBHHH", source_port, port, 1, 0, 5 << 4, flags, 1000, 0, 0)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(source, payload, destination="10.231.0.1", protocol=TCP, fragment=0, options=b"", version=4, words=None):
    words = 5 + len(options) // 4 if words is None else words
    length = 20 + len(options) + len(payload)
    header = struct.pack("!BBHHHBBH", version << 4 | words, 0, length, 1, fragment, 64, protocol, 0)
    header += ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(destination).packed + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ipv6(source, payload, destination="fd31::1", following=TCP, version=6):
    return struct.pack("!IHBB", version << 28, len(payload), following, 64) + \
        ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(destination).packed + payload


def ethernet(kind, payload, tags=(), to=b"\x02\0\0\0\0\1", sender=b"\x02\0\0\0\0\2"):
    """tags: types of VLAN tags, from the outside in."""
    header = to + sender
    for tag in tags:
        header += struct.pack("!HH", tag, 7)
    return header + struct.pack("!H", kind) + payload


def should_drop(frame, ports, blocked_v4, blocked_v6):
    """Whether a frame is a TCP segment to one of the ports, whole up to the end of its header, from a blocked source.
    blocked_v4: packed addresses; blocked_v6: first halves of packed addresses."""
    at = 12
    for _ in range(2):
        if frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
            at += 4
    kind, packet = frame[at:at + 2], frame[at + 2:]
    if kind == b"\x08\x00" and len(packet) >= 20 and packet[0] >> 4 == 4 and packet[0] & 15 >= 5:
        fragment = int.from_bytes(packet[6:8], "big") & 0x3fff
        segment = packet[4 * (packet[0] & 15):]
        source_is_blocked = packet[12:16] in blocked_v4
        whole = packet[9] == TCP and fragment == 0
    elif kind == b"\x86\xdd" and len(packet) >= 40 and packet[0] >> 4 == 6:
        segment = packet[40:]
        source_is_blocked = packet[8:16] in blocked_v6
        whole = packet[6] == TCP
    else:
        return False
    return whole and len(segment) >= 20 and int.from_bytes(segment[2:4], "big") in ports and source_is_blocked
