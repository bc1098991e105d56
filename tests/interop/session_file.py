"""Edits a session file of the openssl command, so that s_client sends early data that we never offered to take.

The file is PEM around OpenSSL's own DER form of a session: a sequence whose optional fields carry explicit context
tags in ascending order. max_early_data is field 15.
"""
import base64
import re

MAX_EARLY_DATA_TAG = 15
CONTEXT_CONSTRUCTED = 0xA0
SEQUENCE = 0x30


def read_length(data, at):
    """(length, offset behind it) of the DER length at `at`."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    return int.from_bytes(data[at + 1:at + 1 + size], "big"), at + 1 + size


def write_element(tag, content):
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def elements(content):
    """(tag, whole element) of everything in a sequence's content."""
    at = 0
    while at < len(content):
        length, body = read_length(content, at + 1)
        yield content[at], content[at:body + length]
        at = body + length


def with_early_data(path, size=16384):
    """Rewrites the session at `path` as if the server had allowed `size` bytes of early data."""
    text = path.read_text()
    found = re.search(r"-----BEGIN SSL SESSION PARAMETERS-----(.*?)-----END", text, re.DOTALL)
    der = base64.b64decode(found[1])
    _, start = read_length(der, 1)
    number = size.to_bytes(size.bit_length() // 8 + 1, "big")  # DER: as short as can be, with room for the sign
    field = write_element(CONTEXT_CONSTRUCTED | MAX_EARLY_DATA_TAG, write_element(0x02, number))
    before, behind = b"", b""
    for tag, element in elements(der[start:]):
        number = tag - CONTEXT_CONSTRUCTED
        if number == MAX_EARLY_DATA_TAG:
            continue
        if number > MAX_EARLY_DATA_TAG:
            behind += element
        else:
            before += element
    edited = write_element(SEQUENCE, before + field + behind)
    path.write_text("-----BEGIN SSL SESSION PARAMETERS-----\n" + base64.encodebytes(edited).decode() +
                    "-----END SSL SESSION PARAMETERS-----\n")
