"""Section pages: the links of a page that look like those of articles.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree, html

from tracker.discover.choosing import matches
from tracker.discover.entries import Collector, Listing
from tracker.errors import AddressError, InputError
from tracker.models import Snapshot
from tracker.url import host_of, join_url, normalize_link, normalize_url


def read_section(snapshot: Snapshot, pattern: str) -> Listing:
    """List the links of a page that look like articles, in the order of the page.

    Args:
        snapshot: The page.
        pattern: What an article's address looks like, as for `matches`; a path is one on the page's own host.

    Raises:
        InputError: The page holds nothing that could be read.
    """
    own, itself = host_of(snapshot.address), normalize_url(snapshot.address)
    found = Collector(snapshot.address)
    for url, title in _links(snapshot):
        if url != itself and matches(url, pattern, own):
            found.add(url, title)
    return found.listing()


def _links(snapshot: Snapshot) -> Iterator[tuple[str, str | None]]:
    """List the links of a page that lead to a web address; most of the others are not meant to."""
    try:
        tree: Any = html.document_fromstring(snapshot.body)
    except (etree.LxmlError, ValueError) as error:
        raise InputError(f"{snapshot.url} cannot be read as a page of links") from error
    base = next(iter(tree.xpath("//base/@href")), "")
    for anchor in tree.iter("a"):
        try:
            page = join_url(snapshot.address, base) if base else snapshot.address
            yield normalize_link(page, anchor.get("href") or ""), anchor.text_content()
        except AddressError:
            continue
