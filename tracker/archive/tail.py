"""Where the next capture of an article goes: behind the last one, or into a new file.

A new file begins when the dictionary of the current one no longer serves.  Measured on 110 kB pages (benchmarks/archive.py): a capture that differs by a sentence takes 1 to 2 %
of what it takes without the dictionary, one after a redesign 85 to 100 %; nothing lay in between.  A page that only now and then is another one (a consent wall,
a second layout under test) would cost twice as much if each turn began a file, so a dictionary is given up when it failed twice running, or when it is too small to be one.

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from tracker import __version__
from tracker.archive.capture_records import Chain, add_capture, add_file_info, add_version
from tracker.archive.frames import Dictionary, compress, dictionary_frame, make_dictionary, size_alone
from tracker.archive.warc import digest_of
from tracker.models import Capture, Snapshot, StoredSnapshot, Version

MOST_CAPTURES: Final = 500  # in a file, so that one is read in a fraction of a second; a new dictionary every 500 versions costs 40 bytes a version
LARGEST_FILE: Final = 64 << 20  # bytes, so that one fits into memory; a single capture may be larger
POOR_SHARE: Final = 0.5  # of the size without the dictionary: in the wide gap between what was measured with one that serves and one that does not
SMALL: Final = 4096  # bytes; less is not worth a new file
STAMP_LENGTH: Final = 14
SOFTWARE: Final = f"tracker/{__version__}"


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of an article's last file."""

    number: int = 0  # of the file; 0 when there is none
    end: int = 0  # bytes
    previous: str | None = None  # digest of the last record
    captures: int = 0  # in this file
    latest: str = ""  # the highest plain stamp among the article's identifiers
    last: StoredSnapshot | None = None  # the last capture of this file
    closed: bool = False  # nothing can be appended: its dictionary cannot be read


def file_path(folder: str, number: int) -> str:
    """Name an article's n-th file, within the archive."""
    return f"{folder}/{number:04}.warc.zst"


def capture_id(fetched_at: datetime, tail: Tail) -> str:
    """Name a capture, unlike any other of the article.

    Plain stamps rise through an article.  What is not later than the last of them (a second capture within the second, a clock set back, an import of older captures)
    has the place added where it is written, which is unique as well: `20180409081500-1.18234`, file 1, byte 18234.
    """
    at = fetched_at.astimezone(UTC)
    stamp = f"{at.year:04}{at:%m%d%H%M%S}"
    return stamp if stamp > tail.latest else f"{stamp}-{tail.number}.{tail.end}"


def latest_stamp(identifiers: list[str]) -> str:
    """Find the highest plain stamp, empty where there is none."""
    return max((one for one in identifiers if len(one) == STAMP_LENGTH), default="")


def is_full(tail: Tail) -> bool:
    """Whether a file takes no more captures."""
    return tail.number == 0 or tail.closed or tail.captures >= MOST_CAPTURES or tail.end >= LARGEST_FILE


def is_poor(records: list[bytes], compressed: int) -> bool:
    """Whether the dictionary did little for some records that take `compressed` bytes with it."""
    return compressed > SMALL and compressed > POOR_SHARE * sum(map(size_alone, records))


# --- the bytes to write ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Growth:
    """What is to be written, and what holds afterwards."""

    data: bytes
    stored: StoredSnapshot
    tail: Tail
    poor: bool = False  # the dictionary did little


def extend_file(
    tail: Tail, dictionary: Dictionary | None, folder: str, snapshot: Snapshot, version: Version | None, judged: Capture
) -> Growth:
    """Say what to append to an article's last file.

    Raises:
        DamageError: The capture is larger than what is read back.
    """
    chain = Chain(tail.previous)
    name = capture_id(snapshot.fetched_at, tail)
    of_capture = _add(chain, name, snapshot, version, judged)
    frames = [compress(record, dictionary) for record in chain.records]
    stored = StoredSnapshot(
        id=name,
        fetched_at=snapshot.fetched_at,
        status=snapshot.status,
        digest=digest_of(snapshot.body),
        file=file_path(folder, tail.number),
        offset=tail.end,
        length=sum(map(len, frames[:of_capture])),
        size=len(snapshot.body),
    )
    data = b"".join(frames)
    grown = replace(
        tail,
        end=tail.end + len(data),
        previous=chain.previous,
        captures=tail.captures + 1,
        latest=latest_stamp([tail.latest, name]),
        last=stored,
    )
    return Growth(data, stored, grown, is_poor(chain.records, len(data)))


def begin_file(tail: Tail, folder: str, snapshot: Snapshot, version: Version | None, judged: Capture) -> Growth:
    """Say what an article's next file begins with: the capture is its dictionary.

    Raises:
        DamageError: The capture is larger than what is read back.
    """
    chain = Chain(tail.previous)
    add_file_info(chain, snapshot.fetched_at, SOFTWARE, file_path(folder, tail.number + 1))
    information = chain.records[0]
    _add(chain, capture_id(snapshot.fetched_at, tail), snapshot, version, judged)
    dictionary = make_dictionary(chain.records[1:])
    head = dictionary_frame(dictionary) + compress(information, dictionary)
    empty = Tail(tail.number + 1, len(head), digest_of(information), latest=tail.latest)
    growth = extend_file(empty, dictionary, folder, snapshot, version, judged)
    return replace(growth, data=head + growth.data, poor=False)


def _add(chain: Chain, name: str, snapshot: Snapshot, version: Version | None, judged: Capture) -> int:
    """Add the records of a capture and its version, and say how many belong to the capture itself."""
    response = add_capture(chain, snapshot, name, SOFTWARE, judged)
    of_capture = len(chain.records)
    if version is not None:
        add_version(chain, response, version, judged, snapshot.fetched_at)
    return of_capture
