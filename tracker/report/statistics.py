"""Statistics as text, JSON and CSV.

Computes only.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from tracker.report import words
from tracker.report.json import dump
from tracker.report.text import console_for, written
from tracker.report.words import printable_on_terminal as clean
from tracker.statistics import Statistics

BAR = 24  # characters of the longest bar
DISCLOSURES = {
    "disclosed": "a notice speaks of it",
    "dated": "only the updated time moved",
    "undisclosed": "a silent edit, nothing speaks of it",
}


def render_statistics(found: Statistics, *, color: bool = False, width: int = 100) -> str:
    """Write figures for a terminal: what changed, how it was disclosed, how long notes took, which articles changed most."""
    console = console_for(color, width)
    if not found.changes:
        console.print(Text("No changes to count."))
        return written(console)
    head = f"{words.count(found.changes, 'change')} in {words.count(found.articles, 'article')}"
    console.print(Text(head, "bold"))
    verdicts = {words.VERDICT_WORDS[verdict]: count for verdict, count in found.by_verdict.items()}
    _bars(console, "Verdict", verdicts)
    _bars(console, "Kind of fact", {words.KIND_NAMES[kind]: count for kind, count in found.by_kind.items()})
    if found.silent_share is not None:
        named = {f"{name}: {DISCLOSURES[name]}": count for name, count in found.by_disclosure.items()}
        _bars(console, "Substantive changes", named)
        console.print(Text(f"\nSilent edits: {found.silent_share:.0%} of the substantive changes"))
    console.print(Text(_notes(found)))
    console.print(Text(f"Back to an earlier text: {found.reversals:,}"))
    _articles(console, found)
    return written(console)


def _bars(console: Any, title: str, counts: Mapping[str, int]) -> None:
    table = Table(title=f"\n{title}", title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right")
    table.add_column()
    most = max(counts.values(), default=1) or 1
    for name, count in counts.items():
        table.add_row(name, f"{count:,}", "█" * round(BAR * count / most))
    if counts:
        console.print(table)


def _notes(found: Statistics) -> str:
    if found.median_hours_to_note is None:
        return "Owned up to later by a note: 0"
    hours = found.median_hours_to_note
    half = "; half of them" if found.corrected > 1 else ","
    return f"Owned up to later by a note: {found.corrected:,}{half} within {_hours(hours)}"


def _hours(hours: float) -> str:
    if hours < 1:
        return "an hour"
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"


def _articles(console: Any, found: Statistics) -> None:
    table = Table(title="\nMost changed", title_justify="left", box=None, pad_edge=False)
    for name in ("changes", "substantive", "silent", "article"):
        table.add_column(name, justify="left" if name == "article" else "right", overflow="fold")
    for one in found.most_changed:
        headline = words.shorten(one.headline or "", 70)
        about = clean(f"{headline}\n{one.url}" if headline else one.url)
        table.add_row(f"{one.changes:,}", f"{one.substantive:,}", f"{one.silent:,}", Text(about))
    console.print(table)


def statistics_document(found: Statistics) -> str:
    """Write figures as JSON."""
    return dump(
        {
            "changes": found.changes,
            "articles": found.articles,
            "by_verdict": {verdict or "not compared": count for verdict, count in found.by_verdict.items()},
            "by_kind": dict(found.by_kind),
            "by_disclosure": dict(found.by_disclosure),
            "silent_share": found.silent_share,
            "corrected": found.corrected,
            "median_hours_to_note": found.median_hours_to_note,
            "hours_to_note": list(found.hours_to_note),
            "reversals": found.reversals,
            "by_day": [
                {"day": day.isoformat(), "verdict": verdict, "changes": count} for day, verdict, count in found.by_day
            ],
            "most_changed": [
                {
                    "address": one.url,
                    "headline": one.headline,
                    "changes": one.changes,
                    "substantive": one.substantive,
                    "silent": one.silent,
                }
                for one in found.most_changed
            ],
        }
    )


def statistics_table(found: Statistics) -> str:
    """Write figures as CSV, one a line: what is measured, of what, and the figure."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(("measure", "of", "value"))
    writer.writerows(_rows(found))
    return file.getvalue()


def _rows(found: Statistics) -> Iterable[tuple[str, str, object]]:
    yield "changes", "", found.changes
    yield "articles", "", found.articles
    for verdict, count in found.by_verdict.items():
        yield "verdict", verdict or "not compared", count
    for kind, count in found.by_kind.items():
        yield "kind", kind, count
    for disclosure, count in found.by_disclosure.items():
        yield "disclosure", disclosure, count
    yield "silent share", "", "" if found.silent_share is None else round(found.silent_share, 4)
    yield "corrected", "", found.corrected
    for hours in found.hours_to_note:
        yield "hours to note", "", round(hours, 3)
    yield "reversals", "", found.reversals
    for day, verdict, count in found.by_day:
        yield f"changes on {day.isoformat()}", verdict or "not compared", count
    for one in found.most_changed:
        yield "changes of article", _cell(one.url), one.changes


def _cell(text: str) -> str:
    """Keep a spreadsheet from taking a stranger's text for a formula."""
    text = clean(text)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
