"""A file without some of its captures: tombstones in their places, everything else as it was.

The bytes of what stays are copied, seals and all.  Only where the capture goes that is the file's dictionary, the rest is compressed anew, with the first capture that is left.

Computes only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tracker.archive.capture_records import READING_OF, metadata_of
from tracker.archive.frames import compress, dictionary_frame, head_length, make_dictionary, read_dictionary, seal
from tracker.archive.scan import Piece, pieces
from tracker.archive.tombstones import Pruning, is_note, tombstone_record
from tracker.archive.warc import DamageError
from tracker.models import StoredSnapshot


@dataclass(slots=True)
class _Part:
    """A record that stays, or a tombstone."""

    raw: bytes
    frame: bytes | None  # as it is compressed already
    capture: str | None = None  # the one that it belongs to


@dataclass(slots=True)
class _Append:
    """What was appended at once, up to its seal."""

    parts: list[_Part]
    end: bytes  # the seal
    pruned: bool = False


def prune_file(data: bytes, captures: Collection[StoredSnapshot], pruning: Pruning) -> bytes:
    """Say what a file holds without some captures; the same bytes where it has none of them.

    Args:
        data: The file.
        captures: What is to go.
        pruning: When and why.

    Raises:
        DamageError: The file is not as it was written.
    """
    going = {stored.id: stored for stored in captures}
    head = head_length(data)
    dictionary = read_dictionary(data[:head])
    appends = [_without(pieces_, data, going, pruning) for pieces_ in _appends(data, head, dictionary)]
    if not any(one.pruned for one in appends):
        return data
    start = data[:head]
    if _dictionary_goes(data, head, dictionary, going):
        dictionary = make_dictionary(_example(appends))
        start = dictionary_frame(dictionary)
        for one in appends:
            one.pruned = True
            for part in one.parts:
                part.frame = None
    found, before = [], start  # the first seal is for the head, too
    for one in appends:
        frames = b"".join(part.frame or compress(part.raw, dictionary) for part in one.parts)
        found += [frames, seal(before + frames) if one.pruned else one.end]
        before = b""
    return start + b"".join(found)


def _appends(data: bytes, head: int, dictionary: object) -> Iterator[list[Piece]]:
    """Cut a file into what was appended at once, each with its seal."""
    found: list[Piece] = []
    for piece in pieces(data, dictionary, head):  # type: ignore[arg-type]  # a dictionary or None
        found.append(piece)
        if piece.kind in ("damage", "torn"):
            raise DamageError(f"it is not as it was written from byte {piece.start}")
        if piece.kind == "seal":
            yield found
            found = []
    if found:
        raise DamageError(f"it is not whole from byte {found[0].start}")


def _without(found: list[Piece], data: bytes, going: dict[str, StoredSnapshot], pruning: Pruning) -> _Append:
    """Put tombstones into one append."""
    *records, end = found
    parts: list[_Part] = []
    pruned = False
    for capture, group in _by_capture(records):
        if capture in going:
            parts.append(_Part(_tombstone(going[capture], group, pruning), None))
            pruned = True
        else:
            parts += [_Part(piece.raw, data[piece.start : piece.end], capture) for piece in group]
    return _Append(parts, data[end.start : end.end], pruned)


def _by_capture(records: list[Piece]) -> Iterator[tuple[str | None, list[Piece]]]:
    """Group the records of an append by the capture that they belong to; None for those that belong to none."""
    waiting: list[Piece] = []
    current: str | None = None
    groups: list[tuple[str | None, list[Piece]]] = []
    for piece in records:
        record = piece.record
        assert record is not None
        if record.type in ("response", "request"):
            waiting.append(piece)
            continue
        if record.type == "warcinfo" or is_note(record):
            name = None
        elif record.type == "metadata":
            name = current = str(metadata_of(record).get("id"))
        else:
            name = record.field(READING_OF) or current
        if groups and groups[-1][0] == name and name is not None:
            groups[-1][1].extend([*waiting, piece])
        else:
            groups.append((name, [*waiting, piece]))
        waiting = []
    if waiting:
        raise DamageError(f"a capture lacks one of its records at byte {waiting[0].start}")
    yield from groups


def _tombstone(stored: StoredSnapshot, group: list[Piece], pruning: Pruning) -> bytes:
    return tombstone_record(stored, pruning, [(piece.record, piece.raw) for piece in group if piece.record is not None])


def _dictionary_goes(data: bytes, head: int, dictionary: object, going: dict[str, StoredSnapshot]) -> bool:
    """Whether the first capture that the file still has, which its dictionary is made of, is among those that go."""
    for piece in pieces(data, dictionary, head):  # type: ignore[arg-type]  # a dictionary or None
        record = piece.record
        if record is not None and record.type == "metadata" and not is_note(record):
            return metadata_of(record).get("id") in going
    return False


def _example(appends: list[_Append]) -> list[bytes]:
    """Choose what to make a dictionary of: the first capture that is left, or the tombstones where none is."""
    kept = next((part.capture for one in appends for part in one.parts if part.capture), None)
    return [part.raw for one in appends for part in one.parts if part.capture == kept]
