"""Counts over many changes, made by the database: a hundred thousand are never read one by one.

Touches the database.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, case, func, or_, select, type_coerce

from tracker.catalog.database import Database
from tracker.catalog.schema import EPOCH, MICROSECOND, article_tags, articles, change_kinds, changes, versions
from tracker.catalog.tags import has_tag
from tracker.models import Kind
from tracker.statistics import Group, Moment, MostChanged, Statistics, sum_up

DAY: Final = timedelta(days=1) // MICROSECOND  # as moments are kept
NOTE_ADDED: Final = tuple(
    f'%"kind":"notice","status":"{status}"%' for status in ("added", "replaced")
)  # `facts_digest`
SHOWN: Final = 10  # of the most-changed articles


class Counting:
    """The part of the catalog that counts changes."""

    _database: Database

    def statistics(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        tag: str | None = None,
        source_id: int | None = None,
        host: str | None = None,
        shown: int = SHOWN,
    ) -> Statistics:
        """Sum changes up; all conditions given have to be met.

        Args:
            since: Detected then or later.
            until: Detected before then.
            tag: The article has this tag.
            source_id: The article was found in this feed.
            host: The article's address is on this host, or on one below it.
            shown: So many of the articles that changed most.
        """
        wanted: Wanted = [changes.c.alternating.is_(False)]
        if since is not None:
            wanted.append(changes.c.detected_at >= since)
        if until is not None:
            wanted.append(changes.c.detected_at < until)
        if tag is not None:
            wanted.append(has_tag(article_tags, changes.c.article_id, tag))
        if source_id is not None:
            wanted.append(_of_articles(articles.c.source_id == source_id))
        if host is not None:
            below = articles.c.host.endswith(f".{host}", autoescape=True)
            wanted.append(_of_articles(or_(articles.c.host == host, below)))
        with self._database.read() as connection:
            return sum_up(
                _groups(connection, wanted),
                kinds=_kinds(connection, wanted),
                articles=connection.execute(
                    select(func.count(changes.c.article_id.distinct())).where(*wanted)
                ).scalar_one(),
                silent=_silent(connection, wanted),
                notes=_moments(connection, _noted().where(*wanted)),
                most_changed=_most_changed(connection, wanted, shown),
            )


Wanted = list[ColumnElement[bool]]
IS_SUBSTANTIVE: Final = changes.c.verdict == "substantive"
IS_SILENT: Final = changes.c.disclosure == "undisclosed"


def _of_articles(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return changes.c.article_id.in_(select(articles.c.id).where(condition))


def _groups(connection: Connection, wanted: Wanted) -> list[Group]:
    day = (type_coerce(changes.c.detected_at, BigInteger) // DAY).label("day")
    judged = (day, changes.c.verdict, changes.c.disclosure)
    query = select(*judged, func.count().label("changes"), func.count(changes.c.reversal_of).label("reversals"))
    rows = connection.execute(query.where(*wanted).group_by(*judged))
    return [Group(_day(row.day), row.verdict, row.disclosure, row.changes, row.reversals) for row in rows]


def _day(number: int) -> date:
    return EPOCH.date() + timedelta(days=number)


def _kinds(connection: Connection, wanted: Wanted) -> dict[Kind, int]:
    joined = change_kinds.join(changes, changes.c.id == change_kinds.c.change_id)
    query = select(change_kinds.c.kind, func.count()).select_from(joined).where(*wanted).group_by(change_kinds.c.kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def _noted() -> Select[Any]:
    """Select the changes that added a note; of those from before facts were kept in short, all with a notice."""
    with_notice = select(change_kinds.c.change_id).where(change_kinds.c.kind == "notice")
    added = or_(changes.c.facts.is_(None), *(changes.c.facts.like(pattern) for pattern in NOTE_ADDED))
    return _seen().where(changes.c.id.in_(with_notice), added)


def _silent(connection: Connection, wanted: Wanted) -> list[Moment]:
    """Find the silent edits of the articles that have a note."""
    noted = _noted().with_only_columns(changes.c.article_id)
    return _moments(connection, _seen().where(*wanted, IS_SUBSTANTIVE, IS_SILENT, changes.c.article_id.in_(noted)))


def _seen() -> Select[Any]:
    joined = changes.join(versions, versions.c.id == changes.c.new_version_id)
    return select(changes.c.article_id, versions.c.fetched_at).select_from(joined)


def _moments(connection: Connection, query: Select[Any]) -> list[Moment]:
    return [(row.article_id, row.fetched_at) for row in connection.execute(query)]


def _most_changed(connection: Connection, wanted: Wanted, shown: int) -> list[MostChanged]:
    count = func.count().label("changes")
    silent = func.sum(case((IS_SUBSTANTIVE & IS_SILENT, 1), else_=0)).label("silent")
    substantive = func.sum(case((IS_SUBSTANTIVE, 1), else_=0)).label("substantive")
    query = select(changes.c.article_id, count, substantive, silent).where(*wanted).group_by(changes.c.article_id)
    most = query.order_by(count.desc(), changes.c.article_id).limit(shown).subquery()
    latest = (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.latest)
    joined = most.join(articles, articles.c.id == most.c.article_id).join(versions, latest, isouter=True)
    rows = select(articles.c.url, versions.c.headline, most).select_from(joined)
    return [
        MostChanged(row.url, row.headline, row.changes, int(row.substantive), int(row.silent))
        for row in connection.execute(rows.order_by(most.c.changes.desc(), most.c.article_id))
    ]
