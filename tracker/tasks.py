"""Checks as tasks, for workers on any number of machines: procrastinate, on the PostgreSQL database of the catalog.

Only what is due becomes a task: the schedule stays with the catalog, whose dispatcher (`tracker run` with `checks = "workers"`) claims articles and queues them.
`tracker worker` takes tasks; each has a lock by host, as many as a host may have connections, so that no article is checked by two at once and no host asked by too many;
the pauses between requests are kept by the rows of the catalog's `hosts`, which all workers share.
A worker that dies stops sending heartbeats, and another takes over its tasks half a minute later; whatever it had archived by then is found in the archive.

The engine's tables are in a schema of their own, `tracker_tasks`.

Joins the parts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import BusyError, CatalogError, ConfigError, TrackerError
from tracker.models import Article
from tracker.politeness import Host, Slowed
from tracker.url import host_of

if TYPE_CHECKING:
    from procrastinate import App, JobContext
    from procrastinate.connector import BaseConnector
    from procrastinate.jobs import Job

    from tracker.catalog import Catalog
    from tracker.pipeline import Checked, Pipeline

log = logging.getLogger(__name__)

SCHEMA: Final = "tracker_tasks"
QUEUE: Final = "checks"
TASK: Final = "tracker.check"
HEARTBEAT_S: Final = 5.0
SILENT_S: Final = 20.0  # since its last heartbeat: the worker is dead
TAKE_OVER_S: Final = 10.0  # between two looks for the tasks of the dead
POLL_S: Final = 0.5  # for tasks that were put off, or whose host was busy; of new ones the database tells.  A look costs as much as a third of a check
NOTES_S: Final = 1.0  # between two looks for checks that found nothing new and are not recorded yet
SHORT_WAIT: Final = timedelta(
    seconds=30
)  # a task is put off for so long; for longer its article goes back to the catalog
TROUBLE_WAIT: Final = timedelta(
    minutes=1
)  # until an article is due again whose check the archive or the catalog failed

_LOCKED: Final = (
    "SELECT lock, count(*) AS count FROM procrastinate_jobs WHERE status IN ('todo', 'doing') GROUP BY lock"
)


ARCHIVE_LOCK: Final = 0x7472616B  # the first half of the lock's name: no other program's
LONGEST_NAME: Final = 63  # bytes of a connection's name that PostgreSQL keeps
KEEPALIVE_S: Final = 30  # of a connection that holds a lock and says nothing

_HOLDERS: Final = (
    "SELECT DISTINCT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND granted AND classid = %s AND objid::bigint = hashtext(%s)::bigint & 4294967295 ORDER BY 1"
)


def conninfo_of(database: str) -> str:
    """Say to PostgreSQL's library what SQLAlchemy is told.

    Raises:
        ConfigError: It is another database, or what works with it is not installed.
    """
    from sqlalchemy.engine import make_url

    url = make_url(database)
    if url.get_backend_name() != "postgresql":
        raise ConfigError(
            'workers need PostgreSQL: [catalog] database = "postgresql+psycopg://user@host/name"; `tracker migrate` moves a catalog there'
        )
    try:
        import procrastinate  # noqa: F401  # used further on, and asked for here, where it can be said
        from psycopg.conninfo import make_conninfo
    except ImportError as error:
        raise ConfigError("workers need more packages; install them with: pip install 'tracker[workers]'") from error

    parts = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        **{key: value for key, value in url.query.items() if isinstance(value, str)},
        "options": f"-c search_path={SCHEMA}",
    }
    return make_conninfo(**{key: str(value) for key, value in parts.items() if value is not None})


def _app(connector: BaseConnector) -> App:
    from procrastinate import App

    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # it tells of each task three times
    return App(connector=connector)


class Tasks:
    """The queue of checks, as the dispatcher sees it.

    Args:
        database: The catalog's, as SQLAlchemy is told it.
        connections_per_host: Checks of one host at a time.

    Every method raises CatalogError where the database does not play along.
    """

    def __init__(self, database: str, connections_per_host: int) -> None:
        self._conninfo = conninfo_of(database)
        self._connections = connections_per_host
        self._app: App | None = None

    @contextmanager
    def opened(self) -> Iterator[Tasks]:
        """Connect, and make the engine's tables if they are not there.

        Raises:
            BusyError: Another process hands out checks.
        """
        from procrastinate import SyncPsycopgConnector

        with contextlib.ExitStack() as stack:
            with _explained():
                make_tables(self._conninfo)
                stack.enter_context(_only_dispatcher(self._conninfo))
                self._app = _app(SyncPsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=2))
                self._app.open()
            stack.callback(self._app.close)
            yield self

    def held(self) -> Counter[str]:
        """Count the checks that wait or are in hand, by host."""
        found: Counter[str] = Counter()
        with _explained():
            for row in self._connector.execute_query_all(_LOCKED):
                found[row["lock"].rsplit("#", 1)[0]] += row["count"]
        return found

    def add(self, articles: Iterable[Article]) -> None:
        """Queue checks; of an article that is queued already nothing comes."""
        from procrastinate.exceptions import AlreadyEnqueued

        assert self._app is not None
        for article in articles:
            lock = f"{host_of(article.url)}#{article.id % self._connections}"
            task = self._app.configure_task(TASK, queue=QUEUE, lock=lock, queueing_lock=f"article {article.id}")
            with _explained(), contextlib.suppress(AlreadyEnqueued):
                task.defer(article_id=article.id)

    @property
    def _connector(self) -> Any:
        assert self._app is not None
        return self._app.connector


def make_tables(conninfo: str) -> None:
    """Make the engine's tables, unless they are there; one process at a time."""
    import psycopg
    from procrastinate.schema import SchemaManager

    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (SCHEMA,))
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        row = connection.execute(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')").fetchone()
        if row and row[0] is None:
            connection.execute(SchemaManager.get_schema())


@contextmanager
def _only_dispatcher(conninfo: str) -> Iterator[None]:
    """Be the only one who hands out checks, for as long as the connection lasts.

    Raises:
        BusyError: Another is.
    """
    import psycopg

    with psycopg.connect(conninfo, autocommit=True) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (f"{SCHEMA} dispatcher",)).fetchone()
        if not row or not row[0]:
            raise BusyError("another `tracker run` hands out the checks of this catalog; stop it first")
        yield


# --- the archive's lock ---------------------------------------------------------------------------


@contextmanager
def lock_among_machines(database: str, archive: str, purpose: str, *, shared: bool) -> Iterator[None]:
    """Be the only one who writes to an archive, among machines that have nothing in common but the catalog: for an archive in a bucket, which has no lock of its own.

    Args:
        database: The catalog's, as SQLAlchemy is told it.
        archive: The archive's name, the same on all machines.
        purpose: What the lock is for, as the other will read it: "tracker run".
        shared: Let others write who share it too.

    Raises:
        BusyError: Another process holds it.
        CatalogError: The database does not play along.
    """
    import psycopg

    name = f"{purpose} (process {os.getpid()} on {socket.gethostname()})"
    take = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
    with _explained():
        connection = psycopg.connect(
            conninfo_of(database), autocommit=True, application_name=name[:LONGEST_NAME], keepalives_idle=KEEPALIVE_S
        )
    with contextlib.closing(connection):
        with _explained():
            row = connection.execute(f"SELECT {take}(%s, hashtext(%s))", (ARCHIVE_LOCK, archive)).fetchone()
            if not row or not row[0]:
                holders = [holder for (holder,) in connection.execute(_HOLDERS, (ARCHIVE_LOCK, archive))]
        if not row or not row[0]:
            named = f" by {', '.join(holders)}" if holders else ""
            raise BusyError(f"the archive {archive} is in use{named}; wait for it to end, or stop it first")
        yield


# --- a worker -------------------------------------------------------------------------------------


class Worker:
    """One process that takes checks as they are queued.

    Args:
        pipeline: The parts, joined; its politeness has `SharedHosts`.
        report: Is told how each check ended.
    """

    def __init__(self, pipeline: Pipeline, report: Callable[[Checked], None]) -> None:
        from tracker.pipeline.notes import Notes

        self._notes = Notes(pipeline.catalog)
        self._pipeline = replace(pipeline, notes=self._notes)
        self._report = report
        self._conninfo = conninfo_of(pipeline.config.database)
        # Our own: asyncio's has room for four checks more than there are cores, and is waited for at the end, however long a server takes.
        self._threads = ThreadPoolExecutor(pipeline.config.service.workers, "check")

    def run(self) -> None:
        """Work until SIGTERM or SIGINT, then finish what is in hand within the time that the configuration gives."""
        with _explained():
            make_tables(self._conninfo)
        asyncio.run(self._run())

    async def _run(self) -> None:
        from procrastinate import PsycopgConnector

        settings = self._pipeline.config.service
        app = _app(PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=4))
        app.task(name=TASK, queue=QUEUE, pass_context=True, retry=_if_stopped())(self._work)
        async with app.open_async():
            beside = [asyncio.create_task(self._take_over(app)), asyncio.create_task(self._keep_notes())]
            try:
                await app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=settings.workers,
                    fetch_job_polling_interval=POLL_S,
                    shutdown_graceful_timeout=settings.stop_within.total_seconds() * 0.8,
                    delete_jobs="always",
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=SILENT_S,
                )
            finally:
                for task in beside:
                    task.cancel()
                with contextlib.suppress(TrackerError):
                    self._notes.flush()

    async def _work(self, context: JobContext, article_id: int) -> None:
        """Do a task; where its host has to be left alone for a moment, another takes its place, unless the article is queued anyway."""
        from procrastinate.exceptions import AlreadyEnqueued

        until = await asyncio.get_running_loop().run_in_executor(self._threads, self._check, article_id)
        if until is None:
            return
        job = context.job
        again = context.app.configure_task(
            TASK, queue=QUEUE, lock=job.lock, queueing_lock=job.queueing_lock, schedule_at=until
        )
        with contextlib.suppress(AlreadyEnqueued):
            await again.defer_async(article_id=article_id)

    def _check(self, article_id: int) -> datetime | None:
        """Check an article; says until when its host has to be left alone, where that is soon."""
        pipeline = self._pipeline
        try:
            article = pipeline.catalog.article_by_id(article_id)
            if article is None or not article.active:
                return None
            checked = pipeline.check(article)
            if checked.found == "waiting":
                until = checked.retry_at or pipeline.clock() + TROUBLE_WAIT
                if until - pipeline.clock() <= SHORT_WAIT:
                    return until
                pipeline.catalog.put_off(article_id, until)
            self._report(checked)
        except TrackerError as error:  # of the archive or the catalog: it is tried again later
            log.error("article %d was not checked: %s", article_id, error)
            with contextlib.suppress(TrackerError):
                pipeline.catalog.put_off(article_id, pipeline.clock() + TROUBLE_WAIT)
        return None

    async def _keep_notes(self) -> None:
        """See to it that nothing that was noted waits for another check."""
        while True:
            await asyncio.sleep(NOTES_S)
            try:
                await asyncio.get_running_loop().run_in_executor(self._threads, self._notes.flush)
            except TrackerError as error:
                log.error("checks that found nothing new are not recorded yet: %s", error)

    async def _take_over(self, app: App) -> None:
        """Give the tasks of workers that died to those that live."""
        from procrastinate.exceptions import ProcrastinateException, UniqueViolation
        from procrastinate.jobs import Status

        while True:
            await asyncio.sleep(TAKE_OVER_S)
            try:
                for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=SILENT_S):
                    log.warning("task %s of a worker that died is taken over", job.id)
                    try:
                        await app.job_manager.retry_job(job)
                    except UniqueViolation:  # its article is queued anyway, and waits for its lock
                        await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)
                    except ProcrastinateException as error:
                        log.info("task %s was taken over by another worker (%s)", job.id, error)
            except ProcrastinateException as error:
                log.error("the tasks of dead workers cannot be looked for: %s", error)


def _if_stopped() -> Any:
    """Make the strategy that gives a task to another worker where this one is stopped in the middle of it."""
    from procrastinate.retry import BaseRetryStrategy, RetryDecision

    class IfStopped(BaseRetryStrategy):
        def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
            return RetryDecision(retry_in={"seconds": 0}) if isinstance(exception, asyncio.CancelledError) else None

    return IfStopped()


@contextmanager
def _explained() -> Iterator[None]:
    import psycopg
    from procrastinate.exceptions import ProcrastinateException

    try:
        yield
    except (psycopg.Error, ProcrastinateException) as error:
        raise CatalogError(f"the tasks in the database cannot be used: {str(error).strip() or error!r}") from error


# --- hosts ----------------------------------------------------------------------------------------


class SharedHosts:
    """Hosts in the catalog, held by one process at a time (`tracker.politeness.Hosts`)."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @contextmanager
    def hold(self, name: str, now: datetime) -> Iterator[Host]:
        """Have a host to oneself; it is kept as it is left."""
        with self._catalog.hold_host(name) as kept:
            host = _host_from(kept.state, now)
            yield host
            kept.state = _state_of(host)
            kept.closed_until, kept.why = host.closed_until, host.why

    def closed(self, name: str, now: datetime) -> Slowed | None:
        """Say whether a host is left alone."""
        return next((Slowed(*found) for found in self._catalog.slowed_hosts(now, name)), None)

    def slowed(self, now: datetime) -> list[Slowed]:
        """List the hosts that are left alone, by name."""
        return [Slowed(*found) for found in self._catalog.slowed_hosts(now)]


def _state_of(host: Host) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items()}
        return [plain(one) for one in value] if isinstance(value, list) else value

    return {key: plain(value) for key, value in asdict(host).items()}


def _host_from(state: dict[str, Any] | None, now: datetime) -> Host:
    if state is None:
        return Host.new(now)
    read = datetime.fromisoformat
    moments = {key: read(state[key]) for key in ("free_at", "closed_until", "last_turn")}
    queue = {url: read(at) for url, at in state["queue"].items()}
    return Host(**{**state, **moments, "began": [read(at) for at in state["began"]], "queue": queue})
