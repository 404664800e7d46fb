"""How the service does: for monitors (/health), for Prometheus (/metrics), and for whoever looks at its screen.

Joins the parts.
"""

from __future__ import annotations

import time
from typing import Final

from tracker.dispatch import Dispatcher
from tracker.errors import TrackerError
from tracker.operations.health import Health
from tracker.operations.metrics import Gauges
from tracker.operations.room import free_bytes
from tracker.pipeline import Pipeline

STUCK_S: Final = 120.0  # since the dispatcher was last at work
FAILING_EVERY_S: Final = 60.0  # a look at all articles: 0.2 s for 100,000


class Vitals:
    """Looks at the parts of a service; any thread may ask."""

    dispatcher: Dispatcher  # set once it is there: it counts with the metrics that ask here

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._started_at = pipeline.clock()
        self._failing = (float("-inf"), 0)  # when they were counted, and how many

    @property
    def is_stuck(self) -> bool:
        """Has the dispatcher not been at work for so long that something must be the matter?"""
        return time.monotonic() - self.dispatcher.worked_at > STUCK_S

    def health(self) -> Health:
        """Sum up."""
        pipeline, now, paused = self.pipeline, self.pipeline.clock(), self.dispatcher.paused
        reasons = [paused] if paused else []
        status = "paused" if paused else "ok"
        if self.is_stuck:
            status, reasons = "failing", [*reasons, "the dispatcher is stuck"]
        queue, in_hand = self.dispatcher.queued, self.dispatcher.in_hand
        try:
            backlog, channels = pipeline.catalog.backlog(now), pipeline.catalog.channel_states()
        except TrackerError:  # the sentence may name the database, which is nobody's business here
            unknown = (*reasons, "the catalog cannot be read; the log says why")
            return Health("failing", unknown, self._started_at.isoformat(), queue=queue, in_hand=in_hand)
        late_s = (now - backlog.oldest_due_at).total_seconds() if backlog.oldest_due_at else 0.0
        return Health(
            status=status,
            reasons=tuple(reasons),
            started_at=self._started_at.isoformat(),
            articles=backlog.articles,
            due=backlog.due,
            late_s=round(max(late_s, 0.0), 1),
            queue=queue,
            in_hand=in_hand,
            outbox={str(state): count for state, count in backlog.deliveries.items()},
            held={one.name: one.resume_at.isoformat() for one in channels if one.resume_at and one.resume_at > now},
            free_bytes=free_bytes(pipeline.config.archive_folder),
        )

    def _count_failing(self) -> int:
        counted_at, count = self._failing
        if time.monotonic() - counted_at > FAILING_EVERY_S:
            count = self.pipeline.catalog.count_failing()
            self._failing = time.monotonic(), count
        return count

    def gauges(self) -> Gauges:
        """Say what is so at the moment, in numbers."""
        health, now = self.health(), self.pipeline.clock()
        try:
            channels, failing = self.pipeline.catalog.channel_states(), self._count_failing()
        except TrackerError:
            channels, failing = [], 0
        held = {one.name: (one.resume_at - now).total_seconds() if one.resume_at else 0.0 for one in channels}
        return {
            "articles": health.articles,
            "due": health.due,
            "late_seconds": health.late_s,
            "queue": health.queue,
            "in_hand": health.in_hand,
            "failing": failing,
            "outbox_waiting": health.outbox.get("waiting", 0),
            "outbox_parked": health.outbox.get("parked", 0),
            "channel_waiting": {one.name: one.waiting for one in channels},
            "channel_parked": {one.name: one.parked for one in channels},
            "channel_failures": {one.name: one.failures for one in channels},
            "channel_held_seconds": {name: max(seconds, 0.0) for name, seconds in held.items()},
            "free_bytes": health.free_bytes,
            "paused": float(self.dispatcher.paused is not None),
            "well": float(health.status == "ok"),
            "hosts_slowed": len(self.pipeline.politeness.slowed(now)),
        }
