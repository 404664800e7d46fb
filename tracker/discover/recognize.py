"""Is this a feed, a sitemap, or an article?  The content decides: servers call feeds text/html, and pages text/xml.

Computes only.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from tracker.discover.sitemap import is_address_list, unpack
from tracker.discover.xml import root_of
from tracker.errors import InputError
from tracker.models import Snapshot

FEEDS = frozenset({"rss", "rdf", "feed"})
SITEMAPS = frozenset({"urlset", "sitemapindex"})


def recognize(snapshot: Snapshot) -> Literal["feed", "sitemap", "article"]:
    """Say what an address holds."""
    try:
        body = unpack(snapshot.body)
        root = root_of(body)
    except InputError:
        return "article"
    if root in FEEDS:
        return "feed"
    if root in SITEMAPS:
        return "sitemap"
    if is_json_feed(body):
        return "feed"
    return "sitemap" if root is None and is_address_list(body) else "article"


def is_json_feed(body: bytes) -> bool:
    """Say whether this is a JSON Feed, by the version that each must name (jsonfeed.org/version/1.1)."""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return "jsonfeed.org/version/" in str(data.get("version"))
