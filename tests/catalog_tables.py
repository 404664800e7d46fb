"""All that a catalog holds, table by table, without the numbers of its rows: to see whether two say the same."""

from __future__ import annotations

import json
import zlib
from typing import Any

from sqlalchemy import select

from tracker.catalog import Catalog, schema

LOST = {"deliveries", "channels", "hosts", "robots"}  # the past of the outbox; how hosts are at the moment
NAMES = {"article_id": "articles", "version_id": "versions", "old_version_id": "versions", "new_version_id": "versions", "source_id": "sources", "change_id": "changes"}  # fmt: skip


def tables_of(catalog: Catalog, *, without: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    """Read every row of every table; numbers of rows are replaced by what they stand for."""
    with catalog._database.read() as connection:
        rows = {
            name: [dict(row._mapping) for row in connection.execute(select(table))]
            for name, table in schema.metadata.tables.items()
            if name not in LOST
        }
    names: dict[tuple[str, int], str] = {}
    for table, key in (("sources", "url"), ("articles", "url"), ("versions", "snapshot_id")):
        for row in rows[table]:
            article = names.get(("articles", row.get("article_id", 0)), "")
            names[table, row["id"]] = f"{article} {row[key]}".strip()
    for row in rows["changes"]:
        names["changes", row["id"]] = names["versions", row["new_version_id"]]
    return {
        table: sorted((_plain(row, names, without) for row in found), key=lambda row: json.dumps(row, default=str))
        for table, found in rows.items()
    }


def _plain(row: dict[str, Any], names: dict[tuple[str, int], str], without: frozenset[str]) -> dict[str, Any]:
    plain = {}
    for column, value in row.items():
        if column in ("id", "leased_until", *without):
            continue
        if column == "comparison":
            plain[column] = json.loads(zlib.decompress(value))
        else:
            plain[column] = names[NAMES[column], value] if column in NAMES and value is not None else value
    return plain
