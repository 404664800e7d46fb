"""One message, from the outbox to its channel.

Joins the parts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tracker.alert.retry import next_attempt
from tracker.errors import AlertError
from tracker.models import Delivery
from tracker.pipeline.parts import Parts

LEASE: Final = timedelta(
    minutes=10
)  # for messages in hand: longer than a channel takes over those that are claimed at once


class Delivering(Parts):
    """The part of the pipeline that delivers."""

    __slots__ = ()

    def claim_deliveries(self, channel: str, limit: int) -> list[Delivery]:
        """Take messages of the outbox that are due on a channel."""
        return self.catalog.claim_deliveries(self.clock(), limit, LEASE, channel=channel)

    def deliver(self, delivery: Delivery) -> AlertError | None:
        """Send a message that was claimed, and note how that went; gives the error when it was not accepted."""
        from tracker.alert.channels import deliver  # and with it all that channels speak through

        try:
            deliver(self.channels, delivery)
        except AlertError as error:
            now = self.clock()
            again = None if error.permanent else next_attempt(delivery.attempts + 1, now, self.random)
            self.catalog.record_attempt(delivery.id, due_at=again, error=str(error))
            return error
        self.on_step("sent")
        self.catalog.record_delivered(delivery.id, self.clock())
        self.on_step("delivered")
        return None
