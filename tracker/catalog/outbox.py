"""The outbox: which alert goes to which channel, and how far it has come.

Touches the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import chain, islice, zip_longest
from typing import Any, Final, get_args

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, or_, select, update

from tracker.catalog.database import Database
from tracker.catalog.queue import chunks
from tracker.catalog.schema import Moment, changes, channels, deliveries
from tracker.models import ChannelState, Delivery, DeliveryState, Message, Told
from tracker.timetable import read_timetable

THREAD: Final = 50  # messages about one article that are looked back at
_NOT_SENT: Final = ("waiting", "parked")


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
        """Name the channels that have messages to be delivered, and that are neither claimed nor left alone for a while."""
        aside = or_(channels.c.resume_at > now, channels.c.leased_until > now)
        names = select(deliveries.c.channel).where(_is_due(now)).distinct().order_by(deliveries.c.channel)
        with self._database.read() as connection:
            due = connection.execute(names).scalars().all()
            not_now = set(connection.execute(select(channels.c.name).where(aside)).scalars())
            return [name for name in due if name not in not_now]

    def take_channel(self, channel: str, now: datetime, lease: timedelta) -> bool:
        """Take a channel, so that one process at a time sends to it, in order; False: another has it, or it is left alone."""
        row = {"name": channel, "failures": 0}
        free = and_(_is_past(channels.c.leased_until, now), _is_past(channels.c.resume_at, now))
        taken = update(channels).where(channels.c.name == channel, free).values(leased_until=now + lease)
        with self._database.write(lasting=False) as connection:
            connection.execute(self._database.insert(channels).on_conflict_do_nothing(), [row])
            return connection.execute(taken).rowcount > 0

    def renew_channel(self, channel: str, now: datetime, lease: timedelta) -> None:
        """Keep a channel that was taken for longer."""
        taken = and_(channels.c.name == channel, channels.c.leased_until.is_not(None))
        with self._database.write(lasting=False) as connection:
            connection.execute(update(channels).where(taken).values(leased_until=now + lease))

    def release_channel(self, channel: str) -> None:
        """Give a channel back."""
        self._set_channel(channel, leased_until=None)

    def pause_channel(self, channel: str, until: datetime) -> None:
        """Leave a channel alone for a while, because it has had its share."""
        self._set_channel(channel, resume_at=until)

    def _set_channel(self, channel: str, **values: Any) -> None:
        with self._database.write(lasting=False) as connection:
            connection.execute(update(channels).where(channels.c.name == channel).values(**values))

    def channel_states(self) -> list[ChannelState]:
        """Say how each channel does that was ever sent to, or that something waits for."""
        kept = select(deliveries.c.channel, deliveries.c.state, func.count(), func.min(deliveries.c.due_at))
        kept = kept.where(deliveries.c.state.in_(_NOT_SENT)).group_by(deliveries.c.channel, deliveries.c.state)
        with self._database.read() as connection:
            known = {row.name: row for row in connection.execute(select(channels))}
            counts = {(name, state): (count, at) for name, state, count, at in connection.execute(kept)}
            names = sorted({*known, *(name for name, _ in counts)})
            return [_channel_state(connection, name, known.get(name), counts) for name in names]

    def claim_deliveries(
        self, now: datetime, limit: int, lease: timedelta, *, channel: str | None = None
    ) -> list[Delivery]:
        """Take messages that are sent by themselves, in the order that they came: those of one channel, or the channels in turn, so that a long queue starves no other."""
        query = select(deliveries).where(_is_due(now), deliveries.c.timetable.is_(None))
        query = query.order_by(deliveries.c.id).limit(limit).with_for_update(skip_locked=True)
        names = self.due_channels(now) if channel is None else [channel]
        with self._database.write(lasting=False) as connection:
            queues = [connection.execute(query.where(deliveries.c.channel == name)).all() for name in names]
            in_turn = (row for row in chain.from_iterable(zip_longest(*queues)) if row is not None)
            rows = list(islice(in_turn, limit))
            _lease(connection, rows, now + lease)
        return [_delivery_from_row(row) for row in rows]

    def claim_digest(self, now: datetime, lease: timedelta, *, channel: str, most: int) -> tuple[str, list[Delivery]]:
        """Take messages that go out in one; gives the key of the whole.

        What was tried together is tried together again, under the same key, whatever has come since.
        """
        query = select(deliveries).where(
            _is_due(now), deliveries.c.channel == channel, deliveries.c.timetable.is_not(None)
        )
        first = query.order_by(deliveries.c.sent_as.is_(None), deliveries.c.id).limit(1)
        with self._database.write(lasting=False) as connection:
            oldest = connection.execute(first).first()
            if oldest is None:
                return "", []
            alike = deliveries.c.sent_as.is_not_distinct_from(oldest.sent_as)
            together = and_(alike, deliveries.c.timetable == oldest.timetable)
            rows = connection.execute(query.where(together).order_by(deliveries.c.id).limit(most)).all()
            key = oldest.sent_as or _digest_key([row.key for row in rows])
            _lease(connection, rows, now + lease, sent_as=key)
        return key, [_delivery_from_row(row) for row in rows]

    def postpone(self, channel: str, until: datetime, now: datetime, *, below: int) -> None:
        """Let what is due on a channel wait, unless it is so important."""
        waits = update(deliveries).where(_is_due(now), deliveries.c.channel == channel, deliveries.c.importance < below)
        with self._database.write(lasting=False) as connection:
            connection.execute(waits.values(due_at=until))

    def give_back(self, ids: Collection[int]) -> None:
        """Give claimed messages back unsent; they stay due."""
        with self._database.write(lasting=False) as connection:
            for some in chunks(list(ids)):
                connection.execute(update(deliveries).where(deliveries.c.id.in_(some)).values(leased_until=None))

    def sent_since(self, channel: str, since: datetime) -> list[datetime]:
        """List when messages were accepted by a channel; a digest is one."""
        is_recent = (deliveries.c.channel == channel, deliveries.c.delivered_at > since)
        together = func.coalesce(deliveries.c.sent_as, deliveries.c.key)
        query = select(func.max(deliveries.c.delivered_at)).where(*is_recent).group_by(together)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def told_before(self, delivery: Delivery) -> list[Told]:
        """List what a channel has accepted about the article of a message before, oldest first."""
        of_article = select(changes.c.article_id).where(changes.c.id == delivery.change_id).scalar_subquery()
        same = (
            deliveries.c.channel == delivery.channel,
            deliveries.c.state == "delivered",
            deliveries.c.id < delivery.id,
            changes.c.article_id == of_article,
        )
        joined = deliveries.join(changes, changes.c.id == deliveries.c.change_id)
        query = select(deliveries).select_from(joined).where(*same).order_by(deliveries.c.id.desc()).limit(THREAD)
        with self._database.read() as connection:
            return [_told_from_row(row) for row in reversed(connection.execute(query).all())]

    def record_delivered(self, delivery_id: int, at: datetime, *, more: Collection[int] = ()) -> None:
        """Note that a channel has accepted a message; `more` are the others that were in it."""
        values = {"state": "delivered", "delivered_at": at, "due_at": None, "error": None}
        is_well = {"failures": 0, "failing_since": None, "resume_at": None}
        with self._database.write() as connection:
            _record(connection, [delivery_id, *more], values)
            name = select(deliveries.c.channel).where(deliveries.c.id == delivery_id).scalar_subquery()
            ill = and_(channels.c.name == name, or_(channels.c.failures > 0, channels.c.resume_at.is_not(None)))
            connection.execute(update(channels).where(ill).values(**is_well))

    def record_attempt(
        self, delivery_id: int, *, due_at: datetime | None, error: str, more: Collection[int] = ()
    ) -> None:
        """Note that a channel did not accept a message; `due_at` None parks it until someone says to retry."""
        values = {"state": "parked" if due_at is None else "waiting", "due_at": due_at, "error": error}
        with self._database.write() as connection:
            _record(connection, [delivery_id, *more], values)

    def record_failing(self, channel: str, *, at: datetime, resume_at: datetime, patience: timedelta) -> int:
        """Note that a channel is down, and leave it alone for a while; once it has been down for very long, park what has waited as long.

        Returns:
            How many messages were parked.
        """
        ill = update(channels).where(channels.c.name == channel)
        until = literal(resume_at, Moment())
        values = {
            "failures": channels.c.failures + 1,
            "failing_since": func.coalesce(channels.c.failing_since, literal(at, Moment())),
            "resume_at": case((channels.c.resume_at > until, channels.c.resume_at), else_=until),
        }
        is_old = and_(
            deliveries.c.channel == channel, deliveries.c.state == "waiting", deliveries.c.created_at <= at - patience
        )
        with self._database.write() as connection:
            row = connection.execute(ill.values(**values).returning(channels.c.failing_since)).first()
            if row is None or row.failing_since > at - patience:
                return 0
            parked = update(deliveries).where(is_old)
            return connection.execute(parked.values(state="parked", due_at=None, leased_until=None)).rowcount

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
        at_once = update(channels).values(resume_at=None)
        if channel is not None:
            again = again.where(deliveries.c.channel == channel)
            at_once = at_once.where(channels.c.name == channel)
        with self._database.write() as connection:
            connection.execute(at_once)
            if ids is None:
                return connection.execute(again).rowcount
            parts = (again.where(deliveries.c.id.in_(some)) for some in chunks(list(ids)))
            return sum(connection.execute(part).rowcount for part in parts)

    def hurry_deliveries(self, now: datetime) -> None:
        """Forget until when messages and channels were to wait, because a clock that ran ahead said so.

        What quiet hours or a rate hold back is held back again when it is claimed; a digest goes out at its next time.
        """
        waiting = deliveries.c.state == "waiting"
        alone = update(deliveries).where(waiting, deliveries.c.timetable.is_(None), deliveries.c.due_at > now)
        timetables = select(deliveries.c.timetable).where(waiting, deliveries.c.timetable.is_not(None)).distinct()
        with self._database.write() as connection:
            connection.execute(update(channels).values(resume_at=None, leased_until=None))
            connection.execute(alone.values(due_at=now, leased_until=None))
            for timetable in connection.execute(timetables).scalars().all():
                next_at = read_timetable(timetable).next_after(now)
                late = (waiting, deliveries.c.timetable == timetable, deliveries.c.due_at > next_at)
                connection.execute(update(deliveries).where(*late).values(due_at=next_at, leased_until=None))

    def count_deliveries(self) -> dict[DeliveryState, int]:
        """Count messages by state."""
        with self._database.read() as connection:
            return count_deliveries(connection)


# --- within other transactions --------------------------------------------------------------------


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
    return and_(deliveries.c.state == "waiting", deliveries.c.due_at <= now, is_free)


def _channel_state(
    connection: Connection, name: str, row: Row[Any] | None, counts: Mapping[tuple[str, str], tuple[int, datetime]]
) -> ChannelState:
    (waiting, next_at), (parked, _) = (counts.get((name, state), (0, None)) for state in _NOT_SENT)
    of_channel = (deliveries.c.channel == name, deliveries.c.state.in_(_NOT_SENT), deliveries.c.error.is_not(None))
    oldest = select(deliveries.c.error).where(*of_channel).order_by(deliveries.c.id).limit(1)
    return ChannelState(
        name=name,
        failures=row.failures if row else 0,
        failing_since=row.failing_since if row else None,
        resume_at=row.resume_at if row else None,
        waiting=waiting,
        parked=parked,
        next_at=next_at,
        error=connection.execute(oldest).scalar() if waiting or parked else None,
    )


def _is_past(column: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column <= now)


def _lease(connection: Connection, rows: Sequence[Row[Any]], until: datetime, **values: Any) -> None:
    for some in chunks([row.id for row in rows]):
        leased = update(deliveries).where(deliveries.c.id.in_(some))
        connection.execute(leased.values(leased_until=until, **values))


def _record(connection: Connection, ids: Sequence[int], values: dict[str, Any]) -> None:
    for some in chunks(ids):
        outcome = update(deliveries).where(deliveries.c.id.in_(some), deliveries.c.state != "delivered")
        connection.execute(outcome.values(attempts=deliveries.c.attempts + 1, leased_until=None, **values))


def _digest_key(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(("tracker-digest/1", *keys)).encode()).hexdigest()


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
            "key": message.key, "channel": channel, "change_id": change_id, "message": _write_message(message),
            "state": "waiting", "created_at": now, "attempts": 0, "importance": message.importance,
            "timetable": message.timetable,
            "due_at": read_timetable(message.timetable).next_after(now) if message.timetable else now,
        }
        for channel, message in messages
    ]  # fmt: skip
    if rows:
        connection.execute(database.insert(deliveries).on_conflict_do_nothing(index_elements=["key"]), rows)


def count_deliveries(connection: Connection) -> dict[DeliveryState, int]:
    """Count messages by state; every state is there."""
    query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
    return dict.fromkeys(get_args(DeliveryState), 0) | {row[0]: row[1] for row in connection.execute(query)}


def _write_message(message: Message) -> str:
    return json.dumps(asdict(replace(message, picture=None)))


def _told_from_row(row: Row[Any]) -> Told:
    message = json.loads(row.message)
    return Told(row.sent_as or row.key, row.delivered_at, message["text"], message["payload"])


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
