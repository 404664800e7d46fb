"""What waits in the outbox, to its channels: in order, in the words of each channel, and not when or as often as it may not be.

A channel that fails is left alone for a while, and everything for it waits behind the message that failed, so that nothing is overtaken and nobody is flooded when it is back.

Joins the parts.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Final

from tracker.alert.channels import deliver
from tracker.alert.digests import gather
from tracker.alert.followups import amend
from tracker.alert.messages import SHIPPED, rewrite
from tracker.alert.retry import PATIENCE, next_attempt
from tracker.config import ChannelSettings
from tracker.errors import AlertError, CatalogError, ConfigError
from tracker.models import Change, Delivery, Message, Picture
from tracker.pipeline.parts import Parts

LEASE: Final = timedelta(
    minutes=10
)  # for messages in hand: longer than a channel takes over those that are claimed at once
AGAIN_S: Final = 1.0  # between two attempts to note what a channel has taken
TOGETHER: Final = 100  # messages in one digest; more than a person reads, and mail servers take
NO_QUIET: Final = 4  # more important than anything


class Delivering(Parts):
    """The part of the pipeline that delivers."""

    __slots__ = ()

    def take_channel(self, channel: str) -> bool:
        """Begin to send to a channel; False: another process does, or it is left alone."""
        return self.catalog.take_channel(channel, self.clock(), LEASE)

    def release_channel(self, channel: str) -> None:
        """Let another process send to it."""
        self.catalog.release_channel(channel)

    def claim_deliveries(self, channel: str, limit: int) -> list[Delivery]:
        """Take messages of the outbox that may be sent to a channel now; a digest is one."""
        now, settings = self.clock(), self._settings(channel)
        self.catalog.renew_channel(channel, now, LEASE)
        until = settings.quiet.until(now) if settings.quiet else None
        if until:
            self.catalog.postpone(channel, until, now, below=settings.urgent or NO_QUIET)
        if settings.rate:
            sent = [at for at in self.catalog.sent_since(channel, now - settings.rate.span) if at <= now]
            resume_at = settings.rate.next_after(sent, now)
            if resume_at:
                self.catalog.pause_channel(channel, resume_at)
                return []
            limit = min(limit, settings.rate.most - len(sent))
        key, parts = self.catalog.claim_digest(now, LEASE, channel=channel, most=TOGETHER)
        if not parts:
            return self.catalog.claim_deliveries(now, limit, LEASE, channel=channel)
        written = [rewrite(self._amended(part, settings), self.forms.get(channel, SHIPPED)) for part in parts]
        ids = tuple(part.id for part in parts)
        return [replace(parts[0], key=key, message=gather(written, key), parts=ids)]

    def deliver(self, delivery: Delivery) -> AlertError | None:
        """Send a message that was claimed, and note how that went; gives the error when it was not accepted."""
        more = delivery.parts[1:]
        try:
            deliver(self.channels, replace(delivery, message=self._written(delivery)))
        except AlertError as error:
            now = self.clock()
            again = None if error.permanent else next_attempt(delivery.attempts + 1, now, self.random)
            self.catalog.record_attempt(delivery.id, due_at=again, error=str(error), more=more)
            if not error.permanent:
                resume_at = again or next_attempt(1, now, self.random) or now
                self.catalog.record_failing(delivery.channel, at=now, resume_at=resume_at, patience=PATIENCE)
            return error
        self.on_step("sent")
        self._note_delivered(delivery)
        self.on_step("delivered")
        return None

    def _note_delivered(self, delivery: Delivery) -> None:
        """Note that a channel has taken a message; it would get it again if that failed, so we try for as long as it is ours."""
        at, end = self.clock(), time.monotonic() + LEASE.total_seconds()
        while True:
            try:
                self.catalog.record_delivered(delivery.id, at, more=delivery.parts[1:])
                return
            except CatalogError:  # the disk is full, or another program holds the database
                if time.monotonic() > end:
                    raise
                time.sleep(AGAIN_S)

    def give_back(self, deliveries: list[Delivery]) -> None:
        """Give claimed messages back, because the channel does not take any."""
        self.catalog.give_back([number for delivery in deliveries for number in (delivery.parts or (delivery.id,))])

    def _settings(self, channel: str) -> ChannelSettings:
        found = (settings for settings in self.config.channels if settings.name == channel)
        return next(found, ChannelSettings(channel))

    def _written(self, delivery: Delivery) -> Message:
        """Write a message as it is sent: as a follow-up where it is one, in the channel's own words, with its picture."""
        if delivery.parts:
            return delivery.message
        settings = self._settings(delivery.channel)
        message = rewrite(self._amended(delivery, settings), self.forms.get(delivery.channel, SHIPPED))
        if delivery.change_id is None or not wants_picture(settings):
            return message
        change = self.catalog.change(delivery.change_id)
        return replace(message, picture=picture_of(change, settings)) if change else message

    def _amended(self, delivery: Delivery, settings: ChannelSettings) -> Message:
        if delivery.change_id is None or not settings.follow_up:
            return delivery.message
        return amend(delivery.message, self.catalog.told_before(delivery), settings.follow_up)


def wants_picture(settings: ChannelSettings) -> bool:
    """Say whether a channel gets pictures: what its table says, or else whether it is a mail server."""
    return settings.smtp is not None if settings.picture is None else settings.picture


def picture_of(change: Change, settings: ChannelSettings) -> Picture | None:
    """Draw a change for a channel, if it gets pictures and the program can draw.

    Raises:
        AlertError: It is asked for pictures, and cannot draw; trying again later helps once that is mended.
    """
    if not wants_picture(settings):
        return None
    from tracker.report.card import alt_text, card

    try:
        return Picture(card(change), alt_text(change))
    except ConfigError as error:
        if settings.picture:
            raise AlertError(f'channel "{settings.name}": {error}', channel=settings.name) from error
        return None  # nobody asked for it
