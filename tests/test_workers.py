"""Several processes share the checks of one catalog in PostgreSQL: none is done twice, none is lost with a worker."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from desk import FIRE, Desk, edited, page
from private_network import ADDRESSES, private_network, reason_to_skip
from psycopg.conninfo import conninfo_to_dict
from servers import Site

from tracker.catalog import Catalog
from tracker.config import FetchSettings
from tracker.errors import BusyError, ConfigError
from tracker.politeness import HostBudgets
from tracker.tasks import SharedHosts, Tasks, conninfo_of, lock_among_machines

pytest_plugins = ["desk_fixtures", "postgres", "s3_server"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
LOG = '[channels.log]\nfile = "alerts.jsonl"\n[[alert]]\nname = "all"\nchannels = ["log"]\n'
NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def database(postgres) -> str:
    return str(postgres.new_catalog())


@pytest.fixture
def shared(desk, database) -> Desk:
    """A desk whose checks are done by workers."""
    config = (
        f'[catalog]\ndatabase = "{database}"\n'
        '[service]\nchecks = "workers"\nworkers = 4\nprocesses = 1\ndispatch_every = "0.2s"\ndeliver_every = "0.2s"\nstop_within = "3s"\n'
        '[schedule]\nshortest = "1h"\nlongest = "1h"\n'
    )
    return replace(desk, config=config + LOG)


@contextmanager
def running(desk: Desk, *commands: str) -> Iterator[list[subprocess.Popen[str]]]:
    processes = [desk.start(command) for command in commands]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def until(met: Callable[[], object], within_s: float = 60) -> None:
    end = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def follow(desk: Desk, site: Site, count: int) -> list[str]:
    urls = [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(count)]
    with desk.opened() as pipeline:
        for url in urls:
            pipeline.follow(url, "article")
    return urls


def asked(site: Site) -> Counter[str]:
    return Counter(request.path for request in site.requests if request.path != "/robots.txt")


def kept(database: str) -> int:
    with Catalog.open(database) as catalog:
        return sum(article.version is not None for article in catalog.articles())


def make_due(database: str) -> None:
    with Catalog.open(database) as catalog:
        for article in catalog.articles():
            catalog.put_off(article.id, datetime.now(UTC))


def test_workers_share_the_checks_and_none_is_done_twice(shared, site, database):
    follow(shared, site, 12)

    with running(shared, "run", "worker", "worker") as processes:
        until(lambda: kept(database) == 12)
        for number in range(12):
            site.publishes(f"/{number}", page(*MORE_DEAD, headline=f"Fire number {number}"))
        make_due(database)
        until(lambda: len(shared.alerts) == 12)
        for process in processes[1:]:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(10) for process in processes[1:]]

    assert set(asked(site).values()) == {2}
    assert codes == [0, 0]
    assert shared.run("verify").code == 0


@pytest.mark.slow
def test_work_of_a_worker_that_was_killed_is_done_by_another_within_a_minute(shared, site, database):
    follow(shared, site, 3)
    site.hangs("/1")

    with running(shared, "run", "worker") as (_, doomed):
        until(lambda: asked(site)["/1"] and kept(database) == 2)
        site.publishes("/1", page(*FIRE, headline="Fire number 1"))
        doomed.kill()
        killed = time.monotonic()
        with running(shared, "worker"):
            until(lambda: kept(database) == 3, within_s=60)

    assert asked(site) == {"/0": 1, "/1": 2, "/2": 1}
    (_, again) = (request.monotonic_s for request in site.requests if request.path == "/1")
    assert killed < again < killed + 60


@pytest.mark.slow
def test_a_worker_that_is_stopped_gives_its_task_away_and_does_not_wait_for_a_server(shared, site, database):
    follow(shared, site, 1)
    site.hangs("/0")

    with running(shared, "run", "worker") as (_, stopped):
        until(lambda: asked(site)["/0"])
        stopped.send_signal(signal.SIGTERM)
        assert stopped.wait(6) == 0  # 3 s were given, of the 5 s that a server may take
        site.publishes("/0", page(*FIRE, headline="Fire number 0"))
        with running(shared, "worker"):
            until(lambda: kept(database) == 1, within_s=20)

    assert asked(site)["/0"] == 2


# --- judged by the log of the server --------------------------------------------------------------

ANSWER_S = 0.6  # that a page takes
PAUSE_S = 2.0  # between two requests to a host
LATE_S = 1.0  # that a request may arrive after its time, so that the next seems to come too soon
MOST_AT_ONCE = 2  # requests to a host


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, as the server saw it."""

    host: str
    path: str
    began: float
    ended: float


@dataclass
class Log:
    """What sites saw of those who asked for their pages."""

    visits: list[Visit] = field(default_factory=list)

    def publish(self, site: Site, path: str, text: str) -> str:
        """Let a site take its time over a page, and write down each visit from its first byte to its last."""
        body = text.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"

        def answer() -> Iterator[bytes | float]:
            began = time.monotonic()
            yield head.encode()
            yield ANSWER_S
            self.visits.append(Visit(site.host, path, began, time.monotonic()))  # before it is whole for the client
            yield body

        return site.answers_raw(path, answer)

    def of(self, **parts: str) -> list[Visit]:
        found = [one for one in self.visits if all(getattr(one, name) == value for name, value in parts.items())]
        return sorted(found, key=lambda visit: visit.began)


def most_at_once(visits: list[Visit]) -> int:
    return max(sum(other.began <= one.began < other.ended for other in visits) for one in visits)


@pytest.mark.slow
@pytest.mark.skipif(bool(reason := reason_to_skip()), reason=reason or "")
def test_no_article_is_checked_twice_at_once_and_no_host_asked_above_its_budget(shared, database):
    """Four workers, three hosts that are to be spared, articles that are due again and again while they are being checked."""
    settings = f"delay_s = {PAUSE_S}\nconnections_per_host = {MOST_AT_ONCE}\n"
    shared = replace(shared, hosts=(), config=settings + shared.config)
    log = Log()
    with ExitStack() as stack:
        stack.enter_context(private_network())
        sites = [stack.enter_context(Site(address)) for address in ADDRESSES]
        paths = [(site, f"/{number}") for number in range(4) for site in sites]
        urls = [log.publish(site, path, page(*FIRE, headline=f"Fire number {path}")) for site, path in paths]
        with shared.opened() as pipeline:
            for url in urls:
                pipeline.follow(url, "article")
        stack.enter_context(running(shared, "run", "worker", "worker", "worker", "worker"))

        def are_seen_twice() -> bool:
            make_due(database)
            return all(len(log.of(host=site.host, path=path)) >= 2 for site, path in paths)

        until(are_seen_twice, within_s=240)

    for site, path in paths:
        assert most_at_once(log.of(host=site.host, path=path)) == 1
    for site in sites:
        visits = log.of(host=site.host)
        assert most_at_once(visits) <= MOST_AT_ONCE
        pauses = [later.began - earlier.began for earlier, later in pairwise(visits)]
        assert min(pauses) > PAUSE_S - LATE_S
        assert sum(pauses) > PAUSE_S * len(pauses) - LATE_S


def test_only_one_process_hands_out_checks(database):
    with ExitStack() as stack:
        stack.enter_context(Tasks(database, 2).opened())

        with pytest.raises(BusyError, match="another `tracker run` hands out the checks"):
            stack.enter_context(Tasks(database, 2).opened())


def test_tasks_are_counted_by_host_and_queued_once(shared, site, database):
    follow(shared, site, 3)
    with Catalog.open(database) as catalog, Tasks(database, 2).opened() as tasks:
        tasks.add(catalog.articles())
        tasks.add(catalog.articles())

        assert tasks.held().total() == 3
        assert len(tasks.held()) == 1


def test_workers_need_postgresql_and_are_told_so(desk):
    ended = replace(desk, config='[service]\nchecks = "workers"\n').run("worker")

    assert ended.code == 2
    assert "workers need PostgreSQL" in ended.err


@pytest.mark.parametrize("library", ["procrastinate", "psycopg.conninfo"])
@pytest.mark.parametrize("command", ["run", "worker"])
def test_without_the_libraries_the_extra_is_named(desk, monkeypatch, command, library):
    monkeypatch.setitem(sys.modules, library, None)
    config = '[service]\nchecks = "workers"\n[catalog]\ndatabase = "postgresql://localhost/none"\n'

    ended = replace(desk, config=config).run(command)

    assert (ended.code, ended.out) == (2, "")
    assert "pip install 'tracker[workers]'" in ended.err


def test_worker_without_work_handed_out_says_how_to(shared):
    ended = replace(shared, config=shared.config.replace('checks = "workers"\n', "")).run("worker")

    assert ended.code == 2
    assert 'set checks = "workers"' in ended.err


def test_an_archive_in_a_bucket_is_locked_by_the_database_of_all(database):
    """Those who share the work get in, and nobody else; the lock is gone with whoever held it."""
    place = "s3://desk/kept"
    with (
        lock_among_machines(database, place, "tracker worker", shared=True),
        lock_among_machines(database, place, "tracker run", shared=True),
        lock_among_machines(database, "s3://desk/other", "tracker prune", shared=False),
        pytest.raises(
            BusyError, match=r"s3://desk/kept is in use by tracker run \(process \d+ on .*, tracker worker \(p"
        ),
        lock_among_machines(database, place, "tracker prune", shared=False),
    ):
        pytest.fail("it was not locked")

    with (
        lock_among_machines(database, place, "tracker prune", shared=False),
        pytest.raises(BusyError),
        lock_among_machines(database, place, "tracker worker", shared=True),
    ):
        pytest.fail("it was not locked")


@pytest.mark.slow
def test_workers_keep_what_they_find_in_one_bucket(shared, site, database, s3):
    bucket = s3.new_bucket()
    place = f'[archive]\nfolder = "{bucket}"\nendpoint = "{s3.endpoint}"\nkey = "tests"\nsecret = "tests"\n'
    shared = replace(shared, config=place + shared.config)
    follow(shared, site, 6)

    with running(shared, "run", "worker", "worker"):
        until(lambda: kept(database) == 6)
        for number in range(6):
            site.publishes(f"/{number}", page(*MORE_DEAD, headline=f"Fire number {number}"))
        make_due(database)
        until(lambda: len(shared.alerts) == 6)

    assert set(asked(site).values()) == {2}
    assert shared.run("verify").out == "6 files of 6 articles are as they were written\n"
    assert not list(shared.folder.rglob("*.zst"))


def test_addresses_are_told_to_postgresql_whole():
    found = conninfo_of("postgresql+psycopg://desk:s%20ecret@db.example:5433/news?sslmode=require")

    assert dict(conninfo_to_dict(found)) == {
        "host": "db.example", "port": "5433", "user": "desk", "password": "s ecret", "dbname": "news",
        "sslmode": "require", "options": "-c search_path=tracker_tasks",
    }  # fmt: skip
    with pytest.raises(ConfigError):
        conninfo_of("sqlite:///a.sqlite")


def test_hosts_are_shared_by_all_who_ask(database):
    """Two processes are two catalogs here: what one does to a host, the other has to wait for."""
    page, random = "https://news.example.org/a", Random(1)
    with Catalog.open(database) as one, Catalog.open(database) as other:
        here, there = (HostBudgets(FetchSettings(delay_s=2), SharedHosts(catalog)) for catalog in (one, other))

        assert here.reserve(page, NOW, random) is None
        later = there.reserve(page, NOW, random)
        assert later is not None
        assert later >= NOW + 2 * SECOND
        assert there.reserve(page, later, random) is None
        here.ended(page, later)
        assert there.slowed(NOW) == []
