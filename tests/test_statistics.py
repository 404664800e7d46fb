"""Changes are counted as a reader of the figures would count them by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from catalog_samples import DAY, HOUR, NOW, add, comparison, record
from hypothesis import given
from hypothesis import strategies as st

from tracker.models import Disclosure, Fact
from tracker.statistics import Group, MostChanged, NoteLater, hours_to_notes, notes_later, sum_up

pytest_plugins = ["catalog_fixtures"]


def follow(catalog, path: str, *steps, **fields):
    """An article that changes an hour apart; a step is what `comparison` takes, and None a first version."""
    article = add(catalog, path, **fields)
    record(catalog, article, "first", at=NOW)
    for number, (text, what) in enumerate(steps, start=1):
        record(catalog, article, text, at=NOW + number * HOUR, number=number, compared=comparison(**what))


SILENT = {"disclosure": "undisclosed"}
NOTE = {"kinds": ("notice",), "disclosure": "disclosed"}
COSMETIC = {"kinds": (), "verdict": "cosmetic", "disclosure": None}


@pytest.fixture
def counted(catalog):
    follow(catalog, "a", ("2", SILENT), ("3", SILENT), ("4", NOTE | {"kinds": ("notice", "number")}), ("2", COSMETIC))
    follow(catalog, "https://www.example.net/b", ("2", SILENT | {"kinds": ("location",)}), tags=["war"])
    return catalog


def test_changes_are_counted_by_verdict_kind_and_disclosure(counted):
    found = counted.statistics()

    assert (found.changes, found.articles) == (5, 2)
    assert found.by_verdict == {"substantive": 4, "cosmetic": 1}
    assert found.by_kind == {"number": 3, "location": 1, "notice": 1}
    assert found.by_disclosure == {"disclosed": 1, "dated": 0, "undisclosed": 3}
    assert found.silent_share == 0.75
    assert found.reversals == 1
    assert found.by_day == ((NOW.date(), "cosmetic", 1), (NOW.date(), "substantive", 4))
    assert (found.corrected, found.hours_to_note, found.median_hours_to_note) == (2, (1.0, 2.0), 1.5)
    assert found.most_changed == (
        MostChanged("https://example.org/a", "2", 4, 3, 2),
        MostChanged("https://www.example.net/b", "2", 1, 1, 1),
    )


CHOICES = {
    "since a day": ({"since": NOW + 2 * HOUR}, 3),
    "until a moment": ({"until": NOW + 2 * HOUR}, 2),
    "with a tag": ({"tag": "war"}, 1),
    "on a host": ({"host": "example.org"}, 4),
    "on a host below": ({"host": "example.net"}, 1),
    "on no such host": ({"host": "ample.org"}, 0),
    "of a source": ({"source_id": 1}, 0),
    "all at once": ({"since": NOW, "tag": "war", "host": "www.example.net"}, 1),
}


@pytest.mark.parametrize(("choice", "changes"), CHOICES.values(), ids=CHOICES.keys())
def test_choices_narrow_what_is_counted(counted, choice, changes):
    found = counted.statistics(**choice)

    assert found.changes == changes
    assert sum(found.by_verdict.values()) == sum(count for _, _, count in found.by_day) == changes
    assert sum(one.changes for one in found.most_changed) == changes


def test_note_that_was_taken_away_closes_no_silent_edit(catalog):
    article = add(catalog)
    removed = Fact("notice", "removed", "Correction", None, 1, None, 2)
    record(catalog, article, "first", at=NOW)
    record(catalog, article, "2", at=NOW + HOUR, number=1, compared=comparison(**SILENT))
    without = replace(comparison(**SILENT), facts=(removed,))
    record(catalog, article, "3", at=NOW + 2 * HOUR, number=2, compared=without)

    assert catalog.statistics().corrected == 0


def test_only_the_most_changed_are_named(counted):
    assert [one.url for one in counted.statistics(shown=1).most_changed] == ["https://example.org/a"]


def test_nothing_to_count(catalog):
    found = catalog.statistics()

    assert (found.changes, found.articles, found.most_changed) == (0, 0, ())
    assert (found.silent_share, found.median_hours_to_note) == (None, None)


def test_groups_of_a_day_are_put_together():
    day = date(2026, 1, 31)
    groups = [
        Group(day, "substantive", "disclosed", 2, 1),
        Group(day, "substantive", "dated", 3, 0),
        Group(day, None, None, 1, 0),
    ]

    found = sum_up(groups, kinds={}, articles=3, silent=[], notes=[], most_changed=[])

    assert found.by_day == ((day, None, 1), (day, "substantive", 5))
    assert found.by_verdict == {"substantive": 5, None: 1}
    assert (found.changes, found.reversals) == (6, 1)


def test_first_note_after_an_edit_counts():
    edits = [(1, NOW), (1, NOW + 5 * HOUR), (2, NOW)]
    notes = [(1, NOW + 4 * HOUR), (1, NOW + 3 * HOUR), (1, NOW), (3, NOW + DAY)]

    assert hours_to_notes(edits, notes) == [3.0]


MOMENTS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 50).map(lambda hours: NOW + timedelta(hours=hours))))


@given(MOMENTS, MOMENTS)
def test_hours_to_notes_are_what_a_search_by_hand_finds(edits, notes):
    by_hand = [
        min(after for article, noted in notes if article == of and (after := (noted - at) / HOUR) > 0)
        for of, at in edits
        if any(article == of and noted > at for article, noted in notes)
    ]

    assert hours_to_notes(edits, notes) == sorted(by_hand)


@dataclass(frozen=True, slots=True)
class Edit:
    """What is known of a change."""

    id: int
    disclosure: Disclosure | None = None
    facts: tuple[Fact, ...] = ()
    alternating: bool = False

    @property
    def new_number(self) -> int:
        return self.id + 1

    @property
    def not_after(self) -> datetime:
        return NOW + self.id * HOUR


ADDED = (Fact("notice", "added", None, "Correction: it is 14.", None, 9, 2),)
EDITS = {
    "nothing came": ([Edit(1, "undisclosed"), Edit(2, "dated")], {}),
    "a note": ([Edit(1, "undisclosed"), Edit(3, "disclosed", ADDED)], {1: NoteLater(3, 4, 2 * HOUR)}),
    "one note for two edits": (
        [Edit(1, "undisclosed"), Edit(2, "undisclosed"), Edit(4, None, ADDED), Edit(5, None, ADDED)],
        {1: NoteLater(4, 5, 3 * HOUR), 2: NoteLater(4, 5, 2 * HOUR)},
    ),
    "a note before the edit": ([Edit(1, None, ADDED), Edit(2, "undisclosed")], {}),
    "texts in turn": ([Edit(1, "undisclosed"), Edit(2, None, ADDED, alternating=True)], {}),
}


@pytest.mark.parametrize(("edits", "notes"), EDITS.values(), ids=EDITS)
def test_note_that_came_later_closes_silent_edits(edits, notes):
    assert notes_later(reversed(edits)) == notes
