"""Checks that found nothing new, gathered, so that many are recorded in one transaction.

There are a hundred of these to every other, and one that is lost with its process costs nothing but another check: the article stays due.

Contains no business logic.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from tracker.catalog import Catalog
from tracker.catalog.checks import Seen

MOST: Final = 100  # gathered
LONGEST_S: Final = 1.0  # that one waits while others come


class Notes:
    """What is to be recorded; any number of threads may use it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._waiting: list[Seen] = []
        self._since = 0.0
        self._lock = threading.Lock()

    def add(self, seen: Seen) -> None:
        """Gather one more, and record them all once they are many or the first has waited long enough.

        Raises:
            CatalogError: They cannot be recorded; they are kept for the next time.
        """
        with self._lock:
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting.append(seen)
            full = len(self._waiting) >= MOST or time.monotonic() - self._since >= LONGEST_S
        if full:
            self.flush()

    def flush(self) -> None:
        """Record what has been gathered.

        Raises:
            CatalogError: They cannot be recorded; they are kept for the next time.
        """
        with self._lock:
            if not self._waiting:
                return
            waiting, self._waiting = self._waiting, []
        try:
            self._catalog.record_seen(waiting)
        except BaseException:
            with self._lock:
                self._waiting[:0] = waiting
            raise
