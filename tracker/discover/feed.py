"""Feeds: RSS and Atom by feedparser, which also reads those that are not quite well-formed, and JSON Feed.

feedparser is given bytes that were fetched already; left to itself, it would fetch.

Computes only.
"""

from __future__ import annotations

import calendar
import html
import json
import re
import time
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

import feedparser

from tracker.discover.entries import Collector, Listing, moment_of
from tracker.discover.recognize import FEEDS, is_json_feed
from tracker.discover.xml import check_shape, root_of
from tracker.errors import InputError
from tracker.models import Snapshot

HARMLESS: Final = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)  # the feed itself is fine


def read_feed(snapshot: Snapshot) -> Listing:
    """List the entries of a feed, in its order.

    Raises:
        InputError: It is no feed, or so broken that nothing can be read from it.
    """
    if is_json_feed(snapshot.body):
        return _read_json(snapshot)
    try:
        root = root_of(snapshot.body)
        body = check_shape(snapshot.body)
    except InputError as error:
        raise InputError(f"{snapshot.url} cannot be read as a feed: {error}") from error
    if root not in FEEDS:
        raise InputError(f"{snapshot.url} is not a feed: it is neither RSS nor Atom nor JSON Feed")
    fields = {"content-location": snapshot.address, "content-type": snapshot.header("Content-Type") or ""}
    feed = feedparser.parse(BytesIO(body), response_headers=fields, sanitize_html=False, resolve_relative_uris=False)
    found = Collector(snapshot.address)
    for entry in feed.entries:
        found.add(_link(entry), _title(entry), _moment(entry, "published_parsed"), _moment(entry, "updated_parsed"))
    if not feed.entries and feed.bozo and not isinstance(feed.bozo_exception, HARMLESS):
        raise InputError(f"{snapshot.url} cannot be read as a feed: its XML is broken ({feed.bozo_exception})")
    return found.listing()


def _link(entry: Any) -> str | None:
    """Choose the address of the article: the one before FeedBurner's counting redirect, where it is told."""
    link = dict.get(entry, "feedburner_origlink") or dict.get(entry, "link")
    return str(link) if link else None


def _title(entry: Any) -> str | None:
    title = dict.get(entry, "title")
    if not title:
        return None
    if "html" in dict.get(entry, "title_detail", {}).get("type", ""):
        title = html.unescape(re.sub(r"<[^<>]*>", "", title))
    return str(title)


def _moment(entry: Any, field: str) -> datetime | None:
    parsed: time.struct_time | None = dict.get(entry, field)  # UTC; without dict, feedparser gives another date instead
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_json(snapshot: Snapshot) -> Listing:
    """Read a JSON Feed (jsonfeed.org/version/1.1)."""
    items = json.loads(snapshot.body).get("items")
    if not isinstance(items, list):
        raise InputError(f"{snapshot.url} cannot be read as a feed: it has no list of items")
    found = Collector(snapshot.address)
    for item in items:
        told = item if isinstance(item, dict) else {}
        published_at, updated_at = (moment_of(_text(told, name)) for name in ("date_published", "date_modified"))
        found.add(_text(told, "url") or _id(told), _text(told, "title"), published_at, updated_at)
    return found.listing()


def _id(item: dict[str, Any]) -> str | None:
    """Take the identifier where it is an address, as the specification recommends."""
    value = _text(item, "id") or ""
    return value if value.startswith(("http://", "https://")) else None


def _text(item: dict[str, Any], name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) else None
