"""Is the network there?  No, when for a while nobody at all has answered.

That one site does not answer is the site's trouble.  When of many checks in a row, at several hosts, none got an answer, it is ours:
then one check at a time tries, and no other article and no host is held to have failed.

Computes only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

IN_A_ROW: Final = 8  # checks without an answer: as many as are in hand at once by default
HOSTS: Final = 3  # that these were at; fewer may be down together, as those of one publisher are
TRY_EVERY: Final = timedelta(seconds=5)  # while nobody answers


class Reach:
    """Learns from every check; one thread at a time may call."""

    def __init__(self) -> None:
        self.away_since: datetime | None = None  # the first check that got no answer; None while the network is there
        self._silent: list[str] = []  # hosts of the latest checks, if none got an answer
        self._silent_since: datetime | None = None
        self._tried_at: datetime | None = None

    def learn(self, host: str, began_at: datetime, *, answered: bool) -> bool:
        """Learn how a check went, and when it began; says whether it changed what we think of the network."""
        if answered:
            changed = self.away_since is not None
            self.away_since = self._tried_at = self._silent_since = None
            self._silent.clear()
            return changed
        self._silent = [*self._silent[-IN_A_ROW + 1 :], host]
        self._silent_since = min(self._silent_since or began_at, began_at)
        if self.away_since or len(set(self._silent)) < HOSTS or len(self._silent) < IN_A_ROW:
            return False
        self.away_since, self._tried_at = self._silent_since, began_at
        return True

    def may_try(self, now: datetime) -> bool:
        """Say whether a check may be made; while the network is away, one may now and then."""
        if self._tried_at and self._tried_at <= now < self._tried_at + TRY_EVERY:
            return False
        if self.away_since:
            self._tried_at = now
        return True
