"""Feeds, sitemaps and section pages: what is read for new articles.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, Select, select, update

from tracker.catalog.database import Database
from tracker.catalog.queue import chunks, claim, enlist
from tracker.catalog.schema import articles, source_tags, sources
from tracker.catalog.tags import add_tags, split_tags, tags_of
from tracker.models import Source, Validators

READ_IN_FULL: Final = {"etag": None, "last_modified": None}  # what is not modified may hold what was not wanted before


class Sources:
    """The part of the catalog that knows sources."""

    _database: Database

    def add_source(
        self,
        url: str,
        kind: str,
        *,
        now: datetime,
        tags: Iterable[str] = (),
        links: str | None = None,
        limit: int | None = None,
        every: timedelta | None = None,
        most_per_hour: int | None = None,
    ) -> tuple[Source, bool]:
        """Follow a source from now on.

        Of one that is followed already, a pattern or a limit that is given replaces that which it has, and it is read again in full.

        Args:
            url: Normalised address.
            kind: "feed", "sitemap" or "section".
            now: When it was added.
            tags: Merged into those that are there.
            links: Only addresses of this pattern are followed.
            limit: Of each reading, only so many of the newest.
            every: How often its articles are to be checked; None leaves that as it is, here and below.
            most_per_hour: So many checks of its articles an hour.

        Returns:
            The source, and whether it was not followed before.
        """
        host = urlsplit(url).netloc
        choice = {"links": links, "limit": limit}
        row = {"url": url, "host": host, "kind": kind, "active": True, "due_at": now, "failures": 0, **choice}
        with self._database.write() as connection:
            added = bool(enlist(self._database, connection, sources, [row]))
            again = sources.update().where(sources.c.url == url, ~sources.c.active)
            again = again.values(active=True, kind=kind, leased_until=None, due_at=now, **READ_IN_FULL, **choice)
            added |= connection.execute(again).rowcount == 1
            for column, value in choice.items():
                chosen = sources.update().where(sources.c.url == url, sources.c[column].is_distinct_from(value))
                if value is not None:
                    connection.execute(chosen.values({column: value, "due_at": now, **READ_IN_FULL}))
            wishes = {"every_s": every, "most_per_hour": most_per_hour}
            if given := {column: value for column, value in wishes.items() if value is not None}:
                connection.execute(sources.update().where(sources.c.url == url).values(given))
            add_tags(self._database, connection, source_tags, sources, [url], tags)
            return _read(connection, _select().where(sources.c.url == url))[0], added

    def source(self, url: str) -> Source | None:
        """Find a source by its address, followed or not."""
        with self._database.read() as connection:
            return next(iter(_read(connection, _select().where(sources.c.url == url))), None)

    def address_of_source(self, source_id: int) -> str | None:
        """Find the address of a source by its number."""
        with self._database.read() as connection:
            return connection.execute(select(sources.c.url).where(sources.c.id == source_id)).scalar()

    def source_of(self, article_url: str) -> str | None:
        """Give the address of the source that an article was found in; None where it was not found in one."""
        query = select(sources.c.url).join_from(sources, articles, articles.c.source_id == sources.c.id)
        with self._database.read() as connection:
            found: str | None = connection.execute(query.where(articles.c.url == article_url)).scalar()
            return found

    def sources(self, *, active: bool | None = True) -> list[Source]:
        """List sources in the order that they were added; None: those no longer followed too."""
        query = _select().order_by(sources.c.id)
        if active is not None:
            query = query.where(sources.c.active == active)
        with self._database.read() as connection:
            return _read(connection, query)

    def claim_due_sources(
        self,
        now: datetime,
        limit: int,
        lease: timedelta,
        *,
        ids: Collection[int] | None = None,
        per_host: int | None = None,
    ) -> list[Source]:
        """Take sources to read, most overdue first; as `claim_due_articles` in every other respect."""
        with self._database.write(lasting=False) as connection:
            found = claim(connection, sources, now, limit, lease, ids, per_host)
            by_id = {
                source.id: source
                for some in chunks(found)
                for source in _read(connection, _select().where(sources.c.id.in_(some)))
            }
        return [by_id[source_id] for source_id in found]

    def release_source(self, source_id: int) -> None:
        """Give a claimed source back unread; it stays due."""
        with self._database.write(lasting=False) as connection:
            connection.execute(update(sources).where(sources.c.id == source_id).values(leased_until=None))

    def record_source_read(self, source_id: int, *, at: datetime, due_at: datetime, validators: Validators) -> None:
        """Note that a source was read, or is as it was."""
        self._record_source(
            source_id, at, due_at, failures=0, error=None, etag=validators.etag, last_modified=validators.last_modified
        )

    def record_source_failure(self, source_id: int, *, at: datetime, due_at: datetime, error: str) -> None:
        """Note that a source could not be read, and why."""
        self._record_source(source_id, at, due_at, failures=sources.c.failures + 1, error=error)

    def _record_source(self, source_id: int, at: datetime, due_at: datetime, **values: object) -> None:
        outcome = update(sources).where(sources.c.id == source_id)
        with self._database.write(lasting=False) as connection:
            connection.execute(outcome.values(checked_at=at, due_at=due_at, leased_until=None, **values))


def _select() -> Select[tuple[object, ...]]:
    return select(sources, tags_of(source_tags, sources.c.id).label("tags"))


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[Source]:
    return [_source_from_row(row) for row in connection.execute(query)]


def _source_from_row(row: Row[tuple[object, ...]]) -> Source:
    return Source(
        id=row.id,
        url=row.url,
        kind=row.kind,
        tags=split_tags(row.tags),
        active=row.active,
        due_at=row.due_at,
        checked_at=row.checked_at,
        error=row.error,
        failures=row.failures,
        validators=Validators(row.etag, row.last_modified),
        links=row.links,
        limit=row.limit,
        every=row.every_s,
        most_per_hour=row.most_per_hour,
    )
