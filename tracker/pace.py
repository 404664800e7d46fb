"""How many checks may begin now, so that a budget an hour is kept: in all, and of the articles of each source.

A budget is a bucket that fills evenly and holds five minutes' worth, so that what is spent in any hour is at most the budget and a twelfth of it.
What is due beyond the budget waits; and so that it is not the young articles that wait behind the old, all usual waits grow by the factor by which more is asked for than there is (`stretch`),
and shrink again when it suffices.

Computes only; any number of threads may use it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from tracker.models import Source

HOUR: Final = timedelta(hours=1)
HOLDS: Final = 12  # an hour's budget over what the bucket holds
MOST_STRETCH: Final = 1000.0  # beyond it every wait is `longest` anyway


class Bucket:
    """An allowance that fills evenly; full at the start."""

    def __init__(self, per_hour: int, now: datetime) -> None:
        self.per_hour = per_hour
        self._holds = max(per_hour / HOLDS, 1.0)
        self._level = self._holds
        self._filled_at = now

    def level(self, now: datetime) -> int:
        """Count the checks that may begin."""
        passed = max(now - self._filled_at, timedelta())  # a clock that was put back fills nothing
        self._level = min(self._level + passed / HOUR * self.per_hour, self._holds)
        self._filled_at = now
        return int(self._level)

    def take(self, count: int) -> None:
        """Note that so many began; more than there are is a debt."""
        self._level -= count


class Pace:
    """The budgets of one process.

    Args:
        most_per_hour: Checks an hour in all; None for no limit.
        now: When the budgets begin.
    """

    def __init__(self, most_per_hour: int | None, now: datetime) -> None:
        self._lock = threading.Lock()
        self._total = Bucket(most_per_hour, now) if most_per_hour else None
        self._sources: dict[int, Bucket] = {}
        self._stretch = 1.0

    @property
    def stretch(self) -> float:
        """How many times longer the usual waits have to be, for the budget to suffice; at least 1."""
        return self._stretch

    def limit(self, sources: Iterable[Source], now: datetime) -> None:
        """Learn the budgets of the sources; one that is as it was keeps what it has left."""
        with self._lock:
            before, self._sources = self._sources, {}
            for source in sources:
                if source.most_per_hour:
                    bucket = before.get(source.id)
                    same = bucket is not None and bucket.per_hour == source.most_per_hour
                    self._sources[source.id] = bucket if bucket and same else Bucket(source.most_per_hour, now)

    def room(self, wanted: int, now: datetime) -> int:
        """Say how many of the checks that one would like to begin now may begin."""
        with self._lock:
            return wanted if self._total is None else max(min(wanted, self._total.level(now)), 0)

    def spare(self, now: datetime) -> dict[int, int]:
        """Say for each source with a budget how many checks of its articles may begin now."""
        with self._lock:
            return {source: max(bucket.level(now), 0) for source, bucket in self._sources.items()}

    def spend(self, sources: Iterable[int | None]) -> None:
        """Note the checks that begin, by the source of each article."""
        with self._lock:
            for source in sources:
                if self._total:
                    self._total.take(1)
                if source in self._sources:
                    self._sources[source].take(1)

    def adapt(self, asked_per_hour: float) -> None:
        """Learn how many checks an hour the waits that are set now ask for."""
        with self._lock:
            if self._total:
                needed = self._stretch * asked_per_hour / self._total.per_hour
                self._stretch = min(max(needed, 1.0), MOST_STRETCH)
