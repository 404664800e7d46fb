"""A crash at any moment leaves the whole capture or nothing, and a failure leaves the archive as it was.

Every write, fsync, truncate and rename is in turn the last thing that happens: not done, done, or half done; with and without a power cut, which takes along
whatever was not yet synced.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
from archive_samples import (
    FOLDER,
    GOOD,
    START,
    FaultyDisk,
    Killed,
    dies_after,
    dies_before,
    fails_with,
    files_of,
    number_of,
    page,
    snapshot,
    version,
)

from tracker.archive import Archive, Disk, Pruning, verify_archive
from tracker.errors import ArchiveError

BODIES = [
    b"<h1>Not found</h1>",
    *(page(edition, paragraphs=90) for edition in range(3)),
]  # the second begins a new file


class PowerCutDisk(FaultyDisk):
    """A disk that loses, when it dies, what was not synced: the ends of files and the names in folders."""

    def __init__(self, n: int, fault: Callable[[str, Callable[[], object]], None], seed: int) -> None:
        super().__init__(n, fault)
        self.random = random.Random(seed)
        self.synced: dict[Path, int] = {}
        self.renamed: list[tuple[Path, Path]] = []

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        path = path_of(descriptor)
        self.synced.setdefault(path, os.fstat(descriptor).st_size)
        return super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        super().fsync(descriptor)
        path = path_of(descriptor)
        self.synced.pop(path, None)
        self.renamed = [pair for pair in self.renamed if pair[1].parent != path]

    def rename(self, old: Path, new: Path) -> None:
        self.renamed.append((old, new))
        super().rename(old, new)
        if old in self.synced:
            self.synced[new] = self.synced.pop(old)

    def lose_power(self) -> None:
        for path, length in self.synced.items():
            if path.exists() and (size := path.stat().st_size) > length:
                os.truncate(path, self.random.randint(length, size))
        for old, new in reversed(self.renamed):
            if new.exists() and self.random.random() < 0.5:
                new.rename(old)


def path_of(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


def append_all(archive: Archive) -> Iterator[object]:
    """Take the captures one after the other; what was yielded was acknowledged."""
    for number, body in enumerate(BODIES):
        yield archive.append(FOLDER, snapshot(number, body=body), version(number), GOOD)


def acknowledged_before_death(archive: Archive) -> list[object]:
    found: list[object] = []
    with pytest.raises(Killed):
        found.extend(append_all(archive))  # `extend` keeps what came before the exception
    return found


def steps() -> int:
    """Count the primitives of the whole story."""
    with tempfile.TemporaryDirectory() as folder:
        disk = FaultyDisk(10**9, dies_before)
        list(append_all(Archive(Path(folder), disk=disk)))
    return disk.count


STEPS = steps()


def assert_whole_captures_only(folder: Path, acknowledged: list[object]) -> None:
    """Nothing that was acknowledged is lost, nothing half is read, and life goes on."""
    archive = Archive(folder)
    archive.tidy(FOLDER)
    captures = archive.captures(FOLDER)
    assert captures[: len(acknowledged)] == acknowledged
    assert len(captures) <= len(acknowledged) + 1
    for number, stored in enumerate(captures):
        assert archive.read_snapshot(FOLDER, stored) == snapshot(number, body=BODIES[number])
        assert archive.read_version(FOLDER, stored) == (version(number), GOOD)
    files = files_of(folder)
    assert Archive(folder).tidy(FOLDER) is None
    assert files_of(folder) == files

    more = archive.append(FOLDER, snapshot(9), version(9), GOOD)

    assert Archive(folder).captures(FOLDER) == [*captures, more]
    assert Archive(folder).read_version(FOLDER, more) == (version(9), GOOD)
    assert not [name for name in files_of(folder) if name.endswith(".new")]
    assert list(verify_archive(folder)) == []


def test_the_story_has_every_kind_of_step():
    assert STEPS >= 20


@pytest.mark.parametrize("fault", [dies_before, dies_after])
@pytest.mark.parametrize("n", range(1, STEPS + 1))
def test_process_killed_at_any_step_leaves_whole_captures_only(tmp_path: Path, n: int, fault):
    acknowledged = acknowledged_before_death(Archive(tmp_path, disk=FaultyDisk(n, fault)))

    assert_whole_captures_only(tmp_path, acknowledged)


@pytest.mark.parametrize("fault", [dies_before, dies_after])
@pytest.mark.parametrize("n", range(1, STEPS + 1))
def test_power_cut_at_any_step_leaves_whole_captures_only(tmp_path: Path, n: int, fault):
    disk = PowerCutDisk(n, fault, seed=n)
    acknowledged = acknowledged_before_death(Archive(tmp_path, disk=disk))
    disk.lose_power()

    assert_whole_captures_only(tmp_path, acknowledged)


@pytest.mark.parametrize("fault", [dies_before, dies_after])
@pytest.mark.parametrize("n", range(1, 9))
def test_crash_while_tidying_up_after_a_crash_is_harmless(tmp_path: Path, n: int, fault):
    acknowledged = list(append_all(Archive(tmp_path)))
    last = tmp_path / acknowledged[-1].file
    with last.open("ab") as opened:
        opened.write(b"\x28\xb5\x2f\xfd and half a record")
    (tmp_path / FOLDER / "index.tsv").unlink()

    with contextlib.suppress(Killed):
        Archive(tmp_path, disk=FaultyDisk(n, fault)).tidy(FOLDER)

    archive = Archive(tmp_path)
    archive.tidy(FOLDER)
    assert archive.captures(FOLDER) == acknowledged
    assert archive.tidy(FOLDER) is None


@pytest.mark.parametrize("n", range(1, STEPS + 1))
def test_failure_at_any_step_leaves_the_archive_as_it_was(tmp_path: Path, n: int):
    archive = Archive(tmp_path, disk=FaultyDisk(n, fails_with(errno.ENOSPC)))
    acknowledged: list[object] = []
    before = files_of(tmp_path)
    with contextlib.suppress(ArchiveError):
        for stored in append_all(archive):
            acknowledged.append(stored)
            before = files_of(tmp_path)

    assert files_of(tmp_path) == before
    rest = range(len(acknowledged), len(BODIES))
    acknowledged += [archive.append(FOLDER, snapshot(at, body=BODIES[at]), version(at), GOOD) for at in rest]
    assert Archive(tmp_path).captures(FOLDER) == acknowledged
    assert Archive(tmp_path).tidy(FOLDER) is None


@pytest.mark.parametrize("n", range(1, STEPS + 1))
def test_disk_that_stays_broken_loses_nothing_that_was_acknowledged(tmp_path: Path, n: int):
    """Not even the undoing works, so at worst one capture more is there than was acknowledged: a whole one."""
    archive = Archive(tmp_path, disk=FaultyDisk(n, fails_with(errno.ENOSPC), for_ever=True))
    acknowledged: list[object] = []
    with contextlib.suppress(ArchiveError):
        acknowledged.extend(append_all(archive))

    archive.storage.disk = Disk()  # it was replaced
    more = archive.append(FOLDER, snapshot(9), version(9), GOOD)

    *found, last = Archive(tmp_path).captures(FOLDER)
    assert last == more
    assert found[: len(acknowledged)] == acknowledged
    assert len(found) <= len(acknowledged) + 1
    assert Archive(tmp_path).tidy(FOLDER) is None


def work(folder: Path, told: int) -> None:
    """Append, read again and prune in three threads, for ever; say what is kept once it is."""
    archive = Archive(folder)

    def work_on(article: str) -> None:
        known = [*archive.captures(article), *(stone for stone, _ in archive.tombstones(article))]
        for number in count(len(known)):
            archive.append(article, snapshot(number), version(number), GOOD)
            os.write(told, f"{article} {number}\n".encode())
            if number % 5 == 4:
                captures = archive.captures(article)
                again = [(one, (version(number_of(one)), GOOD)) for one in captures[:2]]
                archive.add_readings(article, again, START)
                archive.prune(article, {captures[0].id, captures[len(captures) // 2].id}, Pruning(START, "why not"))

    for name in "abc":
        Thread(target=work_on, args=(f"northdesk.example/{name}",)).start()


def killed_at_random(folder: Path, random: random.Random) -> dict[str, int]:
    """Let a process work, kill it, and say what it had acknowledged."""
    hear, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        work(folder, told)
        signal.pause()
    os.close(told)
    with os.fdopen(hear) as heard:
        lines = [heard.readline() for _ in range(random.randint(1, 40))]
        time.sleep(random.random() * 0.02)
        os.kill(child, signal.SIGKILL)
        lines += heard.readlines()
    os.waitpid(child, 0)
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {article: int(number) for article, number in whole}


@pytest.mark.parametrize("crashes", [3, pytest.param(500, marks=pytest.mark.slow)])
def test_no_acknowledged_capture_is_lost_in_random_kills(tmp_path: Path, crashes: int):
    chance = random.Random(crashes)
    for crash in range(crashes):
        folder = tmp_path / str(crash // 5)
        acknowledged = killed_at_random(folder, chance)

        archive = Archive(folder)
        for article in archive.folders():
            archive.tidy(article)
            captures = archive.captures(article)
            pruned = [stone for stone, _ in archive.tombstones(article)]
            assert sorted(map(number_of, [*captures, *pruned])) == list(range(len(captures) + len(pruned)))
            assert acknowledged.get(article, -1) < len(captures) + len(pruned)
            for stored in captures[:3] + captures[-3:]:
                number = number_of(stored)
                assert archive.read_snapshot(article, stored) == snapshot(number)
                assert archive.read_version(article, stored) == (version(number), GOOD)
        assert list(verify_archive(folder)) == []
