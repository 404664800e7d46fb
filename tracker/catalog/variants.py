"""Variants: the texts that an address serves in turn, each a version, and how often each was seen.

An article has them as long as its texts alternate.

Touches the database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, select, update

from tracker.catalog.database import Database
from tracker.catalog.schema import variants, versions
from tracker.catalog.versions import read_versions, select_versions, version_columns, version_from_row
from tracker.models import StoredVersion, Variant


@dataclass(frozen=True, slots=True)
class InTurn:
    """What the looks of a check showed of an article whose texts alternate."""

    looks: tuple[str, ...]  # the digests of the texts that were seen, in order; all are versions
    before: StoredVersion | None = None  # when they begin to alternate: the text that stood there until then
    in_place_of: StoredVersion | None = None  # of the variant that the last of them is an edit of
    marks: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of new ones, by digest
    alternating: bool = True  # the change is between two variants; False: an edit of one, or the end of it
    over: bool = False  # from now on there is only one text


class Variants:
    """The part of the catalog that knows variants."""

    _database: Database

    def variants(self, article_id: int) -> list[Variant]:
        """List the texts that an article serves in turn, by their place; none where it serves one."""
        query = _select().where(variants.c.article_id == article_id).order_by(variants.c.place)
        with self._database.read() as connection:
            return [variant for _, variant in _read(connection, query)]

    def all_variants(self) -> dict[int, list[Variant]]:
        """List them for every article that has some, by its number."""
        found: dict[int, list[Variant]] = {}
        with self._database.read() as connection:
            for article_id, variant in _read(connection, _select().order_by(variants.c.article_id, variants.c.place)):
                found.setdefault(article_id, []).append(variant)
        return found

    def version_of_text(self, article_id: int, digest: str) -> StoredVersion | None:
        """Find the newest version of an article that has a text."""
        with self._database.read() as connection:
            return _version_of_text(connection, article_id, digest)


def record_in_turn(connection: Connection, article_id: int, seen: InTurn, at: datetime) -> None:
    """Count the looks of a check, within its recording; `at` is when the last of them was."""
    before = [seen.before.digest] if seen.before else []
    for digest in dict.fromkeys([*before, *seen.looks]):
        version = _version_of_text(connection, article_id, digest)
        if version is not None:
            _count(connection, article_id, version, seen)
            if digest in seen.looks:
                newer = and_(versions.c.id == version.id, versions.c.last_seen_at < at)
                connection.execute(update(versions).where(newer).values(last_seen_at=at))
    if seen.over:
        connection.execute(delete(variants).where(variants.c.article_id == article_id))
    else:
        others = and_(variants.c.article_id == article_id, versions.c.id == variants.c.version_id)
        missed = select(versions.c.id).where(others, versions.c.digest != seen.looks[-1])
        connection.execute(update(variants).where(variants.c.version_id.in_(missed)).values(in_a_row=0))


def _count(connection: Connection, article_id: int, version: StoredVersion, seen: InTurn) -> None:
    looks = seen.looks.count(version.digest)
    run = sum(1 for _ in takewhile(lambda digest: digest == version.digest, reversed(seen.looks)))
    edited = seen.in_place_of is not None and version.digest == seen.looks[-1]
    row = seen.in_place_of.id if edited and seen.in_place_of else version.id
    known: dict[str, Any] = {
        "version_id": version.id,
        "looks": variants.c.looks + looks,
        "in_a_row": variants.c.in_a_row + looks if run == len(seen.looks) else run,
    }
    if connection.execute(update(variants).where(variants.c.version_id == row).values(known)).rowcount:
        return
    last = select(func.coalesce(func.max(variants.c.place), 0)).where(variants.c.article_id == article_id)
    place = connection.execute(last).scalar_one() + 1
    new: dict[str, Any] = {
        "version_id": version.id,
        "article_id": article_id,
        "place": place,
        "looks": looks,
        "in_a_row": run,
    }
    new["marks"] = json.dumps(list(seen.marks.get(version.digest, ())))
    connection.execute(insert(variants).values(new))


def _version_of_text(connection: Connection, article_id: int, digest: str) -> StoredVersion | None:
    query = select_versions().where(versions.c.article_id == article_id, versions.c.digest == digest)
    return next(iter(read_versions(connection, query.order_by(versions.c.number.desc()).limit(1))), None)


def _select() -> Select[Any]:
    columns = (variants.c.article_id, variants.c.place, variants.c.looks, variants.c.in_a_row, variants.c.marks)
    return select(*columns, *version_columns(versions, "version")).join_from(
        variants, versions, versions.c.id == variants.c.version_id
    )


def _read(connection: Connection, query: Select[Any]) -> Sequence[tuple[int, Variant]]:
    found = []
    for row in connection.execute(query):
        version = version_from_row(row, "version")
        assert version is not None
        found.append(
            (row.article_id, Variant(version, row.place, row.looks, row.in_a_row, tuple(json.loads(row.marks))))
        )
    return found
