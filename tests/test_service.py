"""The service, within this process: it does what is due, lives through errors, and leaves nothing claimed."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from catalog_samples import message
from desk import FIRE, Desk, edited, page
from desk_samples import rss
from servers import Site

from tracker.cli.workspace import now, rebuilt
from tracker.config import load_config
from tracker.fetch import Fetcher
from tracker.operations.metrics import HELP
from tracker.operations.note import read_note
from tracker.pipeline import Checked, Pipeline
from tracker.pipeline.notes import Notes
from tracker.service import Service

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
SETTINGS = 'dispatch_every = "0.05s"\ndeliver_every = "0.05s"\nstop_within = "2s"\n'
SCHEDULE = '[schedule]\nshortest = "1h"\nlongest = "1h"\nfeeds = "1h"\n'
LOG = '[channels.log]\nfile = "alerts.jsonl"\n[[alert]]\nname = "all"\nchannels = ["log"]\n'
CONFIG = f"[service]\n{SETTINGS}{SCHEDULE}{LOG}"


@pytest.fixture
def quick(desk) -> Desk:
    """A desk whose service looks around every 50 ms, and at an article once in a test."""
    return replace(desk, config=CONFIG)


@contextmanager
def serving(pipeline: Pipeline) -> Iterator[list[Checked]]:
    """Run a service in a thread; gives what it reports."""
    told: list[Checked] = []
    stop = threading.Event()
    thread = threading.Thread(target=Service(pipeline, told.append).run, args=(stop,))
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def until(met: Callable[[], object], within_s: float = 20) -> None:
    end = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def follow(desk: Desk, site: Site, count: int) -> list[str]:
    urls = [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(count)]
    with desk.opened() as pipeline:
        for url in urls:
            pipeline.follow(url, "article")
    return urls


def found(told: list[Checked]) -> dict[str, str]:
    return {checked.article.url: checked.found for checked in told}


def test_what_is_due_is_checked_once_and_what_is_not_is_left_alone(quick, site):
    urls = follow(quick, site, 20)

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: len(told) == 20)
        time.sleep(0.3)  # several rounds more
        status = pipeline.catalog.status(pipeline.clock())

    assert found(told) == dict.fromkeys(urls, "first")
    assert len(told) == 20
    assert status.due == 0


def test_budget_in_all_leaves_the_rest_for_later(quick, site):
    """Thirty an hour: five minutes' worth at the start are two, and the next comes after two minutes."""
    follow(quick, site, 6)
    thrifty = replace(quick, config=CONFIG.replace("[schedule]", "[schedule]\nmost_per_hour = 30"))

    with thrifty.opened() as pipeline, serving(pipeline) as told:
        until(lambda: len(told) == 2)
        time.sleep(0.3)
        status = pipeline.catalog.status(pipeline.clock())

    assert len(told) == 2
    assert status.due == 4


def test_budget_of_a_source_holds_back_its_articles_and_no_others(quick, site):
    follow(quick, site, 3)
    with quick.opened() as pipeline:
        items = [site.publishes(f"/fed/{number}", page(*FIRE, headline=f"Blaze {number}")) for number in range(3)]
        pipeline.follow(site.publishes("/feed", rss(*items), content_type="application/rss+xml"), most_per_hour=12)

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: len(told) >= 4)
        time.sleep(0.3)

    assert sum("/fed/" in url for url in found(told)) == 1
    assert len(told) == 4


def test_what_is_added_while_it_runs_is_found_within_a_round(quick, site):
    with quick.opened() as pipeline, serving(pipeline) as told:
        pipeline.follow(site.publishes("/fire", page(*FIRE)), "article")
        until(lambda: told)

    assert found(told) == {site.url("/fire"): "first"}


def test_feeds_are_read_and_their_articles_checked(quick, site):
    link = site.publishes("/fire", page(*FIRE))
    feed, broken = site.publishes("/feed", rss(link)), site.removes("/broken")
    quick = replace(
        quick, config=f'{CONFIG}[[watch]]\naddress = "{broken}"\nas = "feed"\n[[watch]]\naddress = "{feed}"\n'
    )

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: told)
        sources = {source.url: source for source in pipeline.catalog.sources()}

    assert found(told) == {link: "first"}
    assert sources[feed].error is None
    assert "404" in sources[broken].error


def test_a_change_is_told_while_the_service_runs(quick, site):
    quick = replace(quick, config=CONFIG.replace("1h", "1s"))
    follow(quick, site, 1)

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: told)
        site.publishes("/0", page(*MORE_DEAD, headline="Fire number 0"))
        until(lambda: quick.alerts)

    assert [checked.found for checked in told if checked.found != "unchanged"] == ["first", "changed"]
    assert len(quick.alerts) == 1


def test_claims_of_a_process_that_died_are_taken_over(quick, site):
    urls = follow(quick, site, 5)
    with quick.opened() as pipeline:
        claimed = pipeline.catalog.claim_due_articles(pipeline.clock(), 5, timedelta(days=1))
        assert len(claimed) == 5

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: len(told) == 5)

    assert found(told) == dict.fromkeys(urls, "first")


def test_one_article_that_cannot_be_kept_does_not_stop_the_others(quick, site, caplog):
    urls = follow(quick, site, 4)
    with quick.opened() as pipeline:
        in_the_way = quick.folder / "snapshots" / pipeline.catalog.article(urls[1]).folder / "0001.warc.zst"
    in_the_way.mkdir(parents=True)

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: len(told) == 4)

    assert found(told) == {**dict.fromkeys(urls, "first"), urls[1]: "failed"}
    (failed,) = [checked for checked in told if checked.found == "failed"]
    assert "0001.warc.zst" in failed.problem
    assert [record for record in caplog.records if record.exc_info] == [], "a sentence says all"
    in_the_way.rmdir()
    assert [one["result"] for one in quick.run("check", urls[1], "--format", "json").lines] == ["first"]


def test_a_bug_is_logged_with_its_traceback_and_the_service_goes_on(quick, site, caplog):
    follow(quick, site, 4)
    steps = iter(["the first"])

    def on_step(_step: str) -> None:
        if next(steps, None):
            raise ZeroDivisionError

    with quick.opened() as pipeline, serving(replace(pipeline, on_step=on_step)) as told:
        until(lambda: len(told) == 4 and caplog.records)

    assert sorted(found(told).values()) == ["failed", "first", "first", "first"]
    (failed,) = [checked for checked in told if checked.found == "failed"]
    assert "because of a bug in tracker (ZeroDivisionError" in failed.problem
    (error,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert error.exc_info[0] is ZeroDivisionError
    assert failed.article.url in error.getMessage()


def test_a_feed_that_cannot_be_noted_does_not_stop_the_job(quick, site, caplog):
    """The catalog fails in a job: it is said in a sentence, and the job comes again."""
    (url,) = follow(quick, site, 1)
    refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON articles BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"

    with quick.opened() as pipeline:
        with pipeline.catalog._database.write() as connection:
            connection.exec_driver_sql(refuse)
        with serving(pipeline) as told:
            until(lambda: [record for record in caplog.records if "disk" in record.getMessage()])
            assert told == []
            with pipeline.catalog._database.write() as connection:
                connection.exec_driver_sql("DROP TRIGGER refuse")
            until(lambda: told)

    assert found(told) == {url: "first"}
    assert all(record.exc_info is None for record in caplog.records if "disk" in record.getMessage())


def test_stopping_finishes_what_is_in_hand_and_gives_the_rest_back(quick, site):
    urls = follow(quick, site, 6)
    for number in range(2):
        site.hangs(f"/{number}")
    quick = replace(quick, config=CONFIG.replace('"2s"\n', '"1s"\nworkers = 2\n'))

    with quick.opened() as pipeline:
        with serving(pipeline) as told:
            until(lambda: {"/0", "/1"} <= {request.path for request in site.requests})
            began = time.monotonic()
        took, in_time = time.monotonic() - began, list(told)
        free = pipeline.catalog.claim_due_articles(pipeline.clock(), 10, timedelta(minutes=1))
        site.goes_down()

    assert took < 3
    assert in_time == []
    assert sorted(article.url for article in free) == urls[2:], "what was queued is due for the next start"


def test_a_host_that_has_to_be_left_alone_does_not_hold_up_the_others(quick, site):
    quick = replace(quick, hosts=("127.0.0.1", "127.0.0.2"))
    with Site("127.0.0.2") as busy:
        urls = follow(quick, site, 10)
        slow = [busy.publishes(f"/{number}", "", status=429, headers={"Retry-After": "600"}) for number in range(40)]
        with quick.opened() as pipeline:
            for url in slow:
                pipeline.follow(url, "article")

        with quick.opened() as pipeline, serving(pipeline) as told:
            until(lambda: {checked.article.url for checked in told} >= set(urls))

        assert all(found(told)[url] == "first" for url in urls)
        assert len([request for request in busy.requests if request.path != "/robots.txt"]) < 40, "it was left alone"


def test_a_queue_longer_than_the_catalog_gives_at_once_is_worked_through(quick, site):
    quick = replace(quick, config=CONFIG.replace('"2s"\n', '"2s"\nworkers = 1\n'))  # 64 are claimed ahead, 32 a host
    urls = follow(quick, site, 70)

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: len(told) == 70, within_s=60)

    assert found(told) == dict.fromkeys(urls, "first")


def test_vitals_say_what_waits_and_which_channel_is_left_alone(quick, site):
    follow(quick, site, 3)
    with quick.opened() as pipeline:
        at = pipeline.clock()
        pipeline.catalog.add_delivery("log", message("1"), at)
        pipeline.catalog.take_channel("log", at, timedelta(minutes=1))
        pipeline.catalog.record_failing("log", at=at, resume_at=at + timedelta(hours=1), patience=timedelta(days=3))
        vitals = Service(pipeline, lambda _: None).vitals

        health, gauges = vitals.health(), vitals.gauges()
        pipeline.catalog.close()
        file, elsewhere = pipeline.config.archive_folder / "catalog.sqlite", quick.folder / "elsewhere.sqlite"
        file.rename(elsewhere)
        blind = vitals.health(), vitals.gauges()
        pipeline.catalog.close()
        elsewhere.replace(file)

    assert (health.status, health.articles, health.due, health.outbox) == ("ok", 3, 3, {"waiting": 1})
    assert list(health.held) == ["log"]
    assert gauges["channel_waiting"] == {"log": 1}
    assert 3500 < gauges["channel_held_seconds"]["log"] <= 3600
    assert set(gauges) == set(HELP)
    assert (blind[0].status, blind[1]["well"]) == ("failing", 0.0)


# --- what it is told, and what goes wrong ---------------------------------------------------------


@contextmanager
def reloading(desk: Desk, pipeline: Pipeline) -> Iterator[tuple[list[Checked], Callable[[str], None]]]:
    """Run a service that can be told to read its configuration anew."""
    told: list[Checked] = []
    stop, reload = threading.Event(), threading.Event()

    def read_anew(config: str) -> None:
        replace(desk, config=config).write_config()
        reload.set()

    def rebuild(old: Pipeline) -> Pipeline:
        return rebuilt(old, load_config(desk.folder / "config.toml", {}))

    thread = threading.Thread(target=Service(pipeline, told.append, rebuild).run, args=(stop, reload))
    thread.start()
    try:
        yield told, read_anew
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def said(caplog, event: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if getattr(record, "event", None) == event]


def test_a_new_configuration_counts_without_a_restart(quick, site, caplog):
    url = site.publishes("/fire", page(*FIRE))

    with quick.opened() as pipeline, reloading(quick, pipeline) as (told, read_anew):
        read_anew(f'{CONFIG}[[watch]]\naddress = "{url}"\nas = "article"\n')
        until(lambda: told)

    assert found(told) == {url: "first"}


def test_a_configuration_that_is_wrong_is_named_and_the_old_one_stays(quick, site, caplog):
    urls = follow(quick, site, 1)

    with quick.opened() as pipeline, reloading(quick, pipeline) as (told, read_anew):
        read_anew(CONFIG.replace("shortest", "shortestt"))
        until(lambda: said(caplog, "not reloaded"))
        until(lambda: told)

    assert found(told) == {urls[0]: "first"}
    assert "shortestt" in said(caplog, "not reloaded")[0]


def test_a_template_that_is_changed_is_used_for_the_next_alert(quick, site, caplog):
    feed = quick.folder / "feed.xml"

    def worded(word: str) -> str:
        return CONFIG.replace("1h", "1s").replace(
            'file = "alerts.jsonl"', f'atom = "feed.xml"\ntemplate = "{word}: {{{{ title }}}}"'
        )

    caplog.set_level(logging.INFO)
    quick = replace(quick, config=worded("Before"))
    follow(quick, site, 1)
    with quick.opened() as pipeline, reloading(quick, pipeline) as (told, read_anew):
        until(lambda: told)
        site.publishes("/0", page(*MORE_DEAD, headline="Fire number 0"))
        until(feed.exists)
        read_anew(worded("After"))
        until(lambda: said(caplog, "reloaded"))
        site.publishes("/0", page(*edited("killed 12 people", "killed 17 people"), headline="Fire number 0"))
        until(lambda: feed.read_text().count("<entry>") == 2)

    after, before = feed.read_text().split("<entry>")[1:]
    assert ("After: " in after, "Before: " in before) == (True, True)


def test_how_often_and_by_how_many_is_looked_counts_without_a_restart(quick, site, caplog):
    caplog.set_level(logging.INFO)
    slow = CONFIG.replace(SETTINGS, 'dispatch_every = "1h"\nworkers = 1\n')
    hanging = [site.hangs(f"/hang/{number}") for number in range(3)]

    with replace(quick, config=slow).opened() as pipeline, reloading(quick, pipeline) as (_, read_anew):
        time.sleep(0.3)  # the first round is over, and the next is in an hour
        for url in hanging:
            pipeline.follow(url, "article")
        read_anew(CONFIG.replace(SETTINGS, f"{SETTINGS}workers = 3\n"))
        until(lambda: len({one.path for one in site.requests if "/hang/" in one.path}) == 3)
        site.goes_down()

    assert said(caplog, "reloaded")


def test_nothing_is_fetched_while_the_disk_has_no_room_and_it_goes_on_by_itself(quick, site, caplog):
    (url,) = follow(quick, site, 1)
    caplog.set_level(logging.INFO)
    full = f'[archive]\nmin_free = "900 TB"\n{CONFIG}'

    with replace(quick, config=full).opened() as pipeline, reloading(quick, pipeline) as (told, read_anew):
        until(lambda: said(caplog, "paused"))
        until(lambda: "min_free" in (read_note(pipeline.config.archive_folder).paused or ""))
        time.sleep(0.3)
        assert site.requests == []
        read_anew(CONFIG)
        until(lambda: told)

    assert found(told) == {url: "first"}
    assert len(said(caplog, "paused")) == len(said(caplog, "resumed")) == 1


def test_a_clock_that_is_put_back_holds_nothing_up(quick, site, caplog):
    """An hour back: what is due, and what the hosts are asked, goes by the new time."""
    quick = replace(quick, config=CONFIG.replace("1h", "10h"))
    follow(quick, site, 3)
    ahead = [timedelta(hours=1)]

    with quick.opened() as pipeline:
        moved = replace(pipeline, clock=lambda: now() + ahead[0])
        with serving(moved) as told:
            until(lambda: len(told) == 3)
            ahead[0] = timedelta()
            until(lambda: said(caplog, "clock"))
            pipeline.follow(site.publishes("/late", page(*FIRE)), "article")
            until(lambda: site.url("/late") in found(told))


def test_clock_that_jumps_a_day_forward_and_back_has_each_article_checked_once_more(quick, site, caplog):
    quick = replace(quick, config=CONFIG.replace("1h", "10h"))
    follow(quick, site, 10)
    ahead = [timedelta()]

    def clock() -> datetime:
        return now() + ahead[0]

    with (
        quick.opened() as pipeline,
        closing(Fetcher(pipeline.config.fetch, clock=clock)) as fetcher,
        serving(replace(pipeline, fetcher=fetcher, clock=clock)) as told,
    ):
        counts = []
        for jump in (timedelta(), timedelta(days=1), timedelta()):
            before = len(told)
            ahead[0] = jump
            until(lambda before=before: len(told) == before + 10)
            time.sleep(0.2)  # several rounds more
            counts.append(sum(request.path != "/robots.txt" for request in site.requests))

    assert counts == [10, 20, 30]


def test_what_a_clock_put_off_for_years_is_due_again(quick, site):
    urls = follow(quick, site, 2)
    with quick.opened() as pipeline:
        pipeline.catalog.bring_forward({}, now())
        with pipeline.catalog._database.write() as connection:
            connection.exec_driver_sql(
                "UPDATE articles SET due_at = due_at + 31536000000000, checked_at = due_at + 31536000000000"
            )

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: len(told) == 2)

    assert found(told) == dict.fromkeys(urls, "first")


def test_a_database_that_is_locked_for_a_while_is_waited_for(quick, site, caplog):
    (url,) = follow(quick, site, 1)
    folder = quick.folder / "snapshots"
    impatient = f'[catalog]\ndatabase = "sqlite:///{folder}/catalog.sqlite?timeout=0.2"\n{CONFIG}'

    impatient_desk = replace(quick, config=impatient)
    with (
        impatient_desk.opened() as pipeline,
        sqlite3.connect(folder / "catalog.sqlite") as other,
        serving(pipeline) as told,
    ):
        until(lambda: told)
        other.execute("BEGIN IMMEDIATE")
        until(lambda: [one for one in said(caplog, "trouble") if "another program holds the database" in one])
        other.rollback()
        site.publishes("/later", page(*FIRE, headline="Later"))
        pipeline.follow(site.url("/later"), "article")
        until(lambda: len(told) == 2)

    assert found(told) == {url: "first", site.url("/later"): "first"}


def test_a_site_that_is_away_is_tried_again_and_read_when_it_is_back(quick, site):
    quick = replace(quick, config=CONFIG.replace("1h", "1s"))
    (url,) = follow(quick, site, 1)
    site.goes_down()

    with quick.opened() as pipeline, serving(pipeline) as told:
        until(lambda: told)
        site.comes_back()
        until(lambda: "first" in [checked.found for checked in told])

    assert told[0].found == "failed"
    assert "refuses the connection" in told[0].problem
    assert told[0].article.url == url


@pytest.mark.slow
def test_when_nobody_answers_the_network_is_waited_for_and_no_article_pays_for_it(quick, caplog):
    """The usual wait after a failure is an hour here."""
    caplog.set_level(logging.INFO)
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
    with Site("0.0.0.0") as web:  # all loopback addresses
        for number in range(12):
            web.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}"))
        urls = [web.url(f"/{number}", host=hosts[number % 4]) for number in range(12)]
        web.goes_down()
        with replace(quick, hosts=hosts).opened() as pipeline:
            for url in urls:
                pipeline.follow(url, "article")
            with serving(pipeline) as told:
                until(lambda: said(caplog, "network away"))
                down = {checked.article.url for checked in told}
                web.comes_back()
                until(lambda: {checked.article.url for checked in told if checked.found == "first"} == set(urls))

    assert len(down) >= 8
    assert "nobody has answered since" in said(caplog, "network away")[0]
    assert "are tried again" in said(caplog, "network back")[0]


def test_checks_that_found_nothing_new_are_recorded_together_and_none_is_lost(quick, site):
    urls = follow(quick, site, 30)
    for url in urls:
        site.publishes(
            url.removeprefix(site.url("")), page(*FIRE, headline=f"Fire number {urls.index(url)}"), etag='"1"'
        )

    with quick.opened() as pipeline:
        assert all(pipeline.check(article).found == "first" for article in pipeline.catalog.articles())
        gathering = replace(pipeline, notes=Notes(pipeline.catalog))
        results = [gathering.check(article).found for article in pipeline.catalog.articles()]
        before = [article.unchanged_checks for article in pipeline.catalog.articles()]
        gathering.notes.flush()
        after = pipeline.catalog.articles()

    assert results == ["not modified"] * 30
    assert sum(before) < 30
    assert [article.unchanged_checks for article in after] == [1] * 30
    assert all(article.due_at > now() for article in after)
