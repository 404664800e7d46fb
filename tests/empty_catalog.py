"""Every desk has a catalog of its own: its tables are made by the migrations once, and after that as these left them.

Migrations take twenty times as long as the statements that they come to.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from tracker.catalog import migration
from tracker.catalog.schema import REVISION_TABLE

Upgrade = Callable[[Connection, str | None, str], None]

# Not those that SQLite makes itself for the words of a full-text table.
TABLES = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB '*_words_*' ORDER BY rowid"


def remembering(upgrade: Upgrade) -> Upgrade:
    """Give an upgrade that remembers what an empty SQLite database becomes."""
    made: dict[tuple[Path, str], list[str]] = {}

    def upgraded(connection: Connection, revision: str | None, name: str) -> None:
        key = (migration.MIGRATIONS, migration.HEAD)  # a test may have others
        if revision is not None or connection.dialect.name != "sqlite":
            upgrade(connection, revision, name)
        elif key in made:
            for statement in made[key]:
                connection.exec_driver_sql(statement)
        else:
            upgrade(connection, revision, name)
            done = f"INSERT INTO {REVISION_TABLE} VALUES ('{migration.HEAD}')"
            made[key] = [*connection.exec_driver_sql(TABLES).scalars(), done]

    return upgraded
