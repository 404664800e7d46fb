"""Captures read and judged again, beside what was said when they came."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from desk import FIRE, Desk, edited, page
from desk_samples import CHALLENGE

from tracker.archive import Archive
from tracker.models import Article, Capture, Change, Fact, Judgement, Snapshot, Version
from tracker.replay import ToReplay, replay_article
from tracker.report.replay import Replayed, render_replay, replay_document

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")


def stored(desk: Desk, url: str) -> tuple[Article, tuple[Change, ...]]:
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        return article, tuple(pipeline.catalog.changes(article_id=article.id, newest_first=False))


@pytest.fixture
def fire(desk, site) -> tuple[Article, tuple[Change, ...]]:
    """An article of two versions, with a capture between them that is none."""
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article")
    for story in (page(*FIRE), CHALLENGE, page(*MORE_DEAD)):
        site.publishes("/fire", story)
        assert desk.run("check", url).code == 0
    return stored(desk, url)


def shown(replayed: Replayed) -> str:
    return render_replay([replayed], color=False, width=100)


def test_what_is_said_as_before_is_not_listed(desk, fire):
    article, changes = fire

    replayed = replay_article(ToReplay(desk.folder / "snapshots", article, changes)).replayed

    assert replayed == Replayed(article.url, captures=3)
    assert shown(replayed) == "3 captures of 1 article read again; 0 would be different in 0 articles\n"


def test_another_verdict_and_other_facts_are_shown(desk, fire):
    """The catalog holds what an older program said."""
    article, (change,) = fire
    gone = Fact("location", "replaced", "Ostmark", "Westmark", 0, 0, 3)
    said = replace(change.comparison, judgement=Judgement("minor", 1, None), facts=(gone,))

    replayed = replay_article(
        ToReplay(desk.folder / "snapshots", article, (replace(change, comparison=said),))
    ).replayed

    (one,) = replayed.different
    assert (one.snapshot, one.reading, one.before, one.after) == (
        change.new.snapshot.id,
        "same",
        "minor",
        "substantive",
    )
    assert one.lost == (gone,)
    assert [(fact.kind, fact.old, fact.new) for fact in one.gained] == [("number", "12 people", "14 people")]
    text = shown(replayed)
    assert "minor → substantive" in text
    assert "+ Number: 12 people → 14 people" in text
    assert "- Location: Ostmark → Westmark" in text
    assert "1 would be different in 1 article\ntexts 0 · verdicts 1 · facts gained 1 · lost 1" in text
    document = json.loads(replay_document([replayed]))
    assert document["sum"]["verdicts"] == 1
    assert document["articles"][0]["different"][0]["lost"][0]["old"] == "Ostmark"


def test_a_change_that_the_catalog_does_not_have_is_shown(desk, fire):
    article, _ = fire

    (one,) = replay_article(ToReplay(desk.folder / "snapshots", article, ())).replayed.different

    assert (one.before, one.after) == (None, "substantive")
    assert "none → substantive" in shown(Replayed(article.url, 1, (one,)))


READINGS = {
    "another text": (Version(headline="Fire", paragraphs=("Read by an older program.",)), Capture(), page(*FIRE)),
    "good now": (None, Capture(0.0, suspect=True), page(*FIRE)),
    "suspect now": (Version(headline="Just a moment"), Capture(), CHALLENGE),
    "same": (None, Capture(0.0, suspect=True), ""),
}


@pytest.mark.parametrize(("reading", "kept"), READINGS.items(), ids=READINGS)
def test_another_reading_is_shown(reading, kept, tmp_path, fire):
    version, capture, body = kept
    article = fire[0]
    snapshot = Snapshot(article.url, article.added_at, 200, (("Content-Type", "text/html"),), body.encode())
    Archive(tmp_path / "other").append(article.folder, snapshot, version, capture)

    different = replay_article(ToReplay(tmp_path / "other", article, ())).replayed.different

    assert [one.reading for one in different] == ([] if reading == "same" else [reading])
    assert [(one.before, one.after) for one in different] == [(None, None)] * len(different)
