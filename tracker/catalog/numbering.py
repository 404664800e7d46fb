"""Numbers of rows: those that changes had, given again; and where the database goes on counting.

Touches the database.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Final

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, text, update

from tracker.catalog.changes import unpack_comparison
from tracker.catalog.database import Database
from tracker.catalog.digest import fact_words
from tracker.catalog.queue import chunks
from tracker.catalog.schema import articles, change_kinds, changes, opinions, versions
from tracker.catalog.words import delete_words, insert_words
from tracker.errors import InputError

LARGEST: Final = 2**31 - 1  # number that is believed: somebody may have written in a note


class Numbering:
    """The part of the catalog that gives changes their numbers again, by which alerts, links and exports name them."""

    _database: Database

    def number_changes(self, noted: Mapping[tuple[str, str], int]) -> None:
        """Number the changes as they were, in a catalog that was made again and of which nobody was told a number yet.

        Those of which no number is noted come behind the others, in the order in which they were detected.

        Args:
            noted: An article's folder, and the capture of the newer version → the number of the change.
        """
        newer = changes.c.new_version_id == versions.c.id
        named = select(changes.c.id, articles.c.folder, versions.c.snapshot_id).join_from(changes, articles)
        with self._database.write() as connection:
            rows = connection.execute(named.join(versions, newer).order_by(changes.c.detected_at, changes.c.id)).all()
            numbers = assign_numbers([noted.get((row.folder, row.snapshot_id)) for row in rows])
            moved = {row.id: number for row, number in zip(rows, numbers, strict=True) if row.id != number}
            if moved:
                _renumber(self._database, connection, moved)


def assign_numbers(noted: Sequence[int | None]) -> list[int]:
    """Give each its noted number; what has none, none that can be, or one that was taken before it, comes behind all others."""
    possible = [number if number is not None and 0 < number <= LARGEST else None for number in noted]
    fresh = count(max(filter(None, possible), default=0) + 1)
    taken: set[int] = set()
    numbers: list[int] = []
    for number in possible:
        numbers.append(next(fresh) if number is None or number in taken else number)
        taken.add(numbers[-1])
    return numbers


def _renumber(database: Database, connection: Connection, moved: Mapping[int, int]) -> None:
    kept = {
        table: [
            {**row._mapping, "change_id": moved[row.change_id]}
            for ids in chunks(list(moved))
            for row in connection.execute(select(table).where(table.c.change_id.in_(ids)))
        ]
        for table in (change_kinds, opinions)
    }
    for ids in chunks(list(moved)):
        for table in kept:
            connection.execute(delete(table).where(table.c.change_id.in_(ids)))
    delete_words(database, connection, "change_words", moved)
    number = update(changes).where(changes.c.id == bindparam("old")).values(id=bindparam("new"))
    # By way of numbers below zero, since the new one of one change is the old one of another.
    connection.execute(number, [{"old": old, "new": -new} for old, new in moved.items()])
    connection.execute(number, [{"old": -new, "new": new} for new in moved.values()])
    for table, rows in kept.items():
        if rows:
            connection.execute(insert(table), rows)
    index_changes(database, connection, moved.values())
    go_on_counting(database, connection, changes)


def index_changes(database: Database, connection: Connection, ids: Iterable[int]) -> None:
    """Index what changes say, to be searched."""
    for some in chunks(list(ids)):
        for row in connection.execute(select(changes.c.id, changes.c.comparison).where(changes.c.id.in_(some))).all():
            try:
                words = fact_words(unpack_comparison(row.comparison).facts)
            except (zlib.error, ValueError, InputError):  # it was damaged before; its page says so
                continue
            insert_words(database, connection, "change_words", [(row.id, words)])


def go_on_counting(database: Database, connection: Connection, table: Table) -> None:
    """Let a server number new rows from where the numbers end; SQLite does so by itself."""
    if database.is_sqlite or "id" not in table.c:
        return
    last = connection.execute(select(func.max(table.c.id))).scalar()
    if last is not None:
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
        connection.execute(sequence, {"table": table.name, "last": last})
