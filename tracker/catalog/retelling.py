"""Write the history of an article anew, for captures that belong before or between those that are known.

Versions that stay keep their row, and so does the change that led to each: only numbers, bounds, and the comparison with a new neighbour are written.
What was said about a change (alerts, opinions) stays with it.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from tracker.catalog.changes import comparison_columns, insert_change, insert_kinds
from tracker.catalog.database import Database
from tracker.catalog.digest import fact_words
from tracker.catalog.schema import (
    articles,
    change_kinds,
    changes,
    deliveries,
    opinions,
    variants,
    versions,
)
from tracker.catalog.versions import read_versions, select_versions, snapshot_columns
from tracker.catalog.words import delete_words, forget_version_words, insert_words, replace_words
from tracker.models import Comparison, StoredSnapshot, StoredVersion


@dataclass(frozen=True, slots=True)
class Chapter:
    """A version as the history is to have it."""

    stored: StoredSnapshot
    digest: str
    headline: str | None
    updated_at: datetime | None
    last_seen_at: datetime
    known: int | None = None  # the row that it has already
    comparison: Comparison | None = None  # with the one before; None: what is known of it stays
    words: str | None = None  # what it says, as `text_to_index` writes it
    words_before: str | None = None  # of a row whose capture was read again: what it said before


class Retelling:
    """The part of the catalog that tells a history anew."""

    _database: Database

    def retell(self, article_id: int, chapters: Sequence[Chapter], archived_until: tuple[str, int]) -> None:
        """Write the history of an article as it is given, at once or not at all; nobody is told.

        Args:
            article_id: Whose history.
            chapters: All of its versions, in order of time.
            archived_until: The file and the end in it of the last capture that these take into account.
        """
        file, end = archived_until
        told: dict[str, Any] = {"archived_file": file, "archived_end": end, "latest": len(chapters), "noted": False}
        with self._database.write() as connection:
            latest = _latest_snapshot(connection, article_id)
            self._drop(connection, article_id, {one.known for one in chapters if one.known})
            connection.execute(_of(article_id).values(number=-versions.c.number))
            before: StoredVersion | None = None
            for number, chapter in enumerate(chapters, 1):
                before = self._write(connection, article_id, number, chapter, before)
            _tell_reversals(connection, article_id)
            if before and before.snapshot.id != latest:
                # What the server said of the page that was the latest does not hold for this one.
                told |= {"snapshot_digest": before.snapshot.digest, "etag": None, "last_modified": None}
                told |= {"fingerprint": None, "changed_at": before.snapshot.fetched_at if before.number > 1 else None}
            connection.execute(update(articles).where(articles.c.id == article_id).values(told))

    def _write(
        self, connection: Connection, article_id: int, number: int, chapter: Chapter, before: StoredVersion | None
    ) -> StoredVersion:
        row = {
            "number": number,
            "digest": chapter.digest,
            "headline": chapter.headline,
            "updated_at": chapter.updated_at,
            "last_seen_at": chapter.last_seen_at,
            **snapshot_columns(chapter.stored),
        }
        if chapter.known:
            connection.execute(update(versions).where(versions.c.id == chapter.known).values(row))
        else:
            connection.execute(insert(versions).values(article_id=article_id, **row))
        query = select_versions().where(versions.c.article_id == article_id, versions.c.number == number)
        version = read_versions(connection, query)[0]
        if chapter.words_before is not None:
            forget_version_words(self._database, connection, {version.id: chapter.words_before})
        if chapter.words is not None:
            insert_words(self._database, connection, "version_words", [(version.id, chapter.words)])
        if chapter.comparison and before:
            self._compare(connection, article_id, before, version, chapter.comparison)
        return version

    def _compare(
        self,
        connection: Connection,
        article_id: int,
        old: StoredVersion,
        new: StoredVersion,
        comparison: Comparison,
    ) -> None:
        """Write the change that led to a version, or what it is now that another version stands before it."""
        at = new.snapshot.fetched_at
        known = connection.execute(select(changes.c.id).where(changes.c.new_version_id == new.id)).scalar()
        if known is None:
            insert_change(self._database, connection, article_id, old, new, comparison, at)
            return
        values = {"old_version_id": old.id, "detected_at": at, "alternating": False, **comparison_columns(comparison)}
        connection.execute(update(changes).where(changes.c.id == known).values(values))
        connection.execute(delete(change_kinds).where(change_kinds.c.change_id == known))
        insert_kinds(connection, known, comparison)
        replace_words(self._database, connection, "change_words", known, fact_words(comparison.facts))

    def _drop(self, connection: Connection, article_id: int, staying: set[int]) -> None:
        """Remove the versions that are none any more, and what hangs on them; alerts that were sent stay."""
        rows = connection.execute(select(versions.c.id).where(versions.c.article_id == article_id)).scalars()
        for gone in [row for row in rows if row not in staying]:
            of_version = (changes.c.new_version_id == gone) | (changes.c.old_version_id == gone)
            ids = list(connection.execute(select(changes.c.id).where(of_version)).scalars())
            connection.execute(update(deliveries).where(deliveries.c.change_id.in_(ids)).values(change_id=None))
            for table in (change_kinds, opinions):
                connection.execute(delete(table).where(table.c.change_id.in_(ids)))
            delete_words(self._database, connection, "change_words", ids)
            connection.execute(delete(changes).where(of_version))
            connection.execute(delete(variants).where(variants.c.version_id == gone))
            connection.execute(delete(versions).where(versions.c.id == gone))


def _of(article_id: int) -> Any:
    return update(versions).where(versions.c.article_id == article_id)


def _latest_snapshot(connection: Connection, article_id: int) -> str | None:
    """Find the capture of the latest version, and keep others from adding one before we have."""
    lock = select(articles.c.latest).where(articles.c.id == article_id).with_for_update()
    number = connection.execute(lock).scalar_one()
    latest = select(versions.c.snapshot_id).where(versions.c.article_id == article_id, versions.c.number == number)
    return connection.execute(latest).scalar()


def _tell_reversals(connection: Connection, article_id: int) -> None:
    """Say of each change which earlier version it went back to, if any; those between texts that are served in turn are none."""
    new, earlier = versions.alias("new"), versions.alias("earlier")
    found = (
        select(changes.c.id, func.max(earlier.c.number).label("number"))
        .join_from(changes, new, new.c.id == changes.c.new_version_id)
        .outerjoin(
            earlier,
            (earlier.c.article_id == new.c.article_id)
            & (earlier.c.digest == new.c.digest)
            & (earlier.c.number < new.c.number),
        )
        .where(changes.c.article_id == article_id, ~changes.c.alternating)
        .group_by(changes.c.id)
    )
    rows = [{"change": row.id, "number": row.number} for row in connection.execute(found)]
    if rows:
        by_id = update(changes).where(changes.c.id == bindparam("change"))
        connection.execute(by_id.values(reversal_of=bindparam("number")), rows)
