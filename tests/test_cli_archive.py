"""`verify`, `rebuild` and `replay`: what is kept, and that it can be relied on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import FIRE, TRACKER, Desk, edited, page
from desk_samples import CHALLENGE
from servers import Site

from tracker.archive import lock_archive
from tracker.comparison_json import comparison_to_json

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
MOVED = edited("in the port of Ostmark", "in the port of Westmark", MORE_DEAD)


def publish(desk: Desk, site: Site, path: str, *stories: tuple[str, ...] | str) -> str:
    """Follow an article through versions; a string is a page as it is."""
    url = site.url(path)
    for number, story in enumerate(stories):
        site.publishes(path, story if isinstance(story, str) else page(*story))
        if number == 0:
            desk.run("watch", url, "--as", "article")
        assert desk.run("check", url).code == 0
    return url


def files_of(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "snapshots").rglob("*.warc.zst"))


def flip(file: Path, position: int) -> None:
    data = bytearray(file.read_bytes())
    data[position] ^= 1
    file.write_bytes(data)


def lose_catalog(desk: Desk) -> None:
    for file in (desk.folder / "snapshots").glob("catalog.sqlite*"):
        file.unlink()


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Iterator[tuple[Path, tuple[str, str]]]:
    """A folder, and the addresses of what is in it."""
    desk = Desk(tmp_path_factory.mktemp("kept"))
    with Site() as site:
        urls = publish(desk, site, "/fire", FIRE, MORE_DEAD, MOVED), publish(desk, site, "/other", FIRE, CHALLENGE)
        yield desk.folder, urls


@pytest.fixture
def two(desk, kept) -> tuple[str, str]:
    """An article of three versions, and one of a version and a capture that is none."""
    folder, urls = kept
    shutil.copytree(folder, desk.folder, dirs_exist_ok=True)
    return urls


# --- verify ---------------------------------------------------------------------------------------


def test_a_clean_archive_is_said_to_be_as_it_was_written(desk, two):
    ended = desk.run("verify")

    assert (ended.code, ended.out, ended.err) == (0, "2 files of 2 articles are as they were written\n", "")
    assert desk.run("verify", "--format", "json").json == {
        "files": 2, "articles": 2, "findings": [], "pruned": [], "timestamps": [],
    }  # fmt: skip


def test_one_flipped_bit_is_found_named_and_explained(desk, two):
    file = files_of(desk)[0]
    flip(file, file.stat().st_size - 100)

    ended, as_json = desk.run("verify"), desk.run("verify", "--format", "json")

    name = file.relative_to(desk.folder / "snapshots").as_posix()
    assert (ended.code, as_json.code) == (1, 1)
    assert ended.out.startswith(f"{name}, byte ")
    assert "in 1 file" in ended.err
    assert {finding["file"] for finding in as_json.json["findings"]} == {name}
    assert set(as_json.json["findings"][0]) == {"file", "offset", "kind", "meaning"}


def test_verify_looks_at_the_articles_that_are_named(desk, two):
    first, second = two
    flip(next(file for file in files_of(desk) if "fire" in str(file)), 3000)

    assert desk.run("verify", "--article", first).code == 1
    ended = desk.run("verify", "--article", second)
    assert (ended.code, ended.out) == (0, "1 file of 1 article is as it was written\n")


def test_verify_passes_over_files_that_are_older(desk, two):
    for file in files_of(desk)[:1]:
        flip(file, 3000)
        os.utime(file, (0, 0))

    ended = desk.run("verify", "--since", "7d")

    assert (ended.code, ended.out) == (0, "1 file of 1 article is as it was written\n")
    assert desk.run("verify").code == 1


@pytest.mark.parametrize("what", ["last capture", "whole article"])
def test_the_catalog_remembers_what_was_removed(what, desk, two):
    file = next(file for file in files_of(desk) if "fire" in str(file))
    if what == "whole article":
        for left in file.parent.iterdir():
            left.unlink()
        file.parent.rmdir()
    else:
        known = desk.run("history", two[0], "--format", "json").json["versions"][-1]["snapshot"]
        file.write_bytes(file.read_bytes()[: known["offset"]])
        (file.parent / "index.tsv").unlink()

    ended = desk.run("verify")

    assert ended.code == 1
    assert "the catalog knows" in ended.out


def test_verify_works_beside_the_service(desk, two):
    with lock_archive(desk.folder / "snapshots", "tracker run"):
        assert desk.run("verify").code == 0


def test_verify_without_a_catalog_makes_none_and_says_what_it_cannot_tell(desk, two):
    lose_catalog(desk)

    ended = desk.run("verify")
    named = desk.run("verify", "--article", two[0])

    assert (ended.code, ended.out) == (0, "2 files of 2 articles are as they were written\n")
    assert (named.code, named.out) == (0, "1 file of 1 article is as it was written\n")
    assert "no catalog" in ended.err
    assert not (desk.folder / "snapshots" / "catalog.sqlite").exists()


def test_verify_of_what_is_not_there(desk, site):
    nowhere = desk.run("verify")
    (desk.folder / "snapshots").mkdir()
    unknown = desk.run("verify", "--article", site.url("/a"))

    assert (nowhere.code, unknown.code) == (3, 2)
    assert "there is no archive at" in nowhere.err
    assert f"nothing is kept of {site.url('/a')}" in unknown.err
    assert desk.run("verify", "--since", "soon").code == 2


# --- rebuild --------------------------------------------------------------------------------------


def known(desk: Desk, url: str) -> object:
    """What the catalog says of an article, but for numbers of rows and for checks that found nothing new."""
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        versions = pipeline.catalog.versions(article.id)
        changes = pipeline.catalog.changes(article_id=article.id)
        return (
            article.folder,
            article.archived_until,
            article.snapshot_digest,
            article.headline,
            article.active,
            [(one.number, one.snapshot, one.digest, one.headline, one.updated_at) for one in versions],
            [(one.old.number, one.new.number, comparison_to_json(one.comparison)) for one in changes],
        )


def test_a_rebuilt_catalog_says_the_same_and_alerts_nobody(desk, two):
    before, alerts = [known(desk, url) for url in two], desk.alerts
    lose_catalog(desk)

    ended = desk.run("rebuild")

    assert (ended.code, ended.out, ended.err) == (0, "2 articles with 4 versions\n", "")
    assert [known(desk, url) for url in two] == before
    assert desk.run("alerts", "list", "--format", "json").json == []
    assert desk.run("verify").code == 0
    assert desk.run("check", "--all").code == 0
    assert desk.alerts == alerts


def test_the_article_goes_on_where_it_was_after_a_rebuild(desk, site):
    url = publish(desk, site, "/fire", FIRE)
    lose_catalog(desk)
    assert desk.run("rebuild", "--format", "json").json == {"articles": 1, "versions": 1, "left_out": []}
    site.publishes("/fire", page(*MORE_DEAD))

    desk.run("check", url)

    assert [alert["change"]["verdict"] if "change" in alert else alert["verdict"] for alert in desk.alerts] == [
        "substantive"
    ]


def test_a_catalog_that_knows_articles_is_left_alone_unless_forced(desk, two, site):
    before = [known(desk, url) for url in two]

    refused, forced = desk.run("rebuild"), desk.run("rebuild", "--force")

    assert (refused.code, refused.out) == (2, "")
    assert "knows 2 articles already" in refused.err
    assert (forced.code, forced.out) == (0, "2 articles with 4 versions\n")
    assert [known(desk, url) for url in two] == before


def test_force_adds_what_the_catalog_lacks(desk, two, site):
    before = [known(desk, url) for url in two]
    lose_catalog(desk)
    desk.run("watch", site.url("/third"), "--as", "article")
    desk.run("unwatch", site.url("/third"))

    ended = desk.run("rebuild", "--force")

    assert ended.code == 0
    assert [known(desk, url) for url in two] == before
    assert [one["address"] for one in desk.run("list", "--format", "json").json["articles"]] == sorted(two)


def test_a_damaged_article_is_named_and_left_out(desk, two):
    lose_catalog(desk)
    flip(next(file for file in files_of(desk) if "fire" in str(file)), 3000)

    ended = desk.run("rebuild")

    assert (ended.code, ended.out) == (1, "1 article with 1 version\n")
    assert "fire-" in ended.err
    assert "is damaged" in ended.err
    assert [one["address"] for one in desk.run("list", "--format", "json").json["articles"]] == [two[1]]


def test_a_copy_of_a_folder_is_no_second_article(desk, site):
    publish(desk, site, "/fire", FIRE)
    lose_catalog(desk)
    folder = files_of(desk)[0].parent
    copy = folder.with_name("copy-of-it")
    copy.mkdir()
    (copy / "0001.warc.zst").write_bytes(files_of(desk)[0].read_bytes())

    ended = desk.run("rebuild")

    assert (ended.code, ended.out) == (1, "1 article with 1 version\n")
    assert "copy-of-it was left out" in ended.err


def test_rebuild_needs_the_archive_for_itself(desk, two):
    with lock_archive(desk.folder / "snapshots", "tracker run"):
        ended = desk.run("rebuild", "--force")

    assert ended.code == 3
    assert "in use by tracker run" in ended.err


def test_rebuild_of_nothing(desk):
    ended = desk.run("rebuild")

    assert ended.code == 3
    assert "nothing to make a catalog from" in ended.err


# --- replay ---------------------------------------------------------------------------------------


def test_replay_by_the_same_program_finds_nothing_different(desk, two):
    ended, as_json = desk.run("replay", "--processes", "1"), desk.run("replay", "--format", "json", "--processes", "1")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "5 captures of 2 articles read again; 0 would be different in 0 articles\n"
    assert as_json.json["sum"]["different"] == 0
    assert [one["address"] for one in as_json.json["articles"]] == list(two)


def test_replay_names_what_is_damaged(desk, two):
    flip(next(file for file in files_of(desk) if "fire" in str(file)), 3000)

    ended = desk.run("replay", "--processes", "1", "--format", "json")

    assert ended.code == 1
    assert two[0] in ended.err
    assert "is damaged" in ended.json["articles"][0]["problem"]
    assert ended.json["articles"][1]["problem"] is None


def test_replay_changes_nothing(desk, two):
    files = {file: file.read_bytes() for file in files_of(desk)}
    before = [known(desk, url) for url in two]

    desk.run("replay", "--processes", "1")

    assert {file: file.read_bytes() for file in files_of(desk)} == files
    assert [known(desk, url) for url in two] == before


@pytest.mark.slow
def test_replay_on_all_cores(desk, two):
    command = [*TRACKER, "--config", str(desk.write_config()), "replay", "--format", "json", "--processes", "2"]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["sum"]["captures"] == 5


def test_replay_of_an_article_that_is_not_followed(desk, site):
    assert desk.run("replay", site.url("/a")).code == 2
    assert desk.run("replay").out == "0 captures of 0 articles read again; 0 would be different in 0 articles\n"
