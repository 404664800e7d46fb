"""The background service: what is due is checked, feeds are read, messages are delivered, until it is told to stop.

APScheduler runs a handful of jobs, not one for each article: an article is a row with a due time, and a job claims the rows that are due.
Nothing is kept in memory that a restart would miss: a claim is a lease in the catalog, and the leases of a process that died are dropped at the start.
However much is due at once, after a night asleep or a clock set forward, no more is claimed than is in hand soon, most overdue first, and no more of a host than it will be asked for.

Joins the parts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from tracker.crew import Crew
from tracker.errors import AlertError, TrackerError
from tracker.models import Article, Delivery
from tracker.notes import write_notes
from tracker.operations.health import Health, serving
from tracker.operations.logs import say
from tracker.operations.metrics import Metrics
from tracker.operations.note import write_note
from tracker.operations.room import Room, free_bytes
from tracker.operations.systemd import notify
from tracker.pace import Pace
from tracker.pipeline import Checked, Discovered, Pipeline
from tracker.politeness import Politeness, is_exempt
from tracker.postman import Postman
from tracker.processes import Processes
from tracker.tasks import Tasks
from tracker.timestamp import timestamp_daily
from tracker.url import host_of

log = logging.getLogger(__name__)

QUEUE_PER_WORKER: Final = 128  # articles claimed ahead: 2 MB for eight workers, and hosts enough that none waits
PER_HOST: Final = 16  # of these of one host, so that a large site does not fill the queue
AT_ONCE: Final = 100  # claimed in one transaction, which others wait for
FEEDS_AT_ONCE: Final = 50
LEASE: Final = timedelta(minutes=30)  # longer than the articles of one host wait for one another
NOTE_EVERY: Final = timedelta(seconds=10)
REST_EVERY: Final = timedelta(seconds=1)
BUDGET_EVERY: Final = timedelta(minutes=5)  # a look at all articles: 0.1 s for 100,000
SET_RIGHT_EVERY: Final = timedelta(minutes=10)
HOURLY: Final = timedelta(hours=1)
NOTING_S: Final = 60.0  # of each hour: a note takes a millisecond
FOLLOW_EVERY: Final = timedelta(minutes=10)  # until an address that could not be recognised is tried again
NO_ROOM_WAIT: Final = timedelta(seconds=10)  # of an article that was claimed before the disk was full
LOOK_UP_S: Final = 0.5  # between two looks at the clock and at what we are told to do
JUMP_S: Final = 5.0  # that the clock may gain or lose meanwhile: less is its being kept in time
WATCHDOG_S: Final = 30.0
STUCK_S: Final = 120.0  # since the dispatcher was last at work

Rebuild = Callable[[Pipeline], Pipeline]
"""Gives the parts as a configuration that was read anew wants them; raises ConfigError where it is wrong."""


class Service:
    """One process that does the work of one archive.

    Args:
        pipeline: The parts, joined.
        report: Is told how each check ended.
        rebuild: What to do when told to read the configuration anew; None: nothing.
        tasks: Where checks are queued for workers; None: they are done here.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        report: Callable[[Checked], None],
        rebuild: Rebuild | None = None,
        tasks: Tasks | None = None,
    ) -> None:
        self._tasks = tasks
        now = pipeline.clock()
        self._pace = Pace(pipeline.config.schedule.most_per_hour, now)
        self._pipeline = pipeline = replace(pipeline, pace=self._pace)
        self._settings = pipeline.config.service
        self._rebuild = rebuild
        self._report = report
        self._started_at = now
        self._room = Room(pipeline.config.archive_folder, pipeline.config.min_free)
        self._paused: str | None = None
        self._trouble: str | None = None  # of the last look at the catalog
        self._dispatched = time.monotonic()
        self._claimed: dict[int, str | None] = {}  # article → the host that is to be spared
        self._lock = threading.Lock()
        self._metrics = Metrics(self._gauges)
        self._postman = Postman(pipeline, self._delivered, _log_trouble)
        self._crew = Crew(
            self._check, self._checked, workers=self._settings.workers, clock=pipeline.clock, broken=self._broken
        )

    def run(self, stop: threading.Event, reload: threading.Event | None = None) -> None:
        """Work until `stop` is set, then finish what is in hand within the time that the configuration gives.

        Raises:
            ConfigError: The address for /health cannot be listened on.
        """
        if self._tasks is None:  # what is queued is still leased
            self._pipeline.catalog.release_all()
        self._set_right()
        self._budget()
        scheduler = self._scheduler()
        with ExitStack() as stack:
            if self._settings.listen:
                stack.enter_context(serving(self._settings.listen, self._health, self._metrics.text))
            scheduler.start()
            notify("READY=1")
            try:
                self._wait(stop, reload or threading.Event(), scheduler)
            finally:
                notify("STOPPING=1")
                say(log, logging.INFO, "stopping", "stopping: checks in hand are finished")
                scheduler.shutdown(wait=False)
                self._stop()

    def _stop(self) -> None:
        within_s = self._settings.stop_within.total_seconds()
        left = self._crew.stop(within_s * 0.6)
        self._pipeline.catalog.release_some([article.id for article in left])
        self._postman.stop(within_s * 0.15)
        if self._pipeline.notes:
            self._pipeline.notes.flush()

    def _wait(self, stop: threading.Event, reload: threading.Event, scheduler: BackgroundScheduler) -> None:
        """Keep an eye on the clock and on what we are told, until we are told to stop."""
        clock, barked = self._pipeline.clock, time.monotonic()
        wall, steady = clock(), time.monotonic()
        while not stop.wait(LOOK_UP_S):
            gained = (clock() - wall).total_seconds() - (time.monotonic() - steady)
            wall, steady = clock(), time.monotonic()
            if abs(gained) > JUMP_S:
                self._clock_jumped(gained, scheduler)
            if reload.is_set():
                reload.clear()
                self._reload(scheduler)
            if steady - barked > WATCHDOG_S and steady - self._dispatched < STUCK_S:
                notify("WATCHDOG=1")
                barked = steady

    def _scheduler(self) -> BackgroundScheduler:
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
            "rest": (self._rest, REST_EVERY),
            "set right": (self._set_right, SET_RIGHT_EVERY),
            "notes": (self._write_notes, HOURLY),
            "stamp": (self._stamp, HOURLY),
        }
        at_once = datetime.now(UTC)  # by the clock that the scheduler goes by
        for name, (work, every) in jobs.items():
            scheduler.add_job(_guarded(work), "interval", seconds=every.total_seconds(), id=name, next_run_time=at_once)
        return scheduler

    # --- the jobs ---

    def _follow(self) -> None:
        for problem in self._pipeline.follow_configured():
            say(log, logging.WARNING, "not followed", str(problem))

    def _discover(self) -> None:
        pipeline = self._pipeline
        if self._room.problem():
            return
        for source in pipeline.catalog.claim_due_sources(pipeline.clock(), FEEDS_AT_ONCE, LEASE):
            found = pipeline.discover(source)
            if found.retry_at:
                pipeline.catalog.release_source(source.id)  # still due: it is asked again in the next round
            _log_discovery(found)

    def _dispatch(self) -> None:
        self._dispatched = time.monotonic()
        self._look_for_room()
        while not self._paused and self._claim():
            self._dispatched = time.monotonic()

    def _claim(self) -> bool:
        """Take some of what is due; says whether there was any."""
        pipeline, now = self._pipeline, self._pipeline.clock()
        held = self._held()
        load = held.total() if self._tasks else self._crew.load
        room = self._pace.room(self._settings.workers * QUEUE_PER_WORKER - load, now)
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

    def _held(self) -> Counter[str]:
        """Count the articles that are in the queue or in hand, by the host that is to be spared."""
        if self._tasks:
            return self._tasks.held()
        with self._lock:
            return Counter(filter(None, self._claimed.values()))

    def _look_for_room(self) -> None:
        problem, before = self._room.problem(), self._paused
        self._paused = problem
        if (problem is None) is (before is None):
            return
        self._note()
        if problem:
            say(log, logging.ERROR, "paused", problem)
        else:
            say(log, logging.INFO, "resumed", "there is room on the disk again, and fetching goes on")

    def _budget(self) -> None:
        """Learn what the sources may cost, and whether the waits ask for more checks than there may be."""
        catalog, now = self._pipeline.catalog, self._pipeline.clock()
        self._pace.limit(catalog.sources(), now)
        if self._pipeline.config.schedule.most_per_hour:
            self._pace.adapt(catalog.asked_per_hour())

    def _set_right(self) -> None:
        """Find what a clock that ran ahead has put off until kingdom come."""
        if count := self._pipeline.catalog.set_right(self._pipeline.clock()):
            say(log, logging.WARNING, "set right", f"{count} articles were last checked in the future, and are due now")

    def _deliver(self) -> None:
        self._postman.deliver_due()

    def _note(self) -> None:
        slowed = self._pipeline.politeness.slowed(self._pipeline.clock())
        write_note(self._pipeline.config.archive_folder, slowed, self._paused)

    def _rest(self) -> None:
        pipeline = self._pipeline
        if pipeline.notes:
            pipeline.notes.flush()
        if isinstance(pipeline.compute, Processes):
            pipeline.compute.rest()

    def _write_notes(self) -> None:
        write_notes(self._pipeline.archive, self._pipeline.catalog, within_s=NOTING_S)

    def _stamp(self) -> None:
        timestamp_daily(self._pipeline.archive, self._pipeline.config, now=self._pipeline.clock())

    # --- what it is told ---

    def _reload(self, scheduler: BackgroundScheduler) -> None:
        if self._rebuild is None:
            return
        notify("RELOADING=1")
        before = self._pipeline
        try:
            self._pipeline = self._rebuild(before)
        except TrackerError as error:
            say(
                log,
                logging.ERROR,
                "not reloaded",
                f"the configuration stays as it was, because of the new one: {error}",
            )
        else:
            config = self._pipeline.config
            self._room = Room(config.archive_folder, config.min_free)
            self._postman.pipeline = self._pipeline
            if config.schedule.most_per_hour != before.config.schedule.most_per_hour:
                self._pace = Pace(config.schedule.most_per_hour, self._pipeline.clock())
                self._pipeline = replace(self._pipeline, pace=self._pace)
            self._at_once(scheduler)
            say(log, logging.INFO, "reloaded", "the configuration was read anew")
        notify("READY=1")

    def _clock_jumped(self, gained_s: float, scheduler: BackgroundScheduler) -> None:
        """Go by the new time: moments that were told by the old one are forgotten, and every job looks around."""
        say(
            log,
            logging.WARNING,
            "clock",
            f"the clock was set by {gained_s:+,.0f} s, or the machine slept",
            seconds=gained_s,
        )
        if gained_s < 0:
            self._pipeline = replace(self._pipeline, politeness=Politeness(self._pipeline.config.fetch))
            self._crew.hurry()
        self._at_once(scheduler)

    def _at_once(self, scheduler: BackgroundScheduler) -> None:
        for job in scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    # --- checks and messages ---

    def _check(self, article: Article) -> Checked:
        if self._paused:
            return Checked(article, "waiting", problem=self._paused, retry_at=self._pipeline.clock() + NO_ROOM_WAIT)
        began = time.monotonic()
        checked = self._pipeline.check(article)
        if checked.found != "waiting":
            verdict = checked.change.comparison.judgement.verdict if checked.change else None
            self._metrics.checked(checked.found, verdict, time.monotonic() - began)
        return checked

    def _checked(self, checked: Checked) -> None:
        with self._lock:
            self._claimed.pop(checked.article.id, None)
        self._report(checked)

    def _broken(self, article: Article, error: Exception) -> None:
        """Let the service live: the article is tried again when its lease is over, by which time a disk may have room again."""
        with self._lock:
            self._claimed.pop(article.id, None)
        self._metrics.checked("broken", None, None)
        if isinstance(error, TrackerError):
            say(log, logging.ERROR, "not checked", f"{article.url} was not checked: {error}", article=article.url)
        else:
            log.error("%s was not checked, because of a bug", article.url, exc_info=error)

    def _delivered(self, delivery: Delivery, error: AlertError | None) -> None:
        about = {"channel": delivery.channel, "delivery": delivery.id, "key": delivery.key}
        if error is None:
            waited_s = (self._pipeline.clock() - delivery.created_at).total_seconds()
            self._metrics.delivered(delivery.channel, "accepted", waited_s)
            message = f"alert {delivery.id} delivered to {delivery.channel}"
            say(log, logging.INFO, "delivered", message, seconds=round(waited_s, 3), **about)
        else:
            self._metrics.delivered(delivery.channel, "refused" if error.permanent else "failed")
            say(log, logging.WARNING, "not delivered", f"alert {delivery.id} was not delivered: {error}", **about)

    # --- how it does ---

    def _gauges(self) -> dict[str, float]:
        health = self._health()
        return {
            "articles": health.articles,
            "due": health.due,
            "late_seconds": health.late_s,
            "queue": health.queue,
            "outbox_waiting": health.outbox.get("waiting", 0),
            "outbox_parked": health.outbox.get("parked", 0),
            "free_bytes": health.free_bytes,
            "paused": float(self._paused is not None),
            "hosts_slowed": len(self._pipeline.politeness.slowed(self._pipeline.clock())),
        }

    def _health(self) -> Health:
        pipeline, now = self._pipeline, self._pipeline.clock()
        reasons = [self._paused] if self._paused else []
        status = "paused" if self._paused else "ok"
        if time.monotonic() - self._dispatched > STUCK_S:
            status, reasons = "failing", [*reasons, "the dispatcher is stuck"]
        try:
            backlog = pipeline.catalog.backlog(now)
        except TrackerError:  # the sentence may name the database, which is nobody's business here
            unknown = (*reasons, "the catalog cannot be read; the log says why")
            return Health("failing", unknown, self._started_at.isoformat(), 0, 0, 0.0, self._crew.load, {}, 0)
        late_s = (now - backlog.oldest_due_at).total_seconds() if backlog.oldest_due_at else 0.0
        return Health(
            status=status,
            reasons=tuple(reasons),
            started_at=self._started_at.isoformat(),
            articles=backlog.articles,
            due=backlog.due,
            late_s=round(max(late_s, 0.0), 1),
            queue=self._crew.load,
            outbox={str(state): count for state, count in backlog.deliveries.items()},
            free_bytes=free_bytes(pipeline.config.archive_folder),
        )


def _spared_host(article: Article, pipeline: Pipeline) -> str | None:
    """Name the host that gets only its share of the queue; None for one of our own, which may be asked at any time."""
    return None if is_exempt(article.url, pipeline.config.fetch) else host_of(article.url)


def _guarded(work: Callable[[], None]) -> Callable[[], None]:
    """Keep a job from failing: what can be explained is logged in a sentence, and the job comes again."""

    def run() -> None:
        try:
            work()
        except TrackerError as error:
            say(log, logging.ERROR, "trouble", str(error))  # the sentence says all

    return run


def _log_discovery(found: Discovered) -> None:
    about = {"feed": found.source.url}
    if found.retry_at:
        say(log, logging.DEBUG, "feed waits", f"{found.source.url} waits: {found.problem}", **about)
    elif found.problem:
        say(log, logging.WARNING, "feed not read", found.explained, **about)
    elif found.new:
        message = f"{found.source.url}: {len(found.new)} new of {found.entries} articles"
        say(log, logging.INFO, "feed read", message, new=len(found.new), entries=found.entries, **about)


def _log_trouble(error: TrackerError) -> None:
    say(log, logging.ERROR, "trouble", str(error))
