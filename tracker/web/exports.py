"""Verdicts and notes as a table, for those who count elsewhere.

Computes only.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from tracker.catalog.opinions import TracedOpinion
from tracker.report.words import printable

HEADINGS = (
    "change",
    "address",
    "old_snapshot",
    "new_snapshot",
    "verdict",
    "your_verdict",
    "your_kind",
    "note",
    "updated_at",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a table of cells would compute what begins so


def opinions_as_csv(opinions: Sequence[TracedOpinion]) -> str:
    """Write them, the newest first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for one in opinions:
        said = one.opinion
        row = (
            said.change_id, one.article_url, one.old_snapshot, one.new_snapshot, one.verdict, said.verdict, said.kind,
            said.note, said.updated_at.isoformat(),
        )  # fmt: skip
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else "\n".join(map(printable, str(value).split("\n")))
    return f"'{text}" if text.startswith(FORMULA) else text
