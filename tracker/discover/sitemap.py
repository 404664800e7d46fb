"""Sitemaps (sitemaps.org, protocol 0.9), with the news extension, indexes of sitemaps, and bare lists of addresses; also packed with gzip.

Computes only.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from tracker.discover.entries import Collector, Listing, moment_of
from tracker.discover.xml import Stop, root_of, walk
from tracker.errors import InputError
from tracker.models import Snapshot

LARGEST: Final = 50 * 1024 * 1024  # bytes unpacked; the protocol allows no more
GZIP: Final = b"\x1f\x8b"
MOST_ENTRIES: Final = 50_000  # the protocol allows no more
WRAPPERS: Final = ("urlset", "sitemapindex")
ENTRIES: Final = ("url", "sitemap")
BARE_AMPERSAND: Final = re.compile(rb"&(?![A-Za-z#][A-Za-z0-9]*;)")
CDATA: Final = b"<![CDATA["


def read_sitemap(snapshot: Snapshot) -> Listing:
    """List the addresses of a sitemap, or the sitemaps of an index as `children`.

    Raises:
        InputError: It is no sitemap, or so broken that nothing can be read from it.
    """
    try:
        body = unpack(snapshot.body)
        root = root_of(body)
        if root in WRAPPERS:
            return _read_xml(body, snapshot.address)
    except InputError as error:
        raise InputError(f"{snapshot.url} cannot be read as a sitemap: {error}") from error
    if root is None and is_address_list(body):
        return _read_lines(body, snapshot.address)
    raise InputError(f"{snapshot.url} is not a sitemap: it begins neither with <urlset> nor with <sitemapindex>")


def unpack(body: bytes) -> bytes:
    """Unpack a body that is a gzip file, such as `news.xml.gz`; give any other back as it is.

    Raises:
        InputError: It is not whole, or unfolds to more than a sitemap may have.
    """
    if not body.startswith(GZIP):
        return body
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacked = inflate.decompress(body, LARGEST + 1)
    except zlib.error as error:
        raise InputError("its gzip data is damaged") from error
    if len(unpacked) > LARGEST:
        raise InputError(f"it unfolds to more than {LARGEST:,} bytes")
    if not inflate.eof:
        raise InputError("its gzip data breaks off")
    return unpacked


def is_address_list(body: bytes) -> bool:
    """Say whether a body is text with one web address on each line, and nothing else."""
    lines = [line.strip() for line in body.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    return bool(lines) and all(re.match(rb"https?://\S+$", line) for line in lines)


def _read_lines(body: bytes, base: str) -> Listing:
    found = Collector(base)
    for line in body.decode("utf-8-sig", "replace").splitlines():
        if line.strip():
            found.add(line)
    return found.listing()


def _read_xml(body: bytes, base: str) -> Listing:
    reader = _Reader(base)
    whole = reader.read(body)
    if not whole and (mended := _mend(body)) != body:
        reader = _Reader(base)
        whole = reader.read(mended)
    listing = reader.listing()
    if not whole and not listing and not listing.children:
        raise InputError("its XML is broken")
    return listing


def _mend(body: bytes) -> bytes:
    """Escape bare ampersands, the commonest fault, except in CDATA sections, where they may stand."""
    first, *others = body.split(CDATA)
    pieces = [BARE_AMPERSAND.sub(b"&amp;", first)]
    for other in others:
        section, end, rest = other.partition(b"]]>")
        pieces.append(section + end + BARE_AMPERSAND.sub(b"&amp;", rest))
    return CDATA.join(pieces)


class _Reader:
    """Takes the entries of a sitemap as they come by, so that a large one needs no more memory than its addresses."""

    def __init__(self, base: str) -> None:
        self._pages = Collector(base)
        self._sitemaps = Collector(base)
        self._entry: dict[str, str] | None = None  # the one in hand
        self._within: list[str] = []  # its elements that are open
        self._text: list[str] = []
        self._entries = 0

    def read(self, body: bytes) -> bool:
        """Read all of it, or as much as is well-formed; say whether that was all."""
        return walk(body, self._start, self._end, self._text.append)

    def listing(self) -> Listing:
        """Give what was found."""
        skipped = self._pages.skipped + self._sitemaps.skipped
        return Listing(tuple(self._pages), tuple(self._sitemaps), skipped)

    def _start(self, name: str) -> None:
        if self._entry is not None:
            self._within.append(name)
        elif name in ENTRIES:
            self._entry = {}
        self._text.clear()

    def _end(self, name: str) -> None:
        if self._entry is None:
            return
        if not self._within:
            self._take(self._pages if name == "url" else self._sitemaps, self._entry)
            self._entry = None
            return
        self._within.pop()
        if self._within in ([], ["news"]):  # and not within a picture or film
            self._entry.setdefault(name, "".join(self._text).strip())
        self._text.clear()

    def _take(self, collector: Collector, told: dict[str, str]) -> None:
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            raise Stop
        published_at, updated_at = moment_of(told.get("publication_date")), moment_of(told.get("lastmod"))
        collector.add(told.get("loc"), told.get("title"), published_at, updated_at)
