"""Tags of articles and sources: words by which a desk sorts what it follows.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, func, select

from tracker.catalog.database import Database

SEPARATOR: Final = "\n"


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Drop white space that nobody meant, and what is then empty."""
    return sorted({" ".join(tag.split()) for tag in tags} - {""})


def add_tags(database: Database, connection: Connection, table: Table, owner_id: int, tags: Iterable[str]) -> None:
    """Merge tags into those that are there."""
    owner = _owner(table)
    rows = [{owner.name: owner_id, "tag": tag} for tag in clean_tags(tags)]
    if rows:
        connection.execute(database.insert(table).on_conflict_do_nothing(), rows)


def tags_of(table: Table, owner_id: ColumnElement[int]) -> ScalarSelect[str]:
    """Select the tags of the row at hand as one text, for `split_tags`."""
    joined = func.aggregate_strings(table.c.tag, SEPARATOR)
    return select(joined).where(_owner(table) == owner_id).scalar_subquery()


def split_tags(joined: str | None) -> tuple[str, ...]:
    """Take apart what `tags_of` selected."""
    return tuple(sorted(joined.split(SEPARATOR))) if joined else ()


def has_tag(table: Table, owner_id: ColumnElement[int], tag: str) -> ColumnElement[bool]:
    """Ask whether the row at hand has a tag."""
    return owner_id.in_(select(_owner(table)).where(table.c.tag == tag))


def _owner(table: Table) -> ColumnElement[int]:
    return table.c[0]
