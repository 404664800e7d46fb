"""A catalog that is made again from the archive alone says what the lost one said, table by table."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from catalog_tables import tables_of
from desk import FIRE, Desk, edited, page
from desk_samples import CHALLENGE, rss
from servers import Site
from test_gone import opened
from web_desk import serving

from tracker.catalog.numbering import assign_numbers
from tracker.cli.workspace import now
from tracker.models import Capture, Snapshot, Version
from tracker.notes import ARTICLE_FILE, write_notes
from tracker.replay import Progress, ToReplay, apply_replay, replay_article

pytest_plugins = ["desk_fixtures"]

Tables = dict[str, list[dict[str, Any]]]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
MOVED = edited("in the port of Ostmark", "in the port of Westmark", MORE_DEAD)


def lose_catalog(desk: Desk) -> None:
    for file in (desk.folder / "snapshots").glob("catalog.sqlite*"):
        file.unlink()


def tables(desk: Desk) -> Tables:
    with desk.opened() as pipeline:
        return tables_of(pipeline.catalog)


def rebuilt(desk: Desk) -> Tables:
    lose_catalog(desk)
    ended = desk.run("rebuild")
    assert (ended.code, ended.err) == (0, "")
    return tables(desk)


def assert_same(after: Tables, before: Tables) -> None:
    assert after.keys() == before.keys()
    for name in before:
        assert len(after[name]) == len(before[name]), name
        for new, old in zip(after[name], before[name], strict=True):
            if any(one.get("comparison", {}).get("warnings") for one in (new, old)):
                continue  # on a busy machine a comparison ends before it is done, and says so
            assert {key: value for key, value in new.items() if value != old[key]} == {}, (name, old)


def check(desk: Desk, *urls: str, later: timedelta) -> None:
    with opened(desk, later) as pipeline:
        for url in urls:
            pipeline.check(pipeline.catalog.article(url))
        write_notes(pipeline.archive, pipeline.catalog, within_s=5)


def a_story_with_everything(desk: Desk, site: Site) -> None:
    """Tags, a feed, edits, looks that found nothing, a challenge, one article removed and restored, one that was never there, opinions."""
    fire, gone = site.publishes("/fire", page(*FIRE)), site.publishes("/gone", page(*FIRE, headline="Gone soon"))
    site.publishes("/feed", rss(fire, site.url("/never")))
    desk.run("watch", site.url("/feed"), "--as", "feed", "--tag", "fires")
    desk.run("watch", gone, "--as", "article", "--tag", "own tag")
    with desk.opened() as pipeline:
        for source in pipeline.catalog.claim_due_sources(pipeline.clock(), 9, timedelta(minutes=1)):
            pipeline.discover(source)
    for number, story in enumerate((page(*FIRE), page(*FIRE), CHALLENGE, page(*MORE_DEAD), page(*MOVED))):
        site.publishes("/fire", story)
        check(desk, fire, gone, later=timedelta(hours=number))
    site.removes("/gone")
    for number in range(10, 60, 15):
        check(desk, fire, gone, later=timedelta(hours=number))
    site.publishes("/gone", page(*MORE_DEAD, headline="Gone soon"))
    check(desk, fire, gone, later=timedelta(hours=100))
    with desk.opened() as pipeline:
        change = pipeline.catalog.changes(article_id=pipeline.catalog.article(fire).id)[0]
        pipeline.catalog.record_opinion(change.id, verdict="agree", kind=None, note="seen elsewhere", now=now())
        write_notes(pipeline.archive, pipeline.catalog, within_s=5)


def test_every_table_is_as_it_was(desk, site):
    a_story_with_everything(desk, site)
    before = tables(desk)
    assert {row["kind"] for row in before["events"]} == {"removed", "restored"}
    assert all(before[name] for name in ("sources", "source_tags", "article_tags", "opinions", "changes"))

    after = rebuilt(desk)

    assert_same(after, before)
    assert desk.run("verify").code == 0


def test_changes_keep_their_numbers_though_articles_are_read_one_after_another(desk, site):
    stories = [page(*FIRE), page(*MORE_DEAD), page(*MOVED)]
    addresses = [site.publishes(f"/{name}", stories[0]) for name in "zma"]
    desk.run("watch", *addresses, "--as", "article")
    for hours, story in enumerate(stories):
        for address, name in zip(addresses, "zma", strict=True):
            site.publishes(f"/{name}", story)
            check(desk, address, later=timedelta(hours=hours))
    before, found = numbers(desk), desk.run("report", "--kind", "location", "--format", "json").out

    rebuilt(desk)

    assert numbers(desk) == before
    assert sorted(before.values()) == [1, 2, 3, 4, 5, 6]
    assert desk.run("report", "--kind", "location", "--format", "json").out == found != "[]"


def numbers(desk: Desk) -> dict[tuple[str, int], int]:
    with desk.opened() as pipeline:
        return {(change.article_url, change.new.number): change.id for change in pipeline.catalog.changes()}


@pytest.mark.parametrize(
    ("noted", "given"),
    [
        ([], []),
        ([2, 1], [2, 1]),
        ([None, None], [1, 2]),
        ([None, 7, None, 3], [8, 7, 9, 3]),
        ([4, 4, 4], [4, 5, 6]),
        ([0, -3, 2**80, 1], [2, 3, 4, 1]),
    ],
)
def test_what_has_no_number_of_its_own_comes_behind_the_others(noted, given):
    assert assign_numbers(noted) == given


@pytest.mark.slow
def test_notes_that_somebody_damaged_cost_only_what_they_note(desk, site):
    a_story_with_everything(desk, site)
    before = tables(desk)
    for number, path in enumerate(sorted((desk.folder / "snapshots").rglob(ARTICLE_FILE))):
        path.write_text("{" if number else json.dumps({"state": {}}))

    after = rebuilt_with_warnings(desk)

    assert [row["comparison"] for row in after["changes"]] == [row["comparison"] for row in before["changes"]]
    assert after["events"] == []


def rebuilt_with_warnings(desk: Desk) -> Tables:
    lose_catalog(desk)
    assert desk.run("rebuild").code == 0
    return tables(desk)


def test_a_note_is_readable_and_names_the_article(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article", "--tag", "fires")

    desk.run("check", url)

    (path,) = (desk.folder / "snapshots").rglob(ARTICLE_FILE)
    noted = json.loads(path.read_text())
    assert (noted["address"], noted["tags"], noted["source"]) == (url, ["fires"], None)
    assert noted["versions"][0]["headline"] == "Fire at a warehouse in the port of Ostmark"
    assert set(noted["versions"][0]) == {"number", "capture", "headline", "last_seen_at"}


def test_only_what_changed_is_noted_again(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article")
    desk.run("check", url)

    with desk.opened() as pipeline:
        assert write_notes(pipeline.archive, pipeline.catalog, within_s=5) == 0
        pipeline.catalog.add_article(url, "x", now=now(), tags=["more"])
        assert write_notes(pipeline.archive, pipeline.catalog, within_s=5) == 1
        assert write_notes(pipeline.archive, pipeline.catalog, within_s=5) == 0


# --- an older program's readings ------------------------------------------------------------------


def once_read(desk: Desk, url: str) -> None:
    """Archive three captures as a program read them that took the menu for the text."""
    at = now() - timedelta(days=3)
    with desk.opened() as pipeline:
        article, _ = pipeline.catalog.add_article(url, "ostmark.example/fire-1", now=at)
        for number, story in enumerate((FIRE, MORE_DEAD, MORE_DEAD)):
            old = Version(headline="Home", paragraphs=(f"Menu {number}.", story[1]), language="en", extractor="old/1")
            body = page(*story, furniture=str(number)).encode()
            snapshot = Snapshot(url, at + timedelta(hours=number), 200, (("Content-Type", "text/html"),), body)
            pipeline.archive.append(article.folder, snapshot, old, Capture())
        pipeline.catch_up(article)
        assert len(pipeline.catalog.versions(article.id)) == 3


URL = "https://ostmark.example/fire"


def test_replay_with_apply_tells_the_history_anew_and_alerts_nobody(desk):
    once_read(desk, URL)
    alerts = desk.alerts

    shown = desk.run("replay", "--processes", "1")
    applied = desk.run("replay", "--apply", "--processes", "1", "--format", "json")

    assert shown.code == applied.code == 0
    assert "3 would be different in 1 article" in shown.out
    assert applied.json["applied"] is True
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(URL)
        versions = pipeline.catalog.versions(article.id)
        assert [one.headline for one in versions] == ["Fire at a warehouse in the port of Ostmark"] * 2
        assert all(one.snapshot.reading for one in versions)
        (change,) = pipeline.catalog.changes(article_id=article.id)
        assert change.comparison.judgement.verdict == "substantive"
        assert pipeline.catalog.deliveries() == []
    assert desk.alerts == alerts
    assert desk.run("history", URL).out.count("re-extraction of") == 2
    with serving(desk) as web:
        assert web.get("/articles/1").text.count("Re-extraction of") == 2
    assert desk.run("verify").code == 0
    assert desk.run("replay", "--processes", "1").out.endswith("0 would be different in 0 articles\n")


def test_a_catalog_that_is_rebuilt_after_a_replay_says_the_same(desk):
    once_read(desk, URL)
    desk.run("replay", "--apply", "--processes", "1")
    before = tables(desk)

    after = rebuilt(desk)

    # The digest of the last capture only saves the storing of the same error page twice.
    for row in (*before["articles"], *after["articles"]):
        del row["snapshot_digest"]
    assert_same(after, before)


@pytest.mark.parametrize("step", ["read again", "told anew"])
def test_replay_that_was_killed_goes_on(desk, step, monkeypatch):
    once_read(desk, URL)

    class Killed(BaseException):
        pass

    def dies(name: str) -> None:
        if name == step:
            raise Killed

    with desk.opened() as pipeline:
        article = pipeline.catalog.article(URL)
        changes = tuple(pipeline.catalog.changes(article_id=article.id))
        found = replay_article(ToReplay(desk.folder / "snapshots", article, changes))
        with pytest.raises(Killed):
            apply_replay(replace(pipeline, on_step=dies), article, found, at=now())
    size = sum(path.stat().st_size for path in (desk.folder / "snapshots").rglob("*.zst"))

    ended = desk.run("replay", "--apply", "--processes", "1")

    assert ended.code == 0
    assert sum(path.stat().st_size for path in (desk.folder / "snapshots").rglob("*.zst")) == size
    assert desk.run("verify").code == 0
    with desk.opened() as pipeline:
        assert len(pipeline.catalog.versions(pipeline.catalog.article(URL).id)) == 2


def test_what_was_replayed_before_it_was_stopped_is_not_replayed_again(desk):
    once_read(desk, URL)
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(URL)
        changes = tuple(pipeline.catalog.changes(article_id=article.id))
        found = replay_article(ToReplay(desk.folder / "snapshots", article, changes)).replayed
    Progress(desk.folder / "snapshots", apply=False).note(article, len(changes), found)

    again = Progress(desk.folder / "snapshots", apply=False)

    assert again.find(article, lambda _: len(changes)) == found
    assert again.find(article, lambda _: len(changes) + 1) is None
    assert Progress(desk.folder / "snapshots", apply=True).find(article, lambda _: len(changes)) is None
    desk.run("replay", "--processes", "1")
    assert not (desk.folder / "snapshots" / "replay.jsonl").exists()
