"""What is kept follows the rule; what need not be kept is pruned, and what may not be kept is hidden everywhere."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from archive_samples import FaultyDisk, Killed, dies_after, dies_before
from desk import FIRE, Desk, edited, page
from test_gone import opened

from tracker.archive import Archive, verify_archive
from tracker.config import Config, WatchSettings
from tracker.keeping import Kept, is_kept, keep_of, superfluous
from tracker.models import StoredSnapshot
from tracker.pruning import NOTE_FILE, Plan, finish_pruning, plan_pruning, plan_takedown, prune

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


# --- the rule -------------------------------------------------------------------------------------


WATCHED = Config(
    keep="daily",
    watch=(
        WatchSettings("https://NEWS.example/feed", keep="everything"),
        WatchSettings("https://news.example/one", keep="versions"),
        WatchSettings("https://news.example/two"),
    ),
)
RULES = {
    "an article of its own": ("https://news.example/one", None, "versions"),
    "an article of a feed": ("https://news.example/three", "https://news.example/feed", "everything"),
    "its own rule comes before the feed's": ("https://news.example/one", "https://news.example/feed", "versions"),
    "a table that says nothing": ("https://news.example/two", None, "daily"),
    "anything else": ("https://news.example/four", "https://other.example/feed", "daily"),
}


@pytest.mark.parametrize(("url", "source", "keep"), RULES.values(), ids=RULES)
def test_nearest_rule_counts(url, source, keep):
    assert keep_of(WATCHED, url, source) == keep
    assert keep_of(Config(), url, source) == "versions"


KEPT = {
    "versions": ("versions", None, False),
    "everything": ("everything", NOON, True),
    "the first of all": ("daily", None, True),
    "the first of the day": ("daily", NOON - 13 * HOUR, True),
    "the second of the day": ("daily", NOON - 11 * HOUR, False),
    "a clock set back": ("daily", NOON + 24 * HOUR, False),
}


@pytest.mark.parametrize(("keep", "last", "kept"), KEPT.values(), ids=KEPT)
def test_capture_that_shows_nothing_new_is_kept_by_the_rule(keep, last, kept):
    assert is_kept(keep, last, NOON) is kept


def captures(*texts: tuple[int, str | None]) -> list[Kept]:
    return [
        Kept(StoredSnapshot(str(n), NOON + hour * HOUR, 200, "sha256:0", "f/0001.warc.zst", n, 1, 1), text)
        for n, (hour, text) in enumerate(texts)
    ]


HISTORY = captures((0, "a"), (1, "a"), (2, None), (3, "a"), (4, "b"), (5, "b"), (13, "b"), (14, "b"), (15, "a"))
PRUNED = {"versions": "1 3 5 6 7", "daily": "1 3 5 7", "everything": ""}


@pytest.mark.parametrize(("keep", "gone"), PRUNED.items(), ids=PRUNED)
def test_what_shows_nothing_new_and_no_rule_asks_for_is_superfluous(keep, gone):
    assert [one.id for one in superfluous(keep, HISTORY[::-1], ())] == gone.split()


def test_what_is_needed_or_was_imported_stays():
    given = [
        replace(one, stored=replace(one.stored, origin="crawl.warc")) if n == 3 else one
        for n, one in enumerate(HISTORY)
    ]

    assert [one.id for one in superfluous("versions", given, {"1"})] == ["5", "6", "7"]


# --- a desk ---------------------------------------------------------------------------------------


def keeping(desk: Desk, keep: str) -> Desk:
    return replace(
        desk,
        config=f'[archive]\nkeep = "{keep}"\n[channels.log]\nfile = "alerts.jsonl"\n[[alert]]\nname = "all"\nchannels = ["log"]\n',
    )


def check(desk: Desk, site, url: str, story: tuple[str, ...], *hours: int) -> None:
    for hour in hours:
        site.publishes("/fire", page(*story, furniture=str(hour)))
        with opened(desk, hour * HOUR) as pipeline:
            pipeline.check(pipeline.catalog.article(url))


def followed(desk: Desk, site) -> str:
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article")
    return url


def kept(desk: Desk) -> int:
    archive = Archive(desk.folder / "snapshots")
    return sum(len(archive.captures(folder)) for folder in archive.folders())


@pytest.mark.parametrize(
    ("keep", "count"), [("versions", 2), ("daily", 5), pytest.param("everything", 8, marks=pytest.mark.slow)]
)
def test_captures_are_kept_as_the_rule_says(desk, site, keep, count):
    desk = keeping(desk, keep)
    url = followed(desk, site)
    start = 24 - datetime.now(UTC).hour  # the first is early in a day

    check(desk, site, url, FIRE, *(start + hour for hour in (0, 1, 2, 24, 25)))
    check(desk, site, url, MORE_DEAD, *(start + hour for hour in (26, 48, 72)))

    assert kept(desk) == count
    with desk.opened() as pipeline:
        versions = pipeline.catalog.versions(pipeline.catalog.article(url).id)
    assert len(versions) == 2
    assert desk.run("verify").code == 0
    for file in (desk.folder / "snapshots").glob("catalog.sqlite*"):
        file.unlink()
    assert desk.run("rebuild").out == "1 article with 2 versions\n"


def test_prune_shows_first_and_removes_then(desk, site):
    desk = keeping(desk, "everything")
    url = followed(desk, site)
    check(desk, site, url, FIRE, 0, 1, 2)
    check(desk, site, url, MORE_DEAD, 3, 4)
    assert desk.run("prune").out == "0 captures of 0 articles would be removed, 0 bytes\n"
    desk = keeping(desk, "versions")

    shown = desk.run("prune")
    assert kept(desk) == 5
    removed = desk.run("prune", "--apply", "--format", "json")

    assert shown.out.startswith(f"{url}: 3 captures, ")
    assert 'because only captures of new texts are kept (keep = "versions")' in shown.out
    assert re.search(r"3 captures of 1 article would be removed, [\d,]+ bytes; --apply removes them", shown.out)
    assert (removed.code, removed.json["done"], removed.json["sum"]["captures"]) == (0, True, 3)
    assert kept(desk) == 2
    verified = desk.run("verify")
    assert (verified.code, verified.err) == (0, "")
    assert re.search(r"3 captures pruned on \d{4}-\d\d-\d\d \d\d:\d\d UTC, because only captures", verified.out)
    assert desk.run("verify", "--format", "json").json["pruned"][0]["captures"] == 3
    assert [one["number"] for one in desk.run("history", url, "--format", "json").json["versions"]] == [1, 2]
    check(desk, site, url, FIRE, 5)
    assert desk.run("verify").code == 0
    assert len(desk.run("history", url, "--format", "json").json["versions"]) == 3


def test_prune_of_older_captures_only(desk, site):
    desk = keeping(desk, "everything")
    url = followed(desk, site)
    check(desk, site, url, FIRE, -100, -99, 0, 1)
    desk = keeping(desk, "versions")

    ended = desk.run("prune", url, "--before", "2d", "--format", "json")

    assert len(ended.json["articles"][0]["captures"]) == 1


def test_prune_names_what_is_damaged_and_goes_on(desk, site):
    desk = keeping(desk, "everything")
    url = followed(desk, site)
    check(desk, site, url, FIRE, 0, 1, 2)
    desk = keeping(desk, "versions")
    (file,) = (desk.folder / "snapshots").rglob("*.warc.zst")
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(data)

    ended = desk.run("prune", "--apply")

    assert (ended.code, ended.out) == (1, "0 captures of 0 articles removed, 0 bytes\n")
    assert f"{url} was left out" in ended.err
    assert file.read_bytes() == bytes(data)


SECRETS = (b"Ostmark", b"firefighters", b"Ada Brandt", b"14 people", b"12 people")


def test_takedown_hides_what_was_said_everywhere_and_keeps_the_proof(desk, site):
    desk = replace(keeping(desk, "versions"), environ={})
    url = followed(desk, site)
    check(desk, site, url, FIRE, 0)
    check(desk, site, url, MORE_DEAD, 1)
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        (change,) = pipeline.catalog.changes(article_id=article.id)
        assert pipeline.catalog.deliveries()
    assert any(secret in file.read_bytes() for file in catalog_files(desk) for secret in SECRETS)

    shown = desk.run("prune", "--takedown", url, "--reason", "a court said so.")
    taken = desk.run("prune", "--takedown", url, "--reason", "a court said so.", "--apply")

    assert (shown.code, taken.code) == (0, 0)
    assert "2 captures" in taken.out
    assert "because a court said so" in taken.out
    for file in [*catalog_files(desk), *archive_files(desk)]:
        for secret in SECRETS:
            assert secret not in file.read_bytes(), file
    verified = desk.run("verify")
    assert (verified.code, verified.err) == (0, "")
    assert "2 captures taken down on" in verified.out
    assert "because a court said so" in verified.out
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        assert not article.active
        assert [one.headline for one in pipeline.catalog.versions(article.id)] == [None, None]
        (hidden,) = pipeline.catalog.changes(article_id=article.id)
        assert hidden.comparison.judgement.verdict == change.comparison.judgement.verdict
        assert (hidden.not_before, hidden.not_after) == (change.not_before, change.not_after)
        assert hidden.comparison.facts == ()
        assert "was taken down on" in hidden.comparison.judgement.reasons[0]
        assert all("taken down" in one.message.text for one in pipeline.catalog.deliveries())
        assert {one.state for one in pipeline.catalog.deliveries()} <= {"parked", "delivered"}
    assert desk.run("history", url).code == 0
    assert desk.run("diff", url).code == 0
    assert "This article was taken down on" in " ".join(desk.run("report").out.split())
    assert desk.run("check", url).code in (2, 3)


def catalog_files(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "snapshots").glob("catalog.sqlite*"))


def archive_files(desk: Desk) -> list[Path]:
    return [path for path in (desk.folder / "snapshots").rglob("*") if path.is_file()]


def test_taken_down_article_stays_so_in_a_rebuilt_catalog(desk, site):
    url = followed(desk, site)
    check(desk, site, url, FIRE, 0)
    desk.run("prune", "--takedown", url, "--reason", "a court said so", "--apply")
    for file in catalog_files(desk):
        file.unlink()

    ended = desk.run("rebuild")

    assert (ended.code, ended.out, ended.err) == (0, "1 article with 0 versions\n", "")
    with desk.opened() as pipeline:
        assert not pipeline.catalog.article(url).active


def test_bad_arguments_are_explained(desk, site):
    url = followed(desk, site)

    for arguments in (["--takedown", url], ["--reason", "x"], [url, "--takedown", url, "--reason", "x"]):
        ended = desk.run("prune", *arguments)
        assert ended.code == 2
        assert "takedown" in ended.err


# --- crashes --------------------------------------------------------------------------------------


@pytest.fixture
def pruned_desk(desk, site) -> tuple[Desk, str]:
    desk = keeping(desk, "everything")
    url = followed(desk, site)
    check(desk, site, url, FIRE, 0, 1)
    check(desk, site, url, MORE_DEAD, 2, 3)
    return keeping(desk, "versions"), url


NOTING = 4  # steps until the note is there: written, synced, named, the folder synced


def plan_of(pipeline, url: str, takedown: bool) -> Plan:
    article = pipeline.catch_up(pipeline.catalog.article(url))
    if takedown:
        return plan_takedown(pipeline.archive, article, "a court said so", now=NOON)
    plan = plan_pruning(pipeline.archive, pipeline.catalog, pipeline.config, article, now=NOON)
    assert plan
    return plan


@pytest.mark.parametrize("fault", [dies_before, pytest.param(dies_after, marks=pytest.mark.slow)])
@pytest.mark.parametrize("takedown", [False, True], ids=["by rule", "takedown"])
def test_killed_at_any_step_it_is_finished_by_the_next(pruned_desk, tmp_path, takedown, fault):
    desk, url = pruned_desk
    whole = desk.folder / "snapshots"
    shutil.copytree(whole, tmp_path / "whole")
    n = steps = 0
    while n <= steps:
        n += 1
        shutil.rmtree(whole)
        shutil.copytree(tmp_path / "whole", whole)
        disk = FaultyDisk(n, fault)
        with desk.opened() as pipeline:
            plan = plan_of(pipeline, url, takedown)
            try:
                prune(Archive(whole, disk=disk), pipeline.catalog, plan)
            except Killed:
                steps = n + 1

        with desk.opened() as pipeline:  # finishes what the note speaks of
            finish_pruning(pipeline.archive, pipeline.catalog)
            article = pipeline.catalog.article(url)
            versions = pipeline.catalog.versions(article.id)
            begun = bool(pipeline.archive.tombstones(article.folder))
            assert (article.active, len(versions)) == (not (takedown and begun), 2)
            assert begun or n <= NOTING
            if not takedown:
                assert [pipeline.archive.read_version(article.folder, one.snapshot)[0].headline for one in versions]
            known = [one.snapshot for one in versions]
            heads = {article.folder: article.archived_until}
            assert list(verify_archive(whole, heads=heads, known=lambda _, known=known: known)) == []
        assert not (whole / NOTE_FILE).exists()
    assert n > 12


def test_note_that_cannot_be_read_is_named(pruned_desk):
    desk, _ = pruned_desk
    (desk.folder / "snapshots" / NOTE_FILE).write_text("{")

    ended = desk.run("check")

    assert ended.code == 3
    assert f"{NOTE_FILE} is damaged" in ended.err
