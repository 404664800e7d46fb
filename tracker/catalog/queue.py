"""Queue up, and claim what is due: articles and feeds do so in the same way.

A claim is a lease: whoever takes a row has it until the lease runs out, and a row whose taker died is taken by another.

Touches the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, update

from tracker.catalog.database import Database

T = TypeVar("T")

CHUNK: Final = 500  # values in one IN (…); SQLite takes 32,766 in all
LOOKAHEAD: Final = 4  # rows looked at for each one wanted, before hosts that have their share are left out


def enlist(database: Database, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add articles or sources whose addresses are not known yet; gives their numbers."""
    insert = database.insert(table).values(rows).on_conflict_do_nothing(index_elements=["url"])
    return list(connection.execute(insert.returning(table.c.id)).scalars())


def claim(
    connection: Connection,
    table: Table,
    now: datetime,
    limit: int,
    lease: timedelta,
    ids: Collection[int] | None,
    per_host: int | None,
    spare: Mapping[int, int] | None = None,
    held: Mapping[str, int] | None = None,
) -> list[int]:
    """Lease rows to the caller.

    Args:
        connection: In a transaction that writes.
        table: `articles` or `sources`.
        now: What is due by then, and not leased beyond it, can be claimed.
        limit: At most so many.
        lease: How long they are the caller's.
        ids: Only these, whether due or not.
        per_host: At most so many of one host.
        spare: Of articles: at most so many of the sources named here.
        held: How many of a host the caller has already.

    Returns:
        Ids, most overdue first.
    """
    if ids is None:
        is_due = _is_free(table, now) & (table.c.due_at <= now)
        found = _pick(connection, table, is_due, limit, per_host, spare or {}, held or {})
    else:
        found = []
        for some in chunks(list(dict.fromkeys(ids))):
            wanted = _is_free(table, now) & table.c.id.in_(some)
            found += _pick(connection, table, wanted, limit - len(found), per_host, {}, {})
    for some in chunks(found):
        connection.execute(update(table).where(table.c.id.in_(some)).values(leased_until=now + lease))
    return found


def _is_free(table: Table, now: datetime) -> ColumnElement[bool]:
    return and_(table.c.active, or_(table.c.leased_until.is_(None), table.c.leased_until <= now))


def _pick(
    connection: Connection,
    table: Table,
    wanted: ColumnElement[bool],
    limit: int,
    per_host: int | None,
    spare: Mapping[int, int],
    held: Mapping[str, int],
) -> list[int]:
    """Walk the queue, most overdue first, until enough are found or its end is reached.

    A host with a long queue, or a source, is left out of the walk once it has its share: each round ends the walk or fills one.
    """
    if limit <= 0:
        return []
    found: list[int] = []
    taken: Counter[str] = Counter(held)
    left = dict(spare)
    look_at = limit if per_host is None and not spare else LOOKAHEAD * limit
    while True:
        full = [host for host, count in taken.items() if per_host is not None and count >= per_host]
        query = select(table.c.id, table.c.host).where(wanted, table.c.id.not_in(found), table.c.host.not_in(full))
        if spare:
            spent = [source for source, count in left.items() if count <= 0]
            query = query.add_columns(table.c.source_id)
            query = query.where(or_(table.c.source_id.is_(None), table.c.source_id.not_in(spent)))
        # A row that another process is about to claim is passed over (PostgreSQL; SQLite has one writer at a time).
        query = query.order_by(table.c.due_at, table.c.id).limit(look_at).with_for_update(skip_locked=True)
        rows = connection.execute(query).all()
        for row in rows:
            source = row.source_id if spare else None
            if (per_host is None or taken[row.host] < per_host) and (source not in left or left[source] > 0):
                taken[row.host] += 1
                if source in left:
                    left[source] -= 1
                found.append(row.id)
        if len(found) >= limit or len(rows) < look_at:
            return found[:limit]


def chunks(ids: Sequence[T]) -> Iterator[list[T]]:
    """Cut a list into pieces that fit into one statement."""
    rest = iter(ids)
    while piece := list(islice(rest, CHUNK)):
        yield piece
