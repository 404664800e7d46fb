"""WARC 1.1 records: bytes to values and back.

The standard is ISO 28500:2017 (https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/).
Every record carries the digest of its block and, in the extension field `X-Archive-Previous-Record`, the digest of the whole record before it:
the records of an article form one chain, in which none can be changed, removed or slipped in without breaking every later link.

Computes only.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from tracker.models import Headers

PREVIOUS: Final = "X-Archive-Previous-Record"
END: Final = b"\r\n\r\n"  # closes the header of a record, and the record
PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))
LONGEST_HEADER: Final = 1 << 20  # bytes; ours take some hundred, a hostile file's may not keep us searching


class DamageError(ValueError):
    """These bytes are not what was once written; the message is half a sentence, for "FILE is damaged: …"."""


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record."""

    fields: Headers  # named fields in order, `WARC-Type` first
    block: bytes

    def field(self, name: str) -> str | None:
        """The first value of a named field, whatever its letter case."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), None)

    @property
    def type(self) -> str:
        """What kind of record this is: response, request, metadata, conversion or warcinfo."""
        return self.field("WARC-Type") or ""

    @property
    def id(self) -> str:
        """The record's identifier, with its angle brackets."""
        return self.field("WARC-Record-ID") or ""

    def to_bytes(self) -> bytes:
        """Write the record as it stands in an uncompressed WARC file."""
        lines = ["WARC/1.1", *(f"{name}: {value}" for name, value in self.fields), f"Content-Length: {len(self.block)}"]
        return "\r\n".join(lines).encode() + END + self.block + END


def make_record(
    kind: str,
    block: bytes,
    *,
    at: datetime,
    content_type: str,
    previous: str | None,
    payload: bytes | None = None,
    more: Iterable[tuple[str, str | None]] = (),
) -> Record:
    """Make a record whose identifier follows from what is in it, so that the same capture is always written as the same bytes.

    Args:
        kind: The WARC-Type.
        block: The record's content.
        at: When the content came to be.
        content_type: Of the block.
        previous: Digest of the record before this one in the article's chain, None for the very first.
        payload: The part of the block that has a payload digest of its own: an HTTP body.
        more: Further named fields; those without a value are left out.
    """
    digest = digest_of(block)
    date = warc_date(at)
    fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id(kind, date, digest, previous)),
        ("WARC-Date", date),
        *((name, value) for name, value in more if value is not None),
        ("Content-Type", content_type),
        ("WARC-Block-Digest", digest),
        *([("WARC-Payload-Digest", digest_of(payload))] if payload is not None else []),
        *([(PREVIOUS, previous)] if previous is not None else []),
    ]
    return Record(tuple(fields), block)


def record_id(kind: str | None, date: str | None, digest: str | None, previous: str | None) -> str:
    """Derive a record's identifier from what it must not be separated from."""
    return f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{kind} {date} {digest} {previous}').urn}>"


def parse_record(data: bytes) -> Record:
    """Read one record that fills `data` from end to end, and check it against its own digest.

    Raises:
        DamageError: It is no such record.
    """
    split = data.find(END, 0, LONGEST_HEADER)
    if split < 0 or not data.startswith(b"WARC/1."):
        raise DamageError("a record has no WARC header")
    lines = data[:split].decode("utf-8", "replace").split("\r\n")[1:]
    fields = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    block = data[split + len(END) : -len(END)]
    record = Record(tuple(item for item in fields if item[0].lower() != "content-length"), block)
    _check(record, data, Record(fields, b"").field("Content-Length"))
    return record


def _check(record: Record, data: bytes, length: str | None) -> None:
    if not data.endswith(END) or length != str(len(record.block)):
        raise DamageError(f"the {record.type} record is not as long as it says")
    if record.field("WARC-Block-Digest") != digest_of(record.block):
        raise DamageError(f"the {record.type} record does not have the digest that it names")


def digest_of(data: bytes) -> str:
    """Name the digest of some bytes as the models and the records do."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def warc_date(at: datetime) -> str:
    """Write a moment as WARC 1.1 does: W3C-DTF in UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_uri(address: str) -> str:
    """Make an address fit for a line of a header: what is not printable ASCII is percent-encoded, the rest is left alone."""
    return quote(re.sub(r"\s+", " ", address), safe=PRINTABLE, errors="replace")
