"""When is a message that could not be delivered tried again, and when is it parked?

Computes only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

FIRST: Final = timedelta(seconds=30)  # most receivers that fail are being restarted
LONGEST: Final = timedelta(hours=6)  # a receiver that was away over a night gets everything by noon
PATIENCE: Final = timedelta(days=3)  # a receiver that breaks on a Friday evening is mended on Monday
JITTER: Final = 0.1  # of the wait, either way: messages that failed together are not tried together


def next_attempt(attempts: int, now: datetime, random: Random) -> datetime | None:
    """Say when to try next; None when it is time to park the message and show it.

    Args:
        attempts: How many were made, the one that just failed included.
        now: When it failed.
        random: Where the jitter comes from.
    """
    waited = timedelta()
    for earlier in range(1, attempts):
        waited += _wait(earlier)
        if waited >= PATIENCE:
            return None
    return now + _wait(attempts) * (1 + JITTER * random.uniform(-1, 1))


def _wait(attempts: int) -> timedelta:
    doublings = min(attempts - 1, 32)  # far beyond the longest wait; a power without bound would overflow
    return min(FIRST * 2.0**doublings, LONGEST)
