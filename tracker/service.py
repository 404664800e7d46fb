"""The background service: what is due is checked, feeds are read, messages are delivered, until it is told to stop.

APScheduler runs a handful of jobs, not one for each article: an article is a row with a due time, and a job claims the rows that are due (`tracker.dispatch`).
Nothing is kept in memory that a restart would miss: a claim is a lease in the catalog, and the leases of a process that died are dropped at the start.

Joins the parts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from tracker.catalog.watch import Watch
from tracker.dispatch import Dispatcher
from tracker.errors import AlertError, TrackerError
from tracker.models import Delivery
from tracker.notes import write_notes
from tracker.operations.health import serving
from tracker.operations.logs import say
from tracker.operations.metrics import Metrics
from tracker.operations.note import write_note
from tracker.operations.systemd import notify
from tracker.pipeline import Checked, Discovered, Pipeline
from tracker.postman import Postman
from tracker.processes import Processes
from tracker.tasks import Tasks
from tracker.timestamp import timestamp_daily
from tracker.vitals import Vitals

log = logging.getLogger(__name__)

FEEDS_AT_ONCE: Final = 50
LEASE: Final = timedelta(minutes=30)  # of a feed: longer than it takes to read so many
NOTE_EVERY: Final = timedelta(seconds=10)
REST_EVERY: Final = timedelta(seconds=1)
BUDGET_EVERY: Final = timedelta(minutes=5)  # a look at all articles: 0.1 s for 100,000
SET_RIGHT_EVERY: Final = timedelta(minutes=10)
HOURLY: Final = timedelta(hours=1)
NOTING_S: Final = 60.0  # of each hour: a note takes a millisecond
FOLLOW_EVERY: Final = timedelta(minutes=10)  # until an address that could not be recognised is tried again
LOOK_UP_S: Final = 0.1  # between two looks at the clock, the catalog and what we are told to do
JUMP_S: Final = 5.0  # that the clock may gain or lose meanwhile: less is its being kept in time
WATCHDOG_S: Final = 30.0

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
        self._pipeline = pipeline
        self._rebuild = rebuild
        self._noting = threading.Lock()
        self._alone = tasks is None  # what is queued for workers is still leased when we start
        self.vitals = Vitals(pipeline)
        self._metrics = Metrics(self.vitals.gauges)
        self._dispatcher = Dispatcher(pipeline, tasks, self._metrics, report)
        self.vitals.dispatcher = self._dispatcher
        self._postman = Postman(pipeline, self._delivered, _log_trouble)

    def run(self, stop: threading.Event, reload: threading.Event | None = None) -> None:
        """Work until `stop` is set, then finish what is in hand within the time that the configuration gives.

        Raises:
            ConfigError: The address for /health cannot be listened on.
        """
        if self._alone:
            self._pipeline.catalog.release_all()
        self._set_right()
        self._dispatcher.budget()
        scheduler = self._scheduler()
        listen = self._pipeline.config.service.listen
        with ExitStack() as stack:
            if listen:
                stack.enter_context(serving(listen, self.vitals.health, self._metrics.text))
            watch = stack.enter_context(self._pipeline.catalog.watch())
            scheduler.start()
            notify("READY=1")
            try:
                self._wait(stop, reload or threading.Event(), scheduler, watch)
            finally:
                notify("STOPPING=1")
                say(log, logging.INFO, "stopping", "stopping: checks in hand are finished")
                scheduler.shutdown(wait=False)
                self._stop()

    def _stop(self) -> None:
        within_s = self._pipeline.config.service.stop_within.total_seconds()
        self._dispatcher.stop(within_s * 0.6)
        self._postman.stop(within_s * 0.15)
        if self._pipeline.notes:
            self._pipeline.notes.flush()

    def _wait(
        self, stop: threading.Event, reload: threading.Event, scheduler: BackgroundScheduler, watch: Watch
    ) -> None:
        """Keep an eye on the clock, on the catalog and on what we are told, until we are told to stop."""
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
            # An address that is new, or an article that somebody wants checked; while there is work the next round is soon enough.
            if watch.changed() and not self._dispatcher.queued:
                for job in ("dispatch", "discover"):
                    scheduler.modify_job(job, next_run_time=datetime.now(UTC))
            if steady - barked > WATCHDOG_S and not self.vitals.is_stuck:
                notify("WATCHDOG=1")
                barked = steady

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            # A job that is late runs once, as soon as it can: the default leaves out what is a second late.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._schedule(scheduler)
        return scheduler

    def _schedule(self, scheduler: BackgroundScheduler) -> None:
        """Plan the jobs, each to be run at once and then every so often."""
        settings = self._pipeline.config.service
        jobs = {
            "follow": (self._follow, FOLLOW_EVERY),
            "discover": (self._discover, settings.dispatch_every),
            "budget": (self._dispatcher.budget, BUDGET_EVERY),
            "dispatch": (self._dispatch, settings.dispatch_every),
            "deliver": (self._postman.deliver_due, settings.deliver_every),
            "note": (self._note, NOTE_EVERY),
            "rest": (self._rest, REST_EVERY),
            "set right": (self._set_right, SET_RIGHT_EVERY),
            "notes": (self._write_notes, HOURLY),
            "stamp": (self._stamp, HOURLY),
        }
        at_once = datetime.now(UTC)  # by the clock that the scheduler goes by
        for name, (work, every) in jobs.items():
            scheduler.add_job(
                _guarded(work),
                "interval",
                seconds=every.total_seconds(),
                id=name,
                next_run_time=at_once,
                replace_existing=True,
            )

    # --- the jobs ---

    def _follow(self) -> None:
        for problem in self._pipeline.follow_configured():
            say(log, logging.WARNING, "not followed", str(problem))

    def _discover(self) -> None:
        pipeline = self._pipeline
        if not self._dispatcher.may_fetch:
            return
        for source in pipeline.catalog.claim_due_sources(pipeline.clock(), FEEDS_AT_ONCE, LEASE):
            found = pipeline.discover(source)
            if found.retry_at:
                pipeline.catalog.release_source(source.id)  # still due: it is asked again in the next round
            else:
                self._metrics.read("failed" if found.problem else "read")
            _log_discovery(found)

    def _dispatch(self) -> None:
        if self._dispatcher.dispatch():
            self._note()

    def _set_right(self) -> None:
        """Find what a clock that ran ahead has put off until kingdom come."""
        if count := self._pipeline.catalog.set_right(self._pipeline.clock()):
            say(
                log,
                logging.WARNING,
                "set right",
                f"{count} articles and feeds were last checked in the future, and are due now",
            )

    def _note(self) -> None:
        with self._noting:  # two jobs come here, and the later word counts
            slowed = self._pipeline.politeness.slowed(self._pipeline.clock())
            write_note(self._pipeline.config.archive_folder, slowed, self._dispatcher.paused)

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

    def _use(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._dispatcher.use(pipeline)
        self._postman.pipeline = pipeline
        self.vitals.pipeline = pipeline

    def _reload(self, scheduler: BackgroundScheduler) -> None:
        if self._rebuild is None:
            return
        notify("RELOADING=1")
        try:
            self._use(self._rebuild(self._pipeline))
        except TrackerError as error:
            reason = f"the configuration stays as it was, because of the new one: {error}"
            say(log, logging.ERROR, "not reloaded", reason)
        else:
            self._schedule(scheduler)
            say(log, logging.INFO, "reloaded", "the configuration was read anew")
        notify("READY=1")

    def _clock_jumped(self, gained_s: float, scheduler: BackgroundScheduler) -> None:
        """Go by the new time: moments that were told by the old one are forgotten, and every job looks around."""
        about = f"the clock was set by {gained_s:+,.0f} s, or the machine slept"
        say(log, logging.WARNING, "clock", about, seconds=gained_s)
        if gained_s < 0:
            self._use(replace(self._pipeline, politeness=self._pipeline.politeness.anew()))
            self._dispatcher.hurry()
            _guarded(self._hurry_messages)()
        for job in scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def _hurry_messages(self) -> None:
        self._pipeline.catalog.hurry_deliveries(self._pipeline.clock())

    # --- messages ---

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


def _guarded(work: Callable[[], object]) -> Callable[[], None]:
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
