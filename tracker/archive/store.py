"""The archive as the rest of the program sees it: append a capture, read one back, list them.

One writer at a time (`lock_archive`), with any number of threads: captures of one article wait for one another, those of different articles do not.
Where an article's last file ends is read from that file once and remembered; a file that is not as long as remembered is read again.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracker.archive.capture_records import snapshot_of, version_of
from tracker.archive.disk import Disk
from tracker.archive.frames import (
    HEAD,
    Dictionary,
    decompress,
    frame_length,
    head_length,
    is_seal,
    read_dictionary,
    split_frames,
)
from tracker.archive.index import HEADING, INDEX_FILE, README, README_FILE, index_line, last_id
from tracker.archive.recent import Recent
from tracker.archive.scan import scan
from tracker.archive.tail import Growth, Tail, begin_file, cost_of, extend_file, file_path, is_full, latest_stamp
from tracker.archive.warc import DamageError, digest_of, parse_record
from tracker.errors import ArchiveError
from tracker.models import Capture, Snapshot, StoredSnapshot, Version

log = logging.getLogger(__name__)

FILE: Final = re.compile(r"(\d{4,})\.warc\.zst")
LOCKS: Final = (
    256  # shared by all articles: with 32 threads, an append waits for one of another article in 1 of 9 cases
)
MOST_TAILS: Final = 20_000  # articles whose end is remembered; some 500 bytes each
DICTIONARY_BYTES: Final = 64 << 20  # of remembered dictionaries; one of a 110 kB page takes about that
UNKNOWN_STAMP: Final = "9" * 14  # later than any
FIRST_READ: Final = 64 << 10  # bytes; a version with its dictionary takes some hundred, one without some thousand


@dataclass(frozen=True, slots=True)
class Tidied:
    """The torn end of a file that was cut off: a write that a crash interrupted, and that nobody was told of."""

    file: str  # path within the archive folder
    offset: int  # bytes; where it began
    length: int  # bytes
    kept_in: str  # where the bytes were put, path within the archive folder


def article_files(folder: Path, article_folder: str) -> dict[int, Path]:
    """Find the files of an article by their number, in order."""
    try:
        found = {
            int(match[1]): path for path in (folder / article_folder).iterdir() if (match := FILE.fullmatch(path.name))
        }
    except FileNotFoundError:
        return {}
    return dict(sorted(found.items()))


class Archive:
    """Snapshots and versions in files.

    Args:
        folder: Where they are; made with the first capture.
        disk: How it is written to; for tests.

    Every method raises ArchiveError, with a sentence for people, when the disk or a file does not play along.
    """

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk = disk or Disk()
        self._locks = tuple(threading.Lock() for _ in range(LOCKS))
        self._tails: Recent[str, Tail] = Recent(MOST_TAILS)
        self._dictionaries: Recent[str, tuple[int, Dictionary | None]] = Recent(DICTIONARY_BYTES)
        self._explained = False  # the README is there

    # --- writing ----------------------------------------------------------------------------------

    def append(
        self, article_folder: str, snapshot: Snapshot, version: Version | None, capture: Capture
    ) -> StoredSnapshot:
        """Keep a capture, and the version that was read in it, for good.

        Args:
            article_folder: Of the article, relative to the archive: "northdesk.example/strike-1a2b3c4d".
            snapshot: What the server sent.
            version: What was read in it, where anything was.
            capture: What the capture is worth.

        Returns:
            Where it is, once it is on the disk.

        Raises:
            ArchiveError: Nothing was kept; the archive is as it was.
        """
        place = self._place(article_folder)
        with self._writing(article_folder):
            tail = self._tail(article_folder)
            growth = self._growth(article_folder, tail, snapshot, version, capture)
            path = self.folder / growth.stored.file
            if growth.tail.number == tail.number:
                self._disk.append(path, growth.data, tail.end)
            else:
                self._disk.create(path, growth.data)
            self._tails.put(article_folder, growth.tail)
            self._tell(place, index_line(growth.stored, version.headline if version else None))
        return growth.stored

    def tidy(self, article_folder: str) -> Tidied | None:
        """Cut off what a crash left behind the last whole capture of an article, and bring its index up to date.

        Returns:
            What was cut off, if anything was.
        """
        self._place(article_folder)
        with self._writing(article_folder):
            self._tails.drop(article_folder)
            tail, tidied = self._load(article_folder)
            self._tails.put(article_folder, tail)
        return tidied

    def _growth(self, folder: str, tail: Tail, snapshot: Snapshot, version: Version | None, capture: Capture) -> Growth:
        """Decide between the last file and a new one."""
        if is_full(tail):
            return begin_file(tail, folder, snapshot, version, capture)
        _, dictionary = self._dictionary(file_path(folder, tail.number))
        growth = extend_file(tail, dictionary, folder, snapshot, version, capture)
        if growth.tail.cost.is_dear:
            return begin_file(tail, folder, snapshot, version, capture)
        return growth

    # --- the end of the last file -----------------------------------------------------------------

    def _tail(self, folder: str) -> Tail:
        tail = self._tails.get(folder)
        if tail is None or tail.end != self._size(folder, tail.number):
            tail, _ = self._load(folder)
            self._tails.put(folder, tail)
        return tail

    def _size(self, folder: str, number: int) -> int:
        try:
            return (self.folder / file_path(folder, number)).stat().st_size
        except FileNotFoundError:
            return 0

    def _load(self, folder: str) -> tuple[Tail, Tidied | None]:
        """Find the end of an article's last file, and tidy up behind it."""
        for left_over in (self.folder / folder).glob(".*.new"):
            left_over.unlink(missing_ok=True)
        numbers = list(article_files(self.folder, folder))
        if not numbers:
            return Tail(), None
        file = file_path(folder, numbers[-1])
        path = self.folder / file
        data = path.read_bytes()
        self._dictionaries.drop(file)
        try:
            found = scan(data, file, self._dictionary(file)[1])
        except DamageError:
            log.error("%s is damaged at its head, so the next capture begins a new file; run `tracker verify`", path)
            return Tail(numbers[-1], len(data), latest=UNKNOWN_STAMP, closed=True), None
        for position in found.damaged:
            log.error("%s is damaged at byte %d; run `tracker verify`", path, position)
        tidied = self._cut(file, data, found.end) if found.end < len(data) else None
        captures = found.captures
        if captures:
            self._refresh_index(folder, captures[-1])
        tail = Tail(
            number=numbers[-1],
            end=found.end,
            previous=found.last_digest,
            captures=len(captures),
            # What cannot be read may have had any stamp, which must not be given twice.
            latest=UNKNOWN_STAMP if found.damaged else self._latest(folder, numbers, captures),
            cost=cost_of(self._dictionary(file)[0], captures),
        )
        return tail, tidied

    def _latest(self, folder: str, numbers: list[int], captures: list[StoredSnapshot]) -> str:
        """Find the highest stamp of an article: mostly in its last file, but a file may hold nothing but an import of older captures."""
        latest = latest_stamp([stored.id for stored in captures])
        for number in reversed(numbers[:-1]):
            if latest:
                break
            latest = latest_stamp([stored.id for stored in self._captures_in(file_path(folder, number))])
        return latest

    def _cut(self, file: str, data: bytes, end: int) -> Tidied:
        path = self.folder / file
        kept = path.with_name(f"{path.name.partition('.')[0]}.{end}.torn")
        self._disk.create(kept, data[end:])
        self._disk.cut(path, end)
        log.warning("%s: a write was interrupted at byte %d; cut off, and kept in %s", path, end, kept.name)
        return Tidied(file, end, len(data) - end, f"{file.rpartition('/')[0]}/{kept.name}")

    # --- what a person reads beside the files -----------------------------------------------------

    def _tell(self, place: Path, line: str) -> None:
        """Add to the index; the capture is safe already, so a failure is nobody's business."""
        with contextlib.suppress(OSError):
            index = place / INDEX_FILE
            self._disk.note(index, line if index.exists() else HEADING + line)
            if not self._explained:
                readme = self.folder / README_FILE
                if not readme.exists():
                    self._disk.create(readme, README.encode())
                self._explained = True

    def _refresh_index(self, folder: str, last: StoredSnapshot) -> None:
        """Write an article's index anew where it does not end with the last capture."""
        index = self.folder / folder / INDEX_FILE
        with contextlib.suppress(OSError, ArchiveError):
            if index.exists() and last_id(index.read_text("utf-8", "replace")) == last.id:
                return
            lines = (index_line(stored, self._headline(folder, stored)) for stored in self.captures(folder))
            self._disk.create(index, (HEADING + "".join(lines)).encode())

    def _headline(self, folder: str, stored: StoredSnapshot) -> str | None:
        read = self.read_version(folder, stored)
        return read[0].headline if read else None

    # --- reading ----------------------------------------------------------------------------------

    def read_snapshot(self, article_folder: str, stored: StoredSnapshot) -> Snapshot:
        """Read what the server sent."""
        self._place(article_folder)
        with self._explained_errors(stored.file, "read"):
            try:
                snapshot = snapshot_of([parse_record(record) for record in self._records(stored)])
                if digest_of(snapshot.body) != stored.digest:
                    raise DamageError("another capture stands where this one was kept")
            except DamageError as error:
                raise self._damaged(stored.file, stored.offset, error) from error
        return snapshot

    def read_version(self, article_folder: str, stored: StoredSnapshot) -> tuple[Version, Capture] | None:
        """Read what was read in a snapshot when it was kept, and what the capture was worth; None where nothing was."""
        self._place(article_folder)
        position = stored.offset + stored.length
        with self._explained_errors(stored.file, "read"):
            try:
                frame = self._frame_at(stored.file, position)
                if frame is None:
                    return None
                record = parse_record(decompress(frame, self._dictionary(stored.file)[1]))
                return version_of(record) if record.type == "conversion" else None
            except DamageError as error:
                raise self._damaged(stored.file, position, error) from error

    def captures(self, article_folder: str, after: tuple[str, int] | None = None) -> list[StoredSnapshot]:
        """List an article's captures in the order in which they were kept.

        Args:
            article_folder: Of the article.
            after: The file and the position in it where the last capture that is known ends; all are listed without.

        A torn end is left out.  Damage is logged, and what stands behind it is listed: `verify` says more.
        """
        self._place(article_folder)
        known_file, known_end = after or ("", 0)
        with self._explained_errors(article_folder, "read"):
            files = [file_path(article_folder, number) for number in article_files(self.folder, article_folder)]
        if after and known_file not in files:
            raise ArchiveError(f"{self.folder / known_file} is missing; restore it from a backup", file=known_file)
        found: list[StoredSnapshot] = []
        for file in files[files.index(known_file) if after else 0 :]:
            found += self._captures_in(file, known_end if file == known_file else 0)
        return found

    def folders(self) -> Iterator[str]:
        """List the folders of all articles, in order of their names."""
        for place, below, files in os.walk(self.folder):
            below[:] = sorted(name for name in below if not name.startswith("."))
            if any(FILE.fullmatch(name) for name in files):
                yield Path(place).relative_to(self.folder).as_posix()

    def _captures_in(self, file: str, start: int = 0) -> list[StoredSnapshot]:
        path = self.folder / file
        with self._explained_errors(file, "read"):
            size = path.stat().st_size
            if start > size:
                raise ArchiveError(
                    f"{path} is {size} bytes long but had captures up to byte {start}; restore it from a backup",
                    file=file,
                )
            try:
                found = scan(self._read_at(file, start, -1), file, self._dictionary(file)[1], start)
            except DamageError as error:
                raise self._damaged(file, 0, error) from error
        for position in found.damaged:
            log.error("%s is damaged at byte %d; run `tracker verify`", path, position)
        return found.captures

    def _records(self, stored: StoredSnapshot) -> list[bytes]:
        data = self._read_at(stored.file, stored.offset, stored.length)
        if len(data) < stored.length:
            raise DamageError("the file ends before the capture does")
        _, dictionary = self._dictionary(stored.file)
        return [decompress(frame, dictionary) for frame in split_frames(data)]

    def _frame_at(self, file: str, position: int) -> bytes | None:
        """Read the frame that begins at a position, None where none does."""
        for size in (FIRST_READ, -1):
            data = self._read_at(file, position, size)
            if is_seal(data):
                return None
            length = frame_length(memoryview(data))
            if length is not None:
                return data[:length]
            if len(data) < FIRST_READ:
                break
        return None

    def _read_at(self, file: str, offset: int, length: int) -> bytes:
        with (self.folder / file).open("rb") as opened:
            opened.seek(offset)
            return opened.read(length)

    def _dictionary(self, file: str) -> tuple[int, Dictionary | None]:
        """Read the head of a file: its length, and the dictionary in it."""
        kept = self._dictionaries.get(file)
        if kept is None:
            length = head_length(self._read_at(file, 0, HEAD.size))
            dictionary = read_dictionary(self._read_at(file, 0, length))
            kept = length, dictionary
            self._dictionaries.put(file, kept, len(dictionary.dict_content) if dictionary else 1)
        return kept

    # --- errors and locks -------------------------------------------------------------------------

    def _place(self, article_folder: str) -> Path:
        """Check the name of an article's folder."""
        parts = article_folder.split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts):
            raise ArchiveError(f"{article_folder!r} is not a folder within the archive")
        return self.folder / article_folder

    @contextlib.contextmanager
    def _writing(self, article_folder: str) -> Iterator[None]:
        """Work alone on an article; forget what was remembered of it when anything goes wrong."""
        lock = self._locks[hash(article_folder) % LOCKS]
        with lock, self._explained_errors(article_folder, "written"):
            try:
                yield
            except DamageError as error:
                raise ArchiveError(f"a capture of {article_folder} cannot be kept: {error}") from error
            except BaseException:
                self._tails.drop(article_folder)
                raise

    @contextlib.contextmanager
    def _explained_errors(self, what: str, done: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ArchiveError(_sentence(error, self.folder / what, done), file=what) from error

    def _damaged(self, file: str, offset: int, error: DamageError) -> ArchiveError:
        sentence = f"{self.folder / file} is damaged at byte {offset}: {error}; run `tracker verify`"
        return ArchiveError(sentence, file=file)


def _sentence(error: OSError, path: Path, done: str) -> str:
    """Say what the operating system objects to, and what to do."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"{path} cannot be written because the disk is full; nothing was kept, so free some space"
        case errno.ENOENT if done == "read":
            return f"{path} is missing from the archive; restore it from a backup"
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return f"{path} cannot be {done} ({error.strerror}); see who may do so there"
        case errno.ENOTDIR | errno.EEXIST:
            return f"{path} cannot be {done} because {error.filename or path} is a file, not a folder"
    return f"{path} cannot be {done} ({error.strerror or error})"
