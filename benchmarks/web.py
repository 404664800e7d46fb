"""How fast are the pages over a large catalog?  100,000 changes of 20,000 articles, a word index over all versions, one article with 200 versions, one text of 5,000 words.

    python benchmarks/web.py [--changes 100000] [--articles 20000] [--folder FOLDER] [--rounds 20]

The catalog is written once into FOLDER, with rows as `record_version` writes them, and used again by the next run.
Each page is asked for over loopback, one request after the other, on one core.  "busy" is the processor time that a page takes (the client's, some 3 ms, included): what a machine
that does nothing else would take; "waited" is what the clock says, which on a machine that others use is more.  What is allowed is held against the first.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import statistics
import tempfile
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import insert, text

from tracker.archive import Archive
from tracker.catalog import Catalog
from tracker.catalog.digest import fact_words, facts_digest
from tracker.catalog.schema import article_tags, articles, change_kinds, changes, versions
from tracker.catalog.words import insert_words, text_to_index
from tracker.cli.workspace import open_pipeline
from tracker.comparison_json import comparison_to_json
from tracker.config import Config, WebSettings
from tracker.models import Capture, Comparison, Fact, Judgement, SentenceChange, Side, Snapshot, Version
from tracker.pipeline import Pipeline

START = datetime(2025, 1, 1, tzinfo=UTC)
LIMITS_MS = {
    "first page": 100, "page 500": 100, "filter: verdict": 150, "filter: kind": 150, "filter: rare entity": 150, "filter: common entity": 150,
    "filter: outlet": 150, "filter: tag": 150, "filter: kind and outlet and verdict": 150, "filter: nothing matches": 150,
    "search: rare word": 200, "search: common word": 200, "search: phrase": 200, "article, 200 versions": 200,
    "side by side, 5,000 words": 300, "in one text, 5,000 words": 300, "two versions that are not neighbours": 300,
    "feed of all changes": 200, "API, first page": 100,
}  # fmt: skip
KINDS = ("location", "attribution", "number", "time", "certainty", "quote", "event", "notice")
VERDICTS = ("substantive", "substantive", "minor", "cosmetic")
NAMES = [
    f"{first}{last}"
    for first in ("Dar", "Bal", "Mor", "Kes", "Tul", "Fen", "Gor", "Hal", "Jur", "Lim")
    for last in ("zab", "chira", "land", "ton", "wick", "mar", "dor", "stad", "nik", "ova")
]
COMMON = [
    "police",
    "said",
    "the",
    "fire",
    "began",
    "on",
    "Tuesday",
    "in",
    "a",
    "hall",
    "and",
    "people",
    "were",
    "told",
    "to",
    "stay",
    "at",
    "home",
    "while",
    "officials",
    "looked",
    "for",
    "the",
    "cause",
    "of",
    "it",
]


class Texts:
    """News of a kind, at random but always the same."""

    def __init__(self) -> None:
        self.random = random.Random(7)
        self.words = (
            COMMON * 6
            + [
                f"{a}{b}"
                for a in ("har", "pol", "min", "cit", "riv", "bri", "mar", "sol")
                for b in ("bour", "icy", "ster", "izen", "er", "dge", "ket", "dier")
            ]
            + NAMES
        )

    def sentence(self) -> str:
        return " ".join(self.random.choices(self.words, k=18)).capitalize() + "."

    def sentences(self, words: int) -> tuple[str, ...]:
        return tuple(self.sentence() for _ in range(words // 18))


def comparison(texts: Texts, old: tuple[str, ...], kinds: list[str], verdict: str) -> Comparison:
    """A comparison of a text with the same text after an edit in the middle."""
    middle = len(old) // 2
    was, now = texts.random.choice(NAMES), texts.random.choice(NAMES)
    before = (*old[:middle], f"The strike hit {was} district on Friday.", *old[middle:])
    after = (*old[:middle], f"The strike hit {now} district on Friday.", *old[middle:])
    facts = tuple(
        Fact(
            kind,
            "replaced",
            was,
            now,
            middle + 1,
            middle + 1,
            3,
            about="strike",
            source="the ministry",
            confidence=0.9,
            reason="The place is another one.",
        )
        for kind in kinds
    )  # type: ignore[arg-type]
    pieces = (("equal", "The strike hit "), ("delete", was), ("insert", now), ("equal", " district on Friday."))
    steps = tuple(
        SentenceChange(n, n, "replace", pieces, "fact") if n == middle + 1 else SentenceChange(n, n, "equal")
        for n in range(len(before) + 1)
    )  # type: ignore[arg-type]

    def side(sentences: tuple[str, ...]) -> Side:
        whole = ("Fire at the port", *sentences)
        return Side(
            "Fire at the port", (), START, None, "en", whole, (0, *(1 + n // 3 for n in range(len(sentences)))), ()
        )

    disclosure: Any = texts.random.choice(("undisclosed", "disclosed", "dated")) if verdict == "substantive" else None
    judgement = Judgement(verdict, 3 if facts else 1, disclosure, ("A place changed.",))  # type: ignore[arg-type]
    return Comparison(judgement, Capture(), side(before), side(after), facts, steps)


def build(folder: Path, changes_wanted: int, articles_wanted: int) -> None:
    """Write the catalog, and in the archive the two articles that are opened."""
    texts, began = Texts(), time.perf_counter()
    per_article = max(changes_wanted // articles_wanted, 1)
    pool = [texts.sentences(600) for _ in range(40)]
    samples = []
    for n in range(400):
        kinds = sorted(texts.random.sample(KINDS, texts.random.choice((0, 1, 2, 3))))
        verdict = texts.random.choice(VERDICTS) if kinds else "cosmetic"
        made = comparison(texts, pool[n % 40], kinds, verdict)
        packed = zlib.compress(json.dumps(comparison_to_json(made), separators=(",", ":")).encode())
        samples.append(
            (made, packed, facts_digest(made.facts), fact_words(made.facts), text_to_index("Fire", made.new.sentences))
        )
    with Catalog.open(f"sqlite:///{folder / 'catalog.sqlite'}") as catalog:
        database = catalog._database
        version_id = change_id = 0
        for first in range(1, articles_wanted + 1, 1000):
            rows: dict[str, list[dict[str, Any]]] = {
                "articles": [],
                "tags": [],
                "versions": [],
                "changes": [],
                "kinds": [],
            }
            words: dict[str, list[tuple[int, str]]] = {"versions": [], "changes": []}
            for article in range(first, min(first + 1000, articles_wanted + 1)):
                host = f"outlet{article % 40}.example"
                rows["articles"].append(
                    {
                        "id": article,
                        "url": f"https://{host}/story-{article}",
                        "host": host,
                        "folder": f"{host}/story-{article}",
                        "added_at": START,
                        "active": True,
                        "unchanged_checks": 0,
                        "failures": 0,
                        "latest": per_article + 1,
                    }
                )
                rows["tags"] += [{"article_id": article, "tag": "all" if article % 2 else "half"}] + (
                    [{"article_id": article, "tag": "rare"}] if article % 1000 == 0 else []
                )
                for number in range(1, per_article + 2):
                    version_id += 1
                    at = START + timedelta(minutes=article * 3 + number * 700)
                    sample = samples[(article * 7 + number) % len(samples)]
                    rows["versions"].append(
                        {
                            "id": version_id,
                            "article_id": article,
                            "number": number,
                            "snapshot_id": f"{at:%Y%m%d%H%M%S}{number:02}",
                            "fetched_at": at,
                            "status": 200,
                            "snapshot_digest": f"sha256:{version_id:064x}",
                            "file": "x",
                            "offset": 0,
                            "length": 900,
                            "size": 110_000,
                            "digest": f"sha256:{version_id:064x}",
                            "headline": f"Fire at the port of {NAMES[article % 100]}, number {article}",
                            "last_seen_at": at + timedelta(minutes=30),
                        }
                    )
                    words["versions"].append(
                        (version_id, sample[4] + (f" rareword{article}" if article % 500 == 0 else ""))
                    )
                    if number > 1:
                        change_id += 1
                        made = sample[0]
                        rows["changes"].append(
                            {
                                "id": change_id,
                                "article_id": article,
                                "old_version_id": version_id - 1,
                                "new_version_id": version_id,
                                "detected_at": at,
                                "verdict": made.judgement.verdict,
                                "importance": made.judgement.importance,
                                "disclosure": made.judgement.disclosure,
                                "comparison": sample[1],
                                "facts": sample[2],
                            }
                        )
                        rows["kinds"] += [
                            {"kind": kind, "change_id": change_id}
                            for kind in sorted({fact.kind for fact in made.facts})
                        ]
                        words["changes"].append(
                            (change_id, sample[3] + (" uniquename" if change_id % 20_000 == 0 else ""))
                        )
            with database.write(lasting=False) as connection:
                for table, name in (
                    (articles, "articles"),
                    (article_tags, "tags"),
                    (versions, "versions"),
                    (changes, "changes"),
                    (change_kinds, "kinds"),
                ):
                    if rows[name]:
                        connection.execute(insert(table), rows[name])
                connection.execute(
                    text("INSERT INTO version_words (rowid, words) VALUES (:id, :words)"),
                    [{"id": n, "words": w} for n, w in words["versions"]],
                )
                insert_words(database, connection, "change_words", words["changes"])
    print(f"{changes_wanted:,} changes of {articles_wanted:,} articles written in {time.perf_counter() - began:.0f} s")


def follow_long_ones(pipeline: Pipeline, texts: Texts) -> dict[str, int]:
    """Take in an article with 200 versions, and one of 5,000 words, through the pipeline."""
    found = {}
    for name, length, count in (("many", 600, 200), ("long", 5000, 3)):
        url = f"https://measured.example/{name}"
        article = pipeline.catalog.article(url)
        if article is None:
            article, _ = pipeline.catalog.add_article(url, f"measured.example/{name}", now=START)
            sentences = list(texts.sentences(length))
            for number in range(count):
                place = len(sentences) // 2
                sentences[place] = (
                    f"The strike killed {12 + number} people in {NAMES[number % 100]} district on Friday, the ministry said."
                )
                sentences[(number * 7) % place] = texts.sentence()
                version = Version(
                    "Fire at the port",
                    paragraphs=tuple(" ".join(sentences[n : n + 3]) for n in range(0, len(sentences), 3)),
                    language="en",
                    extractor="measured",
                )
                body = ("<p>" + "</p><p>".join(version.paragraphs) + "</p>").encode()
                snapshot = Snapshot(url, START + timedelta(hours=number), 200, (("Content-Type", "text/html"),), body)
                pipeline.archive.append(article.folder, snapshot, version, Capture())
            pipeline.catch_up(article, tell=False)
        found[name] = article.id
    return found


@contextlib.contextmanager
def served(folder: Path, texts: Texts) -> Iterator[tuple[str, dict[str, int], Catalog]]:
    """Serve the catalog on one core, in this process."""
    import socket
    import threading

    import uvicorn

    from tracker.web import Workspace, build_app
    from tracker.web.security import Keys

    config = Config(archive_folder=folder, database=f"sqlite:///{folder / 'catalog.sqlite'}")
    with open_pipeline(config) as pipeline, socket.create_server(("127.0.0.1", 0)) as listener:
        numbers = follow_long_ones(pipeline, texts)
        workspace = Workspace(pipeline, Keys.new(WebSettings()))
        server = uvicorn.Server(uvicorn.Config(build_app(workspace), log_level="error"))
        threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", numbers, pipeline.catalog
        server.should_exit = True
        time.sleep(0.2)


def pages(catalog: Catalog, numbers: dict[str, int]) -> dict[str, str]:
    """The pages that are measured."""
    from tracker.catalog.listing import ChangeFilter
    from tracker.web.filters import write_cursor

    deep = catalog.list_changes(ChangeFilter(), limit=15_000)[-1].cursor
    longest = catalog.list_changes(ChangeFilter(article_id=numbers["long"]), limit=1)[0].id
    return {
        "first page": "/",
        "page 500": f"/?after={write_cursor(deep)}",
        "filter: verdict": "/?verdict=minor",
        "filter: kind": "/?kind=location",
        "filter: rare entity": "/?entity=uniquename",
        "filter: common entity": "/?entity=darzab",
        "filter: outlet": "/?host=outlet7.example",
        "filter: tag": "/?tag=rare",
        "filter: kind and outlet and verdict": "/?kind=quote&host=outlet7.example&verdict=substantive",
        "filter: nothing matches": "/?kind=quote&verdict=cosmetic&disclosure=disclosed",
        "search: rare word": "/search?q=rareword500",
        "search: common word": "/search?q=police",
        "search: phrase": "/search?q=%22strike+hit+darzab%22",
        "article, 200 versions": f"/articles/{numbers['many']}",
        "side by side, 5,000 words": f"/changes/{longest}",
        "in one text, 5,000 words": f"/changes/{longest}?view=inline",
        "two versions that are not neighbours": f"/articles/{numbers['long']}/compare?old=1&new=3",
        "feed of all changes": "/feeds/changes.atom",
        "API, first page": "/api/v1/changes",
    }


def measure(address: str, wanted: dict[str, str], rounds: int) -> int:
    """Ask for each page so many times; gives how many took longer than they may."""
    missed = 0
    print(f"{'page (medians)':40} {'busy':>9} {'waited':>9} {'allowed':>9} {'size':>9}")
    with requests.Session() as session:
        for name, path in wanted.items():
            session.get(address + path, timeout=120)  # the first one loads what is not loaded yet
            busy, waited = [], []
            for _ in range(rounds):
                began, began_busy = time.perf_counter(), time.process_time()
                answer = session.get(address + path, timeout=120)
                waited.append((time.perf_counter() - began) * 1000)
                busy.append((time.process_time() - began_busy) * 1000)
                assert answer.status_code == 200, (name, answer.status_code, answer.text[:300])
            took, size = statistics.median(busy), len(answer.content)
            late = took > LIMITS_MS[name] or size > 300_000
            missed += late
            print(
                f"{name:40} {took:6.0f} ms {statistics.median(waited):6.0f} ms {LIMITS_MS[name]:6} ms {size / 1000:6.0f} kB{'  TOO MUCH' if late else ''}",
                flush=True,
            )
    return missed


def sizes(folder: Path, catalog: Catalog) -> None:
    """Say what the word index costs."""
    with catalog._database.read() as connection:
        number = connection.execute(text("SELECT count(*) FROM versions")).scalar_one()
        indexed = sum(
            connection.execute(text(f"SELECT coalesce(sum(length(block)), 0) FROM {name}_words_data")).scalar_one()
            for name in ("version",)
        )
        docs = connection.execute(text("SELECT coalesce(sum(length(sz)), 0) FROM version_words_docsize")).scalar_one()
    print(
        f"the word index of {number:,} versions of some 600 words takes {(indexed + docs) / number:,.0f} bytes a version; the catalog {(folder / 'catalog.sqlite').stat().st_size / 1e6:,.0f} MB"
    )


def main() -> None:
    """Build what is not there, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=100_000)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "tracker-web-benchmark")
    options = parser.parse_args()
    folder = options.folder / f"{options.changes}-{options.articles}"
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "ready"
    if not ready.exists():
        (folder / "catalog.sqlite").unlink(missing_ok=True)
        build(folder, options.changes, options.articles)
        ready.touch()
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    assert Archive(folder)
    with served(folder, Texts()) as (address, numbers, catalog):
        sizes(folder, catalog)
        missed = measure(address, pages(catalog, numbers), options.rounds)
    print("all within what is allowed" if not missed else f"{missed} of the pages took too much")


if __name__ == "__main__":
    main()
