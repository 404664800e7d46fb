"""Reads captures from WARC files of any crawler, and from our own exports with all that we know of them.

A `revisit` record says that a page was as it was before: it gets the body that it refers to, where that stands in the same file and not too far back.

The files may be broken or hostile: a record is never unpacked into more than a limit, lengths are not believed, names are never used as paths, and a file is read
record by record however many there are.

Touches the disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO, Final

from tracker.archive.capture_records import JSON_TYPE, is_whole, snapshot_of, version_of
from tracker.archive.codings import LARGEST, undo_codings
from tracker.archive.recent import Recent
from tracker.archive.unpack import BROKEN, open_warc, open_warc_stream
from tracker.archive.warc import END, DamageError, Record, digest_of
from tracker.models import Capture, Headers, Snapshot, Version

LARGEST_HEADER: Final = 1 << 20  # bytes
LARGEST_SKIPPED: Final = 16 << 30  # bytes that are read over in one file; more is no crawl but a bomb
PIECE: Final = 1 << 20  # bytes that are read over at a time
MOST_BLANK_LINES: Final = 100  # between two records, where two belong
MOST_REDIRECTS: Final = 20
NOT_MODIFIED: Final = 304
REMEMBERED: Final = 64 << 20  # bytes of pages that a later revisit may refer to
LEAST_WEIGHT: Final = 1000  # bytes that a page takes in memory beside its body, each way that it is found
STATUS_LINE: Final = re.compile(r"HTTP/\d(?:\.\d)? +(\d{3})(?: +(.*))?")
VERSION_LINE: Final = re.compile(rb"WARC/\d\.\d+\s*")


@dataclass(frozen=True, slots=True)
class Imported:
    """A capture from a file."""

    snapshot: Snapshot
    version: Version | None = None  # what was read in it, where the file is one of ours
    capture: Capture | None = None  # what it was judged to be worth, where the file is one of ours
    is_ours: bool = False  # our own capture, not another crawler's
    last_seen_at: datetime | None = None  # when the same text was seen once more, where that is told


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a file that could not be taken."""

    place: str  # in the file: "byte 120" (of what it holds unpacked), "line 7"
    reason: str  # half a sentence


def read_warc(path: Path, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[Imported | Skipped]:
    """Read the captures in a WARC file.

    Args:
        path: A .warc, .warc.gz or .warc.zst.
        wanted: Says of an address whether its captures are wanted; what is not wanted is not unpacked.

    Yields:
        Captures in the order of the file, responses of any status among them, and what had to be skipped.
        Where the file is broken, the rest of it is skipped.

    Raises:
        InputError: It cannot be opened, or is no WARC file.
    """
    with open_warc(path) as file:
        yield from _captures(file, wanted)


def read_warc_stream(file: IO[bytes], name: str) -> Iterator[Imported | Skipped]:
    """Read the captures in a WARC file that stands within another, as `read_warc` does.

    Raises:
        InputError: It is no WARC file.
    """
    with open_warc_stream(file, name) as opened:
        yield from _captures(opened, lambda _: True)


def _captures(file: BinaryIO, wanted: Callable[[str], bool]) -> Iterator[Imported | Skipped]:
    group = _Group()
    for item in _Reader(file, wanted).records():
        if isinstance(item, Skipped):
            yield from group.close()
            yield item
        else:
            yield from group.add(*item)
    yield from group.close()


# --- records --------------------------------------------------------------------------------------


class _Reader:
    """Reads records from an unpacked stream."""

    def __init__(self, file: BinaryIO, wanted: Callable[[str], bool]) -> None:
        self.file = file
        self.wanted = wanted
        self.position = 0
        self.skipped = 0

    def records(self) -> Iterator[tuple[int, Record] | Skipped]:
        """Read record after record, with the place where each begins."""
        start = 0
        try:
            while (fields := self._fields()) is not None:
                start = self.position
                yield from self._record(fields)
                self._end()
        except DamageError as error:
            yield Skipped(_place(start), f"{error}, so the rest of the file is left out")
        except BROKEN:
            yield Skipped(_place(self.position), "the file is damaged or cut short here, so the rest is left out")

    def _fields(self) -> Headers | None:
        """Read the header of the next record; None at the end of the file."""
        line = next((line for _ in range(MOST_BLANK_LINES) if (line := self._line()) not in (b"\r\n", b"\n")), b"\n")
        if not line:
            return None
        if not VERSION_LINE.fullmatch(line):
            raise DamageError("no record begins where one should")
        lines, size = [], 0
        while (line := self._line()).strip():
            size += len(line)
            if size > LARGEST_HEADER:
                raise DamageError("a record's header has no end")
            lines.append(line)
        return _parse_fields(b"".join(lines))

    def _record(self, fields: Headers) -> Iterator[tuple[int, Record] | Skipped]:
        start, record = self.position, Record(fields, b"")
        told = record.field("Content-Length") or ""
        if not re.fullmatch(r"\d{1,18}", told):
            raise DamageError(f"a record says that it is {told[:20]!r} bytes long")
        length = int(told)
        address = _address(record)
        is_page = record.type in ("response", "request", "revisit", "conversion", "metadata")
        if not is_page or not self.wanted(address):
            self._skip(length)
            yield start, Record((), b"")  # it closes what came before
        elif length > LARGEST:
            self._skip(length)
            yield Skipped(
                _place(start),
                f"the {record.type} record of {address[:200]} is {length} bytes long, more than {LARGEST}",
            )
        else:
            block = self.file.read(length)
            self.position += len(block)
            if len(block) < length:
                raise DamageError("the file ends in the middle of a record")
            yield start, Record(fields, block)

    def _end(self) -> None:
        """Read the two line ends that close a record; some crawlers leave one out."""
        if self._line().strip():
            raise DamageError("a record is longer than it says")

    def _line(self) -> bytes:
        line = self.file.readline(LARGEST_HEADER)
        self.position += len(line)
        return line

    def _skip(self, length: int) -> None:
        self.skipped += length
        if self.skipped > LARGEST_SKIPPED:
            raise DamageError(
                f"more than {LARGEST_SKIPPED >> 30} GiB that were not asked for would have to be unpacked"
            )
        while length:
            read = len(self.file.read(min(length, PIECE)))
            if not read:
                raise DamageError("the file ends in the middle of a record")
            self.position += read
            length -= read


class _Group:
    """Puts together the records that belong to one capture."""

    def __init__(self) -> None:
        self.records: list[tuple[int, Record]] = []
        self.ours: Imported | None = None  # waits for its version
        self.response_id = ""
        self.pages: Recent[object, Snapshot] = Recent(REMEMBERED)  # by whatever a revisit may refer to them

    def add(self, offset: int, record: Record) -> Iterator[Imported | Skipped]:
        """Take the next record, and give what is complete by it."""
        kinds = [one.type for _, one in self.records]
        if record.type == "conversion" and self.ours and record.field("WARC-Refers-To") == self.response_id:
            yield from self._with_version(offset, record)
        elif record.type == "metadata" and _is_ours([*kinds, "metadata"], record):
            yield from self._begin_ours(offset, record)
        elif record.type in ("response", "request") and record.block:
            if self._is_next(record, kinds):
                yield from self.close()
            self.records.append((offset, record))
        else:
            yield from self.close()
            if record.type == "revisit":
                yield self._revisit(offset, record)

    def close(self) -> Iterator[Imported | Skipped]:
        """Give what waits."""
        if self.ours:
            yield self.ours
            self.ours = None
        records, self.records = self.records, []
        requests = [record for _, record in records if record.type == "request"]
        for offset, record in records:
            if record.type == "response":
                item = _foreign(offset, record, requests)
                if isinstance(item, Imported) and "html" in (item.snapshot.header("Content-Type") or "html"):
                    self._remember(record, item.snapshot)
                yield item

    def _remember(self, record: Record, page: Snapshot) -> None:
        for key in (record.id, record.field("WARC-Payload-Digest"), (_address(record), record.field("WARC-Date"))):
            if key:
                self.pages.put(key, page, LEAST_WEIGHT + len(page.body) // 3)

    def _revisit(self, offset: int, record: Record) -> Imported | Skipped:
        """Make a snapshot of a page that was as before (WARC 1.1, section 6.7)."""
        target = record.field("WARC-Refers-To-Target-URI") or _address(record)
        keys = (
            record.field("WARC-Refers-To"),
            (target.strip("<>"), record.field("WARC-Refers-To-Date")),
            record.field("WARC-Payload-Digest"),
        )
        page = next((found for key in keys if key and (found := self.pages.get(key))), None)
        if page is None:
            return Skipped(
                _place(offset),
                f"the page that the revisit of {_address(record)[:200]} refers to is not before it in this file",
            )
        try:
            at = datetime.fromisoformat(record.field("WARC-Date") or "")
            status, reason, headers, _ = parse_http(record.block)
        except DamageError:
            status, reason, headers = page.status, page.reason, page.headers
        except ValueError:
            return Skipped(_place(offset), f"the revisit of {_address(record)[:200]} does not say when it was made")
        if status == NOT_MODIFIED:  # the answer to a conditional request
            status, reason, headers = page.status, page.reason, page.headers
        return Imported(
            replace(
                page,
                url=_address(record),
                fetched_at=at if at.tzinfo else at.replace(tzinfo=UTC),
                status=status,
                reason=reason,
                headers=headers,
                request_headers=(),
                server_address=record.field("WARC-IP-Address"),
            )
        )

    def _is_next(self, record: Record, kinds: list[str]) -> bool:
        """Whether a record begins another capture: a redirect of ours may be followed by the page, anything else is whole with its request."""
        if self.ours or record.type in kinds[-1:] == ["request"]:
            return True
        if record.type == "request" or "response" not in kinds:
            return "request" in kinds and record.type == "request"
        is_redirect = self.records[-1][1].block[8:10] == b" 3"
        return not is_redirect or len(kinds) > MOST_REDIRECTS

    def _begin_ours(self, offset: int, metadata: Record) -> Iterator[Skipped]:
        records = [*(record for _, record in self.records), metadata]
        self.records = []
        try:
            for record in records:
                _check_digest(record)
            snapshot = snapshot_of(records)
        except DamageError as error:
            yield Skipped(_place(offset), str(error))
            return
        self.ours = Imported(snapshot, is_ours=True)
        self.response_id = [record.id for record in records if record.type == "response"][-1]

    def _with_version(self, offset: int, record: Record) -> Iterator[Imported | Skipped]:
        assert self.ours
        ours, self.ours = self.ours, None
        try:
            _check_digest(record)
            version, capture = version_of(record)
            yield Imported(ours.snapshot, version, capture, is_ours=True)
        except DamageError as error:
            yield ours
            yield Skipped(_place(offset), str(error))


def _is_ours(kinds: list[str], metadata: Record) -> bool:
    if metadata.field("Content-Type") != JSON_TYPE:
        return False
    try:
        return is_whole(kinds, metadata)
    except DamageError:
        return False


def _check_digest(record: Record) -> None:
    if record.field("WARC-Block-Digest") != digest_of(record.block):
        raise DamageError(f"a {record.type} record does not have the digest that it names")


def _address(record: Record) -> str:
    return (record.field("WARC-Target-URI") or "").strip("<>")  # wget writes angle brackets


def _parse_fields(head: bytes) -> Headers:
    """Read header fields; a line that begins with white space continues the one before."""
    text = re.sub(rb"\r?\n[ \t]+", b" ", head).decode("utf-8", "replace")
    lines = (line.partition(":") for line in text.splitlines())
    return tuple((name.strip(), value.strip()) for name, colon, value in lines if colon)


# --- pages ----------------------------------------------------------------------------------------


def _foreign(offset: int, record: Record, requests: list[Record]) -> Imported | Skipped:
    """Make a snapshot of what another crawler kept."""
    try:
        at = datetime.fromisoformat(record.field("WARC-Date") or "")
        status, reason, headers, body = parse_http(record.block)
        body = undo_codings(body, headers)
    except (DamageError, ValueError) as error:
        why = error if isinstance(error, DamageError) else "it does not say when it was taken"
        return Skipped(_place(offset), f"the capture of {_address(record)[:200]} cannot be read: {why}")
    request = next((one for one in requests if _belong(one, record)), None)
    return Imported(
        Snapshot(
            url=_address(record),
            fetched_at=at if at.tzinfo else at.replace(tzinfo=UTC),
            status=status,
            headers=headers,
            body=body,
            reason=reason,
            request_headers=_parse_http_fields(request.block.partition(END)[0]) if request else (),
            server_address=record.field("WARC-IP-Address"),
        )
    )


def _place(offset: int) -> str:
    return f"byte {offset}"


def _belong(request: Record, response: Record) -> bool:
    return request.field("WARC-Concurrent-To") == response.id or response.field("WARC-Concurrent-To") == request.id


def parse_http(block: bytes) -> tuple[int, str, Headers, bytes]:
    """Read a response as a crawler kept it: status, reason, header, body as sent.

    Raises:
        DamageError: It is none.
    """
    parts = re.split(rb"\r?\n\r?\n", block, maxsplit=1)
    first = STATUS_LINE.match(parts[0][:1000].decode("latin-1").splitlines()[0] if parts[0].strip() else "")
    if not first:
        raise DamageError("it holds no HTTP response")
    return int(first[1]), first[2] or "", _parse_http_fields(parts[0]), parts[1] if len(parts) > 1 else b""


def _parse_http_fields(head: bytes) -> Headers:
    lines = re.sub(rb"\r?\n[ \t]+", b" ", head).decode("latin-1").split("\n")[1:]
    split = (line.partition(":") for line in lines)
    return tuple((name.strip(), value.strip()) for name, colon, value in split if colon)
