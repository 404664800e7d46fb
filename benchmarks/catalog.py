"""Measure the catalog at the size of a service: claiming, recording, reading, and bytes on the disk.

    python benchmarks/catalog.py [--articles 100000] [--postgres] [--folder FOLDER]

Fills a new database with articles over 500 hosts, one version each, and measures single calls: median, the slowest of twenty beside it, and the processor time of our own side, which a busy machine disturbs less.
The folder (default: a temporary one) decides which disk is measured; a commit waits for it.  --postgres starts a server of its own, with fsync on the same disk.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import case, func, insert, literal, select, text, update

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from catalog_samples import DAY, HOUR, LEASE, NOW, SECOND, SEEN, comparison, digest, record, stored, tell
from postgres import Postgres

from tracker.catalog import Catalog
from tracker.catalog.queue import chunks
from tracker.catalog.schema import articles, change_kinds, changes, versions
from tracker.catalog.versions import snapshot_columns
from tracker.models import Comparison

HOSTS = 500
BATCH = 200
STORY = "The coast guard said that a ferry with passengers from the mainland ran aground off the island on Tuesday. "


def say(name: str, measured: str, wanted: str = "") -> None:
    print(f"{name:<58} {measured:>24}  {wanted}", flush=True)


def times(work: Callable[[], object], repeat: int = 20, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Call it again and again; gives milliseconds."""
    found = []
    for _ in range(repeat):
        start = clock()
        work()
        found.append((clock() - start) * 1000)
    return found


def say_times(name: str, work: Callable[[], object], wanted: str = "", repeat: int = 20) -> None:
    found, cpu = times(work, repeat), times(work, repeat, time.process_time)
    say(
        name, f"{statistics.median(found):.1f} ms (max {max(found):.1f})", f"cpu {statistics.median(cpu):.1f}  {wanted}"
    )


# --- filling --------------------------------------------------------------------------------------


def addresses(number: int) -> dict[str, str]:
    urls = (
        f"https://news-{one % HOSTS}.example.org/world/2026/04/09/ferry-runs-aground-off-the-island-{one}"
        for one in range(number)
    )
    return {
        url: f"{url.removeprefix('https://').split('/')[0]}/ferry-runs-aground-off-the-{hash(url) % 16**8:08x}"
        for url in urls
    }


def fill(catalog: Catalog, number: int) -> None:
    """Follow articles, all due, and give each a version: in bulk, since one by one it would take minutes."""
    source, _ = catalog.add_source("https://news.example.org/feed.xml", "feed", now=NOW)
    start = time.perf_counter()
    new = catalog.add_articles(addresses(number), now=NOW, tags=["world"], source_id=source.id)
    say("adding articles, in one transaction", f"{number / (time.perf_counter() - start):,.0f} a second")
    for some in chunks(new):
        rows = [
            {
                "article_id": article.id, "number": 1, **snapshot_columns(stored(article.id, NOW - HOUR, article.folder)),
                "digest": digest(article.url), "headline": "Ferry runs aground off the island, coast guard says",
                "last_seen_at": NOW, "updated_at": NOW - HOUR,
            }
            for article in some
        ]  # fmt: skip
        with catalog._database.write() as connection:
            connection.execute(insert(versions), rows)
    known = {
        "latest": 1, "checked_at": NOW - HOUR, "etag": '"5d8c72a5edda8d6a:0"', "last_modified": SEEN.last_modified,
        "snapshot_digest": digest("page"), "archived_file": articles.c.folder + "/captures.warc.zst", "archived_end": 18_233,
        "due_at": articles.c.due_at + articles.c.id,
    }  # fmt: skip
    with catalog._database.write() as connection:
        connection.execute(update(articles).values(known))
        if not catalog._database.is_sqlite:
            connection.execute(text("ANALYZE"))


def spread_due(catalog: Catalog) -> None:
    with catalog._database.write() as connection:
        connection.execute(update(articles).values(leased_until=None))


# --- measuring ------------------------------------------------------------------------------------


def measure_claims(catalog: Catalog) -> None:
    now = NOW + DAY
    say_times(f"claim {BATCH}", lambda: catalog.claim_due_articles(now, BATCH, LEASE), "wanted: 20 ms")
    say_times(f"claim {BATCH}, at most 4 of a host", lambda: catalog.claim_due_articles(now, BATCH, LEASE, per_host=4), "wanted: 20 ms")  # fmt: skip
    spread_due(catalog)
    with catalog._database.write() as connection:
        connection.execute(update(articles).where(articles.c.id % 10 != 0).values(host="one.example.org"))
    say_times("the same, nine of ten due are one host's", lambda: catalog.claim_due_articles(now, BATCH, LEASE, per_host=4))  # fmt: skip
    say_times("claim, nothing due", lambda: catalog.claim_due_articles(NOW - DAY, BATCH, LEASE))
    say_times("release all", catalog.release_all, repeat=2)


def long_comparison(number: int) -> Comparison:
    """About as long as a news article: 30 sentences on either side."""
    short = comparison(new=str(number))
    lines = tuple(STORY + str(one) for one in range(27))
    old, new = (replace(side, sentences=side.sentences + lines, paragraph_of=side.paragraph_of + tuple(range(3, 30))) for side in (short.old, short.new))  # fmt: skip
    return replace(short, old=old, new=new)


def measure_records(catalog: Catalog, times_: int = 500) -> None:
    numbers: Iterator[int] = count(1)
    ids = [article.id for article in catalog.claim_due_articles(NOW + DAY, times_, LEASE)]

    def unchanged(article_id: int) -> None:
        catalog.record_unchanged(article_id, at=NOW, due_at=NOW + 2 * DAY, validators=SEEN)

    def changed(article_id: int) -> None:
        number = next(numbers)
        at = NOW + number * SECOND
        catalog.record_version(
            article_id, at=at, due_at=NOW + 2 * DAY, stored=stored(number, at), digest=str(number), headline="Ferry", updated_at=None,
            validators=SEEN, comparison=long_comparison(number), deliveries=tell("desk", "log"),
        )  # fmt: skip

    for name, work in {"record unchanged": unchanged, "record a version, its change and two messages": changed}.items():
        for threads in (1, 8):
            with ThreadPoolExecutor(threads) as pool:
                start = time.perf_counter()
                list(pool.map(work, ids))
                rate = len(ids) / (time.perf_counter() - start)
            say(f"{name}, {threads} thread{'s' * (threads > 1)}", f"{rate:,.0f} a second")


def measure_reads(catalog: Catalog) -> None:
    say_times("one article", lambda: catalog.article_by_id(77))
    say_times("all articles", catalog.articles, repeat=2)
    say_times("status", lambda: catalog.status(NOW), repeat=3)
    say_times("claim 50 of 2,000 messages", lambda: catalog.claim_deliveries(NOW + DAY, 50, LEASE))


def measure_long_history(catalog: Catalog) -> None:
    article = catalog.add_article("https://example.org/live", "example.org/live", now=NOW)[0]
    for number in range(200):
        at = NOW + timedelta(minutes=number)
        record(catalog, article, str(number), at=at, number=number, compared=long_comparison(number))
    say_times("versions of an article that has 200", lambda: catalog.versions(article.id), "wanted: 50 ms")
    say_times("its 199 changes with their comparisons", lambda: catalog.changes(article_id=article.id))


def fill_changes(catalog: Catalog, number: int, each: int = 5) -> None:
    """Give the first articles some changes each: a third with a number in it, one in a thousand with a quote."""
    model = catalog.changes(limit=1)[0]
    blob = select(changes.c.comparison).where(changes.c.id == model.id).scalar_subquery()
    columns = [column for column in versions.c if column.name not in ("id", "number", "snapshot_id")]
    with catalog._database.write() as connection:
        for extra in range(each):
            copies = select(versions.c.number + 1000 + extra, versions.c.snapshot_id + f"-{extra}", *columns).where(
                versions.c.number == 1, versions.c.article_id <= number // each
            )
            connection.execute(
                insert(versions).from_select(["number", "snapshot_id", *(column.name for column in columns)], copies)
            )
        made = select(
            versions.c.article_id, versions.c.id, versions.c.id, versions.c.last_seen_at - versions.c.id * 1_000_000,
            case((versions.c.id % 4 == 0, "substantive"), else_="cosmetic"), literal(2), literal("dated"), blob,
        ).where(versions.c.number >= 1000)  # fmt: skip
        names = ["article_id", "old_version_id", "new_version_id", "detected_at", "verdict", "importance", "disclosure", "comparison"]  # fmt: skip
        connection.execute(insert(changes).from_select(names, made))
        for kind, every in {"location": 3, "quote": 1000}.items():
            some = select(literal(kind), changes.c.id).where(changes.c.id % every == 1, changes.c.disclosure == "dated")
            connection.execute(insert(change_kinds).from_select(["kind", "change_id"], some))


def measure_many_changes(catalog: Catalog) -> None:
    with catalog._database.read() as connection:
        total = connection.execute(select(func.count()).select_from(changes)).scalar_one()
    filters: dict[str, dict[str, Any]] = {
        "": {}, ", of a verdict": {"verdicts": ["substantive"]}, ", of a kind": {"kinds": ["location"]}, ", of a rare kind": {"kinds": ["quote"]},
        ", with a tag": {"tag": "world"}, ", of a source": {"source_id": 1}, ", all of these": {"verdicts": ["substantive"], "kinds": ["location"], "tag": "world"},
    }  # fmt: skip
    for name, where in filters.items():
        say_times(f"50 newest of {total:,} changes{name}", lambda where=where: catalog.changes(limit=50, **where), "wanted: 150 ms", 5)  # type: ignore[misc]  # fmt: skip


def measure_changes_size(catalog: Catalog) -> None:
    with catalog._database.read() as connection:
        mean = connection.execute(select(func.avg(func.length(changes.c.comparison)))).scalar_one()
    say("a stored comparison of 30 sentences", f"{mean:,.0f} bytes")


def measure_size(catalog: Catalog, number: int) -> None:
    with catalog._database.read() as connection:
        if catalog._database.is_sqlite:
            pages = connection.execute(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
        else:
            pages = connection.execute(text("SELECT pg_database_size(current_database())"))
        say("on the disk, an article with one version", f"{pages.scalar_one() / number:,.0f} bytes", "wanted: 1,500")


def measure_start(address: str) -> None:
    program = f"from tracker.catalog import Catalog; Catalog.open({address!r}).close()"
    empty = statistics.median(
        times(lambda: subprocess.run([sys.executable, "-c", "import tracker.models"], check=True), 5)
    )
    whole = statistics.median(times(lambda: subprocess.run([sys.executable, "-c", program], check=True), 5))
    say("import and open, in a new process", f"{whole - empty:.0f} ms", "beside the interpreter's own start")
    say_times("open", lambda: Catalog.open(address).close())


def measure_commit(folder: Path) -> None:
    for mode in ("FULL", "NORMAL"):
        connection = sqlite3.connect(folder / f"commit-{mode}.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={mode}")
        connection.execute("CREATE TABLE probe (words)")
        found = times(lambda c=connection: c.execute("INSERT INTO probe VALUES (?)", ["x" * 500]), 300)  # type: ignore[misc]
        say(f"a bare commit of SQLite on this disk, synchronous={mode}", f"{statistics.median(found):.2f} ms")
        connection.close()


def measure(address: str, number: int) -> None:
    with Catalog.open(address) as catalog:
        fill(catalog, number)
        measure_size(catalog, number)
        measure_claims(catalog)
        measure_records(catalog)
        measure_reads(catalog)
        measure_changes_size(catalog)
        measure_long_history(catalog)
        fill_changes(catalog, number)
        measure_many_changes(catalog)
    measure_start(address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL instead of SQLite")
    parser.add_argument("--folder", type=Path, help="where the files go")
    arguments = parser.parse_args()
    print(f"{arguments.articles:,} articles, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    if arguments.postgres:
        with Postgres(durable=True, folder=arguments.folder) as server:
            measure(server.new_database(), arguments.articles)
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        measure_commit(Path(folder))
        measure(f"sqlite:///{folder}/catalog.sqlite", arguments.articles)


if __name__ == "__main__":
    main()
