"""What is put into catalogs by tests and benchmarks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tracker.catalog import Catalog
from tracker.models import (
    Article,
    Capture,
    Change,
    Comparison,
    Fact,
    Judgement,
    Message,
    SentenceChange,
    Side,
    StoredSnapshot,
    StoredVersion,
    Validators,
)

NOW = datetime(2026, 4, 9, 8, 15, 0, 123456, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEASE = 5 * MINUTE
LATER = NOW + HOUR
SEEN = Validators('"abc"', "Thu, 09 Apr 2026 08:00:00 GMT")
LINES = (
    "A ferry ran aground off the island on Tuesday.",
    "The coast guard said that {} people were brought ashore.",
    "The harbour of Sund has been closed.",
)


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def stored(number: int, at: datetime = NOW, folder: str = "example.org/a", **fields: Any) -> StoredSnapshot:
    """The archive's word on the capture with this number."""
    values: dict[str, Any] = {
        "id": f"{at:%Y%m%d%H%M%S}", "fetched_at": at, "status": 200, "digest": digest(f"page {number}"),
        "file": f"{folder}/captures.warc.zst", "offset": 900 * number, "length": 900, "size": 110_402,
    }  # fmt: skip
    return StoredSnapshot(**{**values, **fields})


def side(people: str) -> Side:
    sentences = ("Ferry runs aground", *(line.format(people) for line in LINES))
    return Side("Ferry runs aground", ("Ada Berg",), NOW, None, "en", sentences, (0, 1, 1, 2), ())


def comparison(
    old: str = "12", new: str = "22", *, kinds: Sequence[Any] = ("number",), verdict: Any = "substantive",
    disclosure: Any = "undisclosed",
) -> Comparison:  # fmt: skip
    """A number of people, corrected."""
    facts = tuple(Fact(kind, "replaced", old, new, 2, 2, 3, counted="brought ashore") for kind in kinds)
    pieces = (("equal", "The coast guard said that "), ("delete", old), ("insert", new), ("equal", " people were brought ashore."))  # fmt: skip
    steps = (
        SentenceChange(0, 0, "equal"),
        SentenceChange(1, 1, "equal"),
        SentenceChange(2, 2, "replace", pieces, "fact"),
        SentenceChange(3, 3, "equal"),
    )
    judgement = Judgement(verdict, 3 if facts else 0, disclosure, ("A number changed.",))
    return Comparison(judgement, Capture(), side(old), side(new), facts, steps)


def message(key: str, **fields: Any) -> Message:
    values: dict[str, Any] = {"title": "Ferry runs aground", "text": "Number: 12 → 22", "html": "<p>12 → 22</p>"}
    return Message(key, **{**values, "payload": {"key": key, "facts": [{"old": "12", "new": "22"}]}, **fields})


def tell(*channels: str) -> Any:
    """Deliveries of a change to these channels."""
    return lambda change: [(name, message(f"{change.id}-{name}")) for name in channels]


def add(catalog: Catalog, path: str = "a", **fields: Any) -> Article:
    """Follow https://example.org/PATH, or a whole address."""
    url = path if "://" in path else f"https://example.org/{path}"
    return catalog.add_article(url, url.removeprefix("https://"), **{"now": NOW, **fields})[0]


def record(
    catalog: Catalog, article: Article, text: str, *, at: datetime = NOW, compared: Comparison | None = None,
    channels: Sequence[str] = (), number: int = 1, **fields: Any,
) -> tuple[StoredVersion, Change | None]:  # fmt: skip
    """Record what a check at a moment found an article to say."""
    values: dict[str, Any] = {
        "at": at + SECOND, "due_at": at + HOUR, "stored": stored(number, at, article.folder), "digest": digest(text),
        "headline": text.title(), "updated_at": None, "validators": SEEN, "comparison": compared, "deliveries": tell(*channels),
    }  # fmt: skip
    return catalog.record_version(article.id, **{**values, **fields})


def changed(
    catalog: Catalog, path: str = "a", *, at: datetime = NOW, channels: Sequence[str] = ("desk",),
    compared: Comparison | None = None, **fields: Any,
) -> Change:  # fmt: skip
    """Follow an article that changes at once."""
    article = add(catalog, path, **fields)
    record(catalog, article, "before", at=at - HOUR)
    _, change = record(catalog, article, "after", at=at, number=2, compared=compared or comparison(), channels=channels)
    assert change is not None
    return change
