"""What a body is, and how its content codings are undone while it comes in.

A compressed body may unfold to a thousand times its size, and a coding may be wrapped in another.  So each coding gives its output in small pieces,
each piece goes through the next coding at once, and the bytes are counted behind every one of them: what is over the limit stops there, with 64 kB in hand.

Computes only.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Protocol

import brotli  # type: ignore[import-untyped]  # ships no types
from backports import zstd

PIECE: Final = 65536  # bytes; of what a coding gives at once
MOST_CODINGS: Final = 3  # one is usual; nobody honest needs four
ZSTD_WINDOW_LOG: Final = 23  # 8 MB, which RFC 9659 makes the most that a browser has to bear
ACCEPT_ENCODING: Final = "gzip, deflate, br, zstd"

Accept = tuple[str, ...]

TEXT: Final[Accept] = (
    "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml", "application/json", "+xml", "+json",
)  # fmt: skip
"""Media types of pages and feeds; "+xml" stands for all with this suffix (RFC 6839)."""
SITEMAPS: Final[Accept] = (*TEXT, "application/gzip", "application/x-gzip", "application/octet-stream")
ANYTHING: Final[Accept] = ("*/*",)
"""For robots.txt, which servers send under the strangest types."""


class TooLargeError(ValueError):
    """The body goes on beyond the limit."""


class CodingError(ValueError):
    """The body is not what its Content-Encoding says; the message says what is wrong."""


# --- media types ----------------------------------------------------------------------------------

GZIP: Final = "gzip data"
MAGIC: Final = (  # what says of itself that it is no text, whatever the Content-Type claims
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a WebP image, sound or film"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", GZIP),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"ID3", "an MP3 sound"),
    (b"OggS", "an Ogg sound or film"),
    (b"wOF", "a font"),
    (b"\x7fELF", "a program"),
)


def media_type(content_type: str | None) -> str:
    """Cut the parameters off a Content-Type: `text/html; charset=utf-8` → `text/html`."""
    return (content_type or "").split(",")[0].partition(";")[0].strip().lower()


def is_accepted(content_type: str | None, accept: Accept) -> bool:
    """Say whether a media type is among those asked for; one that is not given has to be judged by the body."""
    kind = media_type(content_type)
    suffix = kind[kind.rfind("+") :] if kind.startswith(("application/", "text/")) and "+" in kind else kind
    return not kind or accept == ANYTHING or kind in accept or suffix in accept


def name_binary(body: bytes) -> str | None:
    """Name what a body is if it is no text: "a PDF document"; None for text."""
    for magic, name in MAGIC:
        if body.startswith(magic):
            return name
    if body[4:8] == b"ftyp":
        return "a film"
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00"))  # UTF-16 is full of zero bytes
    return "binary data" if b"\0" in body[:1024] and not wide else None


# --- content codings ------------------------------------------------------------------------------


class _Coding(Protocol):
    """Undoes one coding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what the data unfold to, at most PIECE bytes at a time."""

    def is_whole(self) -> bool:
        """Say whether the coding has come to its end."""


class _Zlib:
    """gzip (also several members in a row) and deflate."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inflate = zlib.decompressobj(wbits)
        self._members = 0  # that came to their end
        self._over = False  # what follows is no further member, and ignored as by every other reader

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and not self._over:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(self._wbits)
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error:
                if self._members == 0:
                    raise
                self._over = True
                return
            yield piece
            while len(piece) == PIECE and not self._inflate.unconsumed_tail and not self._inflate.eof:
                piece = self._inflate.decompress(b"", PIECE)  # what is still held back, though all input is used
                yield piece
            data = self._inflate.unconsumed_tail
            if self._inflate.eof:
                self._members += 1
                data = self._inflate.unused_data if self._wbits > zlib.MAX_WBITS else b""
                self._over = self._wbits <= zlib.MAX_WBITS

    def is_whole(self) -> bool:
        return self._over or self._inflate.eof


class _Deflate:
    """deflate as RFC 9110 means it (zlib, RFC 1950), or bare (RFC 1951), as some servers send it."""

    def __init__(self) -> None:
        self._start = b""
        self._zlib: _Zlib | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._zlib is None:
            self._start += data
            if len(self._start) < 2:
                return
            data, first = self._start, self._start[0] << 8 | self._start[1]
            is_zlib = self._start[0] & 0x0F == 8 and first % 31 == 0  # RFC 1950, section 2.2
            self._zlib = _Zlib(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        yield from self._zlib.feed(data)

    def is_whole(self) -> bool:
        return self._zlib is not None and self._zlib.is_whole()


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._decompressor.process(data, output_buffer_limit=PIECE)
        while not self._decompressor.can_accept_more_data():
            yield self._decompressor.process(b"", output_buffer_limit=PIECE)

    def is_whole(self) -> bool:
        return bool(self._decompressor.is_finished())


class _Zstd:
    """zstd, also several frames in a row."""

    def __init__(self) -> None:
        self._decompressor = self._begin()

    def _begin(self) -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._decompressor.needs_input or self._decompressor.eof):
            if self._decompressor.eof:
                self._decompressor = self._begin()
            yield self._decompressor.decompress(data, PIECE)
            data = self._decompressor.unused_data if self._decompressor.eof else b""

    def is_whole(self) -> bool:
        return bool(self._decompressor.eof)


CODINGS: Final[Mapping[str, Callable[[], _Coding]]] = {
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "x-gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}


def decode(raw: Iterable[bytes], content_encoding: str | None, limit: int) -> bytes:
    """Put a body together from what comes over the wire.

    Args:
        raw: Pieces as received, transfer coding undone.
        content_encoding: The header; codings in the order in which they were applied.  What is none ("utf-8", "none") is passed over, as browsers do.
        limit: Bytes of the body, and of what is received, and between two codings.

    Raises:
        TooLargeError: The body is larger than the limit.
        CodingError: It is not in the coding that the header says, or breaks off.
    """
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    names = [name for name in reversed(names) if name in CODINGS]
    if len(names) > MOST_CODINGS:
        raise CodingError(f"is sent in {len(names)} codings, one inside the other")
    pieces = _count(raw, limit)
    for name in names:
        pieces = _count(_undo(name, pieces), limit)
    return b"".join(pieces)


def _count(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise TooLargeError
        yield piece


def _undo(name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    coding = CODINGS[name]()
    begun = False
    try:
        for piece in pieces:
            begun = begun or bool(piece)
            yield from coding.feed(piece)
    except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as error:
        raise CodingError(f'says that it is in the coding "{name}", and is not') from error
    if begun and not coding.is_whole():
        raise CodingError("breaks off: its last part is missing")
