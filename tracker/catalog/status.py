"""Where the following stands, in a few numbers.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from tracker.catalog.database import Database
from tracker.catalog.outbox import count_deliveries
from tracker.catalog.schema import articles, changes, deliveries, sources, versions
from tracker.models import DeliveryState

SHOWN: Final = 20  # failures named; a person reads no more


@dataclass(frozen=True, slots=True)
class Failure:
    """An article or a source whose last check did not end well."""

    url: str
    error: str
    failures: int  # in a row; 0 for a suspect capture


@dataclass(frozen=True, slots=True)
class CatalogStatus:
    """Where the following stands at one moment."""

    articles: int  # followed
    sources: int  # followed
    due: int  # articles due now
    failing_count: int  # articles and sources whose last check did not end well
    failing: tuple[Failure, ...]  # of these, those that fail the longest; at most `SHOWN`
    deliveries: Mapping[DeliveryState, int]
    versions: int
    changes: int
    last_checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the service keeps up."""

    articles: int  # followed
    due: int
    oldest_due_at: datetime | None  # None while nothing is due
    deliveries: Mapping[DeliveryState, int]  # those that are not delivered yet


class Status:
    """The part of the catalog that sums up."""

    _database: Database

    def backlog(self, now: datetime) -> Backlog:
        """Say how the service keeps up, by what the indexes say: a monitor asks every few seconds."""
        is_due = articles.c.active & (articles.c.due_at <= now)
        open_states = select(deliveries.c.state, func.count()).where(deliveries.c.state.in_(("waiting", "parked")))
        with self._database.read() as connection:
            due = select(func.count(), func.min(articles.c.due_at)).where(is_due, _is_idle(now))
            waiting, oldest = connection.execute(due).one()
            return Backlog(
                articles=_count(connection, articles, articles.c.active),
                due=waiting,
                oldest_due_at=oldest,
                deliveries={row[0]: row[1] for row in connection.execute(open_states.group_by(deliveries.c.state))},
            )

    def count_failing(self) -> int:
        """Count the articles whose last check did not end well."""
        with self._database.read() as connection:
            return _count(connection, articles, articles.c.active, articles.c.error.is_not(None))

    def archive_bytes(self) -> int:
        """Add up the files that captures were last added to: nearly all of the archive, and no look at the disk."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.sum(articles.c.archived_end))).scalar() or 0)

    def next_due_at(self) -> datetime | None:
        """Say when the first article or source is due; None where nothing is followed."""
        with self._database.read() as connection:
            queues = (select(func.min(table.c.due_at)).where(table.c.active) for table in (articles, sources))
            found = [connection.execute(query).scalar() for query in queues]
            return min((at for at in found if at), default=None)

    def status(self, now: datetime, *, shown: int = SHOWN) -> CatalogStatus:
        """Sum up what is followed, due, failing and waiting."""
        with self._database.read() as connection:
            failing = _failing(connection, articles) + _failing(connection, sources)
            failing.sort(key=lambda failure: -failure.failures)
            return CatalogStatus(
                articles=_count(connection, articles, articles.c.active),
                sources=_count(connection, sources, sources.c.active),
                due=_count(connection, articles, articles.c.active, articles.c.due_at <= now),
                failing_count=len(failing),
                failing=tuple(failing[:shown]),
                deliveries=count_deliveries(connection),
                versions=_count(connection, versions),
                changes=_count(connection, changes),
                last_checked_at=connection.execute(select(func.max(articles.c.checked_at))).scalar(),
            )


def _is_idle(now: datetime) -> ColumnElement[bool]:
    return or_(articles.c.leased_until.is_(None), articles.c.leased_until <= now)


def _count(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


def _failing(connection: Connection, table: Table) -> list[Failure]:
    query = select(table.c.url, table.c.error, table.c.failures).where(table.c.active, table.c.error.is_not(None))
    return [Failure(row.url, row.error, row.failures) for row in connection.execute(query)]
