"""Checks of articles: who does them, and how they ended.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Text, and_, bindparam, func, literal, select, update

from tracker.catalog.articles import read_articles_by_id
from tracker.catalog.database import Database
from tracker.catalog.events import Told, insert_events
from tracker.catalog.queue import chunks, claim
from tracker.catalog.schema import Moment, articles, channels, deliveries, sources, versions
from tracker.catalog.variants import InTurn, record_in_turn
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


class Checks:
    """The part of the catalog that hands out checks and knows how they ended."""

    _database: Database

    # --- handing out ---

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

    # --- outcomes ---

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
