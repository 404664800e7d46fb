"""Versions as rows: the texts themselves are in the archive.

Touches the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, select

from tracker.catalog.database import Database
from tracker.catalog.schema import versions
from tracker.models import StoredReading, StoredSnapshot, StoredVersion


class Versions:
    """The part of the catalog that knows versions."""

    _database: Database

    def versions(self, article_id: int) -> list[StoredVersion]:
        """List the versions of an article, oldest first."""
        query = select_versions().where(versions.c.article_id == article_id).order_by(versions.c.number)
        with self._database.read() as connection:
            return read_versions(connection, query)


def select_versions() -> Select[Any]:
    """Begin a query for `read_versions`."""
    return select(*version_columns(versions, "version"))


def read_versions(connection: Connection, query: Select[Any]) -> list[StoredVersion]:
    """Run it."""
    found = (version_from_row(row, "version") for row in connection.execute(query))
    return [version for version in found if version]


def version_columns(table: FromClause, prefix: str) -> list[ColumnElement[Any]]:
    """Name the columns of a version so that two of them fit into one row."""
    return [column.label(f"{prefix}_{column.name}") for column in table.c if column.name != "article_id"]


def version_from_row(row: Row[Any], prefix: str) -> StoredVersion | None:
    """Read those columns; None where an outer join found nothing."""
    values = row._mapping
    if values[f"{prefix}_id"] is None:
        return None
    place = [values[f"{prefix}_reading_{name}"] for name in ("file", "offset", "at")]
    snapshot = StoredSnapshot(
        id=values[f"{prefix}_snapshot_id"],
        fetched_at=values[f"{prefix}_fetched_at"],
        status=values[f"{prefix}_status"],
        digest=values[f"{prefix}_snapshot_digest"],
        file=values[f"{prefix}_file"],
        offset=values[f"{prefix}_offset"],
        length=values[f"{prefix}_length"],
        size=values[f"{prefix}_size"],
        reading=StoredReading(*place) if place[0] else None,
        origin=values[f"{prefix}_origin"],
    )
    return StoredVersion(
        id=values[f"{prefix}_id"],
        number=values[f"{prefix}_number"],
        snapshot=snapshot,
        digest=values[f"{prefix}_digest"],
        headline=values[f"{prefix}_headline"],
        last_seen_at=values[f"{prefix}_last_seen_at"],
        updated_at=values[f"{prefix}_updated_at"],
    )


def snapshot_columns(stored: StoredSnapshot) -> dict[str, Any]:
    """Where a version's snapshot is, as columns."""
    return {
        "snapshot_id": stored.id,
        "fetched_at": stored.fetched_at,
        "status": stored.status,
        "snapshot_digest": stored.digest,
        "file": stored.file,
        "offset": stored.offset,
        "length": stored.length,
        "size": stored.size,
        "origin": stored.origin,
        "reading_file": stored.reading.file if stored.reading else None,
        "reading_offset": stored.reading.offset if stored.reading else None,
        "reading_at": stored.reading.at if stored.reading else None,
    }
