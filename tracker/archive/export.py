"""Gives captures away as standard WARC: `.warc.gz`, one gzip member a record, as every tool for web archives reads it.

The records are those of the archive, byte for byte: their digests and links stay checkable.

Touches the disk.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from tracker.archive.capture_records import metadata_of
from tracker.archive.frames import head_length, read_dictionary
from tracker.archive.scan import pieces
from tracker.archive.storage import Place, Storage, article_files, open_storage, readable
from tracker.archive.tombstones import is_note
from tracker.archive.warc import DamageError, Record
from tracker.errors import ArchiveError

LEVEL: Final = 6  # of gzip, as others write it


@dataclass(frozen=True, slots=True)
class Exported:
    """What was given away."""

    records: int
    captures: int
    left_out: tuple[str, ...]  # sentences: what could not be read


def export_warc(
    place: Place, articles: Iterable[str], out: BinaryIO, *, only: Collection[str] | None = None
) -> Exported:
    """Write captures as one `.warc.gz`.

    Args:
        place: The archive.
        articles: Folders of the articles.
        out: Where to write.
        only: Identifiers of captures; all are written without.

    Raises:
        ArchiveError: A file cannot be read, or the output cannot be written.
    """
    records = captures = 0
    storage = open_storage(place)
    left_out: list[str] = []
    for article in articles:
        for record, raw in _chosen(records_of(storage, article, left_out), only):
            try:
                out.write(gzip.compress(raw, LEVEL, mtime=0))
            except OSError as error:
                raise ArchiveError(f"the export cannot be written ({error.strerror or error})") from error
            records += 1
            captures += record.type == "metadata" and not is_note(record)
    return Exported(records, captures, tuple(left_out))


def records_of(place: Place, article_folder: str, left_out: list[str]) -> Iterator[tuple[Record, bytes]]:
    """Read all records of an article, with their bytes, and add to `left_out` what cannot be read."""
    storage = open_storage(place)
    with readable(storage, article_folder):
        files = article_files(storage, article_folder)
    for file in files.values():
        yield from _records(storage, file, left_out)


def _records(storage: Storage, file: str, left_out: list[str]) -> Iterator[tuple[Record, bytes]]:
    place = storage.place(file)
    with readable(storage, file):
        data = storage.read(file)
    head = head_length(data)
    try:
        dictionary = read_dictionary(data[:head])
    except DamageError:
        left_out.append(f"{place} is damaged at its head, so nothing of it was exported; run `tracker verify`")
        return
    for piece in pieces(data, dictionary, head):
        if piece.record is not None:
            yield piece.record, piece.raw
        elif piece.kind != "seal":
            left_out.append(f"{place} cannot be read from byte {piece.start} to {piece.end}; run `tracker verify`")


def _chosen(records: Iterable[tuple[Record, bytes]], only: Collection[str] | None) -> Iterator[tuple[Record, bytes]]:
    """Pass on the records of some captures, with what was read in them and what says where they come from."""
    capture: list[tuple[Record, bytes]] = []
    is_wanted = only is None
    for record, raw in records:
        if record.type in ("response", "request"):
            capture.append((record, raw))
            continue
        if record.type == "metadata" and only is not None:
            is_wanted = metadata_of(record).get("id") in only
        if is_wanted or record.type == "warcinfo":
            yield from capture
            yield record, raw
        capture.clear()
