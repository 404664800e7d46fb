"""A postman serves every channel by itself, and leaves what it cannot deliver in the outbox."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from catalog_samples import message
from desk import Desk
from servers import Site

from tracker.errors import AlertError, CatalogError
from tracker.models import Delivery
from tracker.pipeline import Pipeline
from tracker.postman import AT_ONCE, Postman

pytest_plugins = ["desk_fixtures"]


class Heard:
    """What a postman reports."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str]] = []
        self.failed: list[tuple[str, str]] = []
        self.broken: list[CatalogError] = []

    def __call__(self, delivery: Delivery, error: AlertError | None) -> None:
        (self.failed if error else self.delivered).append((delivery.channel, delivery.key))


def with_hooks(desk: Desk, site: Site, *names: str) -> Desk:
    """A channel for each path of a site."""
    return replace(desk, config="".join(f'[channels.{name}]\nwebhook = "{site.url("/" + name)}"\n' for name in names))


def put(pipeline: Pipeline, *messages: tuple[str, str]) -> None:
    """Fill the outbox: pairs of channel and key."""
    for channel, key in messages:
        pipeline.catalog.add_delivery(channel, message(key), pipeline.clock())


def posts(site: Site, path: str) -> list[str]:
    return [request.headers["idempotency-key"] for request in site.requests if request.path == path]


def until(met: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not met():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_every_message_goes_to_its_channel_once_in_order(desk, site):
    desk, heard = with_hooks(desk, site, "a", "b"), Heard()
    for name in "ab":
        site.publishes(f"/{name}", "")
    wanted = [(channel, f"{channel}{number:03}") for number in range(AT_ONCE + 5) for channel in "ab"]

    with desk.opened() as pipeline:
        put(pipeline, *wanted)
        for _ in range(2):
            postman = Postman(pipeline, heard, heard.broken.append)
            postman.deliver_due()
            postman.wait()

    for name in "ab":
        assert posts(site, f"/{name}") == [key for channel, key in wanted if channel == name]
    assert sorted(heard.delivered) == sorted(wanted)
    assert (heard.failed, heard.broken) == ([], [])


def test_a_channel_that_hangs_holds_up_no_other(desk, site):
    desk, heard = with_hooks(desk, site, "slow", "fast"), Heard()
    site.hangs("/slow")
    site.publishes("/fast", "")

    with desk.opened() as pipeline:
        put(pipeline, ("slow", "1"), ("fast", "2"), ("slow", "3"), ("fast", "4"))
        postman = Postman(pipeline, heard, heard.broken.append)
        postman.deliver_due()
        until(lambda: len(heard.delivered) == 2)
        site.goes_down()  # the one that hangs is cut off
        postman.wait()

    assert heard.delivered == [("fast", "2"), ("fast", "4")]
    assert heard.failed == [("slow", "1")], "what comes after it waits behind it"


def test_a_channel_at_work_is_not_served_twice(desk, site):
    desk, heard = with_hooks(desk, site, "slow"), Heard()
    site.hangs("/slow")

    with desk.opened() as pipeline:
        put(pipeline, ("slow", "1"), ("slow", "2"))
        postman = Postman(pipeline, heard, heard.broken.append)
        for _ in range(5):
            postman.deliver_due()
        until(lambda: posts(site, "/slow"))
        time.sleep(0.1)
        assert posts(site, "/slow") == ["1"]
        site.goes_down()
        postman.wait()


def test_what_failed_waits_for_its_time_and_comes_later_once(desk, site):
    desk, heard = with_hooks(desk, site, "down"), Heard()
    site.publishes("/down", "", status=500)

    def deliver(later: timedelta) -> None:
        with desk.opened(later) as pipeline:
            postman = Postman(pipeline, heard, heard.broken.append)
            postman.deliver_due()
            postman.wait()

    with desk.opened() as pipeline:
        put(pipeline, ("down", "1"))
    deliver(timedelta())
    site.publishes("/down", "")
    deliver(timedelta(seconds=1))
    assert posts(site, "/down") == ["1"], "not before its time"
    deliver(timedelta(minutes=1))
    deliver(timedelta(days=1))

    assert posts(site, "/down") == ["1", "1"]
    assert (heard.failed, heard.delivered) == ([("down", "1")], [("down", "1")])


def test_stop_takes_no_longer_than_it_was_given_and_what_is_left_is_sent_after_a_start(desk, site):
    names = ("a", "b", "c")
    desk, heard = with_hooks(desk, site, *names), Heard()
    for name in names:
        site.hangs(f"/{name}")

    with desk.opened() as pipeline:
        put(pipeline, *[(name, f"{name}{number}") for name in names for number in range(3)])
        postman = Postman(pipeline, heard, heard.broken.append)
        postman.deliver_due()
        until(lambda: all(posts(site, f"/{name}") for name in names))
        began = time.monotonic()
        postman.stop(0.3)
        took = time.monotonic() - began
        postman.deliver_due()
        site.goes_down()
        postman.wait()
        site.comes_back()
        for name in names:
            site.publishes(f"/{name}", "")
        pipeline.catalog.release_all()  # as a start does

    with desk.opened(timedelta(hours=1)) as pipeline:
        postman = Postman(pipeline, heard, heard.broken.append)
        postman.deliver_due()
        postman.wait()

    assert 0.3 <= took < 1
    assert sorted(heard.delivered) == [(name, f"{name}{number}") for name in names for number in range(3)]
    assert len(heard.failed) == 3, "nothing was sent after the stop"


def test_a_broken_catalog_is_told_and_loses_nothing(desk, site):
    desk, heard = with_hooks(desk, site, "a"), Heard()
    site.publishes("/a", "")
    refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"

    with desk.opened() as pipeline, sqlite3.connect(desk.folder / "snapshots" / "catalog.sqlite") as database:
        put(pipeline, ("a", "1"))
        postman = Postman(pipeline, heard, heard.broken.append)
        database.execute(refuse)
        database.commit()
        postman.deliver_due()
        postman.wait()
        assert ["the disk does not read or write" in str(error) for error in heard.broken] == [True]
        database.execute("DROP TRIGGER refuse")
        database.commit()
        postman.deliver_due()
        postman.wait()

    assert heard.delivered == [("a", "1")]
    assert posts(site, "/a") == ["1"]
