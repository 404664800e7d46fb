"""Finds the captures in a file's bytes, whatever a crash or a bad disk made of them.

A capture counts when the seal of its append is there: what follows the last seal at the end of a file is a torn tail, which nobody was told of.
Bytes that are not as written although they cannot be the beginning of an interrupted write (readable records follow them, or they are of full length) are damage: that is never cut off.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from tracker.archive.capture_records import READING_OF, is_whole, metadata_of, stored_snapshot
from tracker.archive.frames import (
    MAGIC,
    SEAL_HEAD,
    SEAL_LENGTH,
    Dictionary,
    decompress,
    frame_length,
    head_length,
    is_seal,
    seal,
)
from tracker.archive.tombstones import (
    Notice,
    Tombstone,
    is_note,
    links_of,
    read_notice,
    read_tombstone,
    stored_tombstone,
)
from tracker.archive.warc import DamageError, Record, parse_record
from tracker.models import StoredReading, StoredSnapshot

BEGINNING: Final = re.compile(re.escape(MAGIC) + b"|" + re.escape(SEAL_HEAD))  # of a frame or a seal


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file: a record, a seal, damage, or the torn end."""

    kind: Literal["record", "seal", "damage", "torn"]
    start: int  # bytes
    end: int
    record: Record | None = None
    raw: bytes = b""  # the record, decompressed


def pieces(data: bytes, dictionary: Dictionary | None, start: int) -> Iterator[Piece]:
    """Walk through a file from a place where a record or a seal begins; nothing is left out."""
    view, position, closed = memoryview(data), start, False
    while position < len(data):
        piece = _piece(view, position, dictionary) or _damage(data, position, dictionary, closed=closed)
        yield piece
        position = piece.end
        closed = piece.record is not None and piece.record.type not in ("response", "request")


def _piece(view: memoryview, position: int, dictionary: Dictionary | None) -> Piece | None:
    """Read the record or the seal at a position."""
    if is_seal(view[position:]):
        return Piece("seal", position, position + SEAL_LENGTH)
    length = frame_length(view[position:])
    if length is None:
        return None
    try:
        raw = decompress(bytes(view[position : position + length]), dictionary)
        return Piece("record", position, position + length, parse_record(raw), raw)
    except DamageError:
        return None


def _damage(data: bytes, position: int, dictionary: Dictionary | None, *, closed: bool) -> Piece:
    """Say what unreadable bytes are: damage, or the end of a write that was interrupted.

    Args:
        data: The whole file.
        position: Where they begin.
        dictionary: Of the file.
        closed: A capture has just ended, so that a seal must stand here.
    """
    view, following = memoryview(data), position + 1
    while found := BEGINNING.search(data, following):
        if _piece(view, found.start(), dictionary):
            return Piece("damage", position, found.start())
        following = found.start() + 1
    if closed and len(data) - position == SEAL_LENGTH:
        return Piece("damage", position, len(data))
    length = frame_length(view[position:])
    return Piece("torn", position, len(data)) if length is None else Piece("damage", position, position + length)


# --- the captures ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Scan:
    """What a file holds."""

    end: int  # where the last seal ends, or damage that no torn write can explain
    captures: list[StoredSnapshot] = field(default_factory=list)  # in order
    tombstones: list[tuple[StoredSnapshot, Tombstone]] = field(default_factory=list)  # of captures that were pruned
    pruned: int = 0  # tombstones of any kind: the file was written anew so often at most
    notices: list[Notice] = field(default_factory=list)
    readings: dict[str, StoredReading] = field(default_factory=dict)  # the last later reading of each capture
    last_digest: str | None = None  # of the last record before `end`; None when there is none
    damaged: list[int] = field(default_factory=list)  # where bytes are not as they were written


def scan(data: bytes, file: str, dictionary: Dictionary | None, base: int = 0) -> Scan:
    """List the captures in a file.

    Args:
        data: The file, from byte `base` to its end.
        file: Its path within the archive.
        dictionary: From its head.
        base: Where a record or a seal begins; 0 for the whole file.
    """
    first = 0 if base else head_length(data)
    found = Scan(end=base + first)
    gathering = Gathering(file, first)
    sealed = None if base else 0  # where the bytes begin that the next seal is for, if we know
    waiting: list[Piece] = []  # for a seal
    for piece in pieces(data, dictionary, first):
        if piece.record is not None:
            waiting.append(piece)
        elif piece.kind != "torn":
            if piece.kind == "damage" or (sealed is not None and not is_sealed(data, sealed, piece)):
                found.damaged.append(base + piece.start)
            for one in waiting:
                try:
                    _take(found, one, gathering, base)
                except DamageError:
                    found.damaged.append(base + one.start)
            found.end = base + piece.end
            sealed = piece.end if piece.kind == "seal" else None
            waiting.clear()
            gathering = Gathering(file, piece.end)
    return found


def ends_there(data: bytes) -> bool:
    """Say whether what follows a capture's own records is its version and its seal at most, told without reading any of it."""
    view = memoryview(data)
    version = frame_length(view) or 0
    return is_seal(view[version:]) and len(data) == version + SEAL_LENGTH


def _take(found: Scan, piece: Piece, gathering: Gathering, base: int) -> None:
    """Add a record, or what it closes, to what was found."""
    record = piece.record
    assert record is not None
    found.last_digest = links_of(record, piece.raw)[-1].digest
    found.captures += [replace(stored, offset=base + stored.offset) for stored in gathering.add(piece)]
    if notice := read_notice(record):
        found.notices.append(notice)
    elif tombstone := read_tombstone(record):
        found.pruned += 1
        if tombstone.is_of_capture:
            place = stored_tombstone(tombstone, gathering.file, base + piece.start, piece.end - piece.start)
            found.tombstones.append((place, tombstone))
    elif record.type == "conversion" and (name := record.field(READING_OF)):
        found.readings[name] = reading_at(record, gathering.file, base + piece.start)


def reading_at(record: Record, file: str, offset: int) -> StoredReading:
    """Say where a later reading is.

    Raises:
        DamageError: It does not say when it was made.
    """
    try:
        return StoredReading(file, offset, datetime.fromisoformat(record.field("WARC-Date") or ""))
    except ValueError as error:
        raise DamageError("a reading does not say when it was made") from error


def is_sealed(data: bytes, start: int, piece: Piece) -> bool:
    """Whether a seal is that of the bytes between `start` and itself."""
    return data[piece.start : piece.end] == seal(memoryview(data)[start : piece.start])


@dataclass(slots=True)
class Gathering:
    """Gathers the records of a capture."""

    file: str
    start: int  # of the capture
    kinds: list[str] = field(default_factory=list)  # of its records so far
    digest: str = ""  # of the last page

    def add(self, piece: Piece) -> list[StoredSnapshot]:
        """Take the next record; where it is the last of a whole capture, give back the capture.

        Raises:
            DamageError: It claims to be the last of a capture, and is not.
        """
        assert piece.record is not None
        if is_note(piece.record):
            if self.kinds:
                raise DamageError("a capture lacks one of its records")
            self.start = piece.end
            return []
        self.kinds.append(piece.record.type)
        if self.kinds[-1] == "response":
            self.digest = piece.record.field("WARC-Payload-Digest") or ""
        if self.kinds[-1] in ("response", "request"):
            return []
        start, kinds = self.start, self.kinds
        self.start, self.kinds = piece.end, []
        if kinds[-1] != "metadata":
            return []
        if not is_whole(kinds, piece.record):
            raise DamageError("a capture lacks one of its records")
        return [stored_snapshot(self.digest, metadata_of(piece.record), self.file, start, piece.end - start)]
