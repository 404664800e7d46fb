"""The catalog: which articles and feeds are followed, their versions and changes, and the outbox of alerts.

One database, SQLite or PostgreSQL, through SQLAlchemy Core; each noun has its module, with the methods of `Catalog` that speak of it.
The texts of versions are in the archive, and the catalog can be made again from there; only the outbox's past cannot.

    with Catalog.open("sqlite:////srv/tracker/snapshots/catalog.sqlite") as catalog:
        for article in catalog.claim_due_articles(now, limit=200, lease=timedelta(minutes=5)):
            ...

Every method is one transaction and may be called from any thread.  Methods raise CatalogError when the database cannot be read or written.

Touches the database.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from tracker.catalog.articles import Articles
from tracker.catalog.browsing import Browsing
from tracker.catalog.changes import Changes
from tracker.catalog.checks import Checks
from tracker.catalog.database import Database
from tracker.catalog.events import Events
from tracker.catalog.history import Deliveries, History
from tracker.catalog.hosts import Hosts
from tracker.catalog.keeping import Keeping
from tracker.catalog.listing import Listing
from tracker.catalog.migration import migrate
from tracker.catalog.notes import Notes
from tracker.catalog.numbering import Numbering
from tracker.catalog.opinions import Opinions
from tracker.catalog.outbox import Outbox
from tracker.catalog.retelling import Chapter, Retelling
from tracker.catalog.robots import SiteRules
from tracker.catalog.search import Search
from tracker.catalog.sources import Sources
from tracker.catalog.statistics import Counting
from tracker.catalog.status import CatalogStatus, Failure, Status
from tracker.catalog.variants import Variants
from tracker.catalog.versions import Versions
from tracker.catalog.watch import Watch

__all__ = ["Catalog", "CatalogStatus", "Chapter", "Deliveries", "Failure"]


class Catalog(
    Articles,
    Checks,
    Sources,
    SiteRules,
    Versions,
    Variants,
    Changes,
    Events,
    History,
    Retelling,
    Keeping,
    Notes,
    Numbering,
    Outbox,
    Status,
    Listing,
    Search,
    Opinions,
    Browsing,
    Counting,
    Hosts,
):
    """What the tracker knows, in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, database: str) -> Self:
        """Open a database by its SQLAlchemy address, make it if need be, and bring its tables up to date.

        Raises:
            CatalogError: It cannot be opened, or it is not a catalog that we can use.
        """
        opened = Database.connect(database)
        try:
            migrate(opened)
        except BaseException:
            opened.close()
            raise
        return cls(opened)

    def watch(self) -> Watch:
        """Keep an eye on whether anybody writes to it."""
        return Watch(self._database.file)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
