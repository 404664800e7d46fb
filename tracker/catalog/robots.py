"""What the robots.txt of each site says, kept for as long as it may be: so that a check by hand does not ask for it again.

Touches the database.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from tracker.catalog.database import Database
from tracker.catalog.schema import robots


class SiteRules:
    """The part of the catalog that knows robots.txt."""

    _database: Database

    def site_rules(self, url: str) -> tuple[str | None, datetime, datetime] | None:
        """Find what a robots.txt says (None: there is none), when it was read, and until when that holds; None where it was not read yet."""
        with self._database.read() as connection:
            row = connection.execute(select(robots).where(robots.c.url == url)).first()
            return (row.text, row.read_at, row.expires_at) if row else None

    def keep_site_rules(self, url: str, text: str | None, read_at: datetime, expires_at: datetime) -> None:
        """Keep what a robots.txt says."""
        values = {"text": text, "read_at": read_at, "expires_at": expires_at}
        insert = self._database.insert(robots).values(url=url, **values)
        with self._database.write(lasting=False) as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["url"], set_=values))
