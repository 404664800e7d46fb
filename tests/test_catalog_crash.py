"""Killed at any instant, or used by many at once, the catalog has everything once or not at all."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random

import pytest
from catalog_samples import HOUR, LEASE, MINUTE, NOW, SECOND, add, comparison, record

from tracker.catalog import Catalog
from tracker.models import Article

pytest_plugins = ["catalog_fixtures"]

FORK = multiprocessing.get_context("fork")  # a fresh interpreter would take longer to start than to be killed
CHANNELS = ("desk", "log")
THREADS = 8


def next_version(catalog: Catalog, article: Article, at: datetime | None = None) -> int:
    """Record one more version of an article; gives its number."""
    number = article.version.number + 1 if article.version else 1
    at = at or NOW + number * MINUTE
    record(catalog, article, f"{number}", at=at, number=number, compared=comparison(), channels=CHANNELS)
    return number


def record_until_killed(database: str, said: int) -> None:
    """Record versions of the articles in turn, and say so after each."""
    with Catalog.open(database) as catalog:
        for article in itertools.cycle(catalog.articles()):
            known = catalog.article_by_id(article.id)
            assert known is not None
            number = next_version(catalog, known)
            os.write(said, f"{article.id} {number}\n".encode())


def kill_after(versions: int, delay_s: float, database: str) -> dict[int, int]:
    """Let a process record some versions and then go on for a moment, kill it; gives the last of each article that it spoke of."""
    hear, say = os.pipe()
    process = FORK.Process(target=record_until_killed, args=(database, say))
    process.start()
    os.close(say)
    with os.fdopen(hear) as lines:
        said = [lines.readline() for _ in range(versions)]
        time.sleep(delay_s)
        assert process.is_alive()
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        return {int(article): int(number) for article, number in (line.split() for line in [*said, *lines])}


def check_whole(catalog: Catalog, after: int = 0) -> dict[int, int]:
    """Hold that every version is there once, with its change and its messages; gives the last of each article.

    Args:
        catalog: Looked at: its articles, and the changes of these.
        after: The number of the last change before theirs.
    """
    last = {}
    told = Counter((one.change_id, one.channel) for one in catalog.deliveries(limit=5000) if one.change_id > after)
    for article in catalog.articles():
        versions = catalog.versions(article.id)
        changes = catalog.changes(article_id=article.id, newest_first=False)
        assert [version.number for version in versions] == list(range(1, len(versions) + 1))
        assert [(change.old, change.new) for change in changes] == list(itertools.pairwise(versions))
        assert article.version == (versions[-1] if versions else None)
        assert all(told.pop((change.id, channel)) == 1 for change in changes for channel in CHANNELS)
        last[article.id] = len(versions)
    assert not told
    return last


def kill_often(database: str, times: int) -> None:
    random = Random(9)
    recorded, after = 0, 0
    for _ in range(times):
        with Catalog.open(database) as catalog:
            for name in "abc":
                add(catalog, f"{after} {name}")

        acknowledged = kill_after(random.randrange(1, 8), random.expovariate(1 / 0.004), database)

        with Catalog.open(database) as catalog:
            last = check_whole(catalog, after)
            assert all(last[article] >= number for article, number in acknowledged.items())
            recorded += sum(last.values())
            after = max((one.change_id for one in catalog.deliveries(limit=2)), default=0)
            for article in catalog.articles():
                catalog.deactivate(article.url)
    assert recorded > times


def test_killed_process_leaves_every_version_whole_or_not_at_all(database):
    kill_often(database, 6)


@pytest.mark.slow
def test_killed_three_hundred_times_nothing_is_lost(database):
    kill_often(database, 300)


# --- many at once ---------------------------------------------------------------------------------


def at_once(work: Callable[[int], object], times: int = THREADS) -> list[object]:
    """Do something in several threads that start together."""
    start = threading.Barrier(times)

    def begin(number: int) -> object:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(begin, range(times)))


def flatten(lists: Iterable[object]) -> list[object]:
    return [item for items in lists for item in items]


def test_threads_that_claim_and_record_lose_and_double_nothing(catalog):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
    folders = {f"https://example.org/{number}": f"example.org/{number}" for number in range(60)}
    catalog.add_articles(folders, now=NOW, source_id=source.id)

    checked: Counter[object] = Counter()

    for rounds in range(3):
        now = NOW + rounds * 2 * HOUR

        def work(_number: int, now: datetime = now) -> list[int]:
            ids = []
            while claimed := catalog.claim_due_articles(now, 4, LEASE):
                for article in claimed:
                    next_version(catalog, article, now)
                    ids.append(article.id)
            return ids

        checked.update(flatten(at_once(work)))

    last = check_whole(catalog)
    assert last == checked == dict.fromkeys(last, 3)
    assert len(last) == 60


def test_threads_that_record_one_capture_record_it_once(catalog):
    article = add(catalog)
    record(catalog, article, "before")

    def work(_number: int) -> object:
        return record(catalog, article, "after", at=NOW + HOUR, number=2, compared=comparison(), channels=CHANNELS)

    found = at_once(work)

    assert check_whole(catalog) == {article.id: 2}
    assert all(one == found[0] for one in found)


def test_threads_that_find_one_text_in_captures_of_their_own_record_it_once(catalog):
    article = add(catalog)
    record(catalog, article, "before")

    def work(number: int) -> object:
        at = NOW + HOUR + number * SECOND
        return record(catalog, article, "after", at=at, number=2 + number, compared=comparison(), channels=CHANNELS)

    at_once(work)

    assert check_whole(catalog) == {article.id: 2}


def test_threads_that_add_one_article_add_it_once(catalog):
    added = at_once(lambda number: catalog.add_article("https://example.org/a", "a", now=NOW, tags=[f"{number}"])[1])

    assert sorted(added) == [False] * (THREADS - 1) + [True]
    assert catalog.articles()[0].tags == tuple(str(number) for number in range(THREADS))


def test_threads_that_deliver_get_each_message_once(catalog):
    article = add(catalog)
    for _ in range(31):
        known = catalog.article_by_id(article.id)
        next_version(catalog, known)

    def work(_number: int) -> list[int]:
        got = []
        while claimed := catalog.claim_deliveries(NOW + HOUR, 3, LEASE):
            for delivery in claimed:
                got.append(delivery.id)
                catalog.record_delivered(delivery.id, NOW)
        return got

    got = flatten(at_once(work))

    assert sorted(got) == sorted(one.id for one in catalog.deliveries())
    assert catalog.count_deliveries() == {"waiting": 0, "delivered": 60, "parked": 0}


def claim_all(database: str, said: int) -> None:
    with Catalog.open(database) as catalog:
        while claimed := catalog.claim_due_articles(NOW, 7, LEASE, per_host=50):
            os.write(said, "".join(f"{article.id}\n" for article in claimed).encode())


def test_processes_that_claim_get_each_article_once(database):
    with Catalog.open(database) as catalog:
        source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
        folders = {f"https://example.org/{number}": f"example.org/{number}" for number in range(300)}
        ids = [article.id for article in catalog.add_articles(folders, now=NOW, source_id=source.id)]
    hear, say = os.pipe()
    processes = [FORK.Process(target=claim_all, args=(database, say)) for _ in range(4)]

    for process in processes:
        process.start()
    os.close(say)
    with os.fdopen(hear) as lines:
        claimed = [int(line) for line in lines]

    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert sorted(claimed) == ids
