"""Changes written out for people and programs: values in, a string out.

`words` holds the sentences, `view` the layout, and one module per format draws it.
Every report says, in this order: what changed; the verdict, how sure and why; when, as bounds; whether it was disclosed; the texts; the evidence.
What became of articles as a whole has a place of its own beside the changes.
To add a format, write a module with `render(items, events, *, now, color, width) -> str` and name it in `FORMATS`.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from tracker.models import Article, Change, Comparison, Event, StoredVersion
from tracker.report import view
from tracker.statistics import NoteLater

FORMATS: Mapping[str, str] = {
    "text": "tracker.report.text",
    "markdown": "tracker.report.markdown",
    "html": "tracker.report.html",
    "json": "tracker.report.json",
    "csv": "tracker.report.csv",
    "atom": "tracker.report.atom",
}
"""The formats of `render`, each with the module that draws it: loaded only when asked for, so that the command line starts fast."""


class Renderer(Protocol):
    """What a format offers."""

    def __call__(
        self, items: Sequence[view.Item], events: Sequence[Event], *, now: datetime, color: bool, width: int
    ) -> str:
        """Write the items and the events out."""


def render(
    changes: Sequence[Change],
    format: str,  # noqa: A002
    events: Sequence[Event] = (),
    *,
    now: datetime,
    notes: Mapping[int, NoteLater] | None = None,
    color: bool = False,
    width: int = 100,
) -> str:
    """Write a report.

    Args:
        changes: What happened, in the order in which to show it.
        format: One of `FORMATS`.
        events: What became of articles as a whole, in the same order.
        now: When the report is made; shown in it.
        notes: What owned up to silent edits later, by the numbers of these.
        color: With escape codes for a terminal; text only.
        width: Columns of the terminal, 60 or more; text only.
    """
    items = [view.item_of_change(change, (notes or {}).get(change.id)) for change in changes]
    return _renderer(format)(items, events, now=now, color=color, width=width)


def render_comparison(
    comparison: Comparison,
    format: str,  # noqa: A002
    *,
    old_name: str,
    new_name: str,
    now: datetime,
    color: bool = False,
    width: int = 100,
) -> str:
    """Write out a comparison of two files; as JSON it is schema 1, on its own.

    Args:
        comparison: The two files, compared.
        format: "text", "markdown", "html" or "json".
        old_name: The old file, as the person named it.
        new_name: The new file.
        now: When the report is made.
        color: With escape codes for a terminal; text only.
        width: Columns of the terminal; text only.
    """
    if format == "json":
        from tracker.report.json import comparison_document

        return comparison_document(comparison)
    item = view.item_of_files(comparison, old_name, new_name)
    return _renderer(format)([item], (), now=now, color=color, width=width)


def render_diff(change: Change, *, color: bool = False, width: int = 100) -> str:
    """Write the words that changed, old → new, in context."""
    from tracker.report import text

    return text.diff(view.item_of_change(change), color=color, width=width)


def render_history(
    article: Article,
    versions: Sequence[StoredVersion],
    changes: Sequence[Change],
    events: Sequence[Event] = (),
    *,
    now: datetime,
    notes: Mapping[int, NoteLater] | None = None,
    color: bool = False,
    width: int = 100,
) -> str:
    """Write an article's versions, oldest first, and between them the changes: bounds, verdict, facts.

    Events, oldest first, stand where they happened.
    A version without a change that leads to it (the first; one read again by a newer extractor) stands alone.
    """
    from tracker.report import text

    return text.history(article, versions, changes, events, now=now, notes=notes or {}, color=color, width=width)


def check_line(
    address: str,
    outcome: Comparison | str,
    *,
    position: int,
    total: int,
    elapsed_s: float,
    color: bool = False,
    width: int | None = 100,
) -> str:
    """Write the one aligned line that `check` and `run` print for an article.

    Args:
        address: The article.
        outcome: The comparison with the version before, or in words what happened instead: "not modified", "unchanged", an error.
        position: Of the article in this pass, from 1.
        total: Articles in this pass; sets the width of the counter.
        elapsed_s: Since the pass began.
        color: With escape codes for a terminal.
        width: Columns of the terminal.
    """
    from tracker.report import text

    return text.check_line(
        address, outcome, position=position, total=total, elapsed_s=elapsed_s, color=color, width=width
    )


def _renderer(format: str) -> Renderer:  # noqa: A002
    return cast(Renderer, import_module(FORMATS[format]).render)
