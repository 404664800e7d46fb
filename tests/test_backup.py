"""Backups as the README advises them: the catalog first, then the files, while the service writes."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from archive_samples import GOOD, number_of, snapshot, version
from catalog_tables import tables_of
from desk import FIRE, Desk, edited, page
from test_gone import opened

from tracker.archive import Archive, verify_archive

pytest_plugins = ["desk_fixtures"]


def copy_of(folder: Path, to: Path) -> None:
    """Copy file by file in the order of their names, as rsync does, slowly."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            (to / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to / path.relative_to(folder))
            time.sleep(0.002)


@pytest.mark.parametrize("copies", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_copy_that_was_made_while_captures_came_in_is_whole_once_it_is_tidied(tmp_path: Path, copies: int):
    archive = Archive(tmp_path / "snapshots")
    stop, wanted = (
        threading.Event(),
        threading.Semaphore(30),
    )  # so many a copy: without a limit the archive would outgrow the copies

    def work(folder: str) -> None:
        for number in count():
            wanted.acquire()
            if stop.wait(0.005):
                return
            archive.append(folder, snapshot(number), version(number), GOOD)

    threads = [threading.Thread(target=work, args=(f"northdesk.example/{name}",)) for name in "abc"]
    for thread in threads:
        thread.start()
    try:
        for number in range(copies):
            before = {folder: len(archive.captures(folder)) for folder in archive.folders()}
            copy = tmp_path / f"copy-{number}"
            copy.mkdir()
            wanted.release(30)
            copy_of(archive.storage.folder, copy)

            restored = Archive(copy)
            for folder in restored.folders():
                restored.tidy(folder)
                assert len(restored.captures(folder)) >= before.get(folder, 0)
                for stored in restored.captures(folder)[-2:]:
                    assert restored.read_snapshot(folder, stored) == snapshot(number_of(stored))
            assert list(verify_archive(copy)) == []
            shutil.rmtree(copy)
    finally:
        stop.set()
        wanted.release(len(threads))
        for thread in threads:
            thread.join()


def test_catalog_first_and_files_after_it_restore_to_all_that_was_kept(desk: Desk, site, tmp_path: Path):
    """What came between the two copies is taken in from the files; the other way round, captures would be missing that the catalog knows."""
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article")
    desk.run("check", url)
    snapshots, restored = desk.folder / "snapshots", tmp_path / "restored"
    restored.mkdir()
    with sqlite3.connect(snapshots / "catalog.sqlite") as catalog:
        catalog.execute("VACUUM INTO ?", (str(restored / "catalog.sqlite"),))
    site.publishes("/fire", page(*edited("killed 12 people", "killed 14 people")))
    with opened(desk, timedelta(hours=1)) as pipeline:
        pipeline.check(pipeline.catalog.article(url))
    before = known(desk)
    for path in snapshots.rglob("*"):
        if path.is_file() and not path.name.startswith("catalog.sqlite"):
            (restored / path.relative_to(snapshots)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, restored / path.relative_to(snapshots))
    shutil.rmtree(snapshots)
    restored.rename(snapshots)

    assert desk.run("rebuild", "--force").code == 0

    assert desk.run("verify").code == 0
    assert known(desk) == before


def known(desk: Desk) -> object:
    with desk.opened() as pipeline:
        tables = tables_of(pipeline.catalog)
    return [[row["comparison"] for row in tables["changes"]], [row["headline"] for row in tables["versions"]]]
