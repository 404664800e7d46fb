"""Where the next capture of an article goes: behind the last one, or into a new file.

A new file begins when the dictionary of the current one has become dear: when its captures together took as much more than a fresh dictionary would have let them take
as the dictionary itself.  This is the rule of whoever rents until the rent has reached the price, and costs at most about twice what a clairvoyant would pay.
Of two neighbours the smaller counts, so that a page that turns into another one now and then (a consent wall, a second layout under test) does not begin a file at each turn.
Measured on the raw pages of five policy documents of the Open Terms Archive, 26 to 100 captures each, which drift apart slowly:
3.9 to 8.3 kB a capture, against 6.8 to 18.9 kB with the first dictionary for ever, and 4.4 to 7.7 kB where a new one begins after two captures running that take a fifth of their size alone
(but 24 kB instead of 15 kB for three pages that take turns).

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final

from tracker import __version__
from tracker.archive.capture_records import Chain, add_capture, add_file_info, add_version
from tracker.archive.frames import SEAL_LENGTH, Dictionary, compress, dictionary_frame, make_dictionary, seal
from tracker.archive.warc import digest_of
from tracker.models import Capture, Snapshot, StoredSnapshot, Version

MOST_CAPTURES: Final = 500  # in a file, so that one is read in a fraction of a second; a new dictionary every 500 versions costs 40 bytes a version
LARGEST_FILE: Final = 64 << 20  # bytes, so that one fits into memory; a single capture may be larger
TINY_DICTIONARY: Final = 4  # times smaller than what was compressed with it: it was made of an error page, say, and need not be tried further
SMALL: Final = 4096  # bytes; less is not worth a new file
STAMP_LENGTH: Final = 14
SOFTWARE: Final = f"tracker/{__version__}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What the captures of a file took, beside what its dictionary took; all in bytes."""

    dictionary: int = 0  # the head of the file
    last: int | None = None  # the last capture but the first, which is the dictionary
    least: int = 0  # the smallest
    pairs: int = 0  # how many followed another
    smaller: int = 0  # the sum of each pair's smaller one

    def add(self, length: int) -> Cost:
        """Count another capture in."""
        if self.last is None:
            return replace(self, last=length, least=length)
        smaller = self.smaller + min(self.last, length)
        return Cost(self.dictionary, length, min(self.least, length), self.pairs + 1, smaller)

    @property
    def is_dear(self) -> bool:
        """Whether another dictionary would have been cheaper by now."""
        last = self.last or 0
        useless = last > SMALL and last > TINY_DICTIONARY * self.dictionary
        return useless or self.smaller - self.pairs * self.least > max(self.dictionary, SMALL)


def cost_of(head: int, captures: list[StoredSnapshot]) -> Cost:
    """Count what the captures of a file took, the first of which is its dictionary."""
    cost = Cost(dictionary=head)
    for stored in captures[1:]:
        cost = cost.add(stored.length)
    return cost


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of an article's last file."""

    number: int = 0  # of the file; 0 when there is none
    end: int = 0  # bytes
    previous: str | None = None  # digest of the last record
    captures: int = 0  # in this file
    latest: str = ""  # the highest plain stamp among the article's identifiers
    cost: Cost = Cost()  # of this file
    closed: bool = False  # nothing can be appended: its dictionary cannot be read
    pruned: int = 0  # tombstones in this file: with each, what stands behind it moved
    ended: bool = False  # it was said that nothing more is appended


def file_path(folder: str, number: int) -> str:
    """Name an article's n-th file, within the archive."""
    return f"{folder}/{number:04}.warc.zst"


def capture_id(fetched_at: datetime, tail: Tail) -> str:
    """Name a capture, unlike any other of the article.

    Plain stamps rise through an article.  What is not later than the last of them (a second capture within the second, a clock set back, an import of older captures)
    has the place added where it is written, which is unique as well: `20180409081500-1.18234`, file 1, byte 18234;
    in a file out of which something was pruned, whose places are used again, with the number of tombstones.
    """
    stamp = stamp_of(fetched_at)
    place = f"{tail.number}.{tail.end}" + (f".{tail.pruned}" if tail.pruned else "")
    return stamp if stamp > tail.latest else f"{stamp}-{place}"


def stamp_of(moment: datetime) -> str:
    """Write a moment as web archives do: 14 digits, UTC."""
    at = moment.astimezone(UTC)
    return f"{at.year:04}{at:%m%d%H%M%S}"


def latest_stamp(identifiers: list[str]) -> str:
    """Find the highest plain stamp, empty where there is none."""
    return max((one for one in identifiers if len(one) == STAMP_LENGTH), default="")


def is_full(tail: Tail, largest_file: int = LARGEST_FILE) -> bool:
    """Whether a file takes no more captures."""
    return tail.number == 0 or tail.closed or tail.ended or tail.captures >= MOST_CAPTURES or tail.end >= largest_file


# --- the bytes to write ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Growth:
    """What is to be written, and what holds afterwards."""

    data: bytes
    stored: StoredSnapshot
    tail: Tail


def extend_file(
    tail: Tail, dictionary: Dictionary | None, folder: str, snapshot: Snapshot, version: Version | None, judged: Capture
) -> Growth:
    """Say what to append to an article's last file.

    Raises:
        DamageError: The capture is larger than what is read back.
    """
    return _sealed(b"", _grow(tail, dictionary, folder, snapshot, version, judged))


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
    head = dictionary_frame(dictionary)
    start = head + compress(information, dictionary)
    empty = Tail(tail.number + 1, len(start), digest_of(information), latest=tail.latest)
    growth = _sealed(start, _grow(empty, dictionary, folder, snapshot, version, judged))
    return replace(growth, tail=replace(growth.tail, cost=Cost(dictionary=len(head))))


def extend_chain(tail: Tail, dictionary: Dictionary | None, chain: Chain) -> tuple[bytes, Tail, list[int]]:
    """Say what to append to an article's last file so that it holds more records which are no capture.

    Args:
        tail: Where the chain ends.
        dictionary: Of the file.
        chain: The records, made after the last of the file.

    Returns:
        The bytes, what holds afterwards, and where each record will be.
    """
    frames = [compress(record, dictionary) for record in chain.records]
    data = b"".join(frames)
    places = list(accumulate((len(frame) for frame in frames), initial=tail.end))[:-1]
    grown = replace(tail, end=tail.end + len(data) + SEAL_LENGTH, previous=chain.previous)
    return data + seal(data), grown, places


def _grow(
    tail: Tail, dictionary: Dictionary | None, folder: str, snapshot: Snapshot, version: Version | None, judged: Capture
) -> Growth:
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
        origin=snapshot.origin,
    )
    data = b"".join(frames)
    grown = replace(
        tail,
        end=tail.end + len(data),
        previous=chain.previous,
        captures=tail.captures + 1,
        latest=latest_stamp([tail.latest, name]),
        cost=tail.cost.add(stored.length),
    )
    return Growth(data, stored, grown)


def _sealed(before: bytes, growth: Growth) -> Growth:
    data = before + growth.data
    return replace(growth, data=data + seal(data), tail=replace(growth.tail, end=growth.tail.end + SEAL_LENGTH))


def _add(chain: Chain, name: str, snapshot: Snapshot, version: Version | None, judged: Capture) -> int:
    """Add the records of a capture and its version, and say how many belong to the capture itself."""
    response = add_capture(chain, snapshot, name, SOFTWARE, judged)
    of_capture = len(chain.records)
    if version is not None:
        add_version(chain, response, version, judged, snapshot.fetched_at)
    return of_capture
