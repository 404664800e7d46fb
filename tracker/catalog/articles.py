"""Articles: what is followed, and what is known of it.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import BigInteger, Connection, Row, Select, and_, exists, func, literal, select, type_coerce, update

from tracker.catalog.database import Database
from tracker.catalog.queue import chunks, enlist
from tracker.catalog.schema import MICROSECOND, article_tags, articles, sources, variants, versions
from tracker.catalog.tags import add_tags, clean_tags, has_tag, split_tags, tags_of
from tracker.catalog.versions import version_columns, version_from_row
from tracker.models import Article, Validators


class Articles:
    """The part of the catalog that knows articles."""

    _database: Database

    # --- following ---

    def add_article(
        self,
        url: str,
        folder: str,
        *,
        now: datetime,
        tags: Iterable[str] = (),
        source_id: int | None = None,
        due_at: datetime | None = None,
        every: timedelta | None = None,
    ) -> tuple[Article, bool]:
        """Follow an article from now on.

        One that is followed already only gets the tags and the interval; one that was followed once goes on with its history, and its folder.
        But what someone has stopped following is not followed again because a source names it.

        Args:
            url: Normalised address.
            folder: Where the archive keeps it.
            now: When it was added.
            tags: Merged into those that are there.
            source_id: The feed that it was found in.
            due_at: When to check it first; None is at once.
            every: How often it is to be checked from now on; None leaves that as it is.

        Returns:
            The article, and whether it was not followed before.
        """
        row = _new_row(url, folder, now, due_at, source_id)
        with self._database.write() as connection:
            added = bool(enlist(self._database, connection, articles, [row]))
            if source_id is None:
                again = update(articles).where(articles.c.url == url, ~articles.c.active)
                again = again.values(active=True, due_at=due_at or now, leased_until=None, same_as=None)
                added |= connection.execute(again).rowcount == 1
            if every is not None:
                pin = update(articles).where(articles.c.url == url, articles.c.every_s.is_distinct_from(every))
                connection.execute(pin.values(every_s=every, due_at=now))
            add_tags(self._database, connection, article_tags, articles, [url], tags)
            connection.execute(update(articles).where(articles.c.url == url).values(noted=False))
            return _read(connection, _select().where(articles.c.url == url))[0], added

    def add_articles(
        self,
        folders: Mapping[str, str],
        *,
        now: datetime,
        tags: Iterable[str] = (),
        source_id: int,
        due_at: datetime | None = None,
    ) -> list[Article]:
        """Follow all that a source names, in one transaction.

        Args:
            folders: For each normalised address, where the archive keeps the article.
            now: When they were added.
            tags: Merged into those that are there.
            source_id: The source.
            due_at: When to check them first; None is at once.

        Returns:
            Those that were not known before.
        """
        tags = clean_tags(tags)
        with self._database.write() as connection:
            new: list[int] = []
            for urls in chunks(list(folders)):
                rows = [_new_row(url, folders[url], now, due_at, source_id) for url in urls]
                new += enlist(self._database, connection, articles, rows)
                add_tags(self._database, connection, article_tags, articles, urls, tags)
                if tags:
                    connection.execute(update(articles).where(articles.c.url.in_(urls)).values(noted=False))
            return read_articles_by_id(connection, new)

    def bring_forward(self, updated_at: Mapping[str, datetime], now: datetime) -> int:
        """Make articles due that a source says were updated since they were last checked.

        Args:
            updated_at: For each address, when it was updated.
            now: When they are due.

        Returns:
            How many were not due before.
        """
        later = 0
        with self._database.write(lasting=False) as connection:
            for urls in chunks(list(updated_at)):
                waiting = select(articles.c.id, articles.c.url, articles.c.checked_at).where(
                    articles.c.url.in_(urls), articles.c.active, articles.c.due_at > now
                )
                ids = [
                    row.id
                    for row in connection.execute(waiting)
                    if row.checked_at and row.checked_at < updated_at[row.url]
                ]
                connection.execute(update(articles).where(articles.c.id.in_(ids)).values(due_at=now))
                later += len(ids)
        return later

    def deactivate(self, url: str) -> bool:
        """Stop following an article or a source; what is known of it stays.

        Returns:
            Whether it was followed.
        """
        with self._database.write() as connection:
            stopped = 0
            for table in (articles, sources):
                stop = update(table).where(table.c.url == url, table.c.active)
                stopped += connection.execute(stop.values(active=False, leased_until=None)).rowcount
            connection.execute(update(articles).where(articles.c.url == url).values(noted=False))
            return stopped > 0

    # --- finding ---

    def article(self, url: str) -> Article | None:
        """Find an article by its address, followed or not."""
        with self._database.read() as connection:
            return next(iter(_read(connection, _select().where(articles.c.url == url))), None)

    def article_by_id(self, article_id: int) -> Article | None:
        """Find an article by its number, followed or not."""
        with self._database.read() as connection:
            return next(iter(_read(connection, _select().where(articles.c.id == article_id))), None)

    def articles(
        self, *, active: bool | None = True, tag: str | None = None, source_id: int | None = None
    ) -> list[Article]:
        """List articles in the order that they were added; `active` None: those no longer followed too."""
        query = _select().order_by(articles.c.id)
        if active is not None:
            query = query.where(articles.c.active == active)
        if tag is not None:
            query = query.where(has_tag(article_tags, articles.c.id, tag))
        if source_id is not None:
            query = query.where(articles.c.source_id == source_id)
        with self._database.read() as connection:
            return _read(connection, query)

    def article_ids(self, *, source_id: int | None = None, unchecked: bool = False) -> list[int]:
        """List the numbers of the articles that are followed, in the order that they were added.

        Args:
            source_id: Only those found in this source.
            unchecked: Only those that were never checked.
        """
        query = select(articles.c.id).where(articles.c.active).order_by(articles.c.id)
        if source_id is not None:
            query = query.where(articles.c.source_id == source_id)
        if unchecked:
            query = query.where(articles.c.checked_at.is_(None))
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def addresses_on(self, hosts: Collection[str], *, active: bool | None = None) -> list[str]:
        """List the addresses of the articles of some hosts, those that are followed first; `active` True: these only."""
        query = (
            select(articles.c.url).where(articles.c.host.in_(hosts)).order_by(articles.c.active.desc(), articles.c.id)
        )
        if active is not None:
            query = query.where(articles.c.active == active)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def count_articles(self) -> int:
        """Count the articles that are followed."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(articles).where(articles.c.active)).scalar_one()

    def asked_per_hour(self) -> float:
        """Count the checks an hour that the waits ask for which were set at the last checks."""
        wait = articles.c.due_at - articles.c.checked_at
        hour = literal(timedelta(hours=1) // MICROSECOND, BigInteger)
        query = select(func.sum(hour * 1.0 / type_coerce(wait, BigInteger)))
        query = query.where(articles.c.active, articles.c.due_at > articles.c.checked_at)
        with self._database.read() as connection:
            return float(connection.execute(query).scalar() or 0.0)


# --- rows -----------------------------------------------------------------------------------------


def _new_row(url: str, folder: str, now: datetime, due_at: datetime | None, source_id: int | None) -> dict[str, Any]:
    return {
        "url": url, "host": urlsplit(url).netloc, "folder": folder, "added_at": now, "source_id": source_id, "active": True,
        "due_at": due_at or now, "unchanged_checks": 0, "failures": 0, "latest": 0,
    }  # fmt: skip


def _select() -> Select[Any]:
    is_latest = and_(versions.c.article_id == articles.c.id, versions.c.number == articles.c.latest)
    tags = tags_of(article_tags, articles.c.id).label("tags")
    alternates = exists().where(variants.c.article_id == articles.c.id).label("alternates")
    every = func.coalesce(articles.c.every_s, sources.c.every_s).label("pinned")
    columns: list[Any] = [articles, tags, alternates, every, *version_columns(versions, "version")]
    return (
        select(*columns)
        .outerjoin_from(articles, versions, is_latest)
        .outerjoin(sources, sources.c.id == articles.c.source_id)
    )


def _read(connection: Connection, query: Select[Any]) -> list[Article]:
    return [_article_from_row(row) for row in connection.execute(query)]


def read_articles_by_id(connection: Connection, ids: Sequence[int]) -> list[Article]:
    """Read articles in the order of their numbers given."""
    queries = (_select().where(articles.c.id.in_(some)) for some in chunks(ids))
    found = {article.id: article for query in queries for article in _read(connection, query)}
    return [found[article_id] for article_id in ids]


def _article_from_row(row: Row[Any]) -> Article:
    version = version_from_row(row, "version")
    return Article(
        id=row.id,
        url=row.url,
        folder=row.folder,
        added_at=row.added_at,
        tags=split_tags(row.tags),
        source_id=row.source_id,
        active=row.active,
        headline=version.headline if version else None,
        due_at=row.due_at,
        checked_at=row.checked_at,
        changed_at=row.changed_at,
        unchanged_checks=row.unchanged_checks,
        failures=row.failures,
        error=row.error,
        validators=Validators(row.etag, row.last_modified),
        snapshot_digest=row.snapshot_digest,
        archived_until=None if row.archived_file is None else (row.archived_file, row.archived_end),
        version=version,
        same_as=row.same_as,
        every=row.pinned,
        gone_since=row.gone_since,
        gone_until=row.gone_until,
        gone_checks=row.gone_checks,
        removed_at=row.removed_at,
        alternates=bool(row.alternates),
        fingerprint=row.fingerprint,
    )
