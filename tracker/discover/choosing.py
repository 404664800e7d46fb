"""Which of the addresses that a site lists are wanted.

Computes only.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from tracker.discover.entries import Entry, Listing
from tracker.url import host_of

LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)


def choose_entries(listing: Listing, links: str | None = None, limit: int | None = None) -> Listing:
    """Leave the entries of a list that are wanted, in its order.

    Args:
        listing: What was read.
        links: As for `matches`; None for any.
        limit: Only so many of the newest, by the time that they are given; those without one are in the order of the list,
            which begins with the newest nearly everywhere, and come after the others.
    """
    wanted = [entry for entry in listing.entries if links is None or matches(entry.url, links)]
    if limit is not None and len(wanted) > limit:
        newest = set(sorted(wanted, key=_age, reverse=True)[:limit])  # stable, so that equal ones keep the order
        wanted = [entry for entry in wanted if entry in newest]
    return replace(listing, entries=tuple(wanted))


def _age(entry: Entry) -> datetime:
    return entry.published_at or entry.updated_at or LONG_AGO


def matches(url: str, links: str, host: str | None = None) -> bool:
    """Say whether an address looks like those that are wanted.

    Args:
        url: The address.
        links: What it should look like, with `*` for anything: the path, "/2018/*/*", or the whole of it, "https://*.example.org/news/*".
        host: The one whose paths are meant; None for any.
    """
    wanted = re.compile(".*".join(map(re.escape, re.split(r"\*+", links))))
    if "://" in links:
        return wanted.fullmatch(url) is not None
    return host in (None, host_of(url)) and wanted.fullmatch(_path(url)) is not None


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
