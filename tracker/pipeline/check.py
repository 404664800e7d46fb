"""One article, from its address to what is stored of it: fetch → capture and version → archive → what is recorded.

Joins the parts.
"""

from __future__ import annotations

import logging
from typing import Final

from tracker.archive.warc import digest_of
from tracker.errors import ArchiveError, BlockedError, FetchError, TrackerError
from tracker.fate import why_gone
from tracker.models import Article, Capture, NotModified, Snapshot, Validators, Version
from tracker.pipeline.parts import Checked
from tracker.pipeline.retell import Retelling, is_in_order
from tracker.pipeline.variants import Alternating, Look
from tracker.processes import here
from tracker.reading import is_as_before, judge, read_page, version_of

log = logging.getLogger(__name__)

# Of so many checks in a row that found nothing one is a full extraction, whatever the quick look says.
FULL_EVERY: Final = 10
USUAL: Final = 500_000  # bytes of a page


class Checking(Alternating, Retelling):
    """The part of the pipeline that checks articles."""

    __slots__ = ()

    def check(self, article: Article) -> Checked:
        """Look at an article now; keep and tell what is new.

        A bug that a page brings to light costs this article its check and no other: it is logged, and the article is tried again later and later.
        What was archived by then is taken in once the bug is gone.

        Raises:
            ArchiveError: The archive cannot be written.
            CatalogError: The catalog cannot be written.
        """
        try:
            return self._check(article)
        except TrackerError:
            raise
        except Exception as error:
            log.exception("%s was not checked, because of a bug", article.url)
            problem = f"{article.url} could not be read because of a bug in tracker ({type(error).__name__}: {error}); please report it"
            return self._failed(article, FetchError(problem, url=article.url))

    def _check(self, article: Article) -> Checked:
        try:
            article = self.catch_up(article)
        except ArchiveError as error:  # what is kept of this article is damaged; the others are not
            return self._unreadable(article, error)
        permit = self._ask(article.url)
        if permit.wait_until:
            return Checked(article, "waiting", problem=permit.reason, retry_at=permit.wait_until)
        if permit.refusal:
            return self._failed(article, BlockedError(permit.refusal, url=article.url, transient=permit.transient))
        try:
            with self.politeness.request(article.url, self.clock):
                validators = Validators() if article.alternates else article.validators  # each variant has its own
                response = self.fetcher.fetch(article.url, validators, may_follow=self.politeness.allows)
        except FetchError as error:
            return self._missing(article, error) or self._failed(article, error)
        self.on_step("fetched")
        if isinstance(response, NotModified):
            return self._unchanged(article, response.fetched_at, "not modified")
        return self._take(article, response)

    def catch_up(self, article: Article, *, tell: bool = True) -> Article:
        """Take in the captures that are in the archive and not in the catalog.

        A crash between the two writes leaves one, whose alerts were never sent; a catalog that knows nothing of the article has lost it all, and the alerts were sent.
        Of what was imported nobody is told, and where it is older than what is known the history is told anew.
        """
        tell = tell and article.archived_until is not None
        captures = self.archive.captures(article.folder, after=article.archived_until)
        if not is_in_order(article, captures):
            return self.retell(article)
        for stored in captures:
            snapshot = self.archive.read_snapshot(article.folder, stored)
            read = self.archive.read_version(article.folder, stored)
            version, capture = read or (None, Capture(0.0, True, ("No version was read in it.",)))
            self._record(
                article,
                stored,
                snapshot,
                version,
                capture,
                self._latest_version(article),
                tell=tell and snapshot.origin is None,
            )
            article = self.catalog.article_by_id(article.id) or article
        return article

    def _take(self, article: Article, snapshot: Snapshot) -> Checked:
        """Read what a server sent; keep and tell what is new."""
        latest, at, digest = article.version, snapshot.fetched_at, digest_of(snapshot.body)
        if latest and latest.snapshot.digest == digest:
            return self._unchanged(article, at, "unchanged", snapshot)
        try:
            previous = self._latest_version(article)
        except ArchiveError as error:
            return self._unreadable(article, error)
        if previous and self._is_proven(article, snapshot, previous):
            self.on_step("read")
            return self._unchanged(article, at, "unchanged", snapshot, article.fingerprint)
        read = self.compute(read_page, snapshot, previous)
        if previous and read.version and not read.as_before and read.version.extractor != previous.extractor:
            previous = self._read_today(article, previous)
            read = self.compute(read_page, snapshot, previous)
        self.on_step("read")
        if read.as_before:
            return self._unchanged(article, at, "unchanged", snapshot, read.fingerprint)
        version, capture = read.version, read.capture
        why = why_gone(snapshot, capture)
        if why and latest:
            return self._gone(article, snapshot, capture, why)
        if capture.suspect and article.snapshot_digest == digest:
            return self._suspect(article, at, None, capture)
        if previous and version and snapshot.origin is None and not capture.suspect:
            in_turn = self._in_turn(article, Look(snapshot, version, capture, read), previous)
            if in_turn:
                return in_turn
        stored = self.archive.append(article.folder, snapshot, version, capture)
        self.on_step("archived")
        return self._record(article, stored, snapshot, version, capture, previous, read=read)

    def _is_proven(self, article: Article, snapshot: Snapshot, previous: Version) -> bool:
        """Say whether a quick look proves that a page's text is as it was."""
        if article.fingerprint is None or article.unchanged_checks % FULL_EVERY == FULL_EVERY - 1:
            return False
        # To send a page of usual size to another process takes as long as to look at it.
        compute = here if len(snapshot.body) <= USUAL else self.compute
        return compute(is_as_before, snapshot, previous, article.fingerprint)

    def _read_today(self, article: Article, previous: Version) -> Version:
        """Read the latest version's page as today's program does: what another program read otherwise is no change of the article."""
        if article.version is None or previous.plain_text:
            return previous
        try:
            snapshot = self.archive.read_snapshot(article.folder, article.version.snapshot)
        except ArchiveError:  # what was read in it is there, and `verify` tells of the damage
            return previous
        return self.compute(version_of, snapshot) or previous

    def _latest_version(self, article: Article) -> Version | None:
        return self._text(article, article.version) if article.version else None

    def _missing(self, article: Article, error: FetchError) -> Checked | None:
        """Take an answer that says that there is no such article; None for any other failure."""
        if error.snapshot is None or article.version is None:
            return None
        capture = self.compute(judge, error.snapshot)
        why = why_gone(error.snapshot, capture)
        return self._gone(article, error.snapshot, capture, why) if why else None
