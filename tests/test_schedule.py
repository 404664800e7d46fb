"""A changed article is read again soon, a quiet one rarely, and none is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.config import ScheduleSettings
from tracker.models import Article, Source, StoredSnapshot, StoredVersion
from tracker.schedule import edit_rate, next_due, next_feed_due, wait_hours

NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEADY = ScheduleSettings(jitter=0)
ARTICLE = Article(id=1, url="https://example.org/a", folder="example.org/a", added_at=NOW - 30 * DAY, changed_at=NOW)
FEED = Source(id=1, url="https://example.org/feed", kind="feed")

spans = st.timedeltas(timedelta(seconds=1), timedelta(days=400))
settings = st.builds(
    lambda one, other, delay, jitter: ScheduleSettings(
        shortest=min(one, other), longest=max(one, other), expected_delay=delay, jitter=jitter, feeds=min(one, other)
    ),
    spans,
    spans,
    spans,
    st.floats(0, 0.5),
)
articles = st.builds(
    lambda quiet, changed, unchanged, failures: replace(
        ARTICLE,
        changed_at=NOW - quiet if changed else None,
        unchanged_checks=unchanged,
        failures=failures,
    ),
    st.timedeltas(timedelta(days=-2), timedelta(days=9000)),
    st.booleans(),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
outcomes = st.sampled_from(["read", "suspect", "failed", "refused"])
seeds = st.integers(0, 2**32)


def version(number: int) -> StoredVersion:
    stored = StoredSnapshot("1", NOW, 200, "digest", "file", 0, 1, 1)
    return StoredVersion(id=number, number=number, snapshot=stored, digest="text", headline=None, last_seen_at=NOW)


def wait(article: Article, chosen: ScheduleSettings = STEADY, **how) -> timedelta:
    return next_due(article, NOW, chosen, Random(1), **how) - NOW


@given(articles, settings, outcomes, st.none() | st.datetimes(timezones=st.just(UTC)), seeds)
def test_due_lies_after_now_and_within_the_longest_wait(article, chosen, outcome, not_before, seed):
    due = next_due(article, NOW, chosen, Random(seed), outcome=outcome, not_before=not_before)

    assert due > NOW
    assert due - NOW <= chosen.longest * (1 + chosen.jitter) + timedelta(microseconds=2)


@given(articles, settings, outcomes, st.timedeltas(timedelta(), timedelta(days=9000)), seeds)
def test_longer_quiet_never_makes_it_due_sooner(article, chosen, outcome, longer, seed):
    quieter = replace(article, changed_at=(article.changed_at or article.added_at) - longer)

    assert next_due(article, NOW, chosen, Random(seed), outcome=outcome) <= next_due(
        quieter, NOW, chosen, Random(seed), outcome=outcome
    )


@given(articles, settings, st.integers(1, 500), st.integers(0, 500), seeds)
def test_more_edits_never_make_it_due_later(article, chosen, edits, more, seed):
    often = replace(article, version=version(1 + edits + more))

    assert next_due(often, NOW, chosen, Random(seed)) <= next_due(
        replace(article, version=version(1 + edits)), NOW, chosen, Random(seed)
    )


@given(articles, settings, outcomes, st.integers(0, 10**6), seeds)
def test_more_failures_never_make_it_due_sooner(article, chosen, outcome, more, seed):
    worse = replace(article, failures=article.failures + more)

    assert next_due(article, NOW, chosen, Random(seed), outcome=outcome) <= next_due(
        worse, NOW, chosen, Random(seed), outcome=outcome
    )


@given(st.integers(0, 40), settings, seeds)
def test_feed_is_due_after_now_and_within_its_bounds(failures, chosen, seed):
    due = next_feed_due(replace(FEED, failures=failures), NOW, chosen, Random(seed))

    assert NOW < due <= NOW + chosen.longest * (1 + chosen.jitter) + timedelta(microseconds=2)


def test_changed_article_is_due_soon():
    assert wait(ARTICLE, changed=True) < wait(replace(ARTICLE, changed_at=NOW - 3 * HOUR)) / 2


def test_wait_costs_the_expected_delay():
    """The rate at a third of the wait, times half the square of the wait, is what a request may cost."""
    for age, quiet, edits in [(0, 0, 0), (5, 1, 2), (900, 900, 7), (9000, 0.1, 40)]:
        hours = wait_hours(age, quiet, edits, 0.02)

        assert edit_rate(age + hours / 3, quiet + hours / 3, edits) * hours**2 / 2 == pytest.approx(0.02, rel=0.02)


def test_edit_that_was_just_found_counts():
    """The catalog counts it only after the check: two versions with the new one mean one edit."""
    before, after = replace(ARTICLE, version=version(1)), replace(ARTICLE, version=version(2))

    assert wait(before, changed=True) == wait(after)


def test_wait_lies_between_the_shortest_and_the_longest():
    restless = replace(ARTICLE, added_at=NOW, version=version(900))
    old = replace(ARTICLE, changed_at=NOW - 9000 * DAY, added_at=NOW - 9000 * DAY)

    assert wait(restless, changed=True) == 10 * MINUTE
    assert wait(old) == 7 * DAY


def test_half_the_expected_delay_costs_about_the_square_root_of_two_in_requests():
    quiet = replace(ARTICLE, changed_at=NOW - DAY)

    assert 1.4 < wait(quiet) / wait(quiet, replace(STEADY, expected_delay=STEADY.expected_delay / 2)) < 1.8


def test_pinned_article_is_checked_at_its_own_interval():
    pinned = replace(ARTICLE, every=3 * MINUTE, changed_at=NOW - 90 * DAY)

    assert wait(pinned) == 3 * MINUTE
    assert wait(replace(pinned, every=30 * DAY)) == 30 * DAY


def test_tight_budget_stretches_the_waits_of_what_is_not_pinned():
    assert wait(ARTICLE, stretch=3) == 3 * wait(ARTICLE)
    assert wait(replace(ARTICLE, every=HOUR), stretch=3) == HOUR


def test_suspect_capture_is_checked_again_sooner_than_a_good_one():
    quiet = replace(ARTICLE, changed_at=NOW - 7 * DAY, unchanged_checks=40)

    assert wait(quiet, outcome="suspect") < wait(quiet, outcome="read") / 3


def test_article_that_stays_suspect_is_asked_for_less_and_less():
    """A wall that never opens is not asked for every ten minutes for ever."""
    walled = [replace(ARTICLE, changed_at=None, added_at=NOW - days * DAY) for days in (0, 1, 30)]
    waits = [wait(article, outcome="suspect") for article in walled]

    assert waits[0] == 10 * MINUTE
    assert 5 * waits[0] < waits[1] < waits[2] / 5
    assert waits[2] > 9 * HOUR


def test_passing_failure_is_tried_again_soon_and_doubles():
    waits = [wait(replace(ARTICLE, failures=failures), outcome="failed") for failures in (1, 2, 3, 50)]

    assert waits == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 7 * DAY]


def test_lasting_failure_waits_a_day():
    waits = [wait(replace(ARTICLE, failures=failures), outcome="refused") for failures in (1, 2, 9)]

    assert waits == [DAY, 2 * DAY, 7 * DAY]


RETRY_AFTER = {
    "later than planned": (2 * HOUR, 2 * HOUR),
    "sooner than planned": (MINUTE, 10 * MINUTE),
    "already past": (-HOUR, 10 * MINUTE),
    "in a year": (365 * DAY, 7 * DAY),
}


@pytest.mark.parametrize(("asked", "expected"), RETRY_AFTER.values(), ids=RETRY_AFTER.keys())
def test_retry_after_is_respected_within_the_longest_wait(asked, expected):
    article = replace(ARTICLE, failures=1)

    assert wait(article, outcome="failed", not_before=NOW + asked) == expected


def test_jitter_spreads_articles_that_are_alike():
    chosen = ScheduleSettings(jitter=0.1)
    pinned = replace(ARTICLE, every=10 * MINUTE)
    waits = [next_due(pinned, NOW, chosen, Random(seed)) - NOW for seed in range(200)]

    assert 9 * MINUTE <= min(waits) < 9.2 * MINUTE
    assert 10.8 * MINUTE < max(waits) <= 11 * MINUTE


def test_feed_is_read_at_its_own_interval_and_rarely_while_it_fails():
    waits = [next_feed_due(replace(FEED, failures=n), NOW, STEADY, Random(1)) - NOW for n in (0, 1, 2, 30)]

    assert waits == [15 * MINUTE, 30 * MINUTE, HOUR, 7 * DAY]


def test_feed_respects_retry_after():
    assert next_feed_due(FEED, NOW, STEADY, Random(1), not_before=NOW + 3 * HOUR) == NOW + 3 * HOUR
