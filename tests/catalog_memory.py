"""Every desk has a catalog of its own, and every command opens it anew; what comes out the same each time is worked out once.

That is the tables, which take the migrations six times as long as the statements that they come to, and the SQL that SQLAlchemy writes for a query.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine

from tracker.catalog import database, migration
from tracker.catalog.schema import REVISION_TABLE

Upgrade = Callable[[Connection, str | None, str], None]
Make = Callable[[URL], Engine]

# Not those that SQLite makes itself for the words of a full-text table.
TABLES = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB '*_words_*' ORDER BY rowid"


def remember() -> None:
    """Let all catalogs of this process share what they have worked out."""
    migration._upgrade = remembering_tables(migration._upgrade)
    database._make_engine = remembering_statements(database._make_engine)


def remembering_tables(upgrade: Upgrade) -> Upgrade:
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


def remembering_statements(make: Make) -> Make:
    """Give a maker of engines that share the SQL of their kind; it is remembered by the dialect, which therefore is one as well."""
    first = create_engine("sqlite://")
    first.connect().close()  # only now does the dialect know its database
    dialects: dict[str, Dialect] = {"sqlite": first.dialect}
    statements: dict[Any, Any] = {}

    def made(url: URL) -> Engine:
        engine = make(url)
        engine.dialect = dialects.setdefault(engine.dialect.name, engine.dialect)
        engine.update_execution_options(compiled_cache=statements)
        return engine

    return made
