"""The archive on S3-compatible storage keeps what it promises in a folder: a real server on loopback, real processes, real kills."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archive_samples import FOLDER, GOOD, START, files_of, number_of, page, snapshot, version

from tracker.archive import Archive, Pruning, export_warc, verify_archive
from tracker.archive.bucket import PROBE, BucketStorage
from tracker.archive.frames import END
from tracker.config import Bucket
from tracker.errors import ArchiveError

if TYPE_CHECKING:
    from s3_server import S3

pytest_plugins = ["s3_server"]

PRUNING = Pruning(START, "it was too much")


@pytest.fixture
def bucket(s3: S3) -> Bucket:
    return s3.new_bucket()


def append(archive: Archive, *editions: int, folder: str = FOLDER):
    return [archive.append(folder, snapshot(number), version(number), GOOD) for number in editions]


def copy(bucket: Bucket, folder: Path) -> None:
    """Copy an archive out of a bucket, as any tool would."""
    storage = BucketStorage(bucket)
    for name, _ in storage._list(""):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(storage.read(name))


def test_what_was_kept_is_read_back_and_verified(bucket):
    stored = append(Archive(bucket), *range(5))

    archive = Archive(bucket)
    assert archive.captures(FOLDER) == stored
    assert archive.captures(FOLDER, after=(stored[2].file, stored[2].offset + stored[2].length)) == stored[3:]
    assert archive.captures(FOLDER, after=(stored[-1].file, stored[-1].offset + stored[-1].length)) == []
    assert [archive.read_snapshot(FOLDER, one) for one in stored] == [snapshot(number) for number in range(5)]
    assert [archive.read_version(FOLDER, one) for one in stored] == [(version(number), GOOD) for number in range(5)]
    assert list(archive.folders()) == [FOLDER]
    assert list(verify_archive(bucket)) == []


@pytest.mark.slow
def test_the_same_bytes_lie_under_the_same_names_as_in_a_folder(bucket, tmp_path):
    """So an archive is moved by copying it, in either direction.  But for the end of a file that another one follows."""
    archives = Archive(bucket), Archive(tmp_path / "folder")
    for archive in archives:
        archive.append(FOLDER, snapshot(0, body=b"<h1>Not found</h1>"), None, GOOD)
        for number in (1, 2):  # the first of them begins a new file
            archive.append(FOLDER, snapshot(number, body=page(number, paragraphs=90)), version(number), GOOD)
    copy(bucket, tmp_path / "copied")

    copied = files_of(tmp_path / "copied")
    assert copied.pop(PROBE)
    first = f"{FOLDER}/0001.warc.zst"
    copied[first] = copied[first].removesuffix(END)
    assert copied == files_of(tmp_path / "folder")
    assert len(copied) == 2
    assert Archive(tmp_path / "copied").tidy(FOLDER) is None


@pytest.mark.slow
def test_a_torn_end_that_came_along_with_a_copy_is_cut_off_and_kept(bucket):
    stored = append(Archive(bucket), 0, 1)
    storage = BucketStorage(bucket)
    whole = storage.read(stored[0].file)
    storage.write(stored[0].file, whole + b"half a record")

    tidied = Archive(bucket).tidy(FOLDER)

    assert tidied is not None
    assert storage.read(tidied.kept_in) == b"half a record"
    assert storage.read(stored[0].file) == whole
    assert Archive(bucket).tidy(FOLDER) is None
    assert list(verify_archive(bucket)) == []


@pytest.mark.slow
def test_the_export_is_that_of_a_folder(bucket, tmp_path):
    outs = []
    for place in (bucket, tmp_path):
        append(Archive(place), 0, 1)
        outs.append(BytesIO())
        assert export_warc(place, [FOLDER], outs[-1]).captures == 2

    assert outs[0].getvalue() == outs[1].getvalue()


@pytest.mark.slow
def test_a_long_list_comes_in_pages(bucket):
    archive = Archive(bucket)
    for article in "abc":
        append(archive, 0, folder=f"northdesk.example/{article}")
    storage = BucketStorage(bucket)

    assert list(storage._list("", MaxKeys=2)) == list(storage._list(""))
    assert len(list(storage._list(""))) == 5


def test_an_append_to_a_file_that_is_remembered_takes_two_requests(s3, bucket):
    archive = Archive(bucket)
    append(archive, 0, 1)
    s3.requests.clear()

    append(archive, 2)

    assert [request.method for request in s3.requests] == ["HEAD", "PUT"]
    assert s3.requests[-1].if_match


@pytest.mark.slow
def test_captures_are_pruned_and_read_by_those_who_knew_the_file_before(bucket):
    archive, reader = Archive(bucket), Archive(bucket)
    stored = append(archive, *range(4))
    assert [reader.read_version(FOLDER, one) for one in stored]

    assert archive.prune(FOLDER, {stored[0].id}, PRUNING) > 0  # the dictionary, too

    assert reader.read_version(FOLDER, stored[3]) == (version(3), GOOD)
    with pytest.raises(ArchiveError, match="was pruned on 2024-03-02"):
        reader.read_snapshot(FOLDER, stored[0])
    assert [one.id for one in reader.captures(FOLDER)] == [one.id for one in stored[1:]]
    assert list(verify_archive(bucket)) == []


def test_two_that_do_not_know_of_each_other_write_nothing_over(bucket):
    one, other = Archive(bucket), Archive(bucket)
    for number in range(0, 8, 2):
        append(one, number)
        append(other, number + 1)

    assert [number_of(stored) for stored in Archive(bucket).captures(FOLDER)] == list(range(8))
    assert list(verify_archive(bucket)) == []


@pytest.mark.slow
def test_nobody_appends_to_a_file_that_another_is_about_to_follow(bucket):
    """The one that would has ended the file, and was killed before it began the next: whoever comes begins it."""
    one, other = Archive(bucket), Archive(bucket)
    append(one, 0)
    append(other, 1)
    first = f"{FOLDER}/0001.warc.zst"
    other.storage.append(first, END, other.storage.size(first))

    (stored,) = append(one, 2)

    assert stored.file == f"{FOLDER}/0002.warc.zst"
    assert [number_of(found) for found in Archive(bucket).captures(FOLDER)] == [0, 1, 2]
    assert Archive(bucket).prune(FOLDER, {stored.id}, PRUNING)
    assert list(verify_archive(bucket)) == []


@pytest.mark.slow
def test_an_answer_that_was_lost_is_no_second_capture(s3, bucket):
    """The storage wrote, and then the connection broke: the request is sent again, and refused, since its own first try has been there."""
    archive = Archive(bucket)
    append(archive, 0)
    archive.storage._recent.drop(f"{FOLDER}/0001.warc.zst")
    broken = s3._moto

    def write_and_fail_once(environ, start_response):
        if environ["REQUEST_METHOD"] != "PUT":
            return broken(environ, start_response)
        s3._moto = broken
        list(broken(environ, lambda *_: None))
        start_response("503 Service Unavailable", [("Content-Length", "0")])
        return [b""]

    s3._moto = write_and_fail_once
    append(archive, 1)

    assert [number_of(stored) for stored in Archive(bucket).captures(FOLDER)] == [0, 1]


def test_a_storage_that_ignores_conditions_is_refused_before_anything_is_written(s3, bucket):
    s3.ignores_conditions = True

    with pytest.raises(ArchiveError, match="ignores If-Match or If-None-Match, so that captures could be written over"):
        append(Archive(bucket), 0)
    assert list(Archive(bucket).folders()) == []


REFUSED: dict[str, tuple[Callable[[Bucket], Bucket], str]] = {
    "no such bucket": (lambda bucket: replace(bucket, name="elsewhere"), "there is no such bucket; make it"),
    "nobody answers": (lambda bucket: replace(bucket, endpoint="http://127.0.0.1:9"), "the storage does not answer"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_with_the_storage_is_said_in_a_sentence(bucket, case, monkeypatch):
    monkeypatch.setattr("tracker.archive.bucket.ATTEMPTS", 1)
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    changed, sentence = REFUSED[case]

    with pytest.raises(ArchiveError, match=sentence):
        append(Archive(changed(bucket)), 0)


@pytest.mark.slow
def test_a_refusal_is_said_and_nothing_is_kept(s3, bucket):
    archive = Archive(bucket)
    append(archive, 0)
    s3.fails = lambda request: b"403 Forbidden" if request.method == "PUT" else None

    with pytest.raises(ArchiveError, match=r"0001\.warc\.zst cannot be written|cannot be written \(the storage says"):
        append(archive, 1)

    s3.fails = lambda _: None
    assert len(Archive(bucket).captures(FOLDER)) == 1
    assert len(append(archive, 1)) == 1
    assert len(Archive(bucket).captures(FOLDER)) == 2


# --- processes ------------------------------------------------------------------------------------


def work(bucket: Bucket, article: str, first: int, step: int, told: int) -> None:
    """Append, for ever; say what is kept once it is."""
    archive = Archive(bucket)
    for number in count(first, step):
        archive.append(article, snapshot(number), version(number), GOOD)
        os.write(told, f"{number}\n".encode())


def begin(*arguments: object) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    process.start()
    return process


@pytest.mark.slow
@pytest.mark.parametrize("kills", [60])
def test_no_acknowledged_capture_is_lost_in_random_kills(s3, bucket, kills):
    """Two processes append to one article at the same time, and are killed in the middle of it."""
    chance = random.Random(kills)
    acknowledged: set[int] = set()
    s3.pause_s = 0.005
    for kill in range(kills):
        hear, told = os.pipe()
        first = 1000 * kill
        workers = [begin(bucket, FOLDER, first + part, 2, told) for part in range(2)]
        os.close(told)
        with os.fdopen(hear) as heard:
            lines = [heard.readline() for _ in range(chance.randint(3, 12))]
            time.sleep(chance.random() * 0.03)
            for worker in workers:
                os.kill(worker.pid, signal.SIGKILL)
            lines += heard.readlines()
        for worker in workers:
            worker.join()
        acknowledged |= {int(line) for line in lines if line.endswith("\n")}

        archive = Archive(bucket)
        assert archive.tidy(FOLDER) is None  # nothing is ever torn
        captures = archive.captures(FOLDER)
        kept = [number_of(stored) for stored in captures]
        assert len(kept) == len(set(kept))
        assert acknowledged <= set(kept)
        assert len(kept) <= len(acknowledged) + 2 * (kill + 1)  # those of whom nobody was told
        for stored in captures[-3:]:
            assert archive.read_snapshot(FOLDER, stored) == snapshot(number_of(stored))
        assert list(verify_archive(bucket)) == []
