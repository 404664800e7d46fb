"""What an article said of each thing, from when to when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.models import Fact
from tracker.timeline import Step, fact_timeline

START = datetime(2026, 4, 7, 12, tzinfo=UTC)


def fact(kind="number", status="replaced", old="12", new="14", *, counted=None, about=None, source=None):
    old, new = (None if status == "added" else old), (None if status == "removed" else new)
    return Fact(kind, status, old, new, 1, 1, 3, counted=counted, about=about, source=source)


def steps(*changes):
    """One change after the other, an hour apart."""
    return [
        Step(n, n, n + 1, START + timedelta(hours=n), START + timedelta(hours=n, minutes=30), tuple(facts))
        for n, facts in enumerate(changes, 1)
    ]


def told(*changes):
    """Each line as (value, first version, last version) of its spans."""
    lines = fact_timeline(steps(*changes))
    return [[(span.value, span.first_version, span.last_version) for span in line.spans] for line in lines]


def test_value_lives_from_the_change_that_brought_it_to_the_one_that_took_it():
    killed = [[fact(old="12", new="14", counted="killed")], [fact(old="14", new="22", counted="killed")]]

    assert told(*killed) == [[("12", 1, 1), ("14", 2, 2), ("22", 3, None)]]


def test_both_values_of_a_conflict_live_on_and_the_old_one_is_disputed():
    (line,) = fact_timeline(steps([fact("location", "conflicts", "Darz", "Chirag", source="the army")]))

    assert [(span.value, span.until, span.disputed) for span in line.spans] == [
        ("Darz", None, True),
        ("Chirag", None, False),
    ]
    assert line.spans[1].source == "the army"
    assert line.spans[0].since is None


def test_disputed_value_that_is_taken_away_later_ends():
    assert told([fact("location", "conflicts", "Darz", "Chirag")], [fact("location", "removed", "Darz")]) == [
        [("Darz", 1, 2), ("Chirag", 2, None)]
    ]


def test_value_that_comes_back_is_said_twice():
    assert told([fact(old="12", new="14")], [fact(old="14", new="12")]) == [
        [("12", 1, 1), ("14", 2, 2), ("12", 3, None)]
    ]


def test_things_that_are_counted_apart_have_lines_of_their_own():
    assert told([fact(counted="killed", old="1", new="2"), fact(counted="hurt", old="5", new="6")]) == [
        [("1", 1, 1), ("2", 2, None)],
        [("5", 1, 1), ("6", 2, None)],
    ]


def test_each_event_is_a_thing_of_its_own():
    added = [
        fact("event", "added", new="the mayor resigned", about="the fire"),
        fact("event", "added", new="a hall fell in", about="the fire"),
    ]

    assert len(told(added)) == 2


def test_telling_kinds_come_first():
    lines = fact_timeline(steps([fact("headline"), fact("number"), fact("attribution")]))

    assert [line.kind for line in lines] == ["attribution", "number", "headline"]


values = st.sampled_from(["a", "b", "c"])
facts = st.builds(
    fact, st.sampled_from(["number", "location", "event"]), st.sampled_from(["replaced", "added", "removed", "conflicts"]),
    values, values, counted=st.sampled_from([None, "killed"]), about=st.sampled_from([None, "fire"]),
)  # fmt: skip


@given(st.lists(st.lists(facts, max_size=3), max_size=5))
def test_every_value_has_a_span_that_does_not_end_before_it_begins(changes):
    lines = fact_timeline(steps(*changes))

    spans = [span for line in lines for span in line.spans]
    said = {(one.kind, value) for change in changes for one in change for value in (one.old, one.new) if value}
    assert said == {(line.kind, span.value) for line in lines for span in line.spans}
    assert all(span.last_version is None or span.first_version <= span.last_version for span in spans)
    assert all((span.until is None) == (span.last_version is None) for span in spans)
