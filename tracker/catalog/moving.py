"""Move a catalog to another database, row for row: from a file to a server when the work is to be shared, or back.

Everything goes over, the outbox and its past included, and keeps its numbers.  Only the index of what versions say has to be made again, from the archive (`record_words`).

Touches both databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from tracker.catalog.database import Database
from tracker.catalog.migration import migrate
from tracker.catalog.numbering import go_on_counting, index_changes
from tracker.catalog.schema import changes, metadata
from tracker.errors import CatalogError

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
                go_on_counting(new, writing, table)
            index_changes(new, writing, writing.execute(select(changes.c.id)).scalars())
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
