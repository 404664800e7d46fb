"""Bring a database to the tables of today, after a backup.

Alembic is slow to import (0.2 s), and nearly always there is nothing to do: the stored revision is compared first.

Touches the database, and the disk for the backup.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from tracker.catalog.database import Database
from tracker.catalog.schema import HEAD, REVISION_TABLE
from tracker.errors import CatalogError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
ADVISORY_LOCK: Final = 7_240_913_508  # any number, the same in every tracker: one migrates, the others wait


def migrate(database: Database) -> None:
    """Create the tables, or change those of an older tracker.

    Raises:
        CatalogError: It is not a catalog, or that of a newer tracker; or it cannot be opened or written.
    """
    _prepare_file(database)
    with database.read() as connection:
        if _stored_revision(connection, database.name) == HEAD:
            return
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        revision = _stored_revision(connection, database.name)  # another process may have been faster
        if revision == HEAD:
            return
        if revision and database.file:
            back_up(database.file, revision)
        _upgrade(connection, revision, database.name)


def back_up(file: Path, revision: str) -> Path:
    """Copy an SQLite database as it is, through SQLite, so that the copy is whole whatever others do.

    Raises:
        CatalogError: The copy cannot be written.
    """
    copy = file.with_name(f"{file.name}.backup-{revision}")
    new = copy.with_name(f"{copy.name}.new")
    try:
        new.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(file)) as source, contextlib.closing(sqlite3.connect(new)) as target:
            source.backup(target)
        with new.open("rb") as written:
            os.fsync(written.fileno())
        new.replace(copy)
    except (sqlite3.Error, OSError) as error:
        new.unlink(missing_ok=True)
        raise CatalogError(
            f"{copy}: the backup before changing the database cannot be written ({error}); nothing was changed"
        ) from error
    return copy


def _prepare_file(database: Database) -> None:
    if database.file is None:
        return
    try:
        database.file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(f"{database.name}: its folder cannot be made: {error.strerror}") from error


def _stored_revision(connection: Connection, name: str) -> str | None:
    """Read the revision; None for an empty database."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if REVISION_TABLE not in tables:
        raise CatalogError(f"{name}: this is a database, but not a tracker's catalog; name another one")
    return connection.execute(text(f"SELECT version_num FROM {REVISION_TABLE}")).scalar()  # noqa: S608


def _upgrade(connection: Connection, revision: str | None, name: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise CatalogError(
            f"{name}: the catalog is that of a newer tracker (revision {revision}); install that version, or use another database"
        )
    command.upgrade(config, HEAD)
