"""What others captured can be told from our own in every report."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from report_samples import NOW, april_9, article

from tracker import report
from tracker.models import Change

ORIGIN = "https://web.archive.org/web/20180409081500id_/https://example.org/strike"


def half_imported() -> Change:
    """The old version is of the Wayback Machine, the new one our own."""
    change = april_9()
    return replace(change, old=replace(change.old, snapshot=replace(change.old.snapshot, origin=ORIGIN)))


@pytest.mark.parametrize("form", ["text", "markdown", "html", "atom"])
def test_report_says_where_a_capture_comes_from(form: str):
    text = report.render([half_imported()], form, now=NOW, width=1000)
    ours = report.render([april_9()], form, now=NOW, width=1000)

    assert "was not captured here but imported from" in text
    assert "web" in text.partition("imported from")[2][:200]
    assert "imported" not in ours


def test_reports_for_programs_say_it_in_fields_of_their_own():
    (row, *_) = csv.DictReader(io.StringIO(report.render([half_imported()], "csv", now=NOW)))
    (told,) = json.loads(report.render([half_imported()], "json", now=NOW))

    assert (row["old_imported_from"], row["new_imported_from"]) == (ORIGIN, "")
    assert (
        told["versions"]["old"]["snapshot"]["imported_from"],
        told["versions"]["new"]["snapshot"]["imported_from"],
    ) == (
        ORIGIN,
        None,
    )
    assert str(told["id"]) == row["change"]


def test_history_says_it_beside_the_version():
    change = half_imported()

    written = report.render_history(article(), [change.old, change.new], [change], now=NOW, width=300)

    first, second = (line for line in written.splitlines() if line.startswith("Version "))
    assert first.endswith(f" · imported from {ORIGIN}")
    assert "imported" not in second
    assert "change 1 · changed between" in written, "the number that `export --evidence` asks for"
