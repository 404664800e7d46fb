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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tracker.archive.capture_records import Chain, add_version
from tracker.archive.disk import Disk
from tracker.archive.index import HEADING, INDEX_FILE, README, README_FILE, index_line, last_id, tombstone_line
from tracker.archive.prune import prune_file
from tracker.archive.reader import ArchiveReader, article_files
from tracker.archive.recent import Recent
from tracker.archive.scan import Scan, scan
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
UNKNOWN_STAMP: Final = "9" * STAMP_LENGTH  # later than any

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
        folder: Where they are; made with the first capture.
        disk: How it is written to; for tests.

    Every method raises ArchiveError, with a sentence for people, when the disk or a file does not play along.
    """

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        super().__init__(folder)
        self._disk = disk or Disk()
        self._locks = tuple(threading.Lock() for _ in range(LOCKS))
        self._tails: Recent[str, Tail] = Recent(MOST_TAILS)
        self._explained = False  # the README is there

    @property
    def disk(self) -> Disk:
        """How the archive's folder is written to."""
        return self._disk

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

    def last_kept_at(self, article_folder: str) -> datetime | None:
        """Say when the latest capture of an article was fetched, to the second; None where there is none."""
        self._place(article_folder)
        with self._writing(article_folder):
            latest = self._tail(article_folder).latest
        if latest in ("", UNKNOWN_STAMP):
            return None
        return datetime.strptime(latest, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def head(self, article_folder: str) -> str | None:
        """Name the digest of the last record of an article's chain; None where there is none, or its last file is damaged."""
        self._place(article_folder)
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
        self._place(article_folder)
        with self._writing(article_folder):
            chain = Chain(self._tail(article_folder).previous)
            for stored, (version, capture) in readings:
                response = [one for one in map(parse_record, self._records(stored)) if one.type == "response"][-1]
                add_version(chain, response, version, capture, at, reading_of=stored.id)
            file, places = self._extend(article_folder, chain)
        return [StoredReading(file, place, at) for place in places]

    def weigh_pruning(self, article_folder: str, captures: Collection[str], pruning: Pruning) -> int:
        """Say how many bytes the pruning of captures would free, about.

        Raises:
            ArchiveError: The files are not as they were written, so that nothing can be pruned.
        """
        going = self._going(article_folder, captures, pruning)
        freed = 0
        for path in article_files(self.folder, article_folder).values():
            with self._explained_errors(article_folder, "read"):
                data = path.read_bytes()
            freed += len(data) - len(_pruned(path, data, going, pruning))
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
            (self.folder / article_folder / INDEX_FILE).unlink(missing_ok=True)
            # Later readings stand behind their captures, and go first: at no moment does one refer to what is not there.
            for number, path in reversed(article_files(self.folder, article_folder).items()):
                data = path.read_bytes()
                pruned = _pruned(path, data, going, pruning)
                if pruned is not data:
                    self._disk.replace(path, pruned)
                    self._dictionaries.drop(file_path(article_folder, number))
            if pruning.takedown:
                for torn in (self.folder / article_folder).glob("*.torn"):
                    torn.unlink()
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
            raise ArchiveError(f"{self.folder / file} is damaged at its head; run `tracker verify`", file=file)
        data, grown, places = extend_chain(tail, self._dictionary(file)[1], chain)
        self._disk.append(self.folder / file, data, tail.end)
        self._tails.put(folder, grown)
        return file, places

    def _bytes_of(self, folder: str) -> int:
        return sum(path.stat().st_size for path in article_files(self.folder, folder).values())

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
                self._explain()
                self._explained = True

    def _explain(self) -> None:
        readme = self.folder / README_FILE
        if not readme.exists():
            self._disk.create(readme, README.encode())
        elif readme.read_bytes() != README.encode():  # an older program's
            self._disk.replace(readme, README.encode())

    def _refresh_index(self, folder: str, last: str) -> None:
        """Write an article's index anew where it does not end with the last capture."""
        index = self.folder / folder / INDEX_FILE
        with contextlib.suppress(OSError, ArchiveError):
            if last and not (index.exists() and last_id(index.read_text("utf-8", "replace")) == last):
                self._write_index(folder)

    def _write_index(self, folder: str) -> None:
        lines = {
            (stored.file, stored.offset): index_line(stored, self._headline(folder, stored))
            for stored in self.captures(folder)
        }
        lines |= {
            (stored.file, stored.offset): tombstone_line(stored, str(tombstone.pruning))
            for stored, tombstone in self.tombstones(folder)
        }
        text = HEADING + "".join(line for _, line in sorted(lines.items()))
        self._disk.create(self.folder / folder / INDEX_FILE, text.encode())

    def _headline(self, folder: str, stored: StoredSnapshot) -> str | None:
        read = self.read_version(folder, stored)
        return read[0].headline if read else None

    # --- alone ------------------------------------------------------------------------------------

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


def _pruned(path: Path, data: bytes, going: Sequence[StoredSnapshot], pruning: Pruning) -> bytes:
    try:
        return prune_file(data, going, pruning)
    except DamageError as error:
        raise ArchiveError(f"{path} cannot be pruned: {error}; run `tracker verify`", file=str(path)) from error
