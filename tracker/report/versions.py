"""Versions for programs: one JSON object a line, with the text and the bounds within which it stood on the page.

Computes only.
"""

from __future__ import annotations

import json
from datetime import datetime

from tracker.models import Article, Snapshot, StoredVersion, Version
from tracker.report.json import moment


def version_line(
    article: Article,
    stored: StoredVersion,
    version: Version,
    snapshot: Snapshot,
    *,
    before: StoredVersion | None,
    after: StoredVersion | None,
) -> str:
    """Write a version.

    Args:
        article: Whose.
        stored: What the catalog knows of it.
        version: What was read.
        snapshot: What the server sent.
        before: The version before.
        after: The version after.
    """
    document = {
        "article": article.url,
        "version": stored.number,
        "appeared": _bounds(before.last_seen_at if before else None, stored.snapshot.fetched_at),
        "last_seen_at": moment(stored.last_seen_at),
        "disappeared": _bounds(stored.last_seen_at, after.snapshot.fetched_at) if after else None,
        "headline": version.headline,
        "shown_headline": version.shown_headline,
        "byline": list(version.byline),
        "published_at": moment(version.published_at),
        "updated_at": moment(version.updated_at),
        "section": version.section,
        "language": version.language,
        "paragraphs": list(version.paragraphs),
        "captions": list(version.captions),
        "notices": list(version.notices),
        "links": None if version.links is None else list(version.links),
        "extractor": version.extractor,
        "digest": stored.digest,
        "snapshot": {
            "id": stored.snapshot.id,
            "fetched_at": moment(stored.snapshot.fetched_at),
            "address": snapshot.address,
            "status": snapshot.status,
            "digest": stored.snapshot.digest,
            "imported_from": snapshot.origin,
        },
    }
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"


def _bounds(not_before: datetime | None, not_after: datetime) -> dict[str, str | None]:
    return {"not_before": moment(not_before), "not_after": moment(not_after)}
