"""The background service: what is due is checked, feeds are read, messages are delivered, until it is told to stop.

APScheduler runs a handful of jobs, not one for each article: an article is a row with a due time, and a job claims the rows that are due.
Nothing is kept in memory that a restart would miss: a claim is a lease in the catalog, and the leases of a process that died are dropped at the start.

Joins the parts.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from tracker.crew import Crew
from tracker.errors import AlertError, TrackerError
from tracker.models import Article, Delivery
from tracker.pace import Pace
from tracker.pipeline import Checked, Discovered, Pipeline
from tracker.politeness import Slowed
from tracker.postman import Postman

log = logging.getLogger(__name__)

QUEUE_PER_WORKER: Final = (
    64  # articles claimed ahead, so that the workers have something to do between two looks at the catalog
)
PER_HOST: Final = 32  # of these of one host, so that a large site does not fill the queue
FEEDS_AT_ONCE: Final = 50
LEASE: Final = timedelta(minutes=30)  # longer than a full queue takes at one host a second
NOTE_EVERY: Final = timedelta(seconds=10)
NOTE_FILE: Final = (
    "service.json"  # in the archive's folder: what the service knows and no catalog keeps, for `tracker status`
)
BUDGET_EVERY: Final = timedelta(minutes=5)  # a look at all articles: 0.1 s for 100,000
FOLLOW_EVERY: Final = timedelta(
    minutes=10
)  # until an address of the configuration that could not be recognised is tried again


class Service:
    """One process that does the work of one archive.

    Args:
        pipeline: The parts, joined.
        report: Is told how each check ended.
    """

    def __init__(self, pipeline: Pipeline, report: Callable[[Checked], None]) -> None:
        self._pace = Pace(pipeline.config.schedule.most_per_hour, pipeline.clock())
        pipeline = replace(pipeline, pace=self._pace)
        self._pipeline = pipeline
        self._settings = pipeline.config.service
        self._claimed: set[int] = set()
        self._lock = threading.Lock()
        self._report = report
        self._postman = Postman(pipeline, _log_delivery, _log_trouble)
        self._crew = Crew(
            pipeline.check, self._checked, workers=self._settings.workers, clock=pipeline.clock, broken=self._broken
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then finish what is in hand within the time that the configuration gives."""
        catalog, now = self._pipeline.catalog, self._pipeline.clock()
        catalog.release_all()
        self._budget()
        scheduler = self._scheduler(now)
        scheduler.start()
        try:
            stop.wait()
        finally:
            log.info("stopping: checks in hand are finished")
            within_s = self._settings.stop_within.total_seconds()
            scheduler.shutdown(wait=False)
            for left in self._crew.stop(within_s * 0.8):
                catalog.release(left.id)
            self._postman.stop(within_s * 0.2)

    def _scheduler(self, now: datetime) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            # A job that is late runs once, as soon as it can: the default leaves out what is a second late.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        jobs = {
            "follow": (self._follow, FOLLOW_EVERY),
            "discover": (self._discover, self._settings.dispatch_every),
            "budget": (self._budget, BUDGET_EVERY),
            "dispatch": (self._dispatch, self._settings.dispatch_every),
            "deliver": (self._deliver, self._settings.deliver_every),
            "note": (self._note, NOTE_EVERY),
        }
        for name, (work, every) in jobs.items():
            scheduler.add_job(_guarded(work), "interval", seconds=every.total_seconds(), id=name, next_run_time=now)
        return scheduler

    # --- the jobs ---

    def _follow(self) -> None:
        for problem in self._pipeline.follow_configured():
            log.warning("%s", problem)

    def _discover(self) -> None:
        pipeline = self._pipeline
        for source in pipeline.catalog.claim_due_sources(pipeline.clock(), FEEDS_AT_ONCE, LEASE):
            found = pipeline.discover(source)
            if found.retry_at:
                pipeline.catalog.release_source(source.id)  # still due: it is asked again in the next round
            _log_discovery(found)

    def _dispatch(self) -> None:
        room = self._settings.workers * QUEUE_PER_WORKER - self._crew.load
        if room <= 0:
            return
        pipeline = self._pipeline
        now = pipeline.clock()
        room = self._pace.room(room, now)
        spare = self._pace.spare(now)
        found = pipeline.catalog.claim_due_articles(now, room, LEASE, per_host=PER_HOST, spare=spare)
        with self._lock:
            # One whose lease ran out while it was waiting for its host is still in the queue.
            fresh = [article for article in found if article.id not in self._claimed]
            self._claimed.update(article.id for article in fresh)
        self._pace.spend(article.source_id for article in fresh)
        self._crew.add(fresh)

    def _budget(self) -> None:
        """Learn what the sources may cost, and whether the waits ask for more checks than there may be."""
        catalog, now = self._pipeline.catalog, self._pipeline.clock()
        self._pace.limit(catalog.sources(), now)
        if self._pipeline.config.schedule.most_per_hour:
            self._pace.adapt(catalog.asked_per_hour())

    def _deliver(self) -> None:
        self._postman.deliver_due()

    def _note(self) -> None:
        slowed = self._pipeline.politeness.slowed(self._pipeline.clock())
        write_note(self._pipeline.config.archive_folder, slowed)

    # --- what they hear ---

    def _checked(self, checked: Checked) -> None:
        with self._lock:
            self._claimed.discard(checked.article.id)
        self._report(checked)

    def _broken(self, article: Article, error: Exception) -> None:
        """Let the service live: the article is tried again when its lease is over, by which time a disk may have room again."""
        with self._lock:
            self._claimed.discard(article.id)
        if isinstance(error, TrackerError):
            log.error("%s was not checked: %s", article.url, error)
        else:
            log.error("%s was not checked, because of a bug", article.url, exc_info=error)


def write_note(folder: Path, slowed: Sequence[Slowed]) -> None:
    """Leave word of the hosts that are left alone; best effort, for the service does not depend on it."""
    note = {"slowed": [{"host": one.host, "until": one.until.isoformat(), "why": one.why} for one in slowed]}
    temporary = folder / f".{NOTE_FILE}.new"
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps(note), encoding="utf-8")
        temporary.replace(folder / NOTE_FILE)


def read_note(folder: Path) -> list[Slowed]:
    """Read what a service has left word of; nothing where there is no such note."""
    try:
        note = json.loads((folder / NOTE_FILE).read_text(encoding="utf-8"))
        return [Slowed(one["host"], datetime.fromisoformat(one["until"]), one["why"]) for one in note["slowed"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _guarded(work: Callable[[], None]) -> Callable[[], None]:
    """Keep a job from failing: what can be explained is logged in a sentence, and the job comes again."""

    def run() -> None:
        try:
            work()
        except TrackerError as error:
            log.error("%s", error)  # the sentence says all

    return run


def _log_discovery(found: Discovered) -> None:
    if found.retry_at:
        log.debug("%s waits: %s", found.source.url, found.problem)
    elif found.problem:
        log.warning("%s", found.explained)
    elif found.new:
        log.info("%s: %d new of %d articles", found.source.url, len(found.new), found.entries)


def _log_delivery(delivery: Delivery, error: AlertError | None) -> None:
    if error is None:
        log.info("alert %d delivered to %s", delivery.id, delivery.channel)
    else:
        log.warning("alert %d was not delivered: %s", delivery.id, error)


def _log_trouble(error: TrackerError) -> None:
    log.error("%s", error)
