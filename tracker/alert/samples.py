"""Changes that were never published, for the test of a channel and of a template.

Computes only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tracker.alert.followups import amend
from tracker.alert.messages import compose_event, compose_message, context_of, lines_of, test_message
from tracker.models import (
    Capture,
    Change,
    Comparison,
    Event,
    Fact,
    Judgement,
    SentenceChange,
    Side,
    StoredSnapshot,
    StoredVersion,
    Told,
    WordOperation,
)

URL = "https://news.example.org/2026/harbour-fire"
HEADLINE = "Fire in the harbour of Ostmark"
OLD = "A fire in a warehouse in the harbour killed 12 people, the police said."
NEW = "A fire in a warehouse in the harbour killed 14 people, the police said."


def sample_change(now: datetime, *facts: Fact) -> Change:
    """Make a change that happened just now: a number of dead, corrected without a word."""
    words: tuple[tuple[WordOperation, str], ...] = (
        ("equal", "A fire in a warehouse in the harbour killed "), ("delete", "12"), ("insert", "14"),
        ("equal", " people, the police said."),
    )  # fmt: skip
    dead = Fact(
        "number", "replaced", "12", "14", 1, 1, 3, counted="killed", about="fire in the harbour", source="the police"
    )
    steps = (SentenceChange(0, 0, "equal"), SentenceChange(1, 1, "replace", words, "fact"))
    comparison = Comparison(
        Judgement("substantive", 3, "undisclosed", ("The number of people killed changed.",)),
        Capture(), _side(OLD), _side(NEW), facts or (dead,), steps,
    )  # fmt: skip
    seen = now - timedelta(minutes=15)
    old, new = _stored(1, now - timedelta(hours=2), seen), _stored(2, now, now)
    return Change(0, URL, old, new, comparison, now, ("sample",))


def _side(sentence: str) -> Side:
    return Side(HEADLINE, (), None, None, "en", (HEADLINE, sentence), (0, 1), ())


def _stored(number: int, fetched_at: datetime, seen: datetime) -> StoredVersion:
    digest = f"sha256:{number}"
    snapshot = StoredSnapshot(f"{fetched_at:%Y%m%d%H%M%S}", fetched_at, 200, digest, "sample", 0, 0, 0)
    return StoredVersion(number, number, snapshot, digest, HEADLINE, seen)


def sample_contexts() -> list[dict[str, Any]]:
    """Give what a template may have to show: a change with facts and one without, a follow-up, an event, a test."""
    now = datetime(2026, 1, 31, 9, 45, tzinfo=UTC)
    change = sample_change(now)
    note = Fact("notice", "added", None, "Correction: 14 people were killed.", None, 1, 2)
    first = compose_message(change, "sample")
    told = Told(first.key, now, first.text, first.payload)
    later = compose_message(sample_change(now + timedelta(hours=26), note), "sample")
    event = Event(
        0,
        URL,
        "removed",
        "the server answers with status 404",
        HEADLINE,
        now,
        now + timedelta(days=1),
        now,
        ("sample",),
    )
    messages = [
        first,
        amend(later, [told], timedelta(days=7)),
        compose_event(event, "sample"),
        test_message(change, "sample", now),
    ]
    return [
        {**context_of(message.title, lines_of(message), message.payload), "text": message.text} for message in messages
    ]
