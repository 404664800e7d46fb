"""What is kept, read back: captures, what was read in them, what stands in the place of those that were pruned.

Any number of processes may read while one writes.  Where a capture is, is remembered by others (the catalog); when a file was pruned since, it is looked for by its name.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import errno
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tracker.archive.capture_records import READING_OF, reading_of, snapshot_of
from tracker.archive.frames import (
    Dictionary,
    decompress,
    frame_length,
    head_length,
    is_seal,
    read_dictionary,
    split_frames,
)
from tracker.archive.recent import Recent
from tracker.archive.scan import Scan, ends_there, scan
from tracker.archive.storage import FILE, Place, article_files, open_storage
from tracker.archive.tail import file_path
from tracker.archive.tombstones import Pruning, Tombstone
from tracker.archive.warc import DamageError, digest_of, parse_record, warc_date
from tracker.errors import ArchiveError
from tracker.models import Capture, Snapshot, StoredReading, StoredSnapshot, Version

log = logging.getLogger(__name__)

DICTIONARY_BYTES: Final = (
    8 << 20
)  # of remembered dictionaries; one of a 110 kB page takes about that, and as much again ready for use
MOST_ENDS: Final = 20_000  # articles of which it is remembered that there is nothing new; some 300 bytes each
FIRST_READ: Final = 64 << 10  # bytes; a version with its dictionary takes some hundred, one without some thousand


def _place_of_version(stored: StoredSnapshot) -> StoredReading:
    return stored.reading or StoredReading(stored.file, stored.offset + stored.length, stored.fetched_at)


class ArchiveReader:
    """The part of the archive that reads.

    Args:
        place: Where the files are.

    Every method raises ArchiveError, with a sentence for people, when the disk or a file does not play along.
    """

    def __init__(self, place: Place) -> None:
        self.storage = open_storage(place)
        self._last_ends: Recent[str, tuple[int, int]] = Recent(
            MOST_ENDS
        )  # where the last capture ended when a file had so many bytes
        self._dictionaries: Recent[str, tuple[object, int, Dictionary | None]] = Recent(DICTIONARY_BYTES)

    def read_snapshot(self, article_folder: str, stored: StoredSnapshot) -> Snapshot:
        """Read what the server sent.

        Raises:
            ArchiveError: It cannot be read, or it was pruned.
        """
        check_name(article_folder)
        with self._explained_errors(stored.file, "read"):
            try:
                return self._snapshot_at(stored)
            except DamageError as error:
                moved = self._moved(stored)
                if moved is None:
                    raise self._damaged(stored.file, stored.offset, error) from error
                return self._snapshot_at(moved)

    def read_version(self, article_folder: str, stored: StoredSnapshot) -> tuple[Version, Capture] | None:
        """Read what was last read in a snapshot, and what the capture is worth; None where nothing was.

        Raises:
            ArchiveError: It cannot be read, or it was pruned.
        """
        check_name(article_folder)
        with self._explained_errors(stored.file, "read"):
            try:
                return self._version_at(stored)
            except DamageError as error:
                moved = self._moved(stored)
                if moved is None:
                    place = _place_of_version(stored)
                    raise self._damaged(place.file, place.offset, error) from error
                return self._version_at(moved)

    def captures(self, article_folder: str, after: tuple[str, int] | None = None) -> list[StoredSnapshot]:
        """List an article's captures in the order in which they were kept, each with its last re-extraction.

        Args:
            article_folder: Of the article.
            after: The file and the position in it where the last capture that is known ends; all are listed without.

        A torn end is left out, and so are captures that were pruned.  Damage is logged, and what stands behind it is listed: `verify` says more.
        """
        found = self._scans(article_folder, after)
        readings = {name: reading for one in found for name, reading in one.readings.items()}
        captures = [stored for one in found for stored in one.captures]
        return [replace(one, reading=readings[one.id]) if one.id in readings else one for one in captures]

    def tombstones(self, article_folder: str) -> list[tuple[StoredSnapshot, Tombstone]]:
        """List what stands in the place of captures that were pruned, in order."""
        return [pair for one in self._scans(article_folder) for pair in one.tombstones]

    def taken_down(self, article_folder: str) -> Pruning | None:
        """Say when and why an article was taken down, where it was."""
        found = (tombstone.pruning for _, tombstone in self.tombstones(article_folder) if tombstone.pruning.takedown)
        return next(found, None)

    def folders(self) -> Iterator[str]:
        """List the folders of all articles, in order of their names."""
        with self._explained_errors("", "read"):
            yield from self.storage.folders(FILE)

    # --- files ------------------------------------------------------------------------------------

    def _scans(self, article_folder: str, after: tuple[str, int] | None = None) -> list[Scan]:
        check_name(article_folder)
        known_file, known_end = after or ("", 0)
        if after and self._nothing_behind(known_file, known_end):
            return []
        with self._explained_errors(article_folder, "read"):
            files = list(article_files(self.storage, article_folder).values())
        if after and known_file not in files:
            raise ArchiveError(
                f"{self.storage.place(known_file)} is missing; restore it from a backup", file=known_file
            )
        wanted = files[files.index(known_file) if after else 0 :]
        return [self._scan_file(file, known_end if file == known_file else 0) for file in wanted]

    def _nothing_behind(self, file: str, end: int) -> bool:
        """Whether a capture that ends there is the last of its article: as nearly always, and no reason to list files or to unpack a dictionary."""
        folder, _, name = file.rpartition("/")
        found = FILE.fullmatch(name)
        with self._explained_errors(file, "read"), contextlib.suppress(FileNotFoundError):
            size = self.storage.size(file)
            if not found or self.storage.holds(file_path(folder, int(found[1]) + 1)):
                return False
            if self._last_ends.get(file) == (end, size):
                return True
            if ends_there(self.storage.read(file, end, FIRST_READ)):
                self._last_ends.put(file, (end, size))
                return True
        return False

    def _scan_file(self, file: str, start: int = 0) -> Scan:
        place = self.storage.place(file)
        with self._explained_errors(file, "read"):
            if start and start > (size := self.storage.size(file)):
                raise ArchiveError(
                    f"{place} is {size} bytes long but had captures up to byte {start}; restore it from a backup",
                    file=file,
                )
            data = self.storage.read(file, start)
            try:
                found = scan(data, file, self._dictionary(file, None if start else data)[1], start)
            except DamageError as error:
                raise self._damaged(file, 0, error) from error
        for position in found.damaged:
            log.error("%s is damaged at byte %d; run `tracker verify`", place, position)
        return found

    def _moved(self, stored: StoredSnapshot) -> StoredSnapshot | None:
        """Look for a capture by its name, where it is not found at its place: its file was pruned since.

        Raises:
            ArchiveError: It was pruned itself.
        """
        folder = stored.file.rpartition("/")[0]
        for place, tombstone in self.tombstones(folder):
            if place.id == stored.id:
                gone = f"the capture {stored.id} in {self.storage.place(folder)} was {tombstone.pruning}"
                raise ArchiveError(gone, file=stored.file)
        found = next((one for one in self.captures(folder) if (one.id, one.digest) == (stored.id, stored.digest)), None)
        return found if found != stored else None

    def _snapshot_at(self, stored: StoredSnapshot) -> Snapshot:
        snapshot = snapshot_of([parse_record(record) for record in self._records(stored)])
        if digest_of(snapshot.body) != stored.digest:
            raise DamageError("another capture stands where this one was kept")
        return snapshot

    def _version_at(self, stored: StoredSnapshot) -> tuple[Version, Capture] | None:
        place = _place_of_version(stored)
        frame = self._frame_at(place.file, place.offset)
        if frame is None:
            self._snapshot_at(stored)  # it has no version, unless it stands elsewhere now
            return None
        record = parse_record(decompress(frame, self._dictionary(place.file)[1]))
        named = record.field(READING_OF) == stored.id if stored.reading else record.field(READING_OF) is None
        if record.type != "conversion" or record.field("WARC-Date") != warc_date(place.at) or not named:
            raise DamageError("another record stands where the version was kept")
        version, capture = reading_of(record)
        return (version, capture) if version else None

    def _records(self, stored: StoredSnapshot) -> list[bytes]:
        data = self.storage.read(stored.file, stored.offset, stored.length)
        if len(data) < stored.length:
            raise DamageError("the file ends before the capture does")
        _, dictionary = self._dictionary(stored.file)
        return [decompress(frame, dictionary) for frame in split_frames(data)]

    def _frame_at(self, file: str, position: int) -> bytes | None:
        """Read the frame that begins at a position, None where none does."""
        for size in (FIRST_READ, -1):
            data = self.storage.read(file, position, size)
            if is_seal(data):
                return None
            length = frame_length(memoryview(data))
            if length is not None:
                return data[:length]
            if len(data) < FIRST_READ:
                break
        return None

    def _dictionary(self, file: str, data: bytes | None = None) -> tuple[int, Dictionary | None]:
        """Read the head of a file: its length, and the dictionary in it; from the whole file, where that was read anyway."""
        written = self.storage.identity(file)  # a file that was pruned is another one under the same name
        kept = self._dictionaries.get(file)
        if kept is None or kept[0] != written or (written is None and data is not None):
            head = self.storage.read(file, 0, FIRST_READ) if data is None else data
            length = head_length(head)
            if len(head) < length:
                head = self.storage.read(file, 0, length)
            dictionary = read_dictionary(head[:length])
            kept = written, length, dictionary
            self._dictionaries.put(file, kept, len(dictionary.dict_content) if dictionary else 1)
        return kept[1:]

    # --- errors -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _explained_errors(self, what: str, done: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ArchiveError(_sentence(error, self.storage.place(what), done), file=what) from error

    def _damaged(self, file: str, offset: int, error: DamageError) -> ArchiveError:
        sentence = f"{self.storage.place(file)} is damaged at byte {offset}: {error}; run `tracker verify`"
        return ArchiveError(sentence, file=file)


def check_name(article_folder: str) -> None:
    """Refuse what is no name of an article's folder.

    Raises:
        ArchiveError: It leads out of the archive.
    """
    parts = article_folder.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ArchiveError(f"{article_folder!r} is not a folder within the archive")


def _sentence(error: OSError, path: str, done: str) -> str:
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
