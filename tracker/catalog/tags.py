"""Tags of articles and sources: words by which a desk sorts what it follows.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, func, literal, select

from tracker.catalog.database import Database

SEPARATOR: Final = "\n"


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Drop white space that nobody meant, and what is then empty."""
    return sorted({" ".join(tag.split()) for tag in tags} - {""})


def add_tags(
    database: Database, connection: Connection, table: Table, owners: Table, urls: Sequence[str], tags: Iterable[str]
) -> None:
    """Merge tags into those that the articles or sources with these addresses have."""
    for tag in clean_tags(tags):
        rows = select(owners.c.id, literal(tag, table.c.tag.type)).where(owners.c.url.in_(urls))
        insert = database.insert(table).from_select([_owner(table).name, "tag"], rows)
        connection.execute(insert.on_conflict_do_nothing())


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
