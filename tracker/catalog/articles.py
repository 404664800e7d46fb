"""Articles: what is followed, when it is due, and how its checks ended.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    type_coerce,
    update,
)

from tracker.catalog.database import Database
from tracker.catalog.events import Told, insert_events
from tracker.catalog.queue import chunks, claim
from tracker.catalog.schema import (
    MICROSECOND,
    Moment,
    article_tags,
    articles,
    channels,
    deliveries,
    sources,
    variants,
    versions,
)
from tracker.catalog.tags import add_tags, clean_tags, has_tag, split_tags, tags_of
from tracker.catalog.variants import InTurn, record_in_turn
from tracker.catalog.versions import version_columns, version_from_row
from tracker.models import Article, StoredSnapshot, Validators

AHEAD: Final = timedelta(minutes=10)  # more than any clock is off that is kept in time


@dataclass(frozen=True, slots=True)
class Seen:
    """A check that found an article's text as it was, and nothing else."""

    article_id: int
    at: datetime  # when the check ended
    due_at: datetime  # when to check next
    validators: Validators  # for the next request
    fingerprint: str | None = None  # of the page, where it was read; None: that of the page before stands


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
            insert = self._database.insert(articles).values(row).on_conflict_do_nothing(index_elements=["url"])
            added = connection.execute(insert.returning(articles.c.id)).scalar() is not None
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
                insert = self._database.insert(articles).values(rows).on_conflict_do_nothing(index_elements=["url"])
                new += connection.execute(insert.returning(articles.c.id)).scalars()
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

    # --- checking ---

    def claim_due_articles(
        self,
        now: datetime,
        limit: int,
        lease: timedelta,
        *,
        ids: Collection[int] | None = None,
        per_host: int | None = None,
        spare: Mapping[int, int] | None = None,
        held: Mapping[str, int] | None = None,
    ) -> list[Article]:
        """Take articles to check, most overdue first: nobody else gets them until the lease runs out.

        Args:
            now: Due by then.
            limit: At most so many.
            lease: How long they are the caller's, unless an outcome is recorded or they are released before.
            ids: Only these, whether due or not.
            per_host: At most so many of one host.
            spare: At most so many of the sources named here, by their numbers.
            held: How many articles of a host the caller has already: with `per_host`, these count.
        """
        with self._database.write(lasting=False) as connection:
            claimed = claim(connection, articles, now, limit, lease, ids, per_host, spare, held)
            return read_articles_by_id(connection, claimed)

    def release(self, article_id: int) -> None:
        """Give a claimed article back unchecked; it stays due."""
        with self._database.write(lasting=False) as connection:
            connection.execute(update(articles).where(articles.c.id == article_id).values(leased_until=None))

    def set_right(self, now: datetime) -> int:
        """Make due what was last checked in the future, by a clock that ran ahead: its next time is as wrong.

        Args:
            now: The present.

        Returns:
            How many articles and sources.
        """
        count = 0
        with self._database.write(lasting=False) as connection:
            for table in (articles, sources):
                seen_at = func.coalesce(table.c.checked_at, articles.c.added_at if table is articles else None)
                ahead = table.c.active & (table.c.due_at > now) & (seen_at > now + AHEAD)
                count += connection.execute(update(table).where(ahead).values(due_at=now, leased_until=None)).rowcount
        return count

    def hurry_failed(self, since: datetime, now: datetime, *, most: int | None = None) -> int:
        """Make due again what could not be checked since a moment, because nobody answered.

        Args:
            since: The moment.
            now: The present.
            most: Only so many articles, and no sources.

        Returns:
            How many articles and sources.
        """
        count = 0
        with self._database.write(lasting=False) as connection:
            for table in (articles, sources) if most is None else (articles,):
                failed = table.c.active & (table.c.failures > 0) & (table.c.checked_at >= since)
                ids = select(table.c.id).where(failed, table.c.due_at > now).order_by(table.c.due_at).limit(most)
                hurried = update(table).where(table.c.id.in_(ids.scalar_subquery())).values(due_at=now)
                count += connection.execute(hurried).rowcount
        return count

    def release_some(self, ids: Sequence[int]) -> None:
        """Give claimed articles back unchecked, all at once; they stay due."""
        with self._database.write(lasting=False) as connection:
            for some in chunks(ids):
                connection.execute(update(articles).where(articles.c.id.in_(some)).values(leased_until=None))

    def put_off(self, article_id: int, due_at: datetime) -> None:
        """Give a claimed article back unchecked, to be due later."""
        with self._database.write(lasting=False) as connection:
            later = update(articles).where(articles.c.id == article_id)
            connection.execute(later.values(leased_until=None, due_at=due_at))

    def release_all(self) -> None:
        """Give back everything that is claimed: for the start of a process that is the only one to claim."""
        with self._database.write(lasting=False) as connection:
            for table in (articles, sources, deliveries, channels):
                leased = update(table).where(table.c.leased_until.is_not(None))
                connection.execute(leased.values(leased_until=None))

    def record_unchanged(
        self,
        article_id: int,
        *,
        at: datetime,
        due_at: datetime,
        validators: Validators,
        happened: Sequence[Told] = (),
        in_turn: InTurn | None = None,
        stored: StoredSnapshot | None = None,
    ) -> None:
        """Note that a check found the text as it was, or one of those that are served in turn, and what else it showed (`stored`: the capture, where it is kept)."""
        archived = archived_columns(stored) if stored else {}
        with self._database.write(lasting=bool(happened)) as connection:
            insert_events(self._database, connection, article_id, happened, at)
            if in_turn:
                record_in_turn(connection, article_id, in_turn, at)
            else:
                record_seen(connection, article_id, at)
            record_outcome(connection, article_id, at, due_at, **validator_columns(validators), **archived, **UNCHANGED)

    def record_seen(self, seen: Sequence[Seen]) -> None:
        """Note checks that found nothing new, all in one transaction: there are far more of these than of any others."""
        rows = [
            {
                "b_id": one.article_id, "b_at": one.at, "b_due_at": one.due_at, "b_etag": one.validators.etag,
                "b_last_modified": one.validators.last_modified, "b_fingerprint": one.fingerprint,
            }
            for one in seen
        ]  # fmt: skip
        with self._database.write(lasting=False) as connection:
            connection.execute(SEE_VERSION, rows)
            connection.execute(SEE_ARTICLE, rows)

    def record_failure(self, article_id: int, *, at: datetime, due_at: datetime, error: str) -> None:
        """Note that an article could not be fetched, and why in one sentence."""
        with self._database.write(lasting=False) as connection:
            record_outcome(connection, article_id, at, due_at, failures=articles.c.failures + 1, error=error)

    def record_suspect(
        self,
        article_id: int,
        *,
        at: datetime,
        due_at: datetime,
        stored: StoredSnapshot | None,
        reasons: tuple[str, ...],
    ) -> None:
        """Note that what came is hardly the article: it is archived (`stored` None: it was there already), and no version."""
        archived = archived_columns(stored) if stored else {}
        with self._database.write() as connection:
            record_outcome(connection, article_id, at, due_at, failures=0, error=" ".join(reasons), **archived)

    def record_gone(
        self,
        article_id: int,
        *,
        at: datetime,
        due_at: datetime,
        error: str,
        stored: StoredSnapshot | None,
        happened: Sequence[Told] = (),
    ) -> None:
        """Note that an article was missing (`stored` None: what came instead was archived already), and that it is removed, once that happened."""
        values: dict[str, Any] = {
            "error": error, "failures": articles.c.failures + 1, "gone_checks": articles.c.gone_checks + 1,
            "gone_since": func.coalesce(articles.c.gone_since, literal(at, Moment)), "gone_until": at,
        }  # fmt: skip
        if happened:
            values["removed_at"] = at
        if stored:
            values |= archived_columns(stored)
        with self._database.write() as connection:
            insert_events(self._database, connection, article_id, happened, at)
            record_outcome(connection, article_id, at, due_at, **values)


# --- parts of outcomes, for the recording of versions too -----------------------------------------

THERE: Final = {
    "failures": 0,
    "error": None,
    "gone_checks": 0,
    "gone_since": None,
    "gone_until": None,
    "removed_at": None,
}
UNCHANGED: Final[dict[str, Any]] = {"unchanged_checks": articles.c.unchanged_checks + 1, **THERE}
AFRESH: Final[dict[str, Any]] = {"unchanged_checks": 0, **THERE}
_LATEST: Final = select(articles.c.latest).where(articles.c.id == bindparam("b_id")).scalar_subquery()
SEE_VERSION: Final = (
    update(versions)
    .where(
        versions.c.article_id == bindparam("b_id"),
        versions.c.number == _LATEST,
        versions.c.last_seen_at < bindparam("b_at"),  # never back in time: a check can be recorded late
    )
    .values(last_seen_at=bindparam("b_at"))
)
SEE_ARTICLE: Final = (
    update(articles)
    .where(articles.c.id == bindparam("b_id"))
    .values(
        checked_at=bindparam("b_at"),
        due_at=bindparam("b_due_at"),
        leased_until=None,
        etag=bindparam("b_etag"),
        last_modified=bindparam("b_last_modified"),
        fingerprint=func.coalesce(bindparam("b_fingerprint", type_=Text), articles.c.fingerprint),
        **UNCHANGED,
    )
)


def record_outcome(connection: Connection, article_id: int, at: datetime, due_at: datetime, **values: Any) -> None:
    """End a check: the lease is over and the next check has its time."""
    outcome = update(articles).where(articles.c.id == article_id)
    connection.execute(outcome.values(checked_at=at, due_at=due_at, leased_until=None, noted=False, **values))


def record_seen(connection: Connection, article_id: int, at: datetime) -> None:
    """Note that the latest version was still there; never back in time, for a check of long ago can be recorded late."""
    latest = select(articles.c.latest).where(articles.c.id == article_id).scalar_subquery()
    is_latest = and_(versions.c.article_id == article_id, versions.c.number == latest)
    connection.execute(update(versions).where(is_latest, versions.c.last_seen_at < at).values(last_seen_at=at))


def validator_columns(validators: Validators) -> dict[str, Any]:
    """What the next request sends, as columns."""
    return {"etag": validators.etag, "last_modified": validators.last_modified}


def archived_columns(stored: StoredSnapshot) -> dict[str, Any]:
    """How much of the archive is known, as columns."""
    end = stored.offset + stored.length
    return {"snapshot_digest": stored.digest, "archived_file": stored.file, "archived_end": end}


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
