"""The outbox: which alert goes to which channel, and how far it has come.

Touches the database.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import chain, islice, zip_longest
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from tracker.catalog.database import Database
from tracker.catalog.queue import chunks
from tracker.catalog.schema import deliveries
from tracker.models import Delivery, DeliveryState, Message


class Outbox:
    """The part of the catalog that knows deliveries."""

    _database: Database

    def add_delivery(self, channel: str, message: Message, now: datetime) -> int:
        """Put a message about no change into the outbox, such as a test; gives its number."""
        with self._database.write() as connection:
            insert_deliveries(self._database, connection, None, [(channel, message)], now)
            found: int = connection.execute(select(deliveries.c.id).where(deliveries.c.key == message.key)).scalar_one()
            return found

    def due_channels(self, now: datetime) -> list[str]:
        """Name the channels that have messages to be delivered, and not claimed."""
        with self._database.read() as connection:
            names = select(deliveries.c.channel).where(_is_due(now)).distinct().order_by(deliveries.c.channel)
            return list(connection.execute(names).scalars())

    def claim_deliveries(
        self, now: datetime, limit: int, lease: timedelta, *, channel: str | None = None
    ) -> list[Delivery]:
        """Take messages to deliver, oldest first: those of one channel, or the channels in turn, so that a long queue starves no other."""
        query = select(deliveries).where(_is_due(now)).order_by(deliveries.c.due_at, deliveries.c.id).limit(limit)
        query = query.with_for_update(skip_locked=True)
        channels = self.due_channels(now) if channel is None else [channel]
        with self._database.write(lasting=False) as connection:
            queues = [connection.execute(query.where(deliveries.c.channel == name)).all() for name in channels]
            in_turn = (row for row in chain.from_iterable(zip_longest(*queues)) if row is not None)
            rows = list(islice(in_turn, limit))
            for some in chunks([row.id for row in rows]):
                connection.execute(update(deliveries).where(deliveries.c.id.in_(some)).values(leased_until=now + lease))
        return [_delivery_from_row(row) for row in rows]

    def record_delivered(self, delivery_id: int, at: datetime) -> None:
        """Note that a channel has accepted a message."""
        self._record_delivery(delivery_id, state="delivered", delivered_at=at, due_at=None, error=None)

    def record_attempt(self, delivery_id: int, *, due_at: datetime | None, error: str) -> None:
        """Note that a channel did not accept a message; `due_at` None parks it until someone says to retry."""
        self._record_delivery(delivery_id, state="parked" if due_at is None else "waiting", due_at=due_at, error=error)

    def _record_delivery(self, delivery_id: int, **values: Any) -> None:
        outcome = update(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.state != "delivered")
        with self._database.write() as connection:
            connection.execute(outcome.values(attempts=deliveries.c.attempts + 1, leased_until=None, **values))

    def deliveries(
        self, *, states: Collection[DeliveryState] | None = None, channel: str | None = None, limit: int | None = None
    ) -> list[Delivery]:
        """List messages, newest first."""
        query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
        if states is not None:
            query = query.where(deliveries.c.state.in_(list(states)))
        if channel is not None:
            query = query.where(deliveries.c.channel == channel)
        with self._database.read() as connection:
            return [_delivery_from_row(row) for row in connection.execute(query)]

    def retry(self, *, channel: str | None = None, ids: Collection[int] | None = None, now: datetime) -> int:
        """Let parked messages wait again, as if never tried: all, those of a channel, or those with these numbers.

        Returns:
            How many there were.
        """
        again = update(deliveries).where(deliveries.c.state == "parked")
        again = again.values(state="waiting", attempts=0, due_at=now, leased_until=None)
        if channel is not None:
            again = again.where(deliveries.c.channel == channel)
        with self._database.write() as connection:
            if ids is None:
                return connection.execute(again).rowcount
            parts = (again.where(deliveries.c.id.in_(some)) for some in chunks(list(ids)))
            return sum(connection.execute(part).rowcount for part in parts)

    def count_deliveries(self) -> dict[DeliveryState, int]:
        """Count messages by state."""
        with self._database.read() as connection:
            return count_deliveries(connection)

    def next_delivery_at(self) -> datetime | None:
        """Say when a message can be claimed next; None while nothing waits."""
        free_at = func.coalesce(deliveries.c.leased_until, deliveries.c.due_at)
        next_at = select(func.min(free_at)).where(deliveries.c.state == "waiting")
        with self._database.read() as connection:
            return connection.execute(next_at).scalar()


# --- within other transactions --------------------------------------------------------------------


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
    return and_(deliveries.c.state == "waiting", deliveries.c.due_at <= now, is_free)


def insert_deliveries(
    database: Database,
    connection: Connection,
    change_id: int | None,
    messages: Sequence[tuple[str, Message]],
    now: datetime,
) -> None:
    """Write rows; one whose key is there already is left as it is."""
    rows = [
        {
            "key": message.key, "channel": channel, "change_id": change_id, "message": json.dumps(asdict(message)),
            "state": "waiting", "created_at": now, "attempts": 0, "due_at": now,
        }
        for channel, message in messages
    ]  # fmt: skip
    if rows:
        connection.execute(database.insert(deliveries).on_conflict_do_nothing(index_elements=["key"]), rows)


def count_deliveries(connection: Connection) -> dict[DeliveryState, int]:
    """Count messages by state; every state is there."""
    query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
    return dict.fromkeys(get_args(DeliveryState), 0) | {row[0]: row[1] for row in connection.execute(query)}


def _delivery_from_row(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        key=row.key,
        channel=row.channel,
        change_id=row.change_id,
        message=Message(**json.loads(row.message)),
        state=row.state,
        created_at=row.created_at,
        attempts=row.attempts,
        due_at=row.due_at,
        delivered_at=row.delivered_at,
        error=row.error,
    )
