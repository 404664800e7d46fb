"""Compares what an archive's files hold with what they say of themselves, and with what others remember of them.

A file vouches for itself by its seals (every bit), by the digests and identifiers of its records (every word), and by the chain (nothing removed, added or exchanged before the last record).
What stands at the very end can only be vouched for from outside: by the catalog, and for want of one by the index beside the files.

One cause is reported once: a link that is broken because the record before it cannot be read is no finding of its own.

Computes only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import Literal

from tracker.archive.capture_records import READING_OF, reading_of, snapshot_of, version_of
from tracker.archive.frames import Dictionary, head_length, read_dictionary
from tracker.archive.scan import Gathering, Piece, is_sealed, pieces, reading_at
from tracker.archive.tail import STAMP_LENGTH, file_path, stamp_of
from tracker.archive.tombstones import (
    Notice,
    Pruning,
    Tombstone,
    read_notice,
    read_tombstone,
    stored_tombstone,
)
from tracker.archive.warc import END, PREVIOUS, DamageError, Record, digest_of, record_id, warc_date
from tracker.models import StoredReading, StoredSnapshot

Kind = Literal["damage", "chain", "time", "missing", "torn", "catalog", "index", "stamp"]
"""What is wrong: bytes are not as written · records were removed, added, exchanged or changed · times contradict one another · a file is gone · the end is incomplete ·
the catalog remembers otherwise · the index does · what was time-stamped is not there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with an archive."""

    file: str  # path within the archive folder; of a folder where the article as a whole is meant
    offset: int | None  # bytes; None where the file as a whole is meant
    kind: Kind
    meaning: str  # a sentence


@dataclass(frozen=True, slots=True)
class Link:
    """Where an article's chain stands at the end of a file."""

    number: int = 0  # of the file
    digest: str | None = None  # of its last record
    offset: int | None = None  # of its last record
    latest: str = ""  # the highest plain stamp so far
    known: bool = True  # False where the last record cannot be read, or was not: the next link cannot be checked
    responses: frozenset[str] = frozenset()  # identifiers of all responses so far
    complete: bool = True  # False where some of them may be missing here


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What came out of the check of one file."""

    file: str
    size: int
    findings: list[Finding]
    captures: list[StoredSnapshot]
    link: Link
    tombstones: list[tuple[StoredSnapshot, Pruning]] = field(default_factory=list)  # of captures that were pruned
    notices: list[Notice] = field(default_factory=list)
    readings: dict[str, StoredReading] = field(default_factory=dict)  # the last re-extraction of each capture

    @property
    def places(self) -> dict[tuple[str, int], StoredSnapshot]:
        """List what is kept by file and offset: captures, and what stands for those that were pruned."""
        found = [*self.captures, *(stored for stored, _ in self.tombstones)]
        return {(stored.file, stored.offset): stored for stored in found}


def check_file(
    data: bytes, article_folder: str, number: int, before: Link, stamped: Collection[str] = frozenset()
) -> tuple[CheckedFile, set[str]]:
    """Check one of an article's files.

    Args:
        data: The whole file.
        article_folder: Of the article.
        number: Of the file.
        before: Where the chain stood at the end of the file before; a fresh one for the first.
        stamped: Digests of records that a time-stamp was given for.

    Returns:
        What came out, and which of the digests are those of records in it.
    """
    check = _FileCheck(article_folder, number, before, stamped)
    check.run(data)
    known = check.known and not check.foreign
    responses = frozenset(check.responses)
    link = Link(number, check.digest, check.last_record, check.latest, known, responses, check.is_complete)
    checked = CheckedFile(
        check.file, len(data), check.findings, check.captures, link, check.tombstones, check.notices, check.readings
    )
    return checked, check.found_stamped


class _FileCheck:
    """The state of a check of one file, from its first byte to its last."""

    def __init__(self, article_folder: str, number: int, before: Link, stamped: Collection[str]) -> None:
        self.article_folder = article_folder
        self.number = number
        self.before = before
        self.file = file_path(article_folder, number)
        self.findings: list[Finding] = []
        self.captures: list[StoredSnapshot] = []
        self.digest, self.latest, self.known = before.digest, before.latest, before.known
        self.last_record: int | None = None
        self.foreign = False  # it is another file's place
        self.sealed: int | None = 0  # where the bytes begin that the next seal is for; None where we do not know
        self.append_findings = 0  # how many there were before what the next seal is for
        self.records: list[Record] = []  # of the capture
        self.responses: set[str] = set(before.responses)
        self.is_complete = before.complete
        self.tombstones: list[tuple[StoredSnapshot, Pruning]] = []
        self.pruned = False  # something was, in what was read so far: captures do not stand where they were written
        self.notices: list[Notice] = []
        self.readings: dict[str, StoredReading] = {}
        self.stamped = stamped
        self.found_stamped: set[str] = set()

    def run(self, data: bytes) -> None:
        head = head_length(data)
        dictionary = self._dictionary(data[:head])
        if dictionary is None:
            self.known = self.is_complete = False
            return
        self.gathering = Gathering(self.file, head)
        for piece in pieces(data, dictionary, head):
            match piece.kind:
                case "record":
                    self._record(piece)
                case "seal":
                    self._seal(data, piece)
                case "damage":
                    self._damage(piece)
                case "torn":
                    self._torn(piece)
        if self.sealed is not None and self.sealed < len(data) and not self._reported():
            self._find(
                self.sealed,
                "torn",
                f"the end of the file is incomplete: a write was interrupted after byte {self.sealed}, or the end was cut off",
            )

    def _dictionary(self, head: bytes) -> Dictionary | None:
        lost = "none of the captures in this file can be read"
        try:
            dictionary = read_dictionary(head)
        except DamageError:
            self._find(0, "damage", f"the dictionary at the head of the file is not as it was written: {lost}")
            return None
        if dictionary is None:
            self._find(
                0,
                "damage",
                f"the file does not begin with its dictionary, so its beginning was overwritten or cut off: {lost}",
            )
        return dictionary

    def _find(self, offset: int | None, kind: Kind, meaning: str, file: str | None = None) -> None:
        self.findings.append(Finding(file or self.file, offset, kind, meaning))

    # --- pieces ---

    def _record(self, piece: Piece) -> None:
        assert piece.record is not None
        if piece.record.type == "warcinfo":
            self._named(piece, piece.record)
        try:
            tombstone = read_tombstone(piece.record)
        except DamageError as error:
            self._find(piece.start, "damage", f"{error}{self._where()}")
            self.known = False
            return
        faults = list(record_faults(piece.record))
        if tombstone:
            self._tombstone(piece, tombstone, sound=not faults)
        else:
            self._link(piece.start, piece.record.field(PREVIOUS))
            self._pass(digest_of(piece.raw), piece.start, sound=not faults)
        for kind, fault in faults:
            self._find(piece.start, kind, fault)
        self.records.append(piece.record)
        try:
            for stored in self.gathering.add(piece):
                self._capture(stored)
            if notice := read_notice(piece.record):
                self.notices.append(notice)
            if piece.record.type == "conversion":
                self._version(piece, piece.record)
        except DamageError as error:
            if not self._reported():
                self._find(piece.start, "chain", f"{error}: records were removed or added{self._where()}")
        if piece.record.type not in ("response", "request"):
            self.records.clear()

    def _tombstone(self, piece: Piece, tombstone: Tombstone, *, sound: bool) -> None:
        """Follow the chain through a tombstone."""
        self.pruned = True
        self._link(piece.start, tombstone.link.previous)
        self._pass(tombstone.link.digest, piece.start, sound=sound)
        if tombstone.is_of_capture:
            stored = stored_tombstone(tombstone, self.file, piece.start, piece.end - piece.start)
            self.tombstones.append((stored, tombstone.pruning))
            self._in_order(stored)

    def _pass(self, digest: str, start: int, *, sound: bool) -> None:
        """Go on to the next record of the chain."""
        self.digest, self.last_record, self.known = digest, start, sound
        if digest in self.stamped:
            self.found_stamped.add(digest)

    def _link(self, start: int, named: str | None) -> None:
        """Check that a record names the one before it."""
        if not self.known or named == self.digest:
            return
        if self.last_record is not None:
            self._find(
                start,
                "chain",
                f"this record was not written after the one that stands before it: one of them was changed or exchanged, or records between them were removed or added{self._where()}",
            )
        elif self.before.number:
            end = file_path(self.article_folder, self.before.number)
            self._find(
                self.before.offset,
                "chain",
                f"the end of the file is not what {self.file} was written after: it was cut off, added to or changed",
                end,
            )
        else:
            self._find(
                start,
                "chain",
                "this is not the beginning of the article's chain: what stood before it was removed",
            )

    def _named(self, piece: Piece, record: Record) -> None:
        name = record.field("WARC-Filename")
        if name != self.file:
            self._find(piece.start, "chain", f"this file was written as {name}: files were exchanged or renamed")
            self.known, self.foreign = False, True

    def _capture(self, stored: StoredSnapshot) -> None:
        self.captures.append(stored)
        self.responses |= {record.id for record in self.records if record.type == "response"}
        for kind, fault in capture_faults(self.records, stored, None if self.pruned else self.number):
            self._find(stored.offset, kind, fault)
        self._in_order(stored)

    def _in_order(self, stored: StoredSnapshot) -> None:
        """Plain stamps rise through an article; one with a place was kept after later ones: an import, a clock set back."""
        if len(stored.id) == STAMP_LENGTH:
            if stored.id <= self.latest:
                self._find(
                    stored.offset,
                    "time",
                    f"the capture {stored.id} stands after one of {self.latest}, so one of them was re-dated or moved",
                )
            self.latest = max(self.latest, stored.id)

    def _version(self, piece: Piece, record: Record) -> None:
        if name := record.field(READING_OF):
            reading_of(record)
            self.readings[name] = reading_at(record, self.file, piece.start)
        else:
            version_of(record)
        is_there = record.field("WARC-Refers-To") in self.responses or (name and not self.is_complete)
        if not is_there and not self._reported():
            raise DamageError("a version refers to a capture that is not there")

    def _seal(self, data: bytes, piece: Piece) -> None:
        if self.sealed is not None and not is_sealed(data, self.sealed, piece) and not self._reported():
            self._find(
                self.sealed,
                "damage",
                f"between bytes {self.sealed} and {piece.end}, bits are not as they were written, although the records can still be read{self._where()}",
            )
        self._begin_append(piece.end)

    def _damage(self, piece: Piece) -> None:
        self._find(
            piece.start,
            "damage",
            f"{piece.end - piece.start} bytes are not as they were written and cannot be read{self._where()}",
        )
        self.known, self.sealed, self.is_complete = False, None, False
        self.records.clear()
        self.gathering = Gathering(self.file, piece.end)

    def _torn(self, piece: Piece) -> None:
        length = piece.end - piece.start
        self._find(
            piece.start,
            "torn",
            f"the file ends with {length} bytes of a record that is not whole: a write was interrupted, or the end was cut off{self._where()}",
        )
        self.sealed = piece.end

    def _begin_append(self, position: int) -> None:
        self.sealed = position
        self.gathering = Gathering(self.file, position)
        self.append_findings = len(self.findings)

    def _reported(self) -> bool:
        """Whether something was found in what the next seal is for."""
        return len(self.findings) > self.append_findings

    def _where(self) -> str:
        """Say after which capture, for people."""
        return f", after the capture of {_shown(self.captures[-1])}" if self.captures else ""


# --- records --------------------------------------------------------------------------------------


def record_faults(record: Record) -> Iterator[tuple[Kind, str]]:
    """Compare a record with the digests that it names; that of the block was compared when it was read."""
    date, digest = record.field("WARC-Date"), record.field("WARC-Block-Digest")
    if record.id != record_id(record.type, date, digest, record.field(PREVIOUS)):
        yield (
            "chain",
            f"the {record.type} record was changed after it was written: its identifier does not belong to its date, content and place",
        )
    payload = record.field("WARC-Payload-Digest")
    if payload is not None and payload != digest_of(record.block.partition(END)[2]):
        yield "damage", f"the {record.type} record's content does not have the digest that it names"


def _shown(stored: StoredSnapshot) -> str:
    return f"{stored.fetched_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def capture_faults(records: list[Record], stored: StoredSnapshot, number: int | None) -> Iterator[tuple[Kind, str]]:
    """Compare the parts of a capture with one another.

    Args:
        records: Of the capture.
        stored: Where it is, and what it says of itself.
        number: Of the file; None where something before it was pruned, so that it does not stand where it was written.

    Raises:
        DamageError: They are not the parts of one capture.
    """
    snapshot = snapshot_of(records)
    if (len(snapshot.body), snapshot.status) != (stored.size, stored.status):
        yield "chain", f"the page of the capture {stored.id} is not the one that its metadata describe"
    if any(record.field("WARC-Date") != warc_date(stored.fetched_at) for record in records):
        yield "time", f"the records of the capture {stored.id} bear different times, so one of them was re-dated"
    stamp, _, place = stored.id.partition("-")
    if stamp != stamp_of(stored.fetched_at):
        yield "time", f"the capture {stored.id} bears the time {_shown(stored)}, so it was re-dated"
    if place and number is not None and place != f"{number}.{stored.offset}":
        yield "chain", f"the capture {stored.id} does not stand where it was written, so it was moved"
