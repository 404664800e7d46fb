"""Reports for spreadsheets: a line a fact; a change without facts keeps one line, with those columns empty; then a line an event.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection").

Computes only.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO

from tracker.models import Change, Event, Fact
from tracker.report import view
from tracker.report.words import printable

COLUMNS = (
    "article", "headline", "old_version", "new_version", "old_snapshot", "new_snapshot", "not_before", "not_after",
    "verdict", "importance", "disclosure", "tags",
    "kind", "status", "old", "new", "fact_importance", "about", "counted", "source", "confidence", "reason",
    "old_sentence", "new_sentence", "standing_sentence", "reversal_of", "alternating", "event", "detail",
    "change", "old_imported_from", "new_imported_from",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # the wide ones are what Excel reads in East Asia


def render(
    items: Sequence[view.Item],
    events: Sequence[Event],
    *,
    now: datetime,  # noqa: ARG001
    color: bool,  # noqa: ARG001
    width: int,  # noqa: ARG001
) -> str:
    """Write a header and the lines."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180, section 2
    writer.writerow(COLUMNS)
    for item in items:
        if item.change:
            for fact in item.comparison.facts or (None,):
                writer.writerow([cell(value) for value in (*_change(item.change), *_fact(fact), *_course(item.change))])
    for event in events:
        writer.writerow([cell(_event(event).get(column)) for column in COLUMNS])
    return out.getvalue()


def _change(change: Change) -> tuple[object, ...]:
    judgement = change.comparison.judgement
    return (
        change.article_url,
        change.comparison.new.headline,
        change.old.number,
        change.new.number,
        change.old.snapshot.id,
        change.new.snapshot.id,
        change.not_before.astimezone(UTC).isoformat(),
        change.not_after.astimezone(UTC).isoformat(),
        judgement.verdict,
        judgement.importance,
        judgement.disclosure,
        " ".join(change.tags),
    )


def _fact(fact: Fact | None) -> tuple[object, ...]:
    if fact is None:
        return (None,) * 13
    return (
        fact.kind,
        fact.status,
        fact.old,
        fact.new,
        fact.importance,
        fact.about,
        fact.counted,
        fact.source,
        fact.confidence,
        fact.reason,
        fact.old_sentence,
        fact.new_sentence,
        fact.standing_sentence,
    )


def _course(change: Change) -> tuple[object, ...]:
    origins = (change.old.snapshot.origin, change.new.snapshot.origin)
    return (change.reversal_of, "yes" if change.alternating else None, None, None, change.id, *origins)


def _event(event: Event) -> dict[str, object]:
    return {
        "article": event.article_url,
        "headline": event.headline,
        "not_before": event.not_before.astimezone(UTC).isoformat(),
        "not_after": event.not_after.astimezone(UTC).isoformat(),
        "tags": " ".join(event.tags),
        "event": event.kind,
        "detail": event.detail,
    }


def cell(value: object) -> object:
    """Make a value fit for a cell: nothing that a terminal or a spreadsheet would act on."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
