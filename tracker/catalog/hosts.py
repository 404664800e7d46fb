"""Hosts: how each stands with us, for processes that share the work.

What that means is for the caller to know: the catalog keeps an object of JSON for each host, and lets one process at a time change it.

Touches the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from tracker.catalog.database import Database
from tracker.catalog.schema import hosts


@dataclass(slots=True)
class KeptHost:
    """What is kept of a host, to be changed by whoever holds it."""

    state: dict[str, Any] | None  # None: it is new
    closed_until: datetime | None = None  # it is left alone until then
    why: str = ""


class Hosts:
    """The part of the catalog that knows hosts."""

    _database: Database

    @contextmanager
    def hold_host(self, name: str) -> Iterator[KeptHost]:
        """Have what is kept of a host to oneself; it is kept as it is left."""
        with self._database.write(lasting=False) as connection:
            held = select(hosts).where(hosts.c.name == name).with_for_update()
            row = connection.execute(held).one_or_none()
            if row is None:
                new = self._database.insert(hosts).values(name=name).on_conflict_do_nothing(index_elements=["name"])
                connection.execute(new)
                row = connection.execute(held).one()
            kept = KeptHost(row.state and json.loads(row.state), row.closed_until, row.why or "")
            yield kept
            values = {"state": json.dumps(kept.state), "closed_until": kept.closed_until, "why": kept.why}
            connection.execute(update(hosts).where(hosts.c.name == name).values(values))

    def slowed_hosts(self, now: datetime, name: str | None = None) -> list[tuple[str, datetime, str]]:
        """List the hosts, or the one named, that are left alone: name, until when, and why."""
        query = select(hosts).where(hosts.c.closed_until > now).order_by(hosts.c.name)
        if name is not None:
            query = query.where(hosts.c.name == name)
        with self._database.read() as connection:
            return [(row.name, row.closed_until, row.why or "") for row in connection.execute(query)]
