"""What is due is claimed, most overdue first, and handed to those who check it: the threads of this process, or workers.

However much is due at once, after a night asleep or a clock set forward, no more is claimed than is in hand soon, and no more of a host than it will be asked for.
A claim is a lease in the catalog: nothing is kept in memory that a restart would miss.

Joins the parts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tracker.crew import Crew
from tracker.errors import TrackerError
from tracker.models import Article
from tracker.operations.logs import say
from tracker.operations.metrics import Metrics
from tracker.operations.room import Room
from tracker.pace import Pace
from tracker.pipeline import Checked, Pipeline
from tracker.politeness import is_exempt
from tracker.reach import TRY_EVERY, Reach
from tracker.tasks import Tasks
from tracker.url import host_of

log = logging.getLogger(__name__)

QUEUE_PER_WORKER: Final = 128  # articles claimed ahead: 2 MB for eight workers, and hosts enough that none waits
PER_HOST: Final = 16  # of these of one host, so that a large site does not fill the queue
AT_ONCE: Final = 100  # claimed in one transaction, which others wait for
LEASE: Final = timedelta(minutes=30)  # longer than the articles of one host wait for one another
TRIED: Final = 3  # articles that find out whether the network is back
TROUBLE_WAIT_S: Final = 10.0  # of an article that could not be kept, because of the disk or the catalog
NO_ROOM_WAIT: Final = timedelta(seconds=10)  # of an article that was claimed before the disk was full

Report = Callable[[Checked], None]


class Dispatcher:
    """Claims and hands out, for one process.

    Args:
        pipeline: The parts, joined.
        tasks: Where checks are queued for workers; None: they are done here.
        metrics: Counts the checks.
        report: Is told how each check ended.
    """

    def __init__(self, pipeline: Pipeline, tasks: Tasks | None, metrics: Metrics, report: Report) -> None:
        self.worked_at = time.monotonic()
        self._tasks = tasks
        self._metrics = metrics
        self._report = report
        self._pace = Pace(pipeline.config.schedule.most_per_hour, pipeline.clock())
        self._room = Room(pipeline.config.archive_folder, pipeline.config.min_free)
        self._pipeline = replace(pipeline, pace=self._pace)
        self._workers = pipeline.config.service.workers
        self._no_room: str | None = None
        self._reach = Reach()
        self._claimed: dict[int, str | None] = {}  # article → the host that is to be spared
        self._troubled: dict[int, float] = {}  # article that could not be kept → when it is given back
        self._lock = threading.Lock()
        self._crew = Crew(self._check, self._checked, workers=self._workers, clock=pipeline.clock, broken=self._broken)

    def use(self, pipeline: Pipeline) -> None:
        """Go on with other parts: the configuration was read anew."""
        before, config = self._pipeline.config, pipeline.config
        if config.schedule.most_per_hour != before.schedule.most_per_hour:
            self._pace = Pace(config.schedule.most_per_hour, pipeline.clock())
        self._room = Room(config.archive_folder, config.min_free)
        self._pipeline = replace(pipeline, pace=self._pace)
        self._workers = config.service.workers
        self._crew.resize(self._workers)

    @property
    def paused(self) -> str | None:
        """Why nothing is fetched; None where it is."""
        since = self._reach.away_since
        if self._no_room or since is None:
            return self._no_room
        return f"the network is away: nobody has answered since {since:%H:%M} UTC on {since:%Y-%m-%d}; one article is tried every few seconds"

    @property
    def queued(self) -> int:
        """How many articles are claimed: they wait for their host, or are being checked."""
        return self._crew.load

    @property
    def in_hand(self) -> int:
        """How many articles are being checked."""
        return self._crew.in_hand

    @property
    def may_fetch(self) -> bool:
        """Is there room on the disk for what is fetched, and a network?"""
        return self._room.problem() is None and self._reach.away_since is None

    def dispatch(self) -> bool:
        """Claim what is due as far as there is room in the queue; says whether fetching has paused or gone on since the last time."""
        self.worked_at = time.monotonic()
        changed = self._look_for_room()
        self._give_back()
        since = self._reach.away_since
        if (
            since and not self._crew.load
        ):  # all that was due has failed: without these nothing would tell us that it is back
            self._pipeline.catalog.hurry_failed(since, self._pipeline.clock(), most=TRIED)
        while not self._no_room and self._claim():
            self.worked_at = time.monotonic()
        return changed

    def budget(self) -> None:
        """Learn what the sources may cost, and whether the waits ask for more checks than there may be."""
        catalog, now = self._pipeline.catalog, self._pipeline.clock()
        self._pace.limit(catalog.sources(), now)
        if self._pipeline.config.schedule.most_per_hour:
            self._pace.adapt(catalog.asked_per_hour())

    def hurry(self) -> None:
        """Try again at once whatever waits for its host: the clock was put back."""
        self._crew.hurry()

    def stop(self, within_s: float) -> None:
        """Claim nothing more, finish the checks in hand but not for longer than so many seconds, and give the rest back."""
        left = self._crew.stop(within_s)
        self._pipeline.catalog.release_some([article.id for article in left])

    # --- claiming ---

    def _claim(self) -> bool:
        """Take some of what is due; says whether there was any."""
        pipeline, now = self._pipeline, self._pipeline.clock()
        held = self._held()
        load = held.total() if self._tasks else self._crew.load
        room = self._pace.room(self._workers * QUEUE_PER_WORKER - load, now)
        if room <= 0:
            return False
        found = pipeline.catalog.claim_due_articles(
            now, min(room, AT_ONCE), LEASE, per_host=PER_HOST, spare=self._pace.spare(now), held=held
        )
        if self._tasks:
            self._pace.spend(article.source_id for article in found)
            self._tasks.add(found)
            return bool(found)
        with self._lock:
            # One whose lease ran out while it was waiting for its host is still in the queue.
            fresh = [article for article in found if article.id not in self._claimed]
            self._claimed |= {article.id: _spared_host(article, pipeline) for article in fresh}
        self._pace.spend(article.source_id for article in fresh)
        self._crew.add(fresh)
        return bool(fresh)

    def _give_back(self) -> None:
        """Let be due again what could not be kept a while ago."""
        with self._lock:
            ripe = [one for one, at in self._troubled.items() if at <= time.monotonic()]
        if ripe:
            self._pipeline.catalog.release_some(ripe)
        with self._lock:
            for one in ripe:
                del self._troubled[one]

    def _held(self) -> Counter[str]:
        """Count the articles that are in the queue or in hand, by the host that is to be spared."""
        if self._tasks:
            return self._tasks.held()
        with self._lock:
            return Counter(filter(None, self._claimed.values()))

    def _look_for_room(self) -> bool:
        problem, before = self._room.problem(), self._no_room
        self._no_room = problem
        if (problem is None) is (before is None):
            return False
        if problem:
            say(log, logging.ERROR, "paused", problem)
        else:
            say(log, logging.INFO, "resumed", "there is room on the disk again, and fetching goes on")
        return True

    # --- checking ---

    def _check(self, article: Article) -> Checked:
        now = self._pipeline.clock()
        if self._no_room:
            return Checked(article, "waiting", problem=self._no_room, retry_at=now + NO_ROOM_WAIT)
        with self._lock:
            if not self._reach.may_try(now):
                return Checked(article, "waiting", problem=self.paused, retry_at=now + TRY_EVERY)
        if self._reach.away_since:
            self._pipeline.politeness.forgive(now)
        began = time.monotonic()
        checked = self._pipeline.check(article)
        if checked.found != "waiting":
            self._learn(article, now, answered=not checked.unanswered)
            verdict = checked.change.comparison.judgement.verdict if checked.change else None
            self._metrics.checked(checked.found, verdict, time.monotonic() - began)
        return checked

    def _learn(self, article: Article, began_at: datetime, *, answered: bool) -> None:
        """Learn whether the network is there; once it is back, what nobody answered for is due again."""
        with self._lock:
            since = self._reach.away_since
            changed = self._reach.learn(host_of(article.url), began_at, answered=answered)
        if changed and since is None:
            say(log, logging.ERROR, "network away", str(self.paused))
        elif changed and since:
            now = self._pipeline.clock()
            self._pipeline.politeness.forgive(now)
            count = self._pipeline.catalog.hurry_failed(since, now)
            say(log, logging.INFO, "network back", f"the network is back; {count} articles and feeds are tried again")
            self._crew.hurry()

    def _checked(self, checked: Checked) -> None:
        with self._lock:
            self._claimed.pop(checked.article.id, None)
        self._report(checked)

    def _broken(self, article: Article, error: Exception) -> None:
        """Let the service live: once the disk has room or the catalog answers the article is tried again; after a bug, when its lease is over."""
        with self._lock:
            self._claimed.pop(article.id, None)
            if isinstance(error, TrackerError):
                self._troubled[article.id] = time.monotonic() + TROUBLE_WAIT_S
        self._metrics.checked("broken", None, None)
        if isinstance(error, TrackerError):
            say(log, logging.ERROR, "not checked", f"{article.url} was not checked: {error}", article=article.url)
        else:
            log.error("%s was not checked, because of a bug", article.url, exc_info=error)


def _spared_host(article: Article, pipeline: Pipeline) -> str | None:
    """Name the host that gets only its share of the queue; None for one of our own, which may be asked at any time."""
    return None if is_exempt(article.url, pipeline.config.fetch) else host_of(article.url)
