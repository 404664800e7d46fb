"""Events: what became of an article as a whole.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from tracker.catalog.database import Database
from tracker.catalog.outbox import insert_deliveries
from tracker.catalog.schema import article_tags, articles, events
from tracker.catalog.tags import has_tag, split_tags, tags_of
from tracker.models import Event, Message

Told = tuple[Event, Sequence[tuple[str, Message]]]
"""An event, and which channels get which message about it."""


class Events:
    """The part of the catalog that knows events."""

    _database: Database

    def events(
        self,
        *,
        article_id: int | None = None,
        since: datetime | None = None,
        tag: str | None = None,
        limit: int | None = None,
        newest_first: bool = True,
    ) -> list[Event]:
        """List events by the moment that they were detected; all conditions given have to be met."""
        tags = tags_of(article_tags, articles.c.id).label("tags")
        query = select(events, articles.c.url, tags).join_from(events, articles).limit(limit)
        if article_id is not None:
            query = query.where(events.c.article_id == article_id)
        if since is not None:
            query = query.where(events.c.detected_at >= since)
        if tag is not None:
            query = query.where(has_tag(article_tags, events.c.article_id, tag))
        order: tuple[ColumnElement[Any], ...] = (events.c.detected_at, events.c.id)
        if newest_first:
            order = tuple(column.desc() for column in order)
        with self._database.read() as connection:
            return [_event_from_row(row) for row in connection.execute(query.order_by(*order))]


def insert_events(
    database: Database, connection: Connection, article_id: int, happened: Sequence[Told], at: datetime
) -> None:
    """Write events and the messages about them, within the recording of a check."""
    for event, messages in happened:
        row = {
            "article_id": article_id, "kind": event.kind, "detail": event.detail, "headline": event.headline,
            "not_before": event.not_before, "not_after": event.not_after, "detected_at": event.detected_at,
        }  # fmt: skip
        connection.execute(insert(events).values(row))
        insert_deliveries(database, connection, None, messages, at)


def _event_from_row(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        article_url=row.url,
        kind=row.kind,
        detail=row.detail,
        headline=row.headline,
        not_before=row.not_before,
        not_after=row.not_after,
        detected_at=row.detected_at,
        tags=split_tags(row.tags),
    )
