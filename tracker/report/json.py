"""Reports for programs: each change with its bounds, its versions and the comparison as schema 1; and what became of articles as a whole.

Computes only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from tracker.comparison_json import comparison_to_json
from tracker.models import Article, Change, Comparison, Event, StoredVersion
from tracker.report import view
from tracker.statistics import NoteLater

HOUR: Final = timedelta(hours=1)


def render(
    items: Sequence[view.Item],
    events: Sequence[Event],
    *,
    now: datetime,  # noqa: ARG001
    color: bool,  # noqa: ARG001
    width: int,  # noqa: ARG001
) -> str:
    """Write a list with one object a change, in order, and after them one an event, which has the key `event` alone."""
    changes = [change_document(item.change, item.note) for item in items if item.change]
    return dump([*changes, *({"event": event_document(event)} for event in events)])


def comparison_document(comparison: Comparison, *, changes_only: bool = False) -> str:
    """Write one comparison of two files: schema 1 and nothing around it; `changes_only` leaves unchanged sentences out."""
    return dump(comparison_to_json(comparison, changes_only=changes_only))


def history_document(
    article: Article,
    versions: Sequence[StoredVersion],
    changes: Sequence[Change],
    events: Sequence[Event] = (),
    notes: Mapping[int, NoteLater] | None = None,
) -> str:
    """Write an article's versions, the changes between them, and its events, oldest first."""
    return dump(
        {
            "address": article.url,
            "headline": article.headline,
            "versions": [_version(version) for version in versions],
            "changes": [change_document(change, (notes or {}).get(change.id)) for change in changes],
            "events": [event_document(event) for event in events],
        }
    )


def diff_document(change: Change | None, note: NoteLater | None = None) -> str:
    """Write one change of an article; null where it has not changed."""
    return dump(change and change_document(change, note))


def change_document(change: Change, note: NoteLater | None = None) -> dict[str, object]:
    """Give a change for JSON."""
    later = note and {"change": note.change_id, "version": note.version, "hours": round(note.after / HOUR, 2)}
    return {
        "id": change.id,
        "article": change.article_url,
        "not_before": moment(change.not_before),
        "not_after": moment(change.not_after),
        "detected_at": moment(change.detected_at),
        "tags": list(change.tags),
        "reversal_of": change.reversal_of,
        "alternating": change.alternating,
        "note_later": later,
        "versions": {"old": _version(change.old), "new": _version(change.new)},
        "comparison": comparison_to_json(change.comparison),
    }


def event_document(event: Event) -> dict[str, object]:
    """Give an event for JSON."""
    return {
        "article": event.article_url,
        "headline": event.headline,
        "tags": list(event.tags),
        "kind": event.kind,
        "detail": event.detail,
        "not_before": moment(event.not_before),
        "not_after": moment(event.not_after),
        "detected_at": moment(event.detected_at),
    }


def _version(version: StoredVersion) -> dict[str, object]:
    snapshot = version.snapshot
    return {
        "number": version.number,
        "headline": version.headline,
        "digest": version.digest,
        "last_seen_at": moment(version.last_seen_at),
        "snapshot": {
            "id": snapshot.id,
            "fetched_at": moment(snapshot.fetched_at),
            "status": snapshot.status,
            "digest": snapshot.digest,
            "file": snapshot.file,
            "offset": snapshot.offset,
            "length": snapshot.length,
            "size": snapshot.size,
            "imported_from": snapshot.origin,
        },
    }


def moment(at: datetime | None) -> str | None:
    """Write a moment as ISO 8601, in UTC with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def dump(value: object) -> str:
    """Write JSON that a person can read and any UTF-8 output can carry."""
    # A page can hold half a surrogate pair, which no UTF-8 output can carry: escaped, it can.
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"
