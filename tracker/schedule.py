"""When is an article, or a feed, due next?

An article is checked when, by what is known of news articles, what we hold of it is expected to have been out of date for a set time, `expected_delay`.
How often an article is edited falls with its age and with the time since its last edit, and rises with the number of edits seen.  Fitted to the times of 15,000 edits
of 12,300 news articles (`benchmarks/schedule.py` fits and measures it again), edits an hour are

    0.16 · (1 + edits seen) / ((age + ½ h)^0.5 · (quiet + ¼ h)^0.9)

Where edits come at a rate r, a wait w costs r·w²/2 of expected delay; spending the same on each request gives the least delay in all for a number of requests
(Cho and Garcia-Molina 2003; Azar et al. 2018, who reach the same square root).  On articles that it was not fitted on, the mean delay at equal requests is 60 to 80 %
below that of a fixed interval, of NewsDiffs' tiers by the time since the last change, and of News Sniffer's back-off (30 minutes, 1.2 times longer at each unchanged check).

The decision rests on what the catalog keeps of an article and on nothing else, so it is the same after a restart.
A pause of the service is not taken for quiet: an edit made meanwhile is found by the first check, which starts the quiet anew.

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
HOUR: Final = timedelta(hours=1)

# Of `edit_rate`: as fitted, rounded, where half a digit more changes no figure by 2 %.
RATE: Final = 0.16
AGE_START_H: Final = 0.5
AGE_POWER: Final = 0.5
QUIET_START_H: Final = 0.25
QUIET_POWER: Final = 0.9
ROUNDS: Final = 12


def next_due(
    article: Article,
    now: datetime,
    settings: ScheduleSettings,
    random: Random,
    *,
    outcome: Outcome = "read",
    changed: bool = False,
    not_before: datetime | None = None,
    stretch: float = 1.0,
) -> datetime:
    """Say when an article that was just checked is to be checked again.

    Args:
        article: As it is after the check: `failures` and `gone_checks` count the check in.
        now: When the check ended.
        settings: The `[schedule]` section.
        random: Where the jitter comes from.
        outcome: How the check ended.
        changed: It found an edit, or the first version, which the article as given does not count yet.
        not_before: What the host asked for with Retry-After (RFC 9110, section 10.2.3).
        stretch: How many times longer the usual waits have to be, so that the budget suffices.

    Returns:
        After `now`, and at most `longest` and its jitter later, whatever the host asked for: no article is forgotten.
    """
    wait = min(
        _wait(article, now, settings, outcome, stretch, changed=changed), max(settings.longest, article.every or LEAST)
    )
    return _due(wait, now, settings, random, not_before)


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


def _wait(
    article: Article, now: datetime, settings: ScheduleSettings, outcome: Outcome, stretch: float, *, changed: bool
) -> timedelta:
    if outcome == "failed":
        return _double(settings.shortest, article.failures - 1, settings.longest)
    if outcome == "refused":
        return _double(max(settings.shortest, REFUSED_FIRST), article.failures - 1, settings.longest)
    if outcome == "gone":
        return _wait_while_gone(article, settings)
    usual = _usual_wait(article, now, settings, changed=changed)
    if outcome == "suspect":
        return max(usual * SUSPECT_SHARE, min(settings.shortest, usual))
    return usual if article.every else usual * stretch


def _wait_while_gone(article: Article, settings: ScheduleSettings) -> timedelta:
    """Spread the checks that confirm a removal over the time that they have to span; after that, double the wait each time."""
    if article.removed_at:
        return _double(settings.gone_after, article.gone_checks - settings.gone_checks, settings.longest)
    step = settings.gone_after / max(settings.gone_checks - 1, 1)
    step /= 1 - settings.jitter  # so that jitter makes it no shorter
    return min(step, settings.longest)


def _usual_wait(article: Article, now: datetime, settings: ScheduleSettings, *, changed: bool) -> timedelta:
    if article.every is not None:
        return article.every
    edits = article.version.number - (not changed) if article.version else 0
    age = (now - article.added_at) / HOUR
    quiet = 0.0 if changed else (now - (article.changed_at or article.added_at)) / HOUR
    wait = wait_hours(max(age, 0.0), max(quiet, 0.0), edits, settings.expected_delay / HOUR) * HOUR
    return min(max(wait, settings.shortest), settings.longest)


def edit_rate(age_h: float, quiet_h: float, edits: int) -> float:
    """Expect so many edits an hour of an article of some age, time since the last edit, and number of edits seen."""
    return (
        RATE * (1 + edits) / math.pow(age_h + AGE_START_H, AGE_POWER) / math.pow(quiet_h + QUIET_START_H, QUIET_POWER)
    )


def wait_hours(age_h: float, quiet_h: float, edits: int, expected_delay_h: float) -> float:
    """Find the wait w over which edits at a rate r are expected to go unseen for `expected_delay_h`: r·w²/2.

    The rate falls during the wait.  It is taken at a third of it, where an edit weighs most: what comes early is unseen for longer.
    The equation is solved by repeated substitution, which draws nearer by a factor of (0.5 + 0.9) / 2 or better each time.
    """
    wait = 0.0
    for _ in range(ROUNDS):
        rate = edit_rate(age_h + wait / 3, quiet_h + wait / 3, edits)
        wait = math.sqrt(2 * expected_delay_h / rate)
    return wait


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
