"""Numbers of the service, as Prometheus reads them.

Counted here is what happens in this process; what the catalog knows is asked for when somebody looks, at most once in some seconds.

Contains no business logic.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tracker import __version__

KEPT_S: Final = 5.0  # that an answer of the catalog is used again
SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60)

Gauges = Mapping[str, float | Mapping[str, float]]
"""Name → what is so at the moment: one value, or one for each channel."""

HELP: Final = {
    "articles": "Articles that are followed.",
    "due": "Articles that are due and not being checked yet.",
    "late_seconds": "How long the article that is due the longest has waited.",
    "queue": "Articles that are claimed, waiting for their host or being checked.",
    "in_hand": "Articles that are being checked.",
    "failing": "Articles whose last check did not end well.",
    "outbox_waiting": "Messages that wait to be sent.",
    "outbox_parked": "Messages that were given up until somebody says to try again.",
    "channel_waiting": "Messages that wait to be sent to a channel.",
    "channel_parked": "Messages to a channel that were given up.",
    "channel_failures": "Attempts at a channel in a row that failed.",
    "channel_held_seconds": "How long a channel is left alone from now on, because it failed or has had its share.",
    "free_bytes": "Free space on the disk of the archive.",
    "well": "1 while /health says that all is well.",
    "paused": "1 while nothing is fetched for want of room on the disk.",
    "hosts_slowed": "Hosts that are left alone for a while.",
}


class Metrics:
    """What the service counts, and what it is asked for."""

    def __init__(self, gauges: Callable[[], Gauges]) -> None:
        self._registry = CollectorRegistry()
        counter = partial(Counter, namespace="tracker", registry=self._registry)
        histogram = partial(Histogram, namespace="tracker", registry=self._registry, buckets=SECONDS)
        self._checks = counter("checks", "Checks, by how they ended.", ["result"])
        self._changes = counter("changes", "Changes found, by verdict.", ["verdict"])
        self._deliveries = counter("deliveries", "Attempts to deliver a message.", ["channel", "result"])
        self._seconds = histogram("check_seconds", "How long a check took.")
        self._told_s = histogram("alert_seconds", "From the capture that shows a change to the message's acceptance.")
        self._feeds = counter(
            "feeds_read", "Readings of feeds, sitemaps and section pages, by how they ended.", ["result"]
        )
        Info("tracker", "The program.", registry=self._registry).info({"version": __version__})
        ProcessCollector(registry=self._registry)  # its memory, processor time, open files and start
        self._registry.register(_Asked(gauges))

    def checked(self, result: str, verdict: str | None, seconds: float | None) -> None:
        """Count a check."""
        self._checks.labels(result).inc()
        if verdict:
            self._changes.labels(verdict).inc()
        if seconds is not None:
            self._seconds.observe(seconds)

    def read(self, result: str) -> None:
        """Count the reading of a feed."""
        self._feeds.labels(result).inc()

    def delivered(self, channel: str, result: str, seconds: float | None = None) -> None:
        """Count an attempt to deliver."""
        self._deliveries.labels(channel, result).inc()
        if seconds is not None:
            self._told_s.observe(seconds)

    def text(self) -> bytes:
        """Write them all."""
        return generate_latest(self._registry)


class _Asked(Collector):
    def __init__(self, gauges: Callable[[], Gauges]) -> None:
        self._gauges = gauges
        self._lock = threading.Lock()
        self._kept: Gauges = {}
        self._at = float("-inf")

    def describe(self) -> list[GaugeMetricFamily]:
        """Name none before they are asked for: the catalog need not be open yet."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask."""
        with self._lock:
            if time.monotonic() - self._at > KEPT_S:
                self._kept, self._at = self._gauges(), time.monotonic()
            for name, value in self._kept.items():
                yield _family(name, value)


def _family(name: str, value: float | Mapping[str, float]) -> GaugeMetricFamily:
    if not isinstance(value, Mapping):
        return GaugeMetricFamily(f"tracker_{name}", HELP[name], value)
    family = GaugeMetricFamily(f"tracker_{name}", HELP[name], labels=["channel"])
    for channel, one in value.items():
        family.add_metric([channel], one)
    return family
