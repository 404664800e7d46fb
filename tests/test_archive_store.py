"""The archive gives back what it was given, says what is wrong in a sentence, and serves many threads."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from archive_samples import FOLDER, GOOD, START, FaultyDisk, fails_with, files_of, page, snapshot, version
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.archive import Archive
from tracker.errors import ArchiveError
from tracker.models import Capture


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "snapshots")


def kept(archive: Archive, editions: range, folder: str = FOLDER):
    return [archive.append(folder, snapshot(edition), version(edition), GOOD) for edition in editions]


def same_archive(archive: Archive) -> Archive:
    """Open it anew, as after a restart."""
    return Archive(archive.storage.folder)


# --- what goes in comes out ---------------------------------------------------------------------------


def test_captures_and_versions_come_back(archive: Archive):
    stored = kept(archive, range(5))

    again = same_archive(archive)

    assert [again.read_snapshot(FOLDER, one) for one in stored] == [snapshot(edition) for edition in range(5)]
    assert [again.read_version(FOLDER, one) for one in stored] == [(version(edition), GOOD) for edition in range(5)]


def test_capture_without_a_version_comes_back(archive: Archive):
    suspect = Capture(0.1, True, ("It is a block page.",))
    first = archive.append(FOLDER, snapshot(0), None, suspect)
    second = archive.append(FOLDER, snapshot(1), version(1), suspect)

    assert archive.read_version(FOLDER, first) is None
    assert archive.read_version(FOLDER, second) == (version(1), suspect)
    assert archive.read_snapshot(FOLDER, first) == snapshot(0)


@given(st.lists(st.tuples(st.binary(max_size=3000), st.integers(0, 3), st.booleans()), min_size=1, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_captures_comes_back(tmp_path: Path, given_captures: list[tuple[bytes, int, bool]]):
    """Whatever the bodies, the times and the restarts in between."""
    archive = Archive(Path(tempfile.mkdtemp(dir=tmp_path)))
    taken = []
    for body, minute, restart in given_captures:
        archive = same_archive(archive) if restart else archive
        one = snapshot(body=body, at=START + timedelta(minutes=minute))
        taken.append((archive.append(FOLDER, one, version(minute), GOOD), one))

    listed = same_archive(archive).captures(FOLDER)

    assert listed == [stored for stored, _ in taken]
    assert [archive.read_snapshot(FOLDER, stored) for stored in listed] == [one for _, one in taken]
    assert len({stored.id for stored in listed}) == len(listed)


def test_stored_snapshot_describes_the_capture(archive: Archive):
    stored = kept(archive, range(2))[1]

    assert stored.id == "20240302063100"
    assert stored.fetched_at == START + timedelta(minutes=1)
    assert stored.status == 200
    assert stored.size == len(page(1))
    assert stored.file == f"{FOLDER}/0001.warc.zst"


def test_near_identical_captures_take_little_room(archive: Archive):
    kept(archive, range(20))

    per_version = (archive.storage.folder / FOLDER / "0001.warc.zst").stat().st_size / 20

    assert per_version < len(page(0)) / 8


IDENTIFIERS = {
    "a second capture within the second": [0, 0],
    "a clock set back": [60, 30, 90, 60],
    "an import of older captures": [600, 0, 60],
    "the same moment again and again": [0, 0, 0, 0],
}


@pytest.mark.parametrize("seconds", IDENTIFIERS.values(), ids=IDENTIFIERS.keys())
@pytest.mark.parametrize("restarts", [False, True])
def test_identifiers_are_unique_within_the_article(archive: Archive, seconds: list[int], restarts: bool):
    found = []
    for second in seconds:
        archive = same_archive(archive) if restarts else archive
        one = snapshot(at=START + timedelta(seconds=second), body=page(0, layout=str(len(found))))
        found.append(archive.append(FOLDER, one, None, GOOD).id)

    assert len(set(found)) == len(found)
    assert all(len(one.partition("-")[0]) == 14 for one in found)


# --- listing ------------------------------------------------------------------------------------------


def test_captures_after_a_known_one_are_listed(archive: Archive):
    stored = kept(archive, range(4))

    for number, one in enumerate(stored):
        assert archive.captures(FOLDER, (one.file, one.offset + one.length)) == stored[number + 1 :]


def test_article_without_captures_has_none(archive: Archive):
    assert archive.captures(FOLDER) == []
    assert archive.tidy(FOLDER) is None
    assert list(archive.folders()) == []


def test_folders_of_articles_are_listed(archive: Archive):
    for folder in ("b.example/two-2", "a.example/one-1", "b.example/one-1"):
        kept(archive, range(1), folder)
    (archive.storage.folder / "b.example" / "notes").mkdir()
    (archive.storage.folder / ".git").mkdir()

    assert list(archive.folders()) == ["a.example/one-1", "b.example/one-1", "b.example/two-2"]


def test_missing_file_is_named(archive: Archive):
    stored = kept(archive, range(1))[0]
    (archive.storage.folder / stored.file).unlink()

    for read in (
        lambda: archive.read_snapshot(FOLDER, stored),
        lambda: archive.read_version(FOLDER, stored),
        lambda: archive.captures(FOLDER, (stored.file, stored.offset + stored.length)),
    ):
        with pytest.raises(ArchiveError, match=r"0001\.warc\.zst is missing.*; restore it from a backup"):
            read()


def test_file_shorter_than_known_is_named(archive: Archive):
    stored = kept(archive, range(2))
    os.truncate(archive.storage.folder / stored[0].file, stored[1].offset)

    with pytest.raises(ArchiveError, match=r"had captures up to byte \d+; restore it from a backup"):
        archive.captures(FOLDER, (stored[1].file, stored[1].offset + stored[1].length))


# --- a new file when the dictionary no longer serves -------------------------------------------------


def files(archive: Archive) -> list[str]:
    return sorted(path.name for path in (archive.storage.folder / FOLDER).glob("*.warc.zst"))


def grown(archive: Archive, bodies: list[bytes]) -> list[str]:
    for number, body in enumerate(bodies):
        archive = same_archive(archive)  # the decision must not hang on what a process remembers
        archive.append(FOLDER, snapshot(number, body=body), None, GOOD)
    return files(archive)


def test_small_edits_stay_in_one_file(archive: Archive):
    assert grown(archive, [page(edition) for edition in range(30)]) == ["0001.warc.zst"]


def test_page_after_an_error_page_begins_a_file(archive: Archive):
    bodies = [b"<h1>Not found</h1>", page(0), page(1), b"<h1>Not found</h1>", page(2)]

    assert grown(archive, bodies) == ["0001.warc.zst", "0002.warc.zst"]


def test_new_layout_begins_a_file_once_it_stays(archive: Archive):
    old, new = [page(edition) for edition in range(4)], [page(edition, layout="b") for edition in range(6)]

    assert grown(archive, old + new) == ["0001.warc.zst", "0002.warc.zst"]


def test_page_that_is_another_one_now_and_then_begins_no_file(archive: Archive):
    bodies = [page(edition, layout="wall" if edition % 4 == 3 else "a") for edition in range(16)]

    assert grown(archive, bodies) == ["0001.warc.zst"]


def test_full_file_is_followed_by_another(archive: Archive, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tracker.archive.tail.MOST_CAPTURES", 3)

    stored = kept(archive, range(7))

    assert files(archive) == ["0001.warc.zst", "0002.warc.zst", "0003.warc.zst"]
    assert archive.captures(FOLDER) == stored
    assert archive.captures(FOLDER, (stored[1].file, stored[1].offset + stored[1].length)) == stored[2:]
    assert archive.append(FOLDER, snapshot(0), None, GOOD).id.startswith("20240302063000-3.")


# --- what people find ---------------------------------------------------------------------------------


def test_index_lists_captures_for_people(archive: Archive):
    stored = kept(archive, range(3))

    heading, *lines = (archive.storage.folder / FOLDER / "index.tsv").read_text().splitlines()

    assert heading.split("\t")[:3] == ["id", "fetched_at", "status"]
    assert [line.split("\t")[0] for line in lines] == [one.id for one in stored]
    assert all(line.endswith("\tBridge closed") for line in lines)


SPOILED = {
    "gone": lambda index: index.unlink(),
    "behind": lambda index: index.write_text("id\n20200101000000\t2020\n"),
    "cut short": lambda index: os.truncate(index, index.stat().st_size - 5),
    "not text": lambda index: index.write_bytes(b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_spoiled_index_is_written_anew(archive: Archive, spoil):
    kept(archive, range(3))
    index = archive.storage.folder / FOLDER / "index.tsv"
    before = index.read_text()
    spoil(index)

    same_archive(archive).tidy(FOLDER)

    assert index.read_text() == before


def test_index_that_cannot_be_written_keeps_no_capture_out(archive: Archive):
    (archive.storage.folder / FOLDER / "index.tsv").mkdir(parents=True)
    (archive.storage.folder / "README.txt").mkdir()

    stored = kept(archive, range(2))

    assert archive.captures(FOLDER) == stored


def test_headline_cannot_forge_a_line(archive: Archive):
    archive.append(FOLDER, snapshot(), replace(version(), headline="One\n2018\tTwo\r\x85Three"), GOOD)

    lines = (archive.storage.folder / FOLDER / "index.tsv").read_text().splitlines()

    assert len(lines) == 2
    assert lines[1].endswith("\tOne 2018 Two Three")


def test_archive_explains_itself(archive: Archive):
    kept(archive, range(1))

    assert "WARC 1.1" in (archive.storage.folder / "README.txt").read_text()


# --- torn ends and damage -----------------------------------------------------------------------------


def test_torn_end_is_cut_off_and_kept_aside(archive: Archive):
    stored = kept(archive, range(2))
    path = archive.storage.folder / stored[0].file
    whole = path.read_bytes()
    for cut in (1, 30, stored[1].length // 2):
        path.write_bytes(whole + whole[stored[1].offset :][:cut])

        tidied = same_archive(archive).tidy(FOLDER)

        assert tidied is not None
        assert (tidied.file, tidied.offset, tidied.length) == (stored[0].file, len(whole), cut)
        assert (archive.storage.folder / tidied.kept_in).read_bytes() == whole[stored[1].offset :][:cut]
        assert path.read_bytes() == whole
        assert same_archive(archive).tidy(FOLDER) is None


def test_torn_end_is_not_read_and_not_in_the_way(archive: Archive):
    stored = kept(archive, range(2))
    with (archive.storage.folder / stored[0].file).open("ab") as opened:
        opened.write(b"\x28\xb5\x2f\xfd half")

    assert archive.captures(FOLDER) == stored
    third = archive.append(FOLDER, snapshot(2), version(2), GOOD)
    assert same_archive(archive).captures(FOLDER) == [*stored, third]


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0x10
    path.write_bytes(data)


def test_damage_in_the_middle_is_never_cut_off(archive: Archive, caplog: pytest.LogCaptureFixture):
    stored = kept(archive, range(4))
    path = archive.storage.folder / stored[1].file
    flip(path, stored[1].offset + 5)  # the identifier of the dictionary
    before = path.read_bytes()
    again = same_archive(archive)

    assert again.tidy(FOLDER) is None
    assert path.read_bytes() == before
    assert [one.id for one in again.captures(FOLDER)] == [stored[at].id for at in (0, 2, 3)]
    assert f"damaged at byte {stored[1].offset}; run `tracker verify`" in caplog.text
    with pytest.raises(ArchiveError, match=f"is damaged at byte {stored[1].offset}: .*; run `tracker verify`"):
        again.read_snapshot(FOLDER, stored[1])
    assert again.read_snapshot(FOLDER, stored[2]) == snapshot(2)


def test_damaged_last_record_is_not_taken_for_a_torn_end(archive: Archive):
    """A bad disk must not make us cut off what it has damaged: a torn write leaves no frame of full length."""
    stored = kept(archive, range(2))
    path = archive.storage.folder / stored[1].file
    size = path.stat().st_size
    flip(path, size - 2)

    again = same_archive(archive)
    assert again.tidy(FOLDER) is None
    third = again.append(FOLDER, snapshot(2), version(2), GOOD)

    assert third.offset == size
    assert again.read_snapshot(FOLDER, third) == snapshot(2)


def test_capture_follows_in_a_new_file_when_the_head_is_damaged(archive: Archive):
    stored = kept(archive, range(2))
    path = archive.storage.folder / stored[0].file
    flip(path, 20)
    before = path.read_bytes()

    again = same_archive(archive)
    third = again.append(FOLDER, snapshot(2), version(2), GOOD)

    assert third.file == f"{FOLDER}/0002.warc.zst"
    assert again.read_snapshot(FOLDER, third) == snapshot(2)
    assert path.read_bytes() == before
    with pytest.raises(ArchiveError, match="is damaged at byte 0"):
        again.captures(FOLDER)
    with pytest.raises(ArchiveError, match="is damaged"):
        again.read_snapshot(FOLDER, stored[0])


def test_capture_that_stands_for_another_is_refused(archive: Archive):
    stored = kept(archive, range(2))
    swapped = replace(stored[0], digest=stored[1].digest)

    with pytest.raises(ArchiveError, match="another capture stands where this one was kept"):
        archive.read_snapshot(FOLDER, swapped)


def test_capture_beyond_the_end_of_the_file_is_refused(archive: Archive):
    stored = kept(archive, range(2))[1]
    os.truncate(archive.storage.folder / stored.file, stored.offset + 10)

    with pytest.raises(ArchiveError, match="the file ends before the capture does"):
        archive.read_snapshot(FOLDER, stored)


# --- what the disk objects to -------------------------------------------------------------------------

OUTSIDE = ["../elsewhere", "/etc", "", ".", "a//b", "a/..", "a/\0"]


@pytest.mark.parametrize("folder", OUTSIDE)
def test_folder_outside_of_the_archive_is_refused(archive: Archive, folder: str):
    with pytest.raises(ArchiveError, match="is not a folder within the archive"):
        archive.append(folder, snapshot(), None, GOOD)


OBJECTIONS = {
    errno.ENOSPC: "because the disk is full; nothing was kept, so free some space",
    errno.EROFS: r"cannot be written \(Read-only file system\); see who may do so there",
    errno.EIO: r"cannot be written \(Input/output error\)",
}


@pytest.mark.parametrize(("number", "sentence"), OBJECTIONS.items(), ids=[errno.errorcode[one] for one in OBJECTIONS])
def test_objection_is_a_sentence_that_names_the_article(tmp_path: Path, number: int, sentence: str):
    archive = Archive(tmp_path, disk=FaultyDisk(1, fails_with(number), for_ever=True))

    with pytest.raises(ArchiveError, match=f"{FOLDER}.*{sentence}"):
        archive.append(FOLDER, snapshot(), None, GOOD)


def test_archive_that_is_a_file_is_named(tmp_path: Path):
    (tmp_path / "snapshots").write_text("")

    with pytest.raises(ArchiveError, match=r"snapshots.* not a folder"):
        Archive(tmp_path / "snapshots").append(FOLDER, snapshot(), None, GOOD)


@contextmanager
def without_rights() -> Iterator[None]:
    """Be a user who may write nowhere but in /tmp; root may write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_read_only_archive_can_be_read_and_says_that_it_cannot_be_written():
    with tempfile.TemporaryDirectory() as name:
        archive = Archive(Path(name))
        stored = kept(archive, range(2))
        before = files_of(archive.storage.folder)
        for path in (archive.storage.folder, *archive.storage.folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)

        with without_rights():
            again = same_archive(archive)
            assert again.captures(FOLDER) == stored
            assert again.read_snapshot(FOLDER, stored[1]) == snapshot(1)
            for folder in (FOLDER, "other.example/new"):
                with pytest.raises(ArchiveError, match=r"cannot be written \(Permission denied\); see who may do so"):
                    again.append(folder, snapshot(2), None, GOOD)

        assert files_of(archive.storage.folder) == before
        for path in (archive.storage.folder, *archive.storage.folder.rglob("*")):
            path.chmod(0o755)


def test_write_that_the_system_cuts_short_leaves_the_file_as_it_was(archive: Archive):
    """With a real limit of the operating system, which writes half and then refuses."""
    stored = kept(archive, range(1))
    path = archive.storage.folder / stored[0].file
    before = path.read_bytes()
    limit = len(before) + 100
    program = (
        "import resource, sys; from pathlib import Path; from archive_samples import *; from tracker.archive import *\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {resource.RLIM_INFINITY}))\n"
        "Archive(Path(sys.argv[1])).append(FOLDER, snapshot(1), version(1), GOOD)"
    )

    ended = subprocess.run(
        [sys.executable, "-B", "-c", program, str(archive.storage.folder)],  # no bytecode, which would be cut short too
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "ArchiveError" in ended.stderr
    assert "File too large" in ended.stderr
    assert path.read_bytes() == before


def test_capture_larger_than_what_is_read_back_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tracker.archive.frames.LARGEST_RECORD", 5000)

    with pytest.raises(ArchiveError, match=r"cannot be kept: a record of .* bytes is larger than the 5000"):
        archive.append(FOLDER, snapshot(), None, GOOD)
    assert files_of(archive.storage.folder) == {}


def test_headline_that_is_no_utf8_is_listed_all_the_same(archive: Archive):
    stored = archive.append(FOLDER, snapshot(), replace(version(), headline="Half a pair: \ud800"), GOOD)

    assert "Half a pair: ?" in (archive.storage.folder / FOLDER / "index.tsv").read_text("utf-8")
    assert same_archive(archive).read_version(FOLDER, stored)[0].headline == "Half a pair: \ud800"


# --- many at once -------------------------------------------------------------------------------------


def test_many_threads_append_to_many_articles(archive: Archive):
    def work(number: int):
        folder = f"northdesk.example/story-{number % 7}"
        return folder, archive.append(folder, snapshot(number), version(number), GOOD), number

    with ThreadPoolExecutor(12) as pool:
        done = list(pool.map(work, range(84)))

    again = same_archive(archive)
    assert sum(len(again.captures(folder)) for folder in again.folders()) == 84
    for folder, stored, number in done:
        assert again.read_snapshot(folder, stored) == snapshot(number)
    assert all(again.tidy(folder) is None for folder in again.folders())


def test_appends_to_different_articles_do_not_wait_for_one_another(tmp_path: Path):
    """Two appends meet in the middle of their writes, or the barrier breaks."""
    barrier = threading.Barrier(2, timeout=10)

    class MeetingDisk(FaultyDisk):
        def fsync(self, descriptor: int) -> None:
            if not getattr(threading.current_thread(), "met", False):
                threading.current_thread().met = True
                barrier.wait()
            super().fsync(descriptor)

    archive = Archive(tmp_path, disk=MeetingDisk(10**9, fails_with(errno.EIO)))
    threads = [
        threading.Thread(target=archive.append, args=(f"a.example/{name}", snapshot(), None, GOOD)) for name in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(list(archive.folders())) == 2


def test_memory_of_articles_is_bounded(archive: Archive, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tracker.archive.store.MOST_TAILS", 2)
    monkeypatch.setattr("tracker.archive.reader.DICTIONARY_BYTES", 1)
    small = Archive(archive.storage.folder)

    for edition in range(3):
        for name in "abcd":
            kept(small, range(edition, edition + 1), f"a.example/{name}")

    assert [len(small.captures(f"a.example/{name}")) for name in "abcd"] == [3, 3, 3, 3]
    assert len(small._tails._items) == 2
    assert len(small._dictionaries._items) == 1
