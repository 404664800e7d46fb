"""What is noted of an article comes back in another catalog; what is taken down is seen nowhere; in both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from catalog_samples import DAY, HOUR, LATER, NOW, SEEN, comparison, digest, stored, tell
from catalog_tables import tables_of

from tracker.catalog import Catalog
from tracker.catalog.words import text_to_index
from tracker.models import Article, Event, StoredReading

pytest_plugins = ["catalog_fixtures"]

FEED, URL = "https://example.org/feed", "https://example.org/a"


def captured(catalog: Catalog, *, tags: tuple[str, ...] = ()) -> Article:
    """Two versions, as the files tell them."""
    source = catalog.source(FEED)
    article, _ = catalog.add_article(URL, "example.org/a", now=NOW, tags=tags)
    if source:
        catalog.add_articles({"https://example.org/never": "example.org/n"}, now=NOW, source_id=source.id, tags=["x"])
    for number, compared in enumerate((None, comparison())):
        at = NOW + number * HOUR
        catalog.record_version(
            article.id, at=at, due_at=LATER, stored=stored(number, at), digest=digest(f"text {number}"),
            headline="Ferry runs aground", updated_at=None, validators=SEEN, comparison=compared,
            deliveries=tell("desk"), words=text_to_index("Ferry runs aground", ["coast guard"]),
        )  # fmt: skip
    found = catalog.article(URL)
    assert found
    return found


def lived(catalog: Catalog) -> Article:
    """And what became of them."""
    catalog.add_source(FEED, "feed", now=NOW, tags=["ferries"], links="/a*", limit=7)
    article = captured(catalog, tags=("ferries", "own"))
    event = Event(0, URL, "moved", "https://example.org/b", "Ferry runs aground", NOW, LATER, LATER)
    catalog.record_unchanged(article.id, at=NOW + DAY, due_at=NOW + 2 * DAY, validators=SEEN, happened=[(event, ())])
    (change,) = catalog.changes()
    catalog.record_opinion(change.id, verdict="agree", kind=None, note="seen elsewhere", now=LATER)
    found = catalog.article(URL)
    assert found
    return found


def same(old: str, new: str) -> object:
    raise AssertionError("nothing has to be compared again")


def test_what_was_noted_comes_back(catalog: Catalog, tmp_path: Path):
    """By way of JSON, from one kind of database into another."""
    with Catalog.open(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        article = lived(other)
        notes = json.loads(json.dumps([other.following_note(), other.article_notes([article.id])["example.org/a"][1]]))
        before = tables_of(other)

    catalog.restore_following(notes[0])
    found = captured(catalog)
    catalog.restore_article(found.id, notes[1], same)

    after = tables_of(catalog)
    for name in ("sources", "source_tags", "articles", "article_tags", "versions", "changes", "events", "opinions"):
        assert after[name] == before[name], name


def test_bringing_back_twice_is_bringing_back_once(catalog: Catalog):
    article = lived(catalog)
    notes = catalog.following_note(), catalog.article_notes([article.id])["example.org/a"][1]
    before = tables_of(catalog)

    for _ in range(2):
        catalog.restore_following(notes[0])
        catalog.restore_article(article.id, notes[1], same)

    assert tables_of(catalog) == before


def test_captures_after_the_note_count(catalog: Catalog):
    article = lived(catalog)
    note = catalog.article_notes([article.id])["example.org/a"][1]
    catalog.record_failure(article.id, at=NOW + 9 * DAY, due_at=NOW + 10 * DAY, error="It is down.")

    catalog.restore_article(article.id, note, same)

    assert catalog.article(URL).error == "It is down."


def test_only_what_is_not_noted_yet_is_listed(catalog: Catalog):
    article = lived(catalog)
    (ids, document) = catalog.article_notes([article.id])["example.org/a"]
    assert article.id in catalog.unnoted(9)

    catalog.record_noted(ids, document)
    assert article.id not in catalog.unnoted(9)
    for touch in (
        lambda: catalog.record_failure(article.id, at=LATER, due_at=LATER, error="x"),
        lambda: catalog.add_article(URL, "x", now=NOW, tags=["more"]),
        lambda: catalog.deactivate(URL),
        lambda: catalog.record_opinion(catalog.changes()[0].id, verdict=None, kind=None, note="", now=LATER),
    ):
        catalog.record_noted(*catalog.article_notes([article.id])["example.org/a"])
        touch()
        assert article.id in catalog.unnoted(9)


def test_note_that_was_overtaken_does_not_count(catalog: Catalog):
    article = lived(catalog)
    (ids, document) = catalog.article_notes([article.id])["example.org/a"]
    catalog.record_unchanged(article.id, at=NOW + 2 * DAY, due_at=LATER, validators=SEEN)

    catalog.record_noted(ids, document)

    assert article.id in catalog.unnoted(9)


def test_captures_that_moved_are_found_where_they_are(catalog: Catalog):
    article = lived(catalog)
    reading = StoredReading("example.org/a/0002.warc.zst", 77, LATER)
    placed = [
        replace(stored(0, NOW), offset=12, length=34),
        replace(stored(1, NOW + HOUR), offset=90, length=5, reading=reading),
    ]

    catalog.relocate(article.id, placed)

    found = [one.snapshot for one in catalog.versions(article.id)]
    assert [(one.offset, one.length, one.reading) for one in found] == [(12, 34, None), (90, 5, reading)]
    assert catalog.article(URL).archived_until == (placed[1].file, 95)


def test_what_is_taken_down_is_seen_nowhere(catalog: Catalog):
    article = lived(catalog)
    words = {one.id: text_to_index("Ferry runs aground", ["coast guard"]) for one in catalog.versions(article.id)}

    for _ in range(2):  # done again after a crash
        catalog.take_down(article.id, "This article was taken down.", words)

    shown = json.dumps(tables_of(catalog), default=str)
    assert "aground" not in shown
    assert "coast guard" not in shown
    assert "seen elsewhere" not in shown
    assert not catalog.article(URL).active
    (change,) = catalog.changes()
    assert change.comparison.judgement.reasons == ("This article was taken down.",)
    (delivery,) = catalog.deliveries()
    assert (delivery.state, delivery.message.text) == ("parked", "This article was taken down.")
    (event,) = catalog.events()
    assert (event.kind, event.headline) == ("moved", None)


@pytest.mark.parametrize("word", ["aground", "coast"])
def test_words_that_were_taken_down_are_not_found(catalog: Catalog, word: str):
    article = lived(catalog)
    words = {one.id: text_to_index("Ferry runs aground", ["coast guard"]) for one in catalog.versions(article.id)}
    assert found_by(catalog, word) == 2

    catalog.take_down(article.id, "This article was taken down.", words)

    assert found_by(catalog, word) == 0


def found_by(catalog: Catalog, word: str) -> int:
    from tracker.catalog.folding import Phrase
    from tracker.catalog.words import matching

    with catalog._database.read() as connection:
        return len(connection.execute(matching(catalog._database, "version_words", [Phrase((word,))])).all())
