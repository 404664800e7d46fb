"""Brings the certificates of a time-stamp into the order that DER asks for.

OpenSSL, on which many authorities run, puts them as they come; the library that checks time-stamps insists on the order (X.690, section 11.6).
They are not part of what is signed, and the order says nothing.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

CONSTRUCTED_0: Final = 0xA0  # [0], where SignedData has its certificates (RFC 5652, section 5.1)
MOST_LENGTH_BYTES: Final = 4
CERTIFICATES: Final = 3  # which element of SignedData


def with_sorted_certificates(response: bytes) -> bytes:
    """Give a time-stamp response (RFC 3161, section 2.4.2) with its certificates sorted; what is none is given back as it is."""
    try:
        _, token = _elements(response, *_content(response, 0))  # TimeStampResp: status, token
        _, explicit = _elements(response, *_content(response, token[0]))  # ContentInfo: type, [0] content
        (signed,) = _elements(response, *_content(response, explicit[0]))
        start, end = _elements(response, *_content(response, signed[0]))[CERTIFICATES]
        if response[start] != CONSTRUCTED_0:
            return response
        first, last = _content(response, start)
        certificates = sorted(response[a:b] for a, b in _elements(response, first, last))
    except (IndexError, ValueError):
        return response
    return response[:first] + b"".join(certificates) + response[end:]


def _elements(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """List where the elements between two positions begin and end."""
    return list(_walk(data, start, end))


def _walk(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        _, close = _content(data, start)
        if close > end:
            raise ValueError("an element is longer than what it is in")
        yield start, close
        start = close


def _content(data: bytes, start: int) -> tuple[int, int]:
    """Say where the content of the element at a position begins and ends."""
    length, begin = data[start + 1], start + 2
    if length & 0x80:
        size = length & 0x7F
        if not 0 < size <= MOST_LENGTH_BYTES:
            raise ValueError("a length that DER does not know")
        length = int.from_bytes(data[begin : begin + size])
        begin += size
    if begin + length > len(data):
        raise ValueError("an element is cut short")
    return begin, begin + length
