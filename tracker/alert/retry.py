"""When is a message that could not be delivered tried again, and when is it parked?

While a channel is down only the first message for it is tried, so that trying often costs nobody anything, and all of them arrive within minutes of its return.

Computes only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final

FIRST: Final = timedelta(seconds=2)  # most receivers that fail are overloaded for a moment, or being restarted
LONGEST: Final = timedelta(minutes=15)  # after a night, the morning's first message is not longer late than this
DOUBLINGS: Final = 9  # 2 s doubled so often is longer than `LONGEST`
PATIENCE: Final = timedelta(days=3)  # a receiver that breaks on a Friday evening is mended on Monday
JITTER: Final = 0.1  # of the wait, either way: messages that failed together are not tried together


def next_attempt(attempts: int, now: datetime, random: Random) -> datetime | None:
    """Say when to try next; None when it is time to park the message and show it.

    Args:
        attempts: How many were made, the one that just failed included.
        now: When it failed.
        random: Where the jitter comes from.
    """
    if waited(attempts) >= PATIENCE:
        return None
    return now + _wait(attempts) * (1 + JITTER * random.uniform(-1, 1))


def waited(attempts: int) -> timedelta:
    """Say for how long a message has been tried at its so manieth attempt, not counting the jitter."""
    doubling = min(attempts - 1, DOUBLINGS)
    return FIRST * ((1 << doubling) - 1) + LONGEST * max(attempts - 1 - DOUBLINGS, 0)


def _wait(attempts: int) -> timedelta:
    return FIRST * (1 << (attempts - 1)) if attempts <= DOUBLINGS else LONGEST
