"""What every page and every operation works with.

Joins the parts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeVar, cast

from starlette.requests import Request

from tracker.archive.recent import Recent
from tracker.catalog import Catalog
from tracker.catalog.browsing import Activity
from tracker.catalog.words import text_to_index
from tracker.errors import ArchiveError, TrackerError
from tracker.models import Article, Change, StoredVersion, Version
from tracker.pipeline import Pipeline
from tracker.statistics import Statistics
from tracker.web.errors import RefusedError
from tracker.web.security import Keys

log = logging.getLogger(__name__)

T = TypeVar("T")
COUNTS_KEPT: Final = 200  # some kilobytes each
BATCH: Final = 100  # versions put into the index at once
LARGEST_ID: Final = 2**63 - 1  # what a database counts to


@dataclass(frozen=True)
class Workspace:
    """The tracker's parts, as the pages use them; any number of threads may."""

    pipeline: Pipeline
    keys: Keys

    @property
    def catalog(self) -> Catalog:
        """What is known."""
        return self.pipeline.catalog

    @property
    def now(self) -> datetime:
        """The time."""
        return self.pipeline.clock()

    @cached_property
    def address(self) -> str | None:
        """How readers call us, where that is configured."""
        configured = self.keys.settings.address
        return configured.rstrip("/") if configured else None

    def base(self, request: Request) -> str:
        """The beginning of our addresses, as the reader knows them."""
        return self.address or f"{request.url.scheme}://{request.headers['host']}"

    # --- finding, or saying that there is no such thing ---

    def article(self, article_id: int) -> Article:
        """Find an article.

        Raises:
            RefusedError: There is none with that number.
        """
        article = self.catalog.article_by_id(article_id) if article_id <= LARGEST_ID else None
        if article is None:
            raise RefusedError(
                404, f"no article has the number {article_id}; the list of articles shows those there are"
            )
        return article

    def change(self, change_id: int) -> Change:
        """Find a change.

        Raises:
            RefusedError: There is none with that number.
        """
        change = self.catalog.change(change_id) if change_id <= LARGEST_ID else None
        if change is None:
            raise RefusedError(404, f"no change has the number {change_id}; the list of changes shows those there are")
        return change

    def article_of(self, change: Change) -> Article:
        """Find the article that a change is of."""
        article = self.catalog.article(change.article_url)
        if article is None:
            raise RefusedError(404, f"the article of change {change.id} is no longer in the catalog")
        return article

    def version(self, article: Article, number: int) -> StoredVersion:
        """Find a version of an article.

        Raises:
            RefusedError: It has no such version.
        """
        found = self.catalog.versions(article.id)
        for version in found:
            if version.number == number:
                return version
        there = f"it has 1 to {found[-1].number}" if found else "it was not read yet"
        raise RefusedError(404, f"this article has no version {number}; {there}")

    def text(self, article: Article, stored: StoredVersion) -> Version:
        """Read what a version says.

        Raises:
            ArchiveError: It cannot be read.
        """
        read = self.pipeline.archive.read_version(article.folder, stored.snapshot)
        if read is None:
            raise ArchiveError(
                f"version {stored.number} of {article.url} is not in the archive; `tracker verify` says more"
            )
        return read[0]

    # --- what is counted over everything ---

    def statistics(self, **wanted: Any) -> Statistics:
        """Count the changes; what was counted within the last minute is not counted again."""
        return self._counted("statistics", wanted, lambda: self.catalog.statistics(**wanted))

    def activity(self, **wanted: Any) -> Activity:
        """Count by hour and kind, as `Catalog.activity`; remembered for a minute too."""
        return self._counted("activity", wanted, lambda: self.catalog.activity(**wanted))

    def names(self) -> tuple[list[str], list[str]]:
        """List outlets and tags, for fields that complete them."""
        return self._counted("names", {}, lambda: ([host.name for host in self.catalog.hosts()], self.catalog.tags()))

    @cached_property
    def _counts(self) -> Recent[object, Any]:
        return Recent(COUNTS_KEPT)

    def _counted(self, what: str, wanted: dict[str, Any], count: Callable[[], T]) -> T:
        minute = int(self.now.timestamp() // 60)
        key = (what, minute, self.catalog.latest_change(), tuple(sorted(wanted.items())))
        known = self._counts.get(key)
        if known is None:
            known = count()
            self._counts.put(key, known)
        return cast(T, known)

    # --- in the background ---

    def index_older_versions(self, stop: threading.Event) -> None:
        """Make searchable what was kept before there was an index; what cannot be read is indexed as empty."""
        try:
            while not stop.is_set():
                batch = self.catalog.versions_without_words(BATCH)
                if not batch:
                    return
                self.catalog.record_words([(stored.id, self._words(article, stored)) for article, stored in batch])
        except TrackerError as error:
            log.warning("older versions cannot be searched yet: %s", error)

    def _words(self, article: Article, stored: StoredVersion) -> str:
        try:
            version = self.text(article, stored)
        except ArchiveError:
            return ""
        return text_to_index(version.headline, version.paragraphs)


def workspace_of(request: Request) -> Workspace:
    """Give a request the workspace of its application."""
    workspace = request.app.state.workspace
    assert isinstance(workspace, Workspace)
    return workspace


def number(text: str, what: str) -> int:
    """Read the number in a path.

    Raises:
        RefusedError: It is none.
    """
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise RefusedError(404, f"“{text[:40]}” is not the number of {what}")
    return int(text)
