"""Finds the captures in a file's bytes, whatever a crash or a bad disk made of them.

A capture counts when the seal of its append is there: what follows the last seal at the end of a file is a torn tail, which nobody was told of.
Bytes that are not as written although they cannot be the beginning of an interrupted write (readable records follow them, or they are of full length) are damage: that is never cut off.

Computes only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tracker.archive.capture_records import is_whole, stored_snapshot
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
from tracker.archive.warc import DamageError, Record, digest_of, parse_record
from tracker.models import StoredSnapshot

BEGINNING: Final = re.compile(re.escape(MAGIC) + b"|" + re.escape(SEAL_HEAD))  # of a frame or a seal


@dataclass(slots=True)
class Scan:
    """What a file holds."""

    end: int  # where the last seal ends, or damage that no torn write can explain
    captures: list[StoredSnapshot] = field(default_factory=list)  # in order
    last_digest: str | None = None  # of the last record before `end`; None when there is none
    damaged: list[int] = field(default_factory=list)  # where bytes are not as they were written


def scan(data: bytes, file: str, dictionary: Dictionary | None, start: int = 0) -> Scan:
    """List the captures in a file.

    Args:
        data: The whole file.
        file: Its path within the archive.
        dictionary: From its head.
        start: From where to read; a record must begin there.
    """
    position = max(start, head_length(data))
    walk = _Walk(data, file, dictionary, Scan(end=position), sealed=0 if start == 0 else None, capture_start=position)
    while position < len(data):
        step = walk.step(position)
        if step is None:
            break
        position = step
    return walk.found


@dataclass(slots=True)
class _Walk:
    """One way through a file."""

    data: bytes
    file: str
    dictionary: Dictionary | None
    found: Scan
    sealed: int | None  # where the bytes begin that the next seal is for; None where we do not know
    capture_start: int
    kinds: list[str] = field(default_factory=list)  # of the records since `capture_start`
    captures: list[StoredSnapshot] = field(default_factory=list)  # not yet sealed
    digest: str | None = None  # of the last record

    def step(self, position: int) -> int | None:
        """Read what stands at a position, and say where the next begins; None where the torn end does."""
        view = memoryview(self.data)
        if is_seal(view[position:]):
            return self._seal(position)
        read = _read(view, position, self.dictionary)
        if read is None:
            return self._damage(position)
        record, raw, end = read
        self.digest = digest_of(raw)
        self.kinds.append(record.type)
        if record.type not in ("response", "request"):
            try:
                self._close(record, end)
            except DamageError:
                self.found.damaged.append(position)
            self.capture_start = end
            self.kinds.clear()
        return end

    def _close(self, record: Record, end: int) -> None:
        if record.type == "metadata" and is_whole(self.kinds, record):
            self.captures.append(stored_snapshot(record, self.file, self.capture_start, end - self.capture_start))

    def _seal(self, position: int) -> int:
        end = position + SEAL_LENGTH
        begun = self.sealed
        if begun is not None and self.data[position:end] != seal(memoryview(self.data)[begun:position]):
            self.found.damaged += [] if any(at >= begun for at in self.found.damaged) else [begun]
        self.sealed = self.capture_start = end
        self._keep(end)
        return end

    def _damage(self, position: int) -> int | None:
        end = self._after_damage(position)
        if end is not None:
            self.found.damaged.append(position)
            self.capture_start = end
            self._keep(end)
        return end

    def _keep(self, end: int) -> None:
        self.found.captures += self.captures
        self.found.end = end
        self.found.last_digest = self.digest
        self.captures.clear()
        self.kinds.clear()

    def _after_damage(self, position: int) -> int | None:
        """Find where to read on after unreadable bytes; None where they are the torn end of the file."""
        view, following = memoryview(self.data), position + 1
        while found := BEGINNING.search(self.data, following):
            if is_seal(view[found.start() :]) or _read(view, found.start(), self.dictionary):
                return found.start()
            following = found.start() + 1
        if not self.kinds and len(self.data) - position == SEAL_LENGTH:
            return len(self.data)  # where a seal must stand, as many bytes as a seal
        length = frame_length(view[position:])
        return None if length is None else position + length


def _read(view: memoryview, position: int, dictionary: Dictionary | None) -> tuple[Record, bytes, int] | None:
    """Read the record at a position: the record, its bytes, and where the next begins."""
    length = frame_length(view[position:])
    if length is None:
        return None
    try:
        raw = decompress(bytes(view[position : position + length]), dictionary)
        return parse_record(raw), raw, position + length
    except DamageError:
        return None
