"""When is an article, or a feed, due next?

A changed article is read again soon, and ever more rarely while nothing happens: an article that was edited an hour ago is far more likely to be edited again than one that has rested for a month.
NewsDiffs has tiers of intervals by the time since the last change; News Sniffer waits 30 minutes, 1.2 times longer after each unchanged check, and starts again on a change.
The two are one rule: where each wait is `growth` times the one before, a wait is `shortest` plus `growth - 1` times the quiet so far.

The decision rests on what the catalog keeps of an article and on nothing else, so it is the same after a restart.

Computes only.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal

from tracker.config import ScheduleSettings
from tracker.models import Article, Source

Outcome = Literal["read", "suspect", "failed", "refused", "gone"]
"""How a check ended: the article was read (or is unmodified) · something came that is not the article · failed for a passing reason · failed for a reason that will last · the article is missing."""

SUSPECT_SHARE: Final = (
    0.25  # of the usual wait; a choice: a block page is rarely there for long, and costs a request each time
)
REFUSED_FIRST: Final = timedelta(days=1)  # how long crawlers may keep a robots.txt (RFC 9309, section 2.4)
LEAST: Final = timedelta(seconds=1)


def next_due(
    article: Article,
    now: datetime,
    settings: ScheduleSettings,
    random: Random,
    *,
    outcome: Outcome = "read",
    not_before: datetime | None = None,
) -> datetime:
    """Say when an article that was just checked is to be checked again.

    Args:
        article: As it is after the check: `unchanged_checks`, `failures`, `gone_checks` and `changed_at` count the check in.
        now: When the check ended.
        settings: The `[schedule]` section.
        random: Where the jitter comes from.
        outcome: How the check ended.
        not_before: What the host asked for with Retry-After (RFC 9110, section 10.2.3).

    Returns:
        After `now`, and at most `longest` and its jitter later, whatever the host asked for: no article is forgotten.
    """
    return _due(_wait(article, now, settings, outcome), now, settings, random, not_before)


def next_feed_due(
    source: Source,
    now: datetime,
    settings: ScheduleSettings,
    random: Random,
    *,
    not_before: datetime | None = None,
) -> datetime:
    """Say when a feed that was just read is to be read again; `source` is as it is after the reading."""
    wait = _double(settings.feeds, source.failures, max(settings.feeds, settings.longest))
    return _due(wait, now, settings, random, not_before)


def _wait(article: Article, now: datetime, settings: ScheduleSettings, outcome: Outcome) -> timedelta:
    if outcome == "failed":
        return _double(settings.shortest, article.failures - 1, settings.longest)
    if outcome == "refused":
        return _double(max(settings.shortest, REFUSED_FIRST), article.failures - 1, settings.longest)
    if outcome == "gone":
        return _wait_while_gone(article, settings)
    by_time = _wait_by_time(article, now, settings)
    if outcome == "suspect":  # such a check says nothing about the article, so it is not among the unchanged ones
        return max(by_time * SUSPECT_SHARE, settings.shortest)
    # The smaller of the two: neither a burst of checks by hand nor a pause of the service is taken for quiet.
    return min(by_time, _wait_by_checks(article, settings))


def _wait_while_gone(article: Article, settings: ScheduleSettings) -> timedelta:
    """Spread the checks that confirm a removal over the time that they have to span; after that, double the wait each time."""
    if article.removed_at:
        return _double(settings.gone_after, article.gone_checks - settings.gone_checks, settings.longest)
    step = settings.gone_after / max(settings.gone_checks - 1, 1)
    step /= 1 - settings.jitter  # so that jitter makes it no shorter
    return min(step, settings.longest)


def _wait_by_time(article: Article, now: datetime, settings: ScheduleSettings) -> timedelta:
    quiet = max(now - (article.changed_at or article.added_at), timedelta())
    return min(settings.shortest + (settings.growth - 1) * quiet, settings.longest)


def _wait_by_checks(article: Article, settings: ScheduleSettings) -> timedelta:
    # By the logarithm, because a power of the number of checks would overflow.
    most = math.log(settings.longest / settings.shortest)
    return settings.shortest * math.exp(min(article.unchanged_checks * math.log(settings.growth), most))


def _double(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """Double a wait for each failure after the first, so that a wait is never longer than the outage so far."""
    if times >= math.log2(max(longest / first, 1)):
        return longest
    return first * 2.0 ** max(times, 0)


def _due(
    wait: timedelta, now: datetime, settings: ScheduleSettings, random: Random, not_before: datetime | None
) -> datetime:
    wait *= 1 + settings.jitter * random.uniform(-1, 1)
    due = now + max(wait, LEAST)
    if not_before is None or not_before <= due:
        return due
    return max(due, min(not_before, now + settings.longest))
