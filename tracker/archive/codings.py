"""Undoes the codings in which a crawler kept a body: chunks (RFC 9112), gzip, deflate, Brotli, Zstandard; never into more than a limit.

Computes only.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from typing import Final

import brotli  # type: ignore[import-untyped]  # it ships no types

from tracker.archive.warc import DamageError
from tracker.models import Headers

if sys.version_info >= (3, 14):
    from compression import zstd  # pragma: no cover
else:
    from backports import zstd

LARGEST: Final = 50_000_000  # bytes of one record, and of a body once unpacked; five times the largest page that is fetched by default
CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


def undo_codings(body: bytes, headers: Headers) -> bytes:
    """Undo transfer and content codings; what is not in the coding that its header says was undone by the crawler.

    Raises:
        DamageError: It unfolds to more than the limit.
    """
    if "chunked" in _values(headers, "transfer-encoding"):
        body = _dechunk(body)
    for name in reversed(_values(headers, "content-encoding")):
        if name in CODINGS and body:
            body = _undo(CODINGS[name], body)
    return body


def _values(headers: Headers, name: str) -> list[str]:
    values = ",".join(value for key, value in headers if key.lower() == name)
    return [value.strip().lower() for value in values.split(",")]


def _dechunk(body: bytes) -> bytes:
    """Undo the chunked coding (RFC 9112, section 7.1)."""
    found: list[bytes] = []
    position = 0
    while match := CHUNK.match(body, position):
        size = int(match[1], 16)
        if not size:
            return b"".join(found)
        found.append(body[match.end() : match.end() + size])
        position = match.end() + size
        position += 2 if body[position : position + 2] == b"\r\n" else 0
    return b"".join(found) if found and position >= len(body) else body


def _undo(decompress: Callable[[bytes, int], bytes], body: bytes) -> bytes:
    try:
        found = decompress(body, LARGEST + 1)
    except (zlib.error, brotli.error, zstd.ZstdError, EOFError):
        return body
    if len(found) > LARGEST:
        raise DamageError(f"it unfolds to more than {LARGEST} bytes")
    return found


def _deflate(body: bytes, limit: int) -> bytes:
    """Deflate as RFC 9110 means it (zlib), or bare, as some servers send it."""
    try:
        return zlib.decompressobj().decompress(body, limit)
    except zlib.error:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, limit)


CODINGS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "gzip": lambda body, limit: zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, limit),
    "x-gzip": lambda body, limit: zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, limit),
    "deflate": _deflate,
    "br": lambda body, limit: bytes(brotli.Decompressor().process(body, output_buffer_limit=limit)),
    "zstd": lambda body, limit: bytes(zstd.ZstdDecompressor().decompress(body, limit)),
}
