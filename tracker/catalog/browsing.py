"""Articles a page at a time, and how busy each outlet was.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Select, cast, func, select

from tracker.catalog.articles import read_articles_by_id
from tracker.catalog.database import Database
from tracker.catalog.schema import article_tags, articles, change_kinds, changes
from tracker.catalog.tags import has_tag
from tracker.models import Article, Disclosure, Kind, Verdict

HOUR_US: Final = 3_600_000_000
MOST_HOSTS: Final = 500  # listed; a page of more is read by nobody


@dataclass(frozen=True, slots=True)
class Host:
    """An outlet, by the name of its server."""

    name: str
    articles: int
    followed: int


@dataclass(frozen=True, slots=True)
class Activity:
    """When and how articles changed; hours of the day are UTC."""

    by_hour_and_kind: Mapping[
        tuple[int, Kind], int
    ]  # changes with a fact of that kind, by the hour that they were found
    by_hour: Mapping[int, int]  # changes
    by_verdict: Mapping[Verdict | None, int]
    by_disclosure: Mapping[Disclosure, int]  # of the substantive ones


class Browsing:
    """The part of the catalog that is leafed through."""

    _database: Database

    def list_articles(
        self, *, limit: int, after: int | None = None, host: str | None = None, tag: str | None = None
    ) -> list[Article]:
        """List articles, followed or not, the latest added first.

        Args:
            limit: At most so many.
            after: Only those behind the article with this number.
            host: Only those of this outlet.
            tag: Only those with this tag.
        """
        query = select(articles.c.id).order_by(articles.c.id.desc()).limit(limit)
        if after is not None:
            query = query.where(articles.c.id < after)
        if host is not None:
            query = query.where(articles.c.host == host)
        if tag is not None:
            query = query.where(has_tag(article_tags, articles.c.id, tag))
        with self._database.read() as connection:
            return read_articles_by_id(connection, list(connection.execute(query).scalars()))

    def hosts(self) -> list[Host]:
        """List the outlets, those with the most articles first."""
        followed = func.count().filter(articles.c.active)
        query = select(articles.c.host, func.count().label("articles"), followed.label("followed"))
        query = query.group_by(articles.c.host).order_by(func.count().desc(), articles.c.host).limit(MOST_HOSTS)
        with self._database.read() as connection:
            return [Host(row.host, row.articles, row.followed) for row in connection.execute(query)]

    def tags(self) -> list[str]:
        """List the tags that articles have, the most used first."""
        query = select(article_tags.c.tag).group_by(article_tags.c.tag).order_by(func.count().desc()).limit(MOST_HOSTS)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def latest_change(self) -> int:
        """Give the number of the change that was recorded last; 0 before the first."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(changes.c.id))).scalar() or 0

    def activity(
        self, *, host: str | None = None, source_id: int | None = None, since: datetime | None = None
    ) -> Activity:
        """Count the changes of an outlet or a feed; of all where neither is given."""
        with self._database.read() as connection:
            return Activity(
                by_hour_and_kind=_kinds(connection, host, source_id, since),
                by_hour=_count(connection, _hour(), host, source_id, since),
                by_verdict=_count(connection, changes.c.verdict, host, source_id, since),
                by_disclosure=_disclosures(connection, host, source_id, since),
            )


def _hour() -> Any:
    return (cast(changes.c.detected_at, BigInteger) // HOUR_US % 24).label("hour")


def _only(query: Select[Any], host: str | None, source_id: int | None, since: datetime | None) -> Select[Any]:
    if host is not None or source_id is not None:
        query = query.join(articles, articles.c.id == changes.c.article_id)
    if host is not None:
        query = query.where(articles.c.host == host)
    if source_id is not None:
        query = query.where(articles.c.source_id == source_id)
    return query if since is None else query.where(changes.c.detected_at >= since)


def _count(
    connection: Connection, column: Any, host: str | None, source_id: int | None, since: datetime | None
) -> dict[Any, int]:
    query = _only(select(column, func.count()).select_from(changes), host, source_id, since).group_by(column)
    return {row[0]: row[1] for row in connection.execute(query)}


def _kinds(
    connection: Connection, host: str | None, source_id: int | None, since: datetime | None
) -> dict[tuple[int, Kind], int]:
    hour = _hour()
    joined = changes.join(change_kinds, change_kinds.c.change_id == changes.c.id)
    query = select(hour, change_kinds.c.kind, func.count()).select_from(joined)
    query = _only(query, host, source_id, since).group_by(hour, change_kinds.c.kind)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _disclosures(
    connection: Connection, host: str | None, source_id: int | None, since: datetime | None
) -> dict[Disclosure, int]:
    query = select(changes.c.disclosure, func.count()).where(changes.c.disclosure.is_not(None))
    query = _only(query, host, source_id, since).group_by(changes.c.disclosure)
    return {row[0]: row[1] for row in connection.execute(query)}
