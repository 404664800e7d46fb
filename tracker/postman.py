"""Takes what waits in the outbox to the channels: one thread a channel, so that a channel that hangs holds up no other.

Contains no business logic.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from tracker.errors import AlertError, CatalogError
from tracker.models import Delivery
from tracker.pipeline import Pipeline

AT_ONCE: Final = (
    20  # messages claimed for a channel; with the longest timeout of most (20 s) they are sent within the lease
)

LOOK_PAST: Final = 3  # attempts at a message before another is tried in its place

Report = Callable[[Delivery, AlertError | None], None]


class Postman:
    """Delivers for one process.

    Args:
        pipeline: Delivers one message.
        report: Is told of each attempt; an error says why it failed.
        broken: Is told when the catalog failed; the messages stay in the outbox.
    """

    def __init__(self, pipeline: Pipeline, report: Report, broken: Callable[[CatalogError], None]) -> None:
        self.pipeline = pipeline  # another one after the configuration was read anew
        self._report = report
        self._broken = broken
        self._busy: dict[str, threading.Thread] = {}
        self._stopping = False

    def deliver_due(self) -> None:
        """Start on every channel that has messages due and is not at work already."""
        for name in self.pipeline.catalog.due_channels(self.pipeline.clock()):
            thread = self._busy.get(name)
            if not self._stopping and not (thread and thread.is_alive()):
                self._busy[name] = threading.Thread(
                    target=self._serve, args=(name,), name=f"deliver-{name}", daemon=True
                )
                self._busy[name].start()

    def wait(self) -> None:
        """Wait until every channel has been served."""
        for thread in self._busy.values():
            thread.join()

    def stop(self, within_s: float) -> None:
        """Send nothing more; wait for the messages in hand, but not for longer than so many seconds."""
        self._stopping = True
        end = time.monotonic() + within_s
        for thread in self._busy.values():
            thread.join(max(end - time.monotonic(), 0))

    def _serve(self, channel: str) -> None:
        try:
            if not self.pipeline.take_channel(channel):
                return  # another process sends to it
            try:
                while not self._stopping and (found := self.pipeline.claim_deliveries(channel, AT_ONCE)):
                    if not self._send(found):
                        break
            finally:
                self.pipeline.release_channel(channel)
        except CatalogError as error:
            self._broken(error)

    def _send(self, found: list[Delivery]) -> bool:
        """Send messages in order; says whether the channel takes more.

        Where it fails, the rest wait behind the message that failed, so that none is overtaken.
        Only of a message that has failed before is another tried in its place, for the fault may lie in that one message.
        """
        looked_past = False
        for n, delivery in enumerate(found):
            if self._stopping:
                return False  # what is claimed and not sent is claimable again when the lease is over, or at the next start
            error = self.pipeline.deliver(delivery)
            self._report(delivery, error)
            if error is None or error.permanent:
                continue
            if looked_past or delivery.attempts < LOOK_PAST:
                self.pipeline.give_back(found[n + 1 :])
                return False
            looked_past = True
        return not looked_past or len(found) > 1
