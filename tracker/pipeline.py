"""One article, from its address to what is stored of it and who is told; one message, from the outbox to its channel.

Calls the steps in order and decides nothing itself: fetch → capture and version → archive → comparison → catalog with its outbox → channels.

What makes a crash at any moment harmless is the order of the writes.
A capture is first in the archive, durably, and only then in the catalog; the version, the change and the messages about it reach the catalog in one transaction.
Whatever the archive holds beyond what the catalog knows of an article is taken in before the article is checked again.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from tracker.alert.channels import Channel, deliver
from tracker.alert.messages import compose_message
from tracker.alert.retry import next_attempt
from tracker.alert.rules import channels_for
from tracker.archive import Archive
from tracker.archive.warc import digest_of
from tracker.capture import judge_capture
from tracker.catalog import Catalog
from tracker.comparison import compare_versions
from tracker.config import Config
from tracker.discover import Entry, read_feed, read_sitemap, recognize
from tracker.errors import AlertError, BlockedError, ExtractError, FetchError, InputError, RateLimitedError
from tracker.extract import extract_version
from tracker.fetch import Fetcher
from tracker.models import (
    Article,
    Capture,
    Change,
    Delivery,
    Message,
    NotModified,
    Snapshot,
    Source,
    StoredSnapshot,
    Version,
)
from tracker.politeness import Politeness
from tracker.schedule import Outcome, next_due, next_feed_due
from tracker.text import digest_of_text
from tracker.url import article_folder

Found = Literal["first", "changed", "unchanged", "not modified", "suspect", "failed", "waiting"]
LEASE = timedelta(minutes=5)  # for a message in hand: longer than any channel may take


@dataclass(frozen=True, slots=True)
class Checked:
    """How the check of an article ended."""

    article: Article  # as it was before
    found: Found
    change: Change | None = None
    problem: str | None = None  # why it failed, is suspect or has to wait, in a sentence
    error: FetchError | None = None
    retry_at: datetime | None = None  # of "waiting": when the host may be asked


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the reading of a feed brought."""

    source: Source
    new: tuple[Article, ...] = ()
    entries: int = 0
    problem: str | None = None
    retry_at: datetime | None = None  # the host has to be left alone until then


def _ignore(_step: str) -> None:
    """Take no notice of a step."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The parts, joined; any number of threads may use it."""

    config: Config
    catalog: Catalog
    archive: Archive
    fetcher: Fetcher
    politeness: Politeness
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    random: Random
    on_step: Callable[[str], None] = _ignore  # called after each step with its name: for logs, and for tests that kill

    # --- an article ---

    def check(self, article: Article) -> Checked:
        """Look at an article now, keep and tell what is new.

        Raises:
            ArchiveError: The archive cannot be written.
            CatalogError: The catalog cannot be written.
        """
        article = self._catch_up(article)
        permit = self.politeness.ask(article.url, self.clock(), self.random, self._fetch_robots)
        if permit.refusal:
            return self._failed(article, BlockedError(permit.refusal, url=article.url, transient=False))
        if permit.wait_until:
            return Checked(article, "waiting", problem=permit.reason, retry_at=permit.wait_until)
        try:
            response = self._fetch(article)
        except FetchError as error:
            return self._failed(article, error)
        self.on_step("fetched")
        if isinstance(response, NotModified):
            return self._unchanged(article, response.fetched_at, "not modified")
        return self.take(article, response)

    def take(self, article: Article, snapshot: Snapshot) -> Checked:
        """Read what a server sent for an article, keep and tell what is new."""
        latest, at = article.version, snapshot.fetched_at
        if latest and latest.snapshot.digest == digest_of(snapshot.body):
            return self._unchanged(article, at, "unchanged", snapshot)
        version, capture, digest = self._read(article, snapshot)
        self.on_step("read")
        if latest and digest == latest.digest and not capture.suspect:
            return self._unchanged(article, at, "unchanged", snapshot)
        if capture.suspect and article.snapshot_digest == digest_of(snapshot.body):
            return self._suspect(article, at, None, capture)
        stored = self.archive.append(article.folder, snapshot, version, capture)
        self.on_step("archived")
        return self._record(article, stored, snapshot, version, capture)

    def _catch_up(self, article: Article) -> Article:
        """Take in captures that were archived when a crash kept them from the catalog."""
        for stored in self.archive.captures(article.folder, after=article.archived_until):
            snapshot = self.archive.read_snapshot(article.folder, stored)
            read = self.archive.read_version(article.folder, stored)
            version, capture = read or self._read(article, snapshot)[:2]
            self._record(article, stored, snapshot, version, capture)
            article = self.catalog.article_by_id(article.id) or article
        return article

    def _fetch(self, article: Article) -> Snapshot | NotModified:
        with self.politeness.request(article.url, self.clock):
            return self.fetcher.fetch(article.url, article.validators)

    def _read(self, article: Article, snapshot: Snapshot) -> tuple[Version | None, Capture, str | None]:
        try:
            version: Version | None = extract_version(snapshot)
        except ExtractError:
            version = None
        digest = digest_of_text(version) if version else None
        if article.version and digest == article.version.digest:
            return version, Capture(), digest
        return version, judge_capture(snapshot, version, self._previous(article)), digest

    def _previous(self, article: Article) -> Version | None:
        if article.version is None:
            return None
        read = self.archive.read_version(article.folder, article.version.snapshot)
        return read[0] if read else None

    def _record(
        self, article: Article, stored: StoredSnapshot, snapshot: Snapshot, version: Version | None, capture: Capture
    ) -> Checked:
        if version is None or capture.suspect:
            return self._suspect(article, stored.fetched_at, stored, capture)
        previous = self._previous(article)
        comparison = compare_versions(previous, version, new_capture=capture) if previous else None
        self.on_step("compared")
        at = stored.fetched_at
        after = replace(article, unchanged_checks=0, failures=0, changed_at=at)
        _, change = self.catalog.record_version(
            article.id,
            at=at,
            due_at=next_due(after, at, self.config.schedule, self.random),
            stored=stored,
            digest=digest_of_text(version),
            headline=version.headline,
            updated_at=version.updated_at,
            validators=snapshot.validators,
            comparison=comparison,
            deliveries=self._messages,
        )
        self.on_step("recorded")
        return Checked(article, "changed" if change else "first", change)

    def _messages(self, change: Change) -> list[tuple[str, Message]]:
        return [(name, compose_message(change, name)) for name in channels_for(change, self.config.rules)]

    def _unchanged(self, article: Article, at: datetime, found: Found, snapshot: Snapshot | None = None) -> Checked:
        after = replace(article, unchanged_checks=article.unchanged_checks + 1, failures=0)
        validators = snapshot.validators if snapshot else article.validators
        self.catalog.record_unchanged(
            article.id, at=at, due_at=next_due(after, at, self.config.schedule, self.random), validators=validators
        )
        self.on_step("recorded")
        return Checked(article, found)

    def _suspect(self, article: Article, at: datetime, stored: StoredSnapshot | None, capture: Capture) -> Checked:
        due_at = next_due(article, at, self.config.schedule, self.random, outcome="suspect")
        self.catalog.record_suspect(article.id, at=at, due_at=due_at, stored=stored, reasons=capture.reasons)
        self.on_step("recorded")
        return Checked(article, "suspect", problem=" ".join(capture.reasons))

    def _failed(self, article: Article, error: FetchError) -> Checked:
        now = self.clock()
        after = replace(article, failures=article.failures + 1)
        outcome: Outcome = "failed" if error.transient else "refused"
        due_at = next_due(
            after, now, self.config.schedule, self.random, outcome=outcome, not_before=_not_before(error, now)
        )
        self.catalog.record_failure(article.id, at=now, due_at=due_at, error=str(error))
        return Checked(article, "failed", problem=str(error), error=error)

    # --- what to follow ---

    def follow(self, address: str, kind: Kind | None, tags: tuple[str, ...] = ()) -> Article | Source:
        """Follow an address from now on; without a kind the server is asked for the page to see what it is.

        Raises:
            AddressError: It is not an address that can be followed.
            FetchError: The server did not show what it is.
        """
        url = normalize_url(address)
        kind = kind or recognize(self._ask(url))
        if kind == "article":
            return self.catalog.add_article(url, article_folder(url), now=self.clock(), tags=tags)[0]
        return self.catalog.add_source(url, kind, now=self.clock(), tags=tags)[0]

    def follow_configured(self) -> list[TrackerError]:
        """Follow the `[[watch]]` tables of the configuration; those that cannot be recognised now are for the next time.

        Returns:
            What went wrong.
        """
        problems: list[TrackerError] = []
        for watch in self.config.watch:
            try:
                url = normalize_url(watch.address)
                known = self.catalog.article(url) or self.catalog.source(url)
                if known is None or set(watch.tags) - set(known.tags):
                    kind = watch.kind or (known and _kind_of(known))
                    self.follow(url, kind, watch.tags)
            except TrackerError as error:
                problems.append(error)
        return problems

    def discover(self, source: Source) -> Discovered:
        """Read a feed or a sitemap now, and follow the articles in it that are new.

        An article that has left the feed stays followed.
        """
        permit = self.politeness.ask(source.url, self.clock())
        if permit.wait_until:
            return Discovered(source, problem=permit.reason, retry_at=permit.wait_until)
        try:
            response = self._fetch(source.url, source.validators)
            entries = [] if isinstance(response, NotModified) else read_source(response)
        except (FetchError, InputError) as error:
            return self._not_read(source, error)
        at = response.fetched_at
        new = [article for article, added in self._add(entries, source, at) if added]
        due_at = next_feed_due(replace(source, failures=0), at, self.config.schedule, self.random)
        validators = source.validators if isinstance(response, NotModified) else response.validators
        self.catalog.record_source_read(source.id, at=at, due_at=due_at, validators=validators)
        return Discovered(source, tuple(new), len(entries))

    def _add(self, entries: Iterable[Entry], source: Source, at: datetime) -> Iterator[tuple[Article, bool]]:
        for entry in entries:
            yield self.catalog.add_article(
                entry.url, article_folder(entry.url), now=at, tags=source.tags, source_id=source.id
            )

    def _not_read(self, source: Source, error: FetchError | InputError) -> Discovered:
        now = self.clock()
        after = replace(source, failures=source.failures + 1)
        not_before = _not_before(error, now)
        due_at = next_feed_due(after, now, self.config.schedule, self.random, not_before=not_before)
        self.catalog.record_source_failure(source.id, at=now, due_at=due_at, error=str(error))
        return Discovered(source, problem=str(error))

    # --- a message ---

    def deliver(self, delivery: Delivery) -> AlertError | None:
        """Send a message of the outbox that was claimed, and note how that went; gives the error when it was not accepted."""
        try:
            deliver(self.channels, delivery)
        except AlertError as error:
            now = self.clock()
            again = None if error.permanent else next_attempt(delivery.attempts + 1, now, self.random)
            self.catalog.record_attempt(delivery.id, due_at=again, error=str(error))
            return error
        self.on_step("sent")
        self.catalog.record_delivered(delivery.id, self.clock())
        self.on_step("delivered")
        return None


def _kind_of(known: Article | Source) -> str:
    return "article" if isinstance(known, Article) else known.kind


def _not_before(error: Exception, now: datetime) -> datetime | None:
    if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
        return now + timedelta(seconds=error.retry_after_s)
    return None
