"""How a host stands with us, and where that is kept.

Computes only; any thread may call at any time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Slowed:
    """A host that is left alone for a while."""

    host: str
    until: datetime
    why: str


@dataclass(slots=True)
class Host:
    """What is known of a host; changed only by whoever holds it."""

    free_at: datetime  # the next request may begin
    closed_until: datetime
    last_turn: datetime  # of those that were told to come back
    why: str = ""  # it is closed
    silent: bool = False  # it is closed because it did not answer
    failures: int = 0  # in a row
    began: list[datetime] = field(default_factory=list)  # of the requests in hand
    queue: dict[str, datetime] = field(default_factory=dict)  # address → the moment that it was told to come back

    @classmethod
    def new(cls, now: datetime) -> Host:
        """A host with a clean sheet."""
        return cls(free_at=now, closed_until=now, last_turn=now)


class Hosts(Protocol):
    """Where the hosts are kept: in this process, or where several share them."""

    def hold(self, name: str, now: datetime) -> AbstractContextManager[Host]:
        """Have a host to oneself, to read and to change; what is changed is kept."""

    def closed(self, name: str, now: datetime) -> Slowed | None:
        """Say whether a host is left alone."""

    def slowed(self, now: datetime) -> list[Slowed]:
        """List the hosts that are left alone, by name."""


class HostsInMemory:
    """Hosts that are forgotten with this process."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, name: str, now: datetime) -> Iterator[Host]:
        """Have a host to oneself; it is kept as it is left."""
        with self._lock:
            if name not in self._hosts:
                self._hosts[name] = Host.new(now)
            yield self._hosts[name]

    def closed(self, name: str, now: datetime) -> Slowed | None:
        """Say whether a host is left alone."""
        with self._lock:
            host = self._hosts.get(name)
            return Slowed(name, host.closed_until, host.why) if host and host.closed_until > now else None

    def slowed(self, now: datetime) -> list[Slowed]:
        """List the hosts that are left alone, by name."""
        with self._lock:
            closed = [(name, host) for name, host in self._hosts.items() if host.closed_until > now]
        return [Slowed(name, host.closed_until, host.why) for name, host in sorted(closed, key=lambda pair: pair[0])]

    def forgive(self, now: datetime) -> None:
        """Open the hosts that are closed because they did not answer, with a clean sheet."""
        with self._lock:
            for host in self._hosts.values():
                if host.silent and host.closed_until > now:
                    host.closed_until = host.free_at = now
                    host.silent, host.failures = False, 0
