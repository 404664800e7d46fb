"""A bounded memory of what was used last.

Computes only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers values until those used since weigh more than `limit`; safe to use from many threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """Find a value."""
        with self._lock:
            if key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key][0]

    def put(self, key: K, value: V, weight: int = 1) -> None:
        """Remember a value; the one used longest ago goes when there is no more room."""
        with self._lock:
            self._forget(key)
            self._items[key] = value, weight
            self._weight += weight
            while self._weight > self._limit and len(self._items) > 1:
                self._forget(next(iter(self._items)))

    def drop(self, key: K) -> None:
        """Forget a value."""
        with self._lock:
            self._forget(key)

    def _forget(self, key: K) -> None:
        if key in self._items:
            self._weight -= self._items.pop(key)[1]
