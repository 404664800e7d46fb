"""What is pruned leaves a tombstone, the chain goes through it, and a crash at any step loses nothing else."""

from __future__ import annotations

import contextlib
import errno
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
    page,
    snapshot,
    version,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.archive import Archive, Pruning, verify_archive
from tracker.archive.export import records_of
from tracker.archive.tombstones import NOTICE_TYPE, links_of
from tracker.archive.warc import digest_of
from tracker.errors import ArchiveError
from tracker.models import Capture, StoredSnapshot

PRUNING = Pruning(datetime(2026, 1, 5, 12, tzinfo=UTC), "only new texts are kept")
BODIES = [b"<h1>Not found</h1>", *(page(edition, paragraphs=90) for edition in range(4))]  # two files


def written(folder: Path) -> tuple[Archive, list[StoredSnapshot]]:
    archive = Archive(folder)
    return archive, [archive.append(FOLDER, snapshot(n, body=body), version(n), GOOD) for n, body in enumerate(BODIES)]


def assert_all_but(archive: Archive, stored: list[StoredSnapshot], gone: set[str]) -> None:
    """What stays can be read as it was, and nothing is found to be wrong."""
    left = archive.captures(FOLDER)
    assert [one.id for one in left] == [one.id for one in stored if one.id not in gone]
    for one in left:
        number = next(n for n, known in enumerate(stored) if known.id == one.id)
        assert archive.read_snapshot(FOLDER, one) == snapshot(number, body=BODIES[number])
        assert archive.read_version(FOLDER, one) == (version(number), GOOD)
    assert {one.id for one, _ in archive.tombstones(FOLDER)} == gone
    assert list(verify_archive(archive.storage.folder)) == []
    assert Archive(archive.storage.folder).tidy(FOLDER) is None


@given(st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=3), st.booleans())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_captures_can_be_pruned_in_any_number_of_steps(tmp_path_factory, steps: list[set[int]], restart: bool):
    archive, stored = written(tmp_path_factory.mktemp("archive"))
    gone: set[str] = set()
    for number, step in enumerate(steps):
        archive = Archive(archive.storage.folder) if restart else archive
        going = {stored[n].id for n in step}
        archive.prune(FOLDER, going, Pruning(PRUNING.at + timedelta(days=number), "why not"))
        gone |= going

        assert_all_but(archive, stored, gone)

    more = archive.append(FOLDER, snapshot(9), version(9), GOOD)
    assert Archive(archive.storage.folder).captures(FOLDER)[-1] == more
    assert list(verify_archive(archive.storage.folder)) == []


def test_tombstone_keeps_digest_time_and_reason(tmp_path: Path):
    archive, stored = written(tmp_path)

    archive.prune(FOLDER, {stored[3].id}, PRUNING)

    ((place, tombstone),) = archive.tombstones(FOLDER)
    assert (place.id, place.fetched_at, place.digest, place.size, place.status) == (
        stored[3].id,
        stored[3].fetched_at,
        stored[3].digest,
        stored[3].size,
        200,
    )
    assert tombstone.pruning == PRUNING
    assert tombstone.kinds == ("response", "response", "request", "metadata", "conversion")


def test_nothing_of_a_pruned_page_is_left_in_the_files(tmp_path: Path):
    """Not even in the dictionary at the head, which is made of the first capture."""
    archive, stored = written(tmp_path)
    texts = b"".join(raw for _, raw in records_of(tmp_path, FOLDER, []))
    assert b"for the 1th time" in texts

    archive.prune(FOLDER, {one.id for one in stored}, Pruning(PRUNING.at, "a court said so", takedown=True))

    left: list[str] = []
    heads = [archive._dictionary(f"{FOLDER}/{number:04}.warc.zst")[1].dict_content for number in (1, 2)]
    found = b"".join([*heads, *(raw for _, raw in records_of(tmp_path, FOLDER, left))])
    assert left == []
    for said in (b"Bridge closed", b"for the 1th time", b"Ferries", b"Not found"):
        assert said not in found
    assert "Bridge" not in (tmp_path / FOLDER / "index.tsv").read_text()
    assert archive.taken_down(FOLDER).reason == "a court said so"
    assert list(verify_archive(tmp_path)) == []


def test_pruning_frees_the_bytes_that_it_said(tmp_path: Path):
    archive, stored = written(tmp_path)
    going = {one.id for one in stored[2:4]}
    size = sum(path.stat().st_size for path in tmp_path.rglob("*.zst"))

    said = archive.weigh_pruning(FOLDER, going, PRUNING)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.zst")) == size
    freed = archive.prune(FOLDER, going, PRUNING)

    assert size - sum(path.stat().st_size for path in tmp_path.rglob("*.zst")) == freed
    assert 0 < said - freed < 600  # the notice


def test_what_was_pruned_is_asked_for_and_the_answer_says_when_and_why(tmp_path: Path):
    archive, stored = written(tmp_path)
    reader = Archive(tmp_path)
    assert reader.read_snapshot(FOLDER, stored[4])
    archive.prune(FOLDER, {stored[1].id}, PRUNING)

    for read in (reader.read_snapshot, reader.read_version):
        with pytest.raises(ArchiveError, match=r"was pruned on 2026-01-05 12:00 UTC, because only new texts are kept"):
            read(FOLDER, stored[1])
    assert reader.read_snapshot(FOLDER, stored[4]) == snapshot(4, body=BODIES[4])
    assert reader.read_version(FOLDER, stored[4]) == (version(4), GOOD)


def test_chain_goes_through_tombstones(tmp_path: Path):
    """Every link names the one before, as whoever kept a copy of the records can check."""
    archive, stored = written(tmp_path)
    before = [digest_of(raw) for _, raw in records_of(tmp_path, FOLDER, [])]

    archive.prune(FOLDER, {stored[0].id, stored[2].id}, PRUNING)

    links = [link for record, raw in records_of(tmp_path, FOLDER, []) for link in links_of(record, raw)]
    assert [link.digest for link in links[:-1]] == [one for one in before if one in {link.digest for link in links}]
    assert [link.type for link in links].count("tombstone") == 2
    assert [link.previous for link in links] == [None, *(link.digest for link in links[:-1])]
    assert [record.field("Content-Type") for record, _ in records_of(tmp_path, FOLDER, [])][-1] == NOTICE_TYPE


def test_tombstone_without_a_word_in_the_chain_is_found(tmp_path: Path):
    """Somebody removes a capture by our own means, and then the notice at the end."""
    archive, stored = written(tmp_path)
    last = tmp_path / stored[-1].file
    end = last.stat().st_size
    archive.prune(FOLDER, {stored[0].id}, PRUNING)
    last.write_bytes(last.read_bytes()[:end])

    (finding,) = verify_archive(tmp_path)

    assert (finding.file, finding.kind) == (stored[0].file, "chain")
    assert "the chain does not say that it was pruned" in finding.meaning


def test_reworded_tombstone_is_found(tmp_path: Path):
    archive, stored = written(tmp_path)
    archive.prune(FOLDER, {stored[0].id}, PRUNING)
    other = Archive(tmp_path / "other")
    for n, body in enumerate(BODIES):
        other.append(FOLDER, snapshot(n, body=body), version(n), GOOD)
    other.prune(FOLDER, {stored[0].id}, Pruning(PRUNING.at, "something else"))
    (tmp_path / stored[0].file).write_bytes((other.storage.folder / stored[0].file).read_bytes())
    (tmp_path / FOLDER / "index.tsv").unlink()

    assert {one.kind for one in verify_archive(tmp_path, [FOLDER])} == {"chain"}


def test_damaged_article_is_not_pruned(tmp_path: Path):
    archive, stored = written(tmp_path)
    path = tmp_path / stored[2].file
    data = bytearray(path.read_bytes())
    data[stored[2].offset + 9] ^= 1
    path.write_bytes(data)

    with pytest.raises(ArchiveError, match="cannot be pruned: it is not as it was written"):
        archive.prune(FOLDER, {stored[3].id}, PRUNING)
    assert path.read_bytes() == bytes(data)


def test_a_stamp_that_was_pruned_is_not_given_again(tmp_path: Path):
    archive = Archive(tmp_path)
    stored = [archive.append(FOLDER, snapshot(0, body=page(n), at=START), None, GOOD) for n in range(4)]
    archive.prune(FOLDER, {one.id for one in stored[1:3]}, PRUNING)

    found = [archive.append(FOLDER, snapshot(0, body=page(n), at=START), None, GOOD).id for n in range(4, 30)]

    assert len({*found, *(one.id for one in stored)}) == 30
    assert list(verify_archive(tmp_path)) == []


# --- readings -----------------------------------------------------------------------------------------


AT = datetime(2026, 2, 1, tzinfo=UTC)


def test_later_reading_counts_and_the_first_one_stays(tmp_path: Path):
    archive, stored = written(tmp_path)
    suspect = Capture(0.1, True, ("It is a consent wall.",))

    archive.add_readings(FOLDER, [(stored[0], (version(7), GOOD)), (stored[3], (None, suspect))], AT)
    (place,) = archive.add_readings(FOLDER, [(stored[0], (version(8), GOOD))], AT + timedelta(days=1))

    again = Archive(tmp_path).captures(FOLDER)
    assert again[0].reading == place
    assert archive.read_version(FOLDER, again[0]) == (version(8), GOOD)
    assert archive.read_version(FOLDER, again[3]) is None
    assert [archive.read_version(FOLDER, one) for one in again[1:3]] == [(version(n), GOOD) for n in (1, 2)]
    assert archive.read_version(FOLDER, stored[0]) == (version(0), GOOD)
    assert list(verify_archive(tmp_path)) == []
    assert list(verify_archive(tmp_path, known=lambda _: again)) == []
    assert [one.kind for one in verify_archive(tmp_path, known=lambda _: [*again[1:], stored_elsewhere(again[0])])] == [
        "catalog"
    ]


def stored_elsewhere(stored: StoredSnapshot) -> StoredSnapshot:
    return replace(stored, reading=replace(stored.reading, offset=17))


def test_later_readings_go_with_their_capture(tmp_path: Path):
    archive, stored = written(tmp_path)
    archive.add_readings(FOLDER, [(one, (version(40 + n), GOOD)) for n, one in enumerate(stored)], AT)

    archive.prune(FOLDER, {stored[0].id, stored[2].id}, PRUNING)

    found = b"".join(raw for _, raw in records_of(tmp_path, FOLDER, []))
    assert b"for the 40th time" not in found
    assert b"for the 42th time" not in found
    assert [archive.read_version(FOLDER, one) for one in archive.captures(FOLDER)] == [
        (version(number), GOOD) for number in (41, 43, 44)
    ]
    assert list(verify_archive(tmp_path)) == []


# --- crashes ------------------------------------------------------------------------------------------


def steps() -> int:
    with tempfile.TemporaryDirectory() as folder:
        _, stored = written(Path(folder))
        disk = FaultyDisk(10**9, dies_before)
        change(Archive(Path(folder), disk=disk), stored)
    return disk.count


def change(archive: Archive, stored: list[StoredSnapshot]) -> None:
    """Read again, and prune out of both files."""
    archive.add_readings(FOLDER, [(stored[0], (version(0), GOOD)), (stored[2], (version(2), GOOD))], AT)
    archive.prune(FOLDER, {stored[0].id, stored[2].id}, PRUNING)


STEPS = steps()


@pytest.mark.parametrize("fault", [dies_before, dies_after, fails_with(errno.ENOSPC)])
@pytest.mark.parametrize("n", range(1, STEPS + 1))
def test_crash_at_any_step_is_made_good(tmp_path: Path, n: int, fault):
    _, stored = written(tmp_path)
    with contextlib.suppress(Killed, ArchiveError):
        change(Archive(tmp_path, disk=FaultyDisk(n, fault)), stored)

    archive = Archive(tmp_path)
    archive.tidy(FOLDER)
    for one in archive.captures(FOLDER):
        number = next(k for k, known in enumerate(stored) if known.id == one.id)
        assert archive.read_snapshot(FOLDER, one) == snapshot(number, body=BODIES[number])
    change_again = Archive(tmp_path)
    change_again.prune(FOLDER, {stored[0].id, stored[2].id}, PRUNING)

    assert_all_but(change_again, stored, {stored[0].id, stored[2].id})
    assert not [name for name in files_of(tmp_path) if name.endswith(".new")]
    assert archive_notices(change_again) == 1


FULL_OR_FIXED = {
    errno.ENOSPC: "because the disk is full; nothing was kept, so free some space",
    errno.EROFS: r"cannot be written \(Read-only file system\); see who may do so there",
}


@pytest.mark.parametrize(("number", "sentence"), FULL_OR_FIXED.items(), ids=["full disk", "read-only"])
def test_disk_that_takes_nothing_is_explained_and_nothing_is_lost(tmp_path: Path, number: int, sentence: str):
    _, stored = written(tmp_path)

    with pytest.raises(ArchiveError, match=sentence):
        change(Archive(tmp_path, disk=FaultyDisk(1, fails_with(number), for_ever=True)), stored)
    with pytest.raises(ArchiveError, match=sentence):
        Archive(tmp_path, disk=FaultyDisk(1, fails_with(number), for_ever=True)).prune(FOLDER, {stored[1].id}, PRUNING)

    Archive(tmp_path).tidy(FOLDER)
    assert_all_but(Archive(tmp_path), stored, set())


def archive_notices(archive: Archive) -> int:
    return sum(len(found.notices) for found in archive._scans(FOLDER))
