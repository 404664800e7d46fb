"""Finds the captures in a file's bytes, whatever a crash or a bad disk made of them.

A capture counts when its last record, the metadata, is there: what follows the last whole capture at the end of a file is a torn tail, which nobody was told of.
Bytes that cannot be read although readable records follow them, or although they are a frame of full length, are damage: that is never cut off.

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.archive.capture_records import is_whole, stored_snapshot
from tracker.archive.frames import MAGIC, Dictionary, decompress, frame_length
from tracker.archive.warc import DamageError, digest_of, parse_record
from tracker.models import StoredSnapshot


@dataclass(slots=True)
class Scan:
    """What a stretch of a file holds; positions are those in the file."""

    end: int  # where the last whole capture or conversion ends, or damage that no torn write can explain
    captures: list[StoredSnapshot] = field(default_factory=list)  # in order
    last_digest: str | None = None  # of the last record before `end`; None when the stretch holds none
    damaged: list[int] = field(default_factory=list)  # where bytes cannot be read that were once written whole


def scan(data: bytes, start: int, file: str, dictionary: Dictionary | None) -> Scan:
    """List the captures in the bytes of a file that begin at `start`, which must be where a record begins."""
    found, view = Scan(end=start), memoryview(data)
    position = capture_start = 0
    kinds: list[str] = []  # of the records since `capture_start`
    while position < len(data):
        record = _read(view, position, dictionary)
        if record is None:
            following = _after_damage(view, position, dictionary)
            if following is None:
                break
            found.damaged.append(start + position)
            position = capture_start = following
            kinds.clear()
            found.end = start + position
            continue
        kind, raw, length = record
        kinds.append(kind)
        position += length
        if kind in ("response", "request"):
            continue
        if kind == "metadata" and is_whole(kinds, parsed := parse_record(raw)):
            at, size = start + capture_start, position - capture_start
            found.captures.append(stored_snapshot(parsed, file, at, size))
        capture_start = position
        kinds.clear()
        found.end, found.last_digest = start + position, digest_of(raw)
    return found


def _read(view: memoryview, position: int, dictionary: Dictionary | None) -> tuple[str, bytes, int] | None:
    """Read the record at a position: its type, its bytes, the length of its frame."""
    length = frame_length(view[position:])
    if length is None:
        return None
    try:
        raw = decompress(bytes(view[position : position + length]), dictionary)
        return parse_record(raw).type, raw, length
    except DamageError:
        return None


def _after_damage(view: memoryview, position: int, dictionary: Dictionary | None) -> int | None:
    """Find where to read on after unreadable bytes; None where they are the torn end of the file."""
    data, following = bytes(view), position + 1
    while (following := data.find(MAGIC, following)) >= 0:
        if _read(view, following, dictionary):
            return following
        following += 1
    length = frame_length(view[position:])
    return None if length is None else position + length
