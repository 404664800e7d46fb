"""Sitemaps (sitemaps.org, protocol 0.9), with the news extension, indexes of sitemaps, and bare lists of addresses; also packed with gzip.

Computes only.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from lxml import etree

from tracker.discover.entries import Collector, Listing, moment_of
from tracker.discover.xml import root_of
from tracker.errors import InputError
from tracker.models import Snapshot

LARGEST: Final = 50 * 1024 * 1024  # bytes unpacked; the protocol allows no more
GZIP: Final = b"\x1f\x8b"
WRAPPERS: Final = ("urlset", "sitemapindex")


def read_sitemap(snapshot: Snapshot) -> Listing:
    """List the addresses of a sitemap, or the sitemaps of an index as `children`.

    Raises:
        InputError: It is no sitemap, or so broken that nothing can be read from it.
    """
    try:
        body = unpack(snapshot.body)
        root = root_of(body)
    except InputError as error:
        raise InputError(f"{snapshot.url} cannot be read as a sitemap: {error}") from error
    if root is None and is_address_list(body):
        return _read_lines(body, snapshot.address)
    if root is None or root.name not in WRAPPERS:
        raise InputError(f"{snapshot.url} is not a sitemap: it begins neither with <urlset> nor with <sitemapindex>")
    return _read_xml(body, snapshot)


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


def _read_xml(body: bytes, snapshot: Snapshot) -> Listing:
    pages, sitemaps = Collector(snapshot.address), Collector(snapshot.address)
    parser = etree.iterparse(
        BytesIO(body.lstrip()),
        tag=("{*}url", "{*}sitemap"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in parser:
            told = dict(_texts(element))
            collector = pages if etree.QName(element).localname == "url" else sitemaps
            published_at = moment_of(told.get("publication_date"))
            collector.add(told.get("loc"), told.get("title"), published_at, moment_of(told.get("lastmod")))
            element.clear()
            while element.getprevious() is not None:  # what was read is not kept
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        _check_some(pages, sitemaps, snapshot, error)
    if parser.error_log:
        _check_some(pages, sitemaps, snapshot, None)
    return Listing(tuple(pages), tuple(sitemaps), pages.skipped + sitemaps.skipped)


def _check_some(pages: Collector, sitemaps: Collector, snapshot: Snapshot, error: Exception | None) -> None:
    if not any(pages) and not any(sitemaps):
        raise InputError(f"{snapshot.url} cannot be read as a sitemap: its XML is broken") from error


def _texts(element: Any) -> Iterator[tuple[str, str]]:
    """List the fields of an entry, those of the news extension included, but none of its pictures and films."""
    for child in element.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        if name == "news":
            yield from _texts(child)
        elif child.text:
            yield name, child.text.strip()
