"""The parts that a pipeline joins, and how a check or a reading of a feed ended.

Contains no business logic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Literal

from tracker.archive import Archive
from tracker.catalog import Catalog
from tracker.catalog.checks import Seen
from tracker.config import Config
from tracker.errors import RateLimitedError
from tracker.fetch import ANYTHING, Fetcher
from tracker.models import Article, Change, NotModified, Snapshot, Source
from tracker.pace import Pace
from tracker.pipeline.notes import Notes
from tracker.politeness import Permit, Politeness
from tracker.processes import Compute, here
from tracker.schedule import Outcome, next_due

if TYPE_CHECKING:
    from tracker.alert.channels import Channel
from tracker.alert.messages import Forms

Found = Literal[
    "first", "same", "changed", "unchanged", "variant", "not modified", "suspect", "gone", "failed", "waiting",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """How the check of an article ended."""

    article: Article  # as it was before
    found: Found
    change: Change | None = None
    problem: str | None = None  # why it failed, is suspect or has to wait, in a sentence
    retry_at: datetime | None = None  # of "waiting": when the host may be asked
    same_as: str | None = None  # of "same": the address that the article is followed at already
    unanswered: bool = False  # of "failed": nobody answered, which may be the network's fault

    @property
    def explained(self) -> str:
        """The problem, in a sentence that names the article."""
        return _about(self.article.url, self.problem)


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the reading of a feed brought."""

    source: Source
    new: tuple[Article, ...] = ()
    entries: int = 0
    sitemaps: tuple[Source, ...] = ()  # that an index named, and that are followed from now on
    problem: str | None = None
    retry_at: datetime | None = None  # the host has to be left alone until then

    @property
    def explained(self) -> str:
        """The problem, in a sentence that names the feed."""
        return _about(self.source.url, self.problem)


def _about(url: str, problem: str | None) -> str:
    text = problem or ""
    return text if url in text else f"{url}: {text}"


def _ignore(_step: str) -> None:
    """Take no notice of a step."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the work on an article needs; any number of threads may use it."""

    config: Config
    catalog: Catalog
    archive: Archive
    fetcher: Fetcher
    politeness: Politeness
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    random: Random
    forms: Mapping[str, Forms] = field(default_factory=dict)  # of the channels that write in words of their own
    compute: Compute = here  # does what takes long: reads and compares pages
    pace: Pace | None = None  # stretches the waits where a budget is short
    notes: Notes | None = None  # gathers checks that found nothing new; None: each is recorded at once
    on_step: Callable[[str], None] = (
        _ignore  # called after each step with its name: for tests that kill the process there
    )

    def note(self, seen: Seen) -> None:
        """Record a check that found nothing new, now or with others."""
        if self.notes:
            self.notes.add(seen)
        else:
            self.catalog.record_seen([seen])

    def due(
        self,
        article: Article,
        at: datetime,
        *,
        outcome: Outcome = "read",
        changed: bool = False,
        not_before: datetime | None = None,
    ) -> datetime:
        """Say when an article is to be checked again (`tracker.schedule.next_due`)."""
        stretch = self.pace.stretch if self.pace else 1.0
        return next_due(
            article,
            at,
            self.config.schedule,
            self.random,
            outcome=outcome,
            changed=changed,
            not_before=not_before,
            stretch=stretch,
        )

    # --- manners ---

    def _ask(self, url: str) -> Permit:
        return self.politeness.ask(url, self.clock(), self.random, self._fetch_robots)

    def _fetch_robots(self, url: str) -> Snapshot | NotModified:
        return self.fetcher.fetch(url, accept=ANYTHING)


def not_before_of(error: Exception, now: datetime) -> datetime | None:
    """Say until when a host asked to be left alone; None where it did not."""
    if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
        return now + timedelta(seconds=error.retry_after_s)
    return None
