"""The archive as the rest of the program sees it: append a capture, read one back, list them.

One writer at a time (`lock_archive`), with any number of threads: captures of one article wait for one another, those of different articles do not.
Where an article's last file ends is read from that file once and remembered; a file that is not as long as remembered is read again.

Nothing that was written is ever changed, but for what is pruned: then a file is written anew, with tombstones in place of captures.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from tracker.archive.capture_records import Chain, add_version
from tracker.archive.disk import Disk
from tracker.archive.folder import FolderStorage
from tracker.archive.frames import END
from tracker.archive.index import HEADING, INDEX_FILE, README, README_FILE, index_line, last_id, tombstone_line
from tracker.archive.prune import prune_file
from tracker.archive.reader import ArchiveReader, check_name
from tracker.archive.recent import Recent
from tracker.archive.scan import Scan, scan
from tracker.archive.storage import ChangedError, Place, article_files, numbers_of
from tracker.archive.tail import (
    STAMP_LENGTH,
    Growth,
    Tail,
    begin_file,
    cost_of,
    extend_chain,
    extend_file,
    file_path,
    is_full,
    latest_stamp,
)
from tracker.archive.tombstones import Pruning, add_notice
from tracker.archive.warc import DamageError, parse_record
from tracker.errors import ArchiveError
from tracker.models import Capture, Snapshot, StoredReading, StoredSnapshot, Version

log = logging.getLogger(__name__)

LOCKS: Final = (
    256  # shared by all articles: with 32 threads, an append waits for one of another article in 1 of 9 cases
)
MOST_TAILS: Final = 20_000  # articles whose end is remembered; some 500 bytes each
TRIES: Final = 10  # to add to an article that others add to as well; one of them gets through each time
UNKNOWN_STAMP: Final = "9" * STAMP_LENGTH  # later than any

T = TypeVar("T")
Reading = tuple[Version | None, Capture]
"""What was read in a capture, and what it is worth."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """The torn end of a file that was cut off: a write that a crash interrupted, and that nobody was told of."""

    file: str  # path within the archive folder
    offset: int  # bytes; where it began
    length: int  # bytes
    kept_in: str  # where the bytes were put, path within the archive folder


class Archive(ArchiveReader):
    """Snapshots and versions in files.

    Args:
        place: Where they are; made with the first capture.
        disk: How a folder is written to; for tests.

    Every method raises ArchiveError, with a sentence for people, when the disk or a file does not play along.
    """

    def __init__(self, place: Place, *, disk: Disk | None = None) -> None:
        super().__init__(FolderStorage(place, disk) if isinstance(place, Path) else place)
        self._locks = tuple(threading.Lock() for _ in range(LOCKS))
        self._tails: Recent[str, Tail] = Recent(MOST_TAILS)
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
        check_name(article_folder)

        def add() -> StoredSnapshot:
            tail = self._tail(article_folder)
            growth = self._growth(article_folder, tail, snapshot, version, capture)
            if growth.tail.number == tail.number:
                self.storage.append(growth.stored.file, growth.data, tail.end)
            else:
                if tail.number and not tail.ended and self.storage.ends_files:
                    self.storage.append(file_path(article_folder, tail.number), END, tail.end)
                self.storage.create(growth.stored.file, growth.data)
            self._tails.put(article_folder, growth.tail)
            return growth.stored

        with self._writing(article_folder):
            stored = self._until_unchanged(article_folder, add)
            self._tell(article_folder, index_line(stored, version.headline if version else None))
        return stored

    def tidy(self, article_folder: str) -> Tidied | None:
        """Cut off what a crash left behind the last whole capture of an article, and bring its index up to date.

        Returns:
            What was cut off, if anything was.
        """
        check_name(article_folder)
        with self._writing(article_folder):
            self._tails.drop(article_folder)
            tail, tidied = self._load(article_folder)
            self._tails.put(article_folder, tail)
        return tidied

    def _growth(self, folder: str, tail: Tail, snapshot: Snapshot, version: Version | None, capture: Capture) -> Growth:
        """Decide between the last file and a new one."""
        if is_full(tail, self.storage.largest_file):
            return begin_file(tail, folder, snapshot, version, capture)
        _, dictionary = self._dictionary(file_path(folder, tail.number))
        growth = extend_file(tail, dictionary, folder, snapshot, version, capture)
        if growth.tail.cost.is_dear:
            return begin_file(tail, folder, snapshot, version, capture)
        return growth

    def last_kept_at(self, article_folder: str) -> datetime | None:
        """Say when the latest capture of an article was fetched, to the second; None where there is none."""
        check_name(article_folder)
        with self._writing(article_folder):
            latest = self._tail(article_folder).latest
        if latest in ("", UNKNOWN_STAMP):
            return None
        return datetime.strptime(latest, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def head(self, article_folder: str) -> str | None:
        """Name the digest of the last record of an article's chain; None where there is none, or its last file is damaged."""
        check_name(article_folder)
        with self._writing(article_folder):
            return self._tail(article_folder).previous

    # --- what is added to old captures, and what is taken away ------------------------------------

    def add_readings(
        self, article_folder: str, readings: Sequence[tuple[StoredSnapshot, Reading]], at: datetime
    ) -> list[StoredReading]:
        """Keep what a later program read in old captures; from then on this is what was read in them.

        Args:
            article_folder: Of the article.
            readings: For each capture, what was read in it.
            at: When it was.

        Raises:
            ArchiveError: Nothing was kept.
        """
        if not readings:
            return []
        check_name(article_folder)

        def add() -> list[StoredReading]:
            chain = Chain(self._tail(article_folder).previous)
            for stored, (version, capture) in readings:
                response = [one for one in map(parse_record, self._records(stored)) if one.type == "response"][-1]
                add_version(chain, response, version, capture, at, reading_of=stored.id)
            file, places = self._extend(article_folder, chain)
            return [StoredReading(file, place, at) for place in places]

        with self._writing(article_folder):
            return self._until_unchanged(article_folder, add)

    def weigh_pruning(self, article_folder: str, captures: Collection[str], pruning: Pruning) -> int:
        """Say how many bytes the pruning of captures would free, about.

        Raises:
            ArchiveError: The files are not as they were written, so that nothing can be pruned.
        """
        going = self._going(article_folder, captures, pruning)
        freed = 0
        with self._explained_errors(article_folder, "read"):
            for file in article_files(self.storage, article_folder).values():
                data = self.storage.read(file)
                freed += len(data) - len(self._pruned(file, data, going, pruning))
        return freed

    def prune(self, article_folder: str, captures: Collection[str], pruning: Pruning) -> int:
        """Put tombstones in the places of captures.  Done again after a crash, it goes on where it was.

        Args:
            article_folder: Of the article.
            captures: Their identifiers.
            pruning: When and why.

        Returns:
            How many bytes were freed.

        Raises:
            ArchiveError: The files are not as they were written, or cannot be written; no file is left half pruned.
        """
        self.tidy(article_folder)
        self.weigh_pruning(article_folder, captures, pruning)  # damage is found before anything is changed
        with self._writing(article_folder):
            going = self._going(article_folder, captures, pruning)
            before = self._bytes_of(article_folder)
            self._announce(article_folder, going, pruning)
            # It is written anew: at the end, or by whoever comes next.
            self.storage.remove(f"{article_folder}/{INDEX_FILE}")
            # Later readings stand behind their captures, and go first: at no moment does one refer to what is not there.
            for file in reversed(article_files(self.storage, article_folder).values()):
                data = self.storage.read(file)
                pruned = self._pruned(file, data, going, pruning)
                if pruned is not data:
                    self.storage.replace(file, pruned, data)
                    self._dictionaries.drop(file)
            if pruning.takedown:
                self._remove(article_folder, self.storage.names(article_folder), ".torn")
            self._tails.drop(article_folder)
            self._write_index(article_folder)
            return before - self._bytes_of(article_folder)

    def _going(self, folder: str, captures: Collection[str], pruning: Pruning) -> list[StoredSnapshot]:
        """Find captures that are to be pruned, and those that were already: a re-extraction of them may be left."""
        stones = [stored for stored, tombstone in self.tombstones(folder) if tombstone.pruning == pruning]
        return [one for one in [*self.captures(folder), *stones] if one.id in captures]

    def _announce(self, folder: str, going: Sequence[StoredSnapshot], pruning: Pruning) -> None:
        """Say in the chain what will be pruned, unless it was said."""
        notices = [notice for found in self._scans(folder) for notice in found.notices if notice.pruning == pruning]
        told = {capture for notice in notices for capture in notice.captures}
        untold = [one for one in going if (one.id, one.digest) not in told]
        if untold:
            chain = Chain(self._tail(folder).previous)
            add_notice(chain, pruning, untold)
            self._extend(folder, chain)

    def _extend(self, folder: str, chain: Chain) -> tuple[str, list[int]]:
        """Append records that are no capture, and say where they are."""
        tail = self._tail(folder)
        file = file_path(folder, tail.number)
        if tail.closed or not tail.number:
            raise ArchiveError(f"{self.storage.place(file)} is damaged at its head; run `tracker verify`", file=file)
        data, grown, places = extend_chain(tail, self._dictionary(file)[1], chain)
        self.storage.append(file, data, tail.end)
        self._tails.put(folder, grown)
        return file, places

    def _bytes_of(self, folder: str) -> int:
        return sum(map(self.storage.size, article_files(self.storage, folder).values()))

    def _remove(self, folder: str, names: Iterable[str], ending: str) -> None:
        for name in names:
            if name.endswith(ending):
                self.storage.remove(f"{folder}/{name}")

    def _pruned(self, file: str, data: bytes, going: Sequence[StoredSnapshot], pruning: Pruning) -> bytes:
        try:
            return prune_file(data, going, pruning)
        except DamageError as error:
            place = self.storage.place(file)
            raise ArchiveError(f"{place} cannot be pruned: {error}; run `tracker verify`", file=place) from error

    # --- the end of the last file -----------------------------------------------------------------

    def _tail(self, folder: str) -> Tail:
        tail = self._tails.get(folder)
        if tail is None or tail.end != self._size(folder, tail.number):
            tail, _ = self._load(folder)
            self._tails.put(folder, tail)
        return tail

    def _size(self, folder: str, number: int) -> int:
        try:
            return self.storage.size(file_path(folder, number)) if number else 0
        except FileNotFoundError:
            return 0

    def _load(self, folder: str) -> tuple[Tail, Tidied | None]:
        """Find the end of an article's last file, and tidy up behind it."""
        names = self.storage.names(folder)
        self._remove(folder, names, ".new")
        numbers = numbers_of(names)
        if not numbers:
            return Tail(), None
        file = file_path(folder, numbers[-1])
        place = self.storage.place(file)
        data = self.storage.read(file)
        self._dictionaries.drop(file)
        try:
            found = scan(data, file, self._dictionary(file, data)[1])
        except DamageError:
            log.error("%s is damaged at its head, so the next capture begins a new file; run `tracker verify`", place)
            return Tail(numbers[-1], len(data), latest=UNKNOWN_STAMP, closed=True), None
        for position in found.damaged:
            log.error("%s is damaged at byte %d; run `tracker verify`", place, position)
        tidied = self._cut(file, data, found.end) if found.end < len(data) else None
        self._refresh_index(folder, _last_id(found))
        tail = Tail(
            number=numbers[-1],
            end=found.end,
            previous=found.last_digest,
            captures=len(found.captures) + len(found.tombstones),
            # What cannot be read may have had any stamp, which must not be given twice.
            latest=UNKNOWN_STAMP if found.damaged else self._latest(folder, numbers, found),
            cost=cost_of(self._dictionary(file)[0], found.captures),
            pruned=found.pruned,
            ended=data[: found.end].endswith(END),
        )
        return tail, tidied

    def _latest(self, folder: str, numbers: list[int], last: Scan) -> str:
        """Find the highest stamp of an article: mostly in its last file, but a file may hold nothing but an import of older captures."""
        latest = latest_stamp(_ids(last))
        for number in reversed(numbers[:-1]):
            if latest:
                break
            latest = latest_stamp(_ids(self._scan_file(file_path(folder, number))))
        return latest

    def _cut(self, file: str, data: bytes, end: int) -> Tidied:
        kept = f"{file.partition('.warc.')[0]}.{end}.torn"
        self.storage.write(kept, data[end:])
        self.storage.cut(file, end, data)
        place = self.storage.place(file)
        log.warning("%s: a write was interrupted at byte %d; cut off, and kept in %s", place, end, kept)
        return Tidied(file, end, len(data) - end, kept)

    # --- what a person reads beside the files -----------------------------------------------------

    def _tell(self, folder: str, line: str) -> None:
        """Add to the index; the capture is safe already, so a failure is nobody's business."""
        with contextlib.suppress(OSError):
            if self.storage.keeps_index:
                self.storage.add_line(f"{folder}/{INDEX_FILE}", HEADING, line)
            if not self._explained:
                self._explain()
                self._explained = True

    def _explain(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self.storage.read(README_FILE) == README.encode():  # not an older program's
                return
        self.storage.write(README_FILE, README.encode())

    def _refresh_index(self, folder: str, last: str) -> None:
        """Write an article's index anew where it does not end with the last capture."""
        if not last or not self.storage.keeps_index:
            return
        with contextlib.suppress(OSError, ArchiveError):
            try:
                index = self.storage.read(f"{folder}/{INDEX_FILE}").decode("utf-8", "replace")
            except FileNotFoundError:
                index = ""
            if last_id(index) != last:
                self._write_index(folder)

    def _write_index(self, folder: str) -> None:
        if not self.storage.keeps_index:
            return
        lines = {
            (stored.file, stored.offset): index_line(stored, self._headline(folder, stored))
            for stored in self.captures(folder)
        }
        lines |= {
            (stored.file, stored.offset): tombstone_line(stored, str(tombstone.pruning))
            for stored, tombstone in self.tombstones(folder)
        }
        text = HEADING + "".join(line for _, line in sorted(lines.items()))
        self.storage.write(f"{folder}/{INDEX_FILE}", text.encode())

    def _headline(self, folder: str, stored: StoredSnapshot) -> str | None:
        read = self.read_version(folder, stored)
        return read[0].headline if read else None

    # --- alone ------------------------------------------------------------------------------------

    def _until_unchanged(self, article_folder: str, add: Callable[[], T]) -> T:
        """Add to an article; again, at its new end, where somebody else did so meanwhile."""
        for _ in range(TRIES - 1):
            with contextlib.suppress(ChangedError):
                return add()
            self._tails.drop(article_folder)
        return add()

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


def _ids(found: Scan) -> list[str]:
    return [stored.id for stored in (*found.captures, *(stone for stone, _ in found.tombstones))]


def _last_id(found: Scan) -> str:
    """Name the last capture of a file, or the one whose tombstone stands there; empty where there is none."""
    stones = [stone for stone, _ in found.tombstones]
    return max((*found.captures, *stones), key=lambda stored: stored.offset).id if found.captures or stones else ""
