"""What readers keep: their own verdict and note on a change, filters by name, and the tags of an article.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update

from tracker.catalog.changes import NEW, OLD
from tracker.catalog.database import Database
from tracker.catalog.listing import OwnVerdict
from tracker.catalog.schema import article_tags, articles, changes, opinions, saved_filters
from tracker.catalog.tags import clean_tags
from tracker.models import Kind, Verdict

MOST_FILTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reader thought of a change."""

    change_id: int
    verdict: OwnVerdict | None  # None: only a note
    kind: Kind | None  # of "other_kind": which
    note: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TracedOpinion:
    """An opinion with what names its change in any catalog of the same archive."""

    opinion: Opinion
    article_url: str
    old_snapshot: str
    new_snapshot: str
    verdict: Verdict | None  # the engine's


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter under a name."""

    id: int
    name: str
    query: str  # as it stands in an address
    created_at: datetime


class Opinions:
    """The part of the catalog that keeps what readers say."""

    _database: Database

    def opinion(self, change_id: int) -> Opinion | None:
        """Read what was said of a change."""
        with self._database.read() as connection:
            row = connection.execute(select(opinions).where(opinions.c.change_id == change_id)).first()
            return _opinion_from_row(row) if row else None

    def record_opinion(
        self, change_id: int, *, verdict: OwnVerdict | None, kind: Kind | None, note: str, now: datetime
    ) -> Opinion | None:
        """Keep what is said of a change in place of what was; nothing at all takes it away."""
        kept = Opinion(change_id, verdict, kind if verdict == "other_kind" else None, note, now)
        with self._database.write() as connection:
            connection.execute(delete(opinions).where(opinions.c.change_id == change_id))
            of_change = select(changes.c.article_id).where(changes.c.id == change_id).scalar_subquery()
            connection.execute(update(articles).where(articles.c.id == of_change).values(noted=False))
            if not verdict and not note:
                return None
            row = {"change_id": change_id, "verdict": verdict, "kind": kept.kind, "note": note, "updated_at": now}
            connection.execute(insert(opinions).values(row))
        return kept

    def opinions(self) -> list[TracedOpinion]:
        """List all that was said, the newest first."""
        joined = (
            opinions.join(changes, changes.c.id == opinions.c.change_id)
            .join(articles, articles.c.id == changes.c.article_id)
            .join(OLD, OLD.c.id == changes.c.old_version_id)
            .join(NEW, NEW.c.id == changes.c.new_version_id)
        )
        query = select(
            opinions,
            articles.c.url,
            OLD.c.snapshot_id.label("old_snapshot"),
            NEW.c.snapshot_id.label("new_snapshot"),
            changes.c.verdict.label("engine"),
        ).select_from(joined)
        with self._database.read() as connection:
            return [
                TracedOpinion(_opinion_from_row(row), row.url, row.old_snapshot, row.new_snapshot, row.engine)
                for row in connection.execute(query.order_by(opinions.c.updated_at.desc(), opinions.c.change_id))
            ]

    # --- filters ---

    def saved_filters(self) -> list[SavedFilter]:
        """List the filters by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(saved_filters).order_by(saved_filters.c.name, saved_filters.c.id))
            return [SavedFilter(row.id, row.name, row.query, row.created_at) for row in rows]

    def save_filter(self, name: str, query: str, now: datetime) -> SavedFilter | None:
        """Keep a filter under a name, in place of the one that has it; None: there are too many."""
        with self._database.write() as connection:
            connection.execute(delete(saved_filters).where(saved_filters.c.name == name))
            if len(connection.execute(select(saved_filters.c.id)).all()) >= MOST_FILTERS:
                return None
            row = {"name": name, "query": query, "created_at": now}
            number = connection.execute(insert(saved_filters).values(row).returning(saved_filters.c.id)).scalar_one()
            return SavedFilter(number, name, query, now)

    def delete_filter(self, filter_id: int) -> bool:
        """Forget a filter."""
        with self._database.write() as connection:
            return connection.execute(delete(saved_filters).where(saved_filters.c.id == filter_id)).rowcount == 1

    # --- tags ---

    def set_tags(self, article_id: int, tags: Iterable[str]) -> list[str]:
        """Give an article these tags and no others."""
        kept = clean_tags(tags)
        with self._database.write() as connection:
            connection.execute(delete(article_tags).where(article_tags.c.article_id == article_id))
            connection.execute(update(articles).where(articles.c.id == article_id).values(noted=False))
            if kept:
                connection.execute(insert(article_tags), [{"article_id": article_id, "tag": tag} for tag in kept])
        return kept


def _opinion_from_row(row: Row[Any]) -> Opinion:
    return Opinion(row.change_id, row.verdict, row.kind, row.note, row.updated_at)
