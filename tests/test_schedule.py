"""A changed article is read again soon, a quiet one rarely, and none is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.config import ScheduleSettings
from tracker.models import Article, Source
from tracker.schedule import next_due, next_feed_due

NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEADY = ScheduleSettings(jitter=0)
ARTICLE = Article(id=1, url="https://example.org/a", folder="example.org/a", added_at=NOW - 30 * DAY, changed_at=NOW)
FEED = Source(id=1, url="https://example.org/feed", kind="feed")

spans = st.timedeltas(timedelta(seconds=1), timedelta(days=400))
settings = st.builds(
    lambda one, other, growth, jitter: ScheduleSettings(
        shortest=min(one, other), longest=max(one, other), growth=growth, jitter=jitter, feeds=min(one, other)
    ),
    spans,
    spans,
    st.floats(1, 100),
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


def wait(article: Article, chosen: ScheduleSettings = STEADY, **how) -> timedelta:
    return next_due(article, NOW, chosen, Random(1), **how) - NOW


@given(articles, settings, outcomes, st.none() | st.datetimes(timezones=st.just(UTC)), seeds)
def test_due_lies_after_now_and_within_the_longest_wait(article, chosen, outcome, not_before, seed):
    due = next_due(article, NOW, chosen, Random(seed), outcome=outcome, not_before=not_before)

    assert due > NOW
    assert due - NOW <= chosen.longest * (1 + chosen.jitter) + timedelta(microseconds=2)


@given(articles, settings, outcomes, st.integers(0, 10**6), seeds)
def test_more_unchanged_checks_never_make_it_due_sooner(article, chosen, outcome, more, seed):
    quieter = replace(article, unchanged_checks=article.unchanged_checks + more)

    assert next_due(article, NOW, chosen, Random(seed), outcome=outcome) <= next_due(
        quieter, NOW, chosen, Random(seed), outcome=outcome
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


def test_changed_article_is_due_after_the_shortest_wait():
    assert wait(ARTICLE) == 10 * MINUTE


def test_undisturbed_waits_grow_like_news_sniffers_back_off():
    """30 minutes, 1.2 times longer each time: the rule by checks and the rule by time agree."""
    sniffer = ScheduleSettings(shortest=30 * MINUTE, growth=1.2, longest=40 * DAY, jitter=0)
    article, now, waits = ARTICLE, NOW, []

    for _ in range(10):
        waits.append(next_due(article, now, sniffer, Random(1)) - now)
        now += waits[-1]
        article = replace(article, unchanged_checks=article.unchanged_checks + 1)

    expected = [30 * 1.2**n for n in range(10)]
    assert [one / MINUTE for one in waits] == pytest.approx(expected)


def test_quiet_article_is_due_after_the_longest_wait():
    quiet = replace(ARTICLE, changed_at=NOW - 365 * DAY, unchanged_checks=60)

    assert wait(quiet) / DAY == pytest.approx(7)


def test_burst_of_checks_by_hand_is_not_taken_for_quiet():
    pressed = replace(ARTICLE, changed_at=NOW - HOUR, unchanged_checks=50)

    assert wait(pressed) == 22 * MINUTE


def test_pause_of_the_service_is_not_taken_for_quiet():
    after_pause = replace(ARTICLE, changed_at=NOW - 30 * DAY, unchanged_checks=2)

    assert wait(after_pause) / MINUTE == pytest.approx(14.4)


def test_growth_of_one_is_a_fixed_interval():
    fixed = ScheduleSettings(growth=1, jitter=0)

    assert wait(replace(ARTICLE, changed_at=NOW - 90 * DAY, unchanged_checks=900), fixed) == 10 * MINUTE


def test_suspect_capture_is_checked_again_sooner_than_a_good_one():
    quiet = replace(ARTICLE, changed_at=NOW - 7 * DAY, unchanged_checks=40)

    assert wait(quiet, outcome="suspect") < wait(quiet, outcome="read") / 3


def test_article_that_stays_suspect_is_asked_for_less_and_less():
    """A wall that never opens is not asked for every ten minutes for ever."""
    walled = replace(ARTICLE, changed_at=None, added_at=NOW - 30 * DAY)

    assert wait(walled, outcome="suspect") > DAY


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
    waits = [next_due(ARTICLE, NOW, chosen, Random(seed)) - NOW for seed in range(200)]

    assert 9 * MINUTE <= min(waits) < 9.2 * MINUTE
    assert 10.8 * MINUTE < max(waits) <= 11 * MINUTE


def test_feed_is_read_at_its_own_interval_and_rarely_while_it_fails():
    waits = [next_feed_due(replace(FEED, failures=n), NOW, STEADY, Random(1)) - NOW for n in (0, 1, 2, 30)]

    assert waits == [15 * MINUTE, 30 * MINUTE, HOUR, 7 * DAY]


def test_feed_respects_retry_after():
    assert next_feed_due(FEED, NOW, STEADY, Random(1), not_before=NOW + 3 * HOUR) == NOW + 3 * HOUR
