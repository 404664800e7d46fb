"""Move a catalog to another database, row for row: from a file to a server when the work is to be shared, or back.

Everything goes over, the outbox and its past included, and keeps its numbers.  Only the index of what versions say has to be made again, from the archive (`record_words`).

Touches both databases.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select, text

from tracker.catalog.changes import unpack_comparison
from tracker.catalog.database import Database
from tracker.catalog.digest import fact_words
from tracker.catalog.migration import migrate
from tracker.catalog.schema import changes, metadata
from tracker.catalog.words import insert_words
from tracker.errors import CatalogError, InputError

ROWS: Final = 500  # written in one statement


def move_catalog(source: str, target: str, advance: Callable[[], None]) -> int:
    """Copy a catalog into an empty database, all or nothing.

    Args:
        source: Where it is, by its SQLAlchemy address.
        target: Where it goes; tables are made there.
        advance: Called after each row.

    Returns:
        The number of rows.

    Raises:
        CatalogError: One of the two cannot be used, or there is a catalog in the target already.
    """
    old, new = Database.connect(source), Database.connect(target)
    try:
        for database in (old, new):
            migrate(database)
        with old.read() as reading, new.write() as writing:
            if any(writing.execute(select(table).limit(1)).first() for table in metadata.sorted_tables):
                raise CatalogError(f"{new.name}: there is a catalog already; name an empty database")
            count = 0
            for table in metadata.sorted_tables:
                for rows in _batches(reading, table):
                    writing.execute(table.insert(), rows)
                    count += len(rows)
                    for _ in rows:
                        advance()
                _go_on_counting(new, writing, table)
            _index_changes(new, writing)
        return count
    finally:
        old.close()
        new.close()


def count_rows(address: str) -> int:
    """Count the rows that `move_catalog` would copy."""
    database = Database.connect(address)
    try:
        migrate(database)
        with database.read() as connection:
            return sum(
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            )
    finally:
        database.close()


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    rows = connection.execution_options(yield_per=ROWS).execute(select(table))
    while batch := [dict(row._mapping) for row in islice(rows, ROWS)]:
        yield batch


def _go_on_counting(database: Database, connection: Connection, table: Table) -> None:
    """Let a server number new rows from where the copied ones end; SQLite does so by itself."""
    if database.is_sqlite or "id" not in table.c:
        return
    last = connection.execute(select(func.max(table.c.id))).scalar()
    if last is not None:
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
        connection.execute(sequence, {"table": table.name, "last": last})


def _index_changes(database: Database, connection: Connection) -> None:
    for row in connection.execute(select(changes.c.id, changes.c.comparison)).all():
        try:
            words = fact_words(unpack_comparison(row.comparison).facts)
        except (zlib.error, ValueError, InputError):  # it was damaged before; its page says so
            continue
        insert_words(database, connection, "change_words", [(row.id, words)])
