"""Reports for programs: each change with its bounds, its versions and the comparison as schema 1.

Computes only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from tracker.comparison_json import comparison_to_json
from tracker.models import Change, Comparison, StoredVersion
from tracker.report import view


def render(items: Sequence[view.Item], *, now: datetime, color: bool, width: int) -> str:  # noqa: ARG001
    """Write a list with one object a change, in order."""
    return _dump([_change(item.change) for item in items if item.change])


def comparison_document(comparison: Comparison) -> str:
    """Write one comparison of two files: schema 1 and nothing around it."""
    return _dump(comparison_to_json(comparison))


def _change(change: Change) -> dict[str, object]:
    return {
        "article": change.article_url,
        "not_before": _moment(change.not_before),
        "not_after": _moment(change.not_after),
        "detected_at": _moment(change.detected_at),
        "tags": list(change.tags),
        "versions": {"old": _version(change.old), "new": _version(change.new)},
        "comparison": comparison_to_json(change.comparison),
    }


def _version(version: StoredVersion) -> dict[str, object]:
    snapshot = version.snapshot
    return {
        "number": version.number,
        "digest": version.digest,
        "last_seen_at": _moment(version.last_seen_at),
        "snapshot": {
            "id": snapshot.id,
            "fetched_at": _moment(snapshot.fetched_at),
            "status": snapshot.status,
            "digest": snapshot.digest,
            "file": snapshot.file,
            "offset": snapshot.offset,
            "length": snapshot.length,
            "size": snapshot.size,
        },
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _dump(value: object) -> str:
    # A page can hold half a surrogate pair, which no UTF-8 output can carry: escaped, it can.
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"
