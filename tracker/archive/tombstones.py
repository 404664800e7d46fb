"""What stands in the place of a capture that was pruned, and what the chain says of the pruning.

A tombstone keeps the digest of the page, of the last of the records that were there, and of the record before the first: the chain goes through it as it went through the records
themselves, each of which named the one before, and whoever still has a copy of them can show that this is what was there.  It holds nothing of what the server sent.

That captures were pruned, when and why, is a record of the chain as well (the notice), written before any is removed:
a capture that somebody replaced by a tombstone on the quiet has none.

Computes only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tracker.archive.capture_records import Chain, from_json, stored_snapshot, to_json
from tracker.archive.warc import PREVIOUS, DamageError, Record, digest_of, make_record
from tracker.models import StoredSnapshot

TOMBSTONE_TYPE: Final = "application/vnd.tracker.tombstone+json"
NOTICE_TYPE: Final = "application/vnd.tracker.pruning+json"


@dataclass(frozen=True, slots=True)
class Pruning:
    """When captures are removed, and why."""

    at: datetime
    reason: str  # half a sentence, after "because"
    takedown: bool = False  # all of an article, by law or agreement: texts are hidden everywhere

    def __str__(self) -> str:
        done = "taken down" if self.takedown else "pruned"
        return f"{done} on {self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, because {self.reason}"


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A record's place in the chain, or that of the records of which a tombstone speaks."""

    type: str
    date: str  # as it stands in the record
    digest: str  # of the whole record; of the last of several
    previous: str | None  # digest of the record before; before the first of several


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a capture, or of a later reading of it."""

    capture: dict[str, Any]  # id, fetched_at, status, size and digest of the page
    pruning: Pruning
    kinds: tuple[str, ...]  # of the records that were there, in order; never empty
    link: ChainLink

    @property
    def id(self) -> str:
        """Name the capture."""
        return str(self.capture["id"])

    @property
    def is_of_capture(self) -> bool:
        """Whether it is the capture itself that was here, and not a later reading of it."""
        return "metadata" in self.kinds


@dataclass(frozen=True, slots=True)
class Notice:
    """The chain's own word on a pruning."""

    pruning: Pruning
    captures: frozenset[tuple[str, str]]  # identifier, and digest of the page


def links_of(record: Record, raw: bytes) -> tuple[ChainLink, ...]:
    """List what a record stands for in the chain: itself, or those whose tombstone it is.

    Raises:
        DamageError: It is a tombstone that cannot be read.
    """
    tombstone = read_tombstone(record)
    if tombstone:
        return (tombstone.link,)
    return (ChainLink(record.type, record.field("WARC-Date") or "", digest_of(raw), record.field(PREVIOUS)),)


# --- tombstones -----------------------------------------------------------------------------------


def tombstone_record(stored: StoredSnapshot, pruning: Pruning, records: Sequence[tuple[Record, bytes]]) -> bytes:
    """Write a tombstone in place of records, of each of which the bytes are given too."""
    told = {
        "id": stored.id,
        "fetched_at": stored.fetched_at.isoformat(),
        "status": stored.status,
        "size": stored.size,
        "digest": stored.digest,
        **_pruning_to_json(pruning),
        "records": [record.type for record, _ in records],
        "before": records[0][0].field(PREVIOUS),
        "last": digest_of(records[-1][1]),
    }
    addresses = [record.field("WARC-Target-URI") for record, _ in records]
    more = [("WARC-Target-URI", next((one for one in reversed(addresses) if one), None))]
    record = make_record(
        "metadata", to_json(told), at=pruning.at, content_type=TOMBSTONE_TYPE, previous=None, more=more
    )
    return record.to_bytes()


def read_tombstone(record: Record) -> Tombstone | None:
    """Read a tombstone; None where the record is none.

    Raises:
        DamageError: It cannot be understood.
    """
    if record.type != "metadata" or record.field("Content-Type") != TOMBSTONE_TYPE:
        return None
    told = from_json(record.block)
    try:
        kinds = tuple(map(str, told["records"]))
        link = ChainLink("tombstone", record.field("WARC-Date") or "", told["last"], told["before"])
        return Tombstone(told, _pruning_of(told), kinds, link)
    except (KeyError, TypeError, ValueError) as error:
        raise DamageError(f"a tombstone cannot be understood ({error!r})") from error


def stored_tombstone(tombstone: Tombstone, file: str, offset: int, length: int) -> StoredSnapshot:
    """Say where a tombstone is, in terms of the capture."""
    return stored_snapshot(str(tombstone.capture["digest"]), tombstone.capture, file, offset, length)


# --- notices --------------------------------------------------------------------------------------


def add_notice(chain: Chain, pruning: Pruning, captures: Collection[StoredSnapshot]) -> None:
    """Say in the chain what is about to be pruned."""
    told = {**_pruning_to_json(pruning), "captures": [{"id": one.id, "digest": one.digest} for one in captures]}
    chain.add("metadata", to_json(told), at=pruning.at, content_type=NOTICE_TYPE)


def read_notice(record: Record) -> Notice | None:
    """Read a notice; None where the record is none.

    Raises:
        DamageError: It cannot be understood.
    """
    if record.type != "metadata" or record.field("Content-Type") != NOTICE_TYPE:
        return None
    told = from_json(record.block)
    try:
        return Notice(_pruning_of(told), frozenset((one["id"], one["digest"]) for one in told["captures"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DamageError(f"the notice of a pruning cannot be understood ({error!r})") from error


def is_note(record: Record) -> bool:
    """Whether a record speaks of pruning and is no part of a capture."""
    return record.type == "metadata" and record.field("Content-Type") in (TOMBSTONE_TYPE, NOTICE_TYPE)


def _pruning_to_json(pruning: Pruning) -> dict[str, Any]:
    return {"pruned_at": pruning.at.isoformat(), "reason": pruning.reason, "takedown": pruning.takedown}


def _pruning_of(told: dict[str, Any]) -> Pruning:
    return Pruning(datetime.fromisoformat(told["pruned_at"]), str(told["reason"]), bool(told["takedown"]))
