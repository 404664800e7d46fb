"""What would be read at an address, before it is followed: one look at the page, with the manners and the limits of every other.

Joins the parts.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final

from tracker.capture import judge_capture
from tracker.discover import Listing, choose_entries, read_feed, read_section, read_sitemap, recognize
from tracker.errors import BlockedError, ExtractError, FetchError
from tracker.extract import extract_version
from tracker.fetch import ANYTHING, SITEMAPS
from tracker.models import Article, Capture, NotModified, Snapshot, Source, Version
from tracker.pipeline import Pipeline
from tracker.url import normalize_url

MOST_ENTRIES: Final = 30  # of a list, shown


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found."""

    url: str  # normalised
    kind: str  # "article", "feed", "sitemap" or "section"
    final_url: str  # after redirects
    version: Version | None = None  # of an article
    capture: Capture | None = None
    entries: tuple[str, ...] = ()  # of a list: the newest addresses
    total: int = 0
    known: Article | Source | None = None  # it is followed already, or was


def look(pipeline: Pipeline, address: str, links: str | None = None) -> Preview:
    """Look at an address.

    Args:
        pipeline: The parts.
        address: As a person typed it.
        links: A pattern: the page is then a section, whose links are listed.

    Raises:
        AddressError: It is not an address that can be followed.
        FetchError: The page could not be fetched, or robots.txt does not allow it.
        InputError: The list cannot be read.
    """
    url = normalize_url(address)
    snapshot = _fetch(pipeline, url)
    kind: str = recognize(snapshot)
    if kind == "article" and links:
        kind = "section"
    known = pipeline.catalog.article(url) or pipeline.catalog.source(url)
    if kind == "article":
        return _article(url, snapshot, known)
    readers = {"feed": read_feed, "sitemap": read_sitemap}
    listing: Listing = readers[kind](snapshot) if kind in readers else read_section(snapshot, links or "*")
    listing = choose_entries(listing, links, None)
    entries = [entry.url for entry in listing.entries]
    shown = tuple(entries[:MOST_ENTRIES])
    return Preview(url, kind, snapshot.address, entries=shown, total=len(entries), known=known)


def _article(url: str, snapshot: Snapshot, known: Article | Source | None) -> Preview:
    version: Version | None
    try:
        version = extract_version(snapshot)
    except ExtractError:
        version = None
    return Preview(url, "article", snapshot.address, version, judge_capture(snapshot, version), known=known)


def _fetch(pipeline: Pipeline, url: str) -> Snapshot:
    permit = pipeline.politeness.ask(
        url, pipeline.clock(), pipeline.random, lambda robots: pipeline.fetcher.fetch(robots, accept=ANYTHING)
    )
    if permit.refusal:
        raise BlockedError(permit.refusal, url=url, transient=permit.transient)
    # One look at a page is no reason to keep a person waiting: a pause that is due does not hold it up.
    with pipeline.politeness.request(url, pipeline.clock) if not permit.wait_until else nullcontext():
        response = pipeline.fetcher.fetch(url, accept=SITEMAPS, may_follow=pipeline.politeness.allows)
    if isinstance(response, NotModified):
        raise FetchError(f"{url}: the server says that nothing is new, though it was not asked that", url=url)
    return response
