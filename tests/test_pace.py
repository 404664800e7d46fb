"""A budget of checks is kept, in all and for each source, and waits grow until it suffices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.models import Source
from tracker.pace import Pace

NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def source(number: int, most_per_hour: int | None) -> Source:
    return Source(number, f"https://example.org/{number}", "feed", most_per_hour=most_per_hour)


def test_without_a_budget_everything_may_begin():
    pace = Pace(None, NOW)
    pace.spend([None] * 1000)

    assert pace.room(512, NOW) == 512
    assert pace.spare(NOW) == {}


@given(st.integers(1, 100_000), st.lists(st.timedeltas(timedelta(), 10 * MINUTE), max_size=60))
def test_an_hour_takes_at_most_the_budget_and_a_twelfth_of_it(most, pauses):
    pace, now, begun = Pace(most, NOW), NOW, 0
    for pause in pauses:
        now += pause
        if now > NOW + HOUR:
            break
        count = pace.room(10**6, now)
        pace.spend([None] * count)
        begun += count

    assert begun <= most + max(most / 12, 1)


def test_budget_is_spread_over_the_hour():
    """Asked every second, a budget of 600 is spent at ten a minute, after the five minutes' worth at the start."""
    pace, begun = Pace(600, NOW), []
    for second in range(3600):
        count = pace.room(1000, NOW + timedelta(seconds=second))
        pace.spend([None] * count)
        begun.append(count)

    assert begun[0] == 50
    assert sum(begun[:1800]) == pytest.approx(350, abs=1)
    assert sum(begun) == pytest.approx(650, abs=1)


def test_source_has_a_budget_of_its_own():
    pace = Pace(None, NOW)
    pace.limit([source(1, 24), source(2, None)], NOW)
    pace.spend([1, 1, 2, None])

    assert pace.spare(NOW) == {1: 0}
    assert pace.spare(NOW + 5 * MINUTE) == {1: 2}
    assert pace.room(7, NOW) == 7


def test_budget_that_is_learnt_again_keeps_what_is_left():
    pace = Pace(None, NOW)
    pace.limit([source(1, 24)], NOW)
    pace.spend([1, 1])
    pace.limit([source(1, 24)], NOW)

    assert pace.spare(NOW) == {1: 0}
    pace.limit([source(1, 240)], NOW)
    assert pace.spare(NOW) == {1: 20}
    pace.limit([], NOW)
    assert pace.spare(NOW) == {}


def test_clock_that_was_put_back_fills_nothing():
    pace = Pace(120, NOW)
    pace.spend([None] * pace.room(100, NOW))

    assert pace.room(100, NOW - HOUR) == 0
    assert pace.room(100, NOW - HOUR + MINUTE) == 2


def test_waits_are_stretched_until_the_budget_suffices_and_no_further():
    pace = Pace(100, NOW)
    asked = 400.0  # where nothing is stretched
    for _ in range(3):
        pace.adapt(asked / pace.stretch)

    assert pace.stretch == pytest.approx(4)
    asked = 50.0
    pace.adapt(asked / pace.stretch)
    assert pace.stretch == 1


def test_without_a_budget_nothing_is_stretched():
    pace = Pace(None, NOW)
    pace.adapt(10**9)

    assert pace.stretch == 1
