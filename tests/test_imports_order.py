"""Whatever order captures come in, and however often, the history is that of their times; the files alone give it again."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import Desk, edited, page
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.archive import Archive, Disk
from tracker.extract import extract_version
from tracker.imports import Gathered, LooseDisk, gather_captures, take_in
from tracker.imports.texts import text_capture
from tracker.models import Article, Capture, Snapshot, StoredVersion
from tracker.pipeline import Pipeline
from tracker.rebuild import rebuild_article
from tracker.url import article_folder

pytest_plugins = ["desk_fixtures"]

ADDRESS = "https://ostmark.example/fire"
HEADLINE = "Fire at a warehouse in the port of Ostmark"
START = datetime(2024, 3, 1, tzinfo=UTC)
TEXTS = ["\n".join(edited("killed 12 people", f"killed {number} people")) for number in (12, 14, 17)]

Capture_ = tuple[int, int]  # which text, at which minute


def takes_in(pipeline: Pipeline, captures: list[Capture_], name: str = "a.csv") -> None:
    items = [
        text_capture(ADDRESS, START + timedelta(minutes=minute), headline=HEADLINE, text=TEXTS[text], origin=name)
        for text, minute in captures
    ]
    with tempfile.TemporaryDirectory() as spool:
        gathered = Gathered(Archive(Path(spool), disk=LooseDisk()), START + timedelta(days=9))
        problems = list(
            gather_captures(gathered, items, name, only=frozenset(), as_address=None, step=lambda: None)  # type: ignore[arg-type]
        )
        assert problems == []
        for url in gathered.captures:
            assert take_in(pipeline, gathered, url, watch=False, step=lambda: None).problem is None


def story(pipeline: Pipeline) -> list[tuple[object, ...]]:
    article = pipeline.catalog.article(ADDRESS)
    assert article
    assert article.archived_until
    versions = pipeline.catalog.versions(article.id)
    changes = {change.new.number: change for change in pipeline.catalog.changes(article_id=article.id)}
    assert [one.number for one in versions] == list(range(1, len(versions) + 1))
    assert sorted(changes) == list(range(2, len(versions) + 1))
    assert article.version == versions[-1]
    return [_told(version, changes) for version in versions]


def _told(version: StoredVersion, changes: dict) -> tuple[object, ...]:
    change = changes.get(version.number)
    # Of a comparison, which texts it is of: facts are looked for within a time, which a busy machine can use up.
    sides = (change.comparison.old.sentences, change.comparison.new.sentences) if change else ()
    about = (change.old.number, change.reversal_of, change.not_before, sides) if change else ()
    return version.snapshot.fetched_at, version.digest, version.last_seen_at, version.headline, about


def forgets_everything(desk: Desk) -> None:
    for file in (desk.folder / "snapshots").glob("catalog.sqlite*"):
        file.unlink()


captures = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=7, unique_by=lambda one: one[1]
)


@settings(max_examples=2, deadline=None)
@given(captures, st.data())
def test_the_order_of_imports_does_not_matter(found: list[Capture_], data):
    """All at once; in batches in any order; once more; from the files alone."""
    _take_in_every_way(found, data)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(captures, st.data())
def test_the_order_of_imports_does_not_matter_at_length(found: list[Capture_], data):
    """Many more of them."""
    _take_in_every_way(found, data)


def _take_in_every_way(found: list[Capture_], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(found))
    cut = data.draw(st.integers(0, len(found)))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first, second = Desk(Path(one)), Desk(Path(other))
        with first.opened() as pipeline:
            takes_in(pipeline, found)
            at_once = story(pipeline)
        with second.opened() as pipeline:
            for batch in (shuffled[:cut], shuffled[cut:], shuffled):
                if batch:
                    takes_in(pipeline, batch)
            in_batches = story(pipeline)
        forgets_everything(second)
        with second.opened() as pipeline:
            assert rebuild_article(pipeline, article_folder(ADDRESS)).problem is None
            again = story(pipeline)

    assert at_once == _as_it_is(found, at_once)
    assert in_batches == at_once
    assert again == at_once


def _as_it_is(found: list[Capture_], told: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Work out plainly when each text began to stand there, and when it was last seen."""
    runs: list[tuple[int, list[int]]] = []
    for text, minute in sorted(found, key=lambda one: one[1]):
        if runs and runs[-1][0] == text:
            runs[-1][1].append(minute)
        else:
            runs.append((text, [minute]))
    times = [(START + timedelta(minutes=one[0]), START + timedelta(minutes=one[-1])) for _, one in runs]
    return [(first, row[1], last, *row[3:]) for (first, last), row in zip(times, told, strict=True)]


# --- beside our own captures ----------------------------------------------------------------------


def checks(pipeline: Pipeline, article: Article, text: int, minute: int) -> None:
    """Record a check of ours."""
    body = page(*TEXTS[text].split("\n")).encode()
    at = START + timedelta(minutes=minute)
    snapshot = Snapshot(ADDRESS, at, 200, (("Content-Type", "text/html; charset=utf-8"),), body)
    pipeline.archive.append(article.folder, snapshot, extract_version(snapshot), Capture())
    pipeline.catch_up(article)


@pytest.fixture
def followed(desk: Desk) -> Desk:
    """An article that we saw with the first text from minute 10 to 20, and with the second at minute 30."""
    with desk.opened() as pipeline:
        article, _ = pipeline.catalog.add_article(ADDRESS, article_folder(ADDRESS), now=START)
        for text, minute in ((0, 10), (1, 30)):
            checks(pipeline, pipeline.catalog.article(ADDRESS) or article, text, minute)
            if text == 0:
                at = START + timedelta(minutes=20)
                pipeline.catalog.record_unchanged(article.id, at=at, due_at=at, validators=article.validators)
    return desk


def bounds(pipeline: Pipeline) -> list[tuple[int, int, str | None]]:
    """For each version: first and last minute, and where it comes from."""
    article = pipeline.catalog.article(ADDRESS)
    assert article

    def minute(at: datetime) -> int:
        return int((at - START).total_seconds() // 60)

    return [
        (minute(one.snapshot.fetched_at), minute(one.last_seen_at), one.snapshot.origin)
        for one in pipeline.catalog.versions(article.id)
    ]


SITUATIONS = {
    "another text before": ([(2, 5)], [(5, 5, "a.csv"), (10, 20, None), (30, 30, None)]),
    "the same text before": ([(0, 5)], [(5, 20, "a.csv"), (30, 30, None)]),
    "the same text later": ([(0, 25)], [(10, 25, None), (30, 30, None)]),
    "the same text while we knew": ([(0, 15)], [(10, 20, None), (30, 30, None)]),
    "the next text earlier": ([(1, 25)], [(10, 20, None), (25, 30, "a.csv")]),
    "another text between": ([(2, 25)], [(10, 20, None), (25, 25, "a.csv"), (30, 30, None)]),
    "another text while we saw none": ([(2, 15)], [(10, 10, None), (15, 15, "a.csv"), (30, 30, None)]),
    "there and back": ([(2, 14), (0, 16)], [(10, 10, None), (14, 14, "a.csv"), (16, 20, "a.csv"), (30, 30, None)]),
    "another text after": ([(2, 40)], [(10, 20, None), (30, 30, None), (40, 40, "a.csv")]),
}


@pytest.mark.parametrize(("found", "expected"), SITUATIONS.values(), ids=SITUATIONS)
def test_bounds_are_what_all_captures_together_prove(found, expected, followed):
    with followed.opened() as pipeline:
        takes_in(pipeline, found)

        assert bounds(pipeline) == expected
        article = pipeline.catalog.article(ADDRESS)
        assert article
        for change in pipeline.catalog.changes(article_id=article.id):
            assert change.not_before <= change.not_after
    assert followed.run("verify").code == 0


def test_a_change_keeps_its_number_and_what_was_said_of_it(followed):
    with followed.opened() as pipeline:
        article = pipeline.catalog.article(ADDRESS)
        (before,) = pipeline.catalog.changes(article_id=article.id)

        takes_in(pipeline, [(2, 5)])
        changes = {change.id: change for change in pipeline.catalog.changes(article_id=article.id)}
        takes_in(pipeline, [(2, 25)])
        later = {change.id: change for change in pipeline.catalog.changes(article_id=article.id)}

    kept = changes[before.id]
    assert (kept.old.number, kept.new.number, kept.comparison) == (2, 3, before.comparison)
    assert later[before.id].new.number == 4
    assert later[before.id].comparison != before.comparison, "another text stands before it now"


def test_a_crash_between_archive_and_catalog_is_made_good(followed, monkeypatch):
    """The captures are kept, and the history has not heard of them."""

    def dies(*_arguments, **_more):
        raise KeyboardInterrupt

    with followed.opened() as pipeline:
        monkeypatch.setattr("tracker.catalog.Catalog.retell", dies)
        with pytest.raises(KeyboardInterrupt):
            takes_in(pipeline, [(2, 5), (2, 25)])
        monkeypatch.undo()
        article = pipeline.catalog.article(ADDRESS)
        assert bounds(pipeline) == [(10, 20, None), (30, 30, None)]

        pipeline.catch_up(article)

        assert bounds(pipeline) == [(5, 5, "a.csv"), (10, 20, None), (25, 25, "a.csv"), (30, 30, None)]
        takes_in(pipeline, [(2, 5), (2, 25)])
        assert len(bounds(pipeline)) == 4


def test_after_a_later_text_of_others_the_server_is_asked_without_conditions(followed):
    """What the server said of its page does not hold for what somebody else captured since."""
    with followed.opened() as pipeline:
        takes_in(pipeline, [(2, 40)])

        article = pipeline.catalog.article(ADDRESS)
        assert article
        assert article.validators.etag is None
        assert article.version
        assert article.snapshot_digest == article.version.snapshot.digest


def test_an_archive_that_cannot_be_written_loses_nothing(followed, tmp_path, monkeypatch):
    """The disk is full in the midst of an import: what is kept stays, and importing again finishes it."""

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    with followed.opened() as pipeline, tempfile.TemporaryDirectory() as spool:
        gathered = Gathered(Archive(Path(spool), disk=LooseDisk()), START + timedelta(days=9))
        item = text_capture(ADDRESS, START, headline=HEADLINE, text=TEXTS[2], origin="a.csv")
        list(gather_captures(gathered, [item], "a.csv", only=frozenset(), as_address=None, step=lambda: None))
        monkeypatch.setattr(Disk, "append", full)
        taken = take_in(pipeline, gathered, ADDRESS, watch=False, step=lambda: None)
        monkeypatch.undo()
        before = bounds(pipeline)

        again = take_in(pipeline, gathered, ADDRESS, watch=False, step=lambda: None)

    assert taken.problem
    assert "the disk is full; nothing was kept" in taken.problem
    assert before == [(10, 20, None), (30, 30, None)]
    assert (again.problem, again.versions) == (None, 1)
    assert followed.run("verify").code == 0


def test_what_was_taken_down_does_not_come_back_by_an_import(followed):
    followed.run("prune", "--takedown", ADDRESS, "--reason", "a court ordered it", "--apply")

    with followed.opened() as pipeline, tempfile.TemporaryDirectory() as spool:
        gathered = Gathered(Archive(Path(spool), disk=LooseDisk()), START + timedelta(days=9))
        item = text_capture(ADDRESS, START, headline=HEADLINE, text=TEXTS[2], origin="a.csv")
        list(gather_captures(gathered, [item], "a.csv", only=frozenset(), as_address=None, step=lambda: None))
        taken = take_in(pipeline, gathered, ADDRESS, watch=False, step=lambda: None)

    assert taken.problem
    assert "because a court ordered it; nothing of it is taken in" in taken.problem
