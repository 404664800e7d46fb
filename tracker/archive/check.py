"""Compares what an archive's files hold with what they say of themselves, and with what others remember of them.

A file vouches for itself by its seals (every bit), by the digests and identifiers of its records (every word), and by the chain (nothing removed, added or exchanged before the last record).
What stands at the very end can only be vouched for from outside: by the catalog, and for want of one by the index beside the files.

One cause is reported once: a link that is broken because the record before it cannot be read is no finding of its own.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

from tracker.archive.capture_records import snapshot_of, version_of
from tracker.archive.frames import Dictionary, head_length, read_dictionary
from tracker.archive.index import read_lines
from tracker.archive.scan import Gathering, Piece, is_sealed, pieces
from tracker.archive.tail import STAMP_LENGTH, file_path, stamp_of
from tracker.archive.warc import END, PREVIOUS, DamageError, Record, digest_of, record_id, warc_date
from tracker.models import StoredSnapshot

Kind = Literal["damage", "chain", "time", "missing", "torn", "catalog", "index"]
"""What is wrong: bytes are not as written · records were removed, added, exchanged or changed · times contradict one another · a file is gone · the end is incomplete ·
the catalog remembers otherwise · the index does."""


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


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What came out of the check of one file."""

    file: str
    size: int
    findings: list[Finding]
    captures: list[StoredSnapshot]
    link: Link


def check_file(data: bytes, article_folder: str, number: int, before: Link) -> CheckedFile:
    """Check one of an article's files.

    Args:
        data: The whole file.
        article_folder: Of the article.
        number: Of the file.
        before: Where the chain stood at the end of the file before; a fresh one for the first.
    """
    check = _FileCheck(article_folder, number, before)
    check.run(data)
    link = Link(number, check.digest, check.last_record, check.latest, check.known and not check.foreign)
    return CheckedFile(check.file, len(data), check.findings, check.captures, link)


class _FileCheck:
    """The state of a check of one file, from its first byte to its last."""

    def __init__(self, article_folder: str, number: int, before: Link) -> None:
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
        self.responses: set[str] = set()  # identifiers of all responses

    def run(self, data: bytes) -> None:
        head = head_length(data)
        dictionary = self._dictionary(data[:head])
        if dictionary is None:
            self.known = False
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
        self._link(piece, piece.record)
        faults = list(record_faults(piece.record))
        for kind, fault in faults:
            self._find(piece.start, kind, fault)
        self.digest, self.last_record, self.known = digest_of(piece.raw), piece.start, not faults
        self.records.append(piece.record)
        try:
            captures = self.gathering.add(piece)
            for stored in captures:
                self._capture(stored)
            if piece.record.type == "conversion":
                self._version(piece.record)
        except DamageError as error:
            if not self._reported():
                self._find(piece.start, "chain", f"{error}: records were removed or added{self._where()}")
        if piece.record.type not in ("response", "request"):
            self.records.clear()

    def _link(self, piece: Piece, record: Record) -> None:
        """Check that a record names the one before it."""
        named = record.field(PREVIOUS)
        if not self.known or named == self.digest:
            return
        if self.last_record is not None:
            self._find(
                piece.start,
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
                piece.start,
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
        for kind, fault in capture_faults(self.records, stored, self.number):
            self._find(stored.offset, kind, fault)
        if len(stored.id) == STAMP_LENGTH:
            if stored.id <= self.latest:
                self._find(
                    stored.offset,
                    "time",
                    f"the capture {stored.id} stands after one of {self.latest}, so one of them was re-dated or moved",
                )
            self.latest = max(self.latest, stored.id)

    def _version(self, record: Record) -> None:
        version_of(record)
        if record.field("WARC-Refers-To") not in self.responses and not self._reported():
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
        self.known, self.sealed = False, None
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


def capture_faults(records: list[Record], stored: StoredSnapshot, number: int) -> Iterator[tuple[Kind, str]]:
    """Compare the parts of a capture with one another.

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
    if place and place != f"{number}.{stored.offset}":
        yield "chain", f"the capture {stored.id} does not stand where it was written, so it was moved"


# --- what others remember -------------------------------------------------------------------------


def missing_files(article_folder: str, first: int, end: int) -> Finding:
    """Say that files are gone which must have been there, since later ones are."""
    more = "" if end == first + 1 else f", and so are those up to {file_path(article_folder, end - 1)}"
    gone = f"the file is gone{more}, with the captures in it: restore it from a backup"
    return Finding(file_path(article_folder, first), None, "missing", gone)


def check_head(article_folder: str, checked: list[CheckedFile], head: tuple[str, int]) -> Iterator[Finding]:
    """Compare an article's files with the end of the last capture that the catalog knows."""
    name, end = head
    file = next((one for one in checked if one.file == name), None)
    if file is None:
        missing = f"the file is gone, and with it captures of {article_folder} that the catalog knows"
        yield Finding(name, None, "missing", f"{missing}: restore it from a backup")
    elif end > file.size:
        short = f"the file is {file.size} bytes long, but the catalog knows captures up to byte {end}"
        yield Finding(name, file.size, "catalog", f"{short}: its end was cut off; restore it from a backup")
    elif not file.findings and end not in {stored.offset + stored.length for stored in file.captures}:
        yield Finding(
            name,
            end,
            "catalog",
            f"no capture ends at byte {end}, where the catalog knows the end of one: the file was changed",
        )


def check_known(article_folder: str, checked: list[CheckedFile], known: Iterable[StoredSnapshot]) -> Iterator[Finding]:
    """Compare the captures in the files with those that the catalog knows."""
    found = {(stored.file, stored.offset): stored for file in checked for stored in file.captures}
    explained = {finding.file for file in checked for finding in file.findings}
    for stored in known:
        there = found.get((stored.file, stored.offset))
        if there is not None and there != stored:
            other = f"the catalog knows another capture here ({stored.id}, {stored.digest})"
            yield Finding(stored.file, stored.offset, "catalog", f"{other}: the file or the catalog was changed")
        elif there is None and stored.file not in explained:
            gone = f"the capture {stored.id} that the catalog knows is not there"
            yield Finding(stored.file, stored.offset, "catalog", f"{gone}: it was removed from {article_folder}")


def check_index(
    article_folder: str, checked: list[CheckedFile], index: str, passed_over: Iterable[str] = ()
) -> Iterator[Finding]:
    """Compare the captures in the files with the index beside them, as far as that can be read.

    Args:
        article_folder: Of the article.
        checked: The files that were checked.
        index: The index, empty where there is none.
        passed_over: Files that are there and were not checked.
    """
    found = {(stored.file, stored.offset): stored for file in checked for stored in file.captures}
    silent = {finding.file for file in checked for finding in file.findings} | set(passed_over)
    present = {file.file for file in checked}
    for line in read_lines(index):
        file = f"{article_folder}/{line.file}"
        stored = found.get((file, line.offset))
        if file in silent:
            continue
        if file not in present:
            yield Finding(
                file,
                None,
                "missing",
                "the file is gone although the index lists captures in it: restore it from a backup",
            )
        elif stored is None:
            yield Finding(
                file,
                line.offset,
                "index",
                f"the capture {line.id} that the index lists is not there: it was removed, or the index was edited",
            )
        elif (stored.id, stored.digest) != (line.id, line.digest):
            yield Finding(
                file,
                stored.offset,
                "index",
                f"the capture {line.id} is not the one that the index lists: the file or the index was changed",
            )
