"""One article, from its address to what is stored of it and who is told; one message, from the outbox to its channel.

Calls the steps in order and decides nothing itself: fetch → capture and version → archive → comparison → catalog with its outbox → channels.

What makes a crash at any moment harmless is the order of the writes.
A capture is first in the archive, durably, and only then in the catalog; the version, the change and the messages about it reach the catalog in one transaction.
Whatever the archive holds beyond what the catalog knows of an article is taken in before the article is checked again.

Joins the parts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal

from tracker.alert.channels import Channel, deliver
from tracker.alert.messages import compose_event, compose_message
from tracker.alert.retry import next_attempt
from tracker.alert.rules import channels_for, channels_for_event
from tracker.archive import Archive
from tracker.archive.warc import digest_of
from tracker.capture import judge_capture
from tracker.catalog import Catalog
from tracker.catalog.events import Told
from tracker.comparison import compare_versions
from tracker.config import Config
from tracker.discover import Listing, choose_entries, read_feed, read_section, read_sitemap, recognize
from tracker.errors import (
    AlertError,
    ArchiveError,
    BlockedError,
    ExtractError,
    FetchError,
    InputError,
    RateLimitedError,
    TrackerError,
)
from tracker.extract import extract_version, fingerprint
from tracker.fate import leads_to, moved, removed, restored, why_gone
from tracker.fetch import ANYTHING, SITEMAPS, Fetcher
from tracker.models import (
    Article,
    Capture,
    Change,
    Delivery,
    Event,
    Message,
    NotModified,
    Snapshot,
    Source,
    StoredSnapshot,
    StoredVersion,
    Verdict,
    Version,
)
from tracker.politeness import Permit, Politeness
from tracker.schedule import Outcome, next_due, next_feed_due
from tracker.text import digest_of_text
from tracker.url import article_folder, canonical_url, merge_twins, normalize_url, twin_hosts

log = logging.getLogger(__name__)

Found = Literal["first", "same", "changed", "unchanged", "not modified", "suspect", "gone", "failed", "waiting"]
READERS: Final[Mapping[str, Callable[[Snapshot, Source], Listing]]] = {
    "feed": lambda snapshot, _: read_feed(snapshot),
    "sitemap": lambda snapshot, _: read_sitemap(snapshot),
    "section": lambda snapshot, source: read_section(snapshot, source.links or "*"),
}
FULL_EVERY: Final = (
    10  # checks in a row that found nothing: one of so many is a full extraction, whatever the quick look says
)
MOST_CHILDREN: Final = 20  # sitemaps followed of an index, which may list an outlet's every month since its founding
LEASE: Final = timedelta(
    minutes=10
)  # for messages in hand: longer than a channel takes over those that are claimed at once


@dataclass(frozen=True, slots=True)
class Checked:
    """How the check of an article ended."""

    article: Article  # as it was before
    found: Found
    change: Change | None = None
    problem: str | None = None  # why it failed, is suspect or has to wait, in a sentence
    retry_at: datetime | None = None  # of "waiting": when the host may be asked
    same_as: str | None = None  # of "same": the address that the article is followed at already

    @property
    def explained(self) -> str:
        """The problem, in a sentence that names the article."""
        return _about(self.article.url, self.problem)


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the reading of a feed brought."""

    source: Source
    new: tuple[Article, ...] = ()
    entries: int = 0
    sitemaps: tuple[Source, ...] = ()  # that an index named, and that are followed from now on
    problem: str | None = None
    retry_at: datetime | None = None  # the host has to be left alone until then

    @property
    def explained(self) -> str:
        """The problem, in a sentence that names the feed."""
        return _about(self.source.url, self.problem)


def _about(url: str, problem: str | None) -> str:
    text = problem or ""
    return text if url in text else f"{url}: {text}"


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
    on_step: Callable[[str], None] = (
        _ignore  # called after each step with its name: for tests that kill the process there
    )

    # --- an article ---

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
                response = self.fetcher.fetch(article.url, article.validators, may_follow=self.politeness.allows)
        except FetchError as error:
            return self._missing(article, error) or self._failed(article, error)
        self.on_step("fetched")
        if isinstance(response, NotModified):
            return self._unchanged(article, response.fetched_at, "not modified")
        return self._take(article, response)

    def catch_up(self, article: Article, *, tell: bool = True) -> Article:
        """Take in the captures that are in the archive and not in the catalog.

        A crash between the two writes leaves one, whose alerts were never sent; a catalog that knows nothing of the article has lost it all, and the alerts were sent.
        Of what was imported nobody is told.
        """
        tell = tell and article.archived_until is not None
        for stored in self.archive.captures(article.folder, after=article.archived_until):
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

    def take_in(self, article: Article, snapshot: Snapshot, read: Version | None = None) -> Checked:
        """Keep a capture that was made elsewhere, later than all that is known of the article; nobody is told.

        Args:
            article: As the catalog knows it now.
            snapshot: The capture.
            read: What was read in it when it was made, where that is known.

        Raises:
            ArchiveError: The archive cannot be written, or what is kept of the article cannot be read.
            CatalogError: The catalog cannot be written.
        """
        quiet = replace(self, config=replace(self.config, rules=()))
        return quiet._take(article, snapshot, read)

    def _take(self, article: Article, snapshot: Snapshot, read: Version | None = None) -> Checked:
        """Read what a server sent; keep and tell what is new."""
        latest, at, digest = article.version, snapshot.fetched_at, digest_of(snapshot.body)
        if latest and latest.snapshot.digest == digest:
            return self._unchanged(article, at, "unchanged", snapshot)
        try:
            previous = self._latest_version(article)
            if read is None and previous and self._is_as_before(article, snapshot, previous):
                return self._unchanged(article, at, "unchanged", snapshot)
        except ArchiveError as error:
            return self._unreadable(article, error)
        version = read or _version_of(snapshot)
        if latest and version and digest_of_text(version) == latest.digest:
            return self._unchanged(article, at, "unchanged", snapshot)
        capture = judge_capture(snapshot, version, previous)
        self.on_step("read")
        why = why_gone(snapshot, capture)
        if why and latest:
            return self._gone(article, snapshot, capture, why)
        if capture.suspect and article.snapshot_digest == digest:
            return self._suspect(article, at, None, capture)
        stored = self.archive.append(article.folder, snapshot, version, capture)
        self.on_step("archived")
        return self._record(article, stored, snapshot, version, capture, previous)

    def _is_as_before(self, article: Article, snapshot: Snapshot, version: Version) -> bool:
        """Prove by a quick look that the text is the latest version's; False means that only a full extraction can tell."""
        if article.version is None or article.unchanged_checks % FULL_EVERY == FULL_EVERY - 1:
            return False
        found = fingerprint(snapshot, version)
        if found is None:
            return False
        try:
            before = self.archive.read_snapshot(article.folder, article.version.snapshot)
        except ArchiveError:  # the version itself could be read: nothing stands in the way of a full extraction
            return False
        return found == fingerprint(before, version)

    def _latest_version(self, article: Article) -> Version | None:
        if article.version is None:
            return None
        read = self.archive.read_version(article.folder, article.version.snapshot)
        # A version can always be read again from its snapshot, should its own record be damaged.
        return read[0] if read else _version_of(self.archive.read_snapshot(article.folder, article.version.snapshot))

    def _record(
        self,
        article: Article,
        stored: StoredSnapshot,
        snapshot: Snapshot,
        version: Version | None,
        capture: Capture,
        previous: Version | None,
        *,
        tell: bool = True,
    ) -> Checked:
        """Bring an archived capture into the catalog, with the change that it shows and the messages about it."""
        at = stored.fetched_at
        if version is None or capture.suspect:
            return self._suspect(article, at, stored, capture)
        comparison = (
            compare_versions(previous, version, new_capture=capture, clock=time.monotonic) if previous else None
        )
        same_as = None if article.version else self._followed_as(article.url, version)
        verdict = comparison.judgement.verdict if comparison else None
        happened = self._events(article, at, snapshot, verdict) if tell else []
        self.on_step("compared")
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
            deliveries=self._messages if tell else _no_messages,
            same_as=same_as,
            happened=happened,
        )
        self.on_step("recorded")
        return Checked(article, "changed" if change else "same" if same_as else "first", change, same_as=same_as)

    def _followed_as(self, url: str, version: Version) -> str | None:
        """Find the other address that an article is followed at already, by the one that its page declares."""
        declared = canonical_url(url, version.canonical_url)
        others = [other for other in self.catalog.addresses_on(twin_hosts(declared), active=True) if other != url]
        chosen = merge_twins([declared], others)[declared]
        return chosen if declared != url and chosen in others else None

    def _messages(self, change: Change) -> Sequence[tuple[str, Message]]:
        return [(name, compose_message(change, name)) for name in channels_for(change, self.config.rules)]

    def _unchanged(self, article: Article, at: datetime, found: Found, snapshot: Snapshot | None = None) -> Checked:
        after = replace(article, unchanged_checks=article.unchanged_checks + 1, failures=0)
        due_at = next_due(after, at, self.config.schedule, self.random)
        validators = snapshot.validators if snapshot else article.validators
        happened = self._events(article, at, snapshot, None)
        self.catalog.record_unchanged(article.id, at=at, due_at=due_at, validators=validators, happened=happened)
        self.on_step("recorded")
        return Checked(article, found)

    def _events(self, article: Article, at: datetime, snapshot: Snapshot | None, verdict: Verdict | None) -> list[Told]:
        """Find what a check shows of an article as a whole, and whom to tell; `verdict` None: the text is as it was."""
        address = leads_to(snapshot) if snapshot and verdict != "different_story" else None
        found = [restored(article, at, verdict)]
        if address and article.version and address != self._known_address(article, article.version):
            found.append(moved(article, address, at))
        return [self._told(event) for event in found if event]

    def _known_address(self, article: Article, version: StoredVersion) -> str | None:
        """Find the other address that an article was last seen at."""
        told = (event.detail for event in self.catalog.events(article_id=article.id) if event.kind == "moved")
        return next(told, None) or leads_to(self.archive.read_snapshot(article.folder, version.snapshot))

    def _told(self, event: Event) -> Told:
        return event, [(name, compose_event(event, name)) for name in channels_for_event(event, self.config.rules)]

    def _missing(self, article: Article, error: FetchError) -> Checked | None:
        """Take an answer that says that there is no such article; None for any other failure."""
        if error.snapshot is None or article.version is None:
            return None
        capture = judge_capture(error.snapshot, None)
        why = why_gone(error.snapshot, capture)
        return self._gone(article, error.snapshot, capture, why) if why else None

    def _gone(self, article: Article, snapshot: Snapshot, capture: Capture, why: str) -> Checked:
        """Keep what came in place of an article that was read before, and count it; it is removed once that is confirmed."""
        at = snapshot.fetched_at
        new = article.snapshot_digest != digest_of(snapshot.body)
        stored = self.archive.append(article.folder, snapshot, None, capture) if new else None
        self.on_step("archived")
        after = replace(article, gone_checks=article.gone_checks + 1, gone_since=article.gone_since or at)
        event = removed(after, at, why, self.config.schedule)
        after = replace(after, removed_at=at) if event else after
        due_at = next_due(after, at, self.config.schedule, self.random, outcome="gone")
        problem = f"{why[0].upper()}{why[1:]}"
        happened = [self._told(event)] if event else []
        self.catalog.record_gone(article.id, at=at, due_at=due_at, error=problem, stored=stored, happened=happened)
        self.on_step("recorded")
        return Checked(article, "gone", problem=problem)

    def _suspect(self, article: Article, at: datetime, stored: StoredSnapshot | None, capture: Capture) -> Checked:
        due_at = next_due(article, at, self.config.schedule, self.random, outcome="suspect")
        self.catalog.record_suspect(article.id, at=at, due_at=due_at, stored=stored, reasons=capture.reasons)
        self.on_step("recorded")
        return Checked(article, "suspect", problem=" ".join(capture.reasons))

    def _unreadable(self, article: Article, error: ArchiveError) -> Checked:
        return self._failed(article, FetchError(str(error), url=article.url))

    def _failed(self, article: Article, error: FetchError) -> Checked:
        now = self.clock()
        after = replace(article, failures=article.failures + 1)
        outcome: Outcome = "failed" if error.transient else "refused"
        not_before = _not_before(error, now)
        due_at = next_due(after, now, self.config.schedule, self.random, outcome=outcome, not_before=not_before)
        self.catalog.record_failure(article.id, at=now, due_at=due_at, error=str(error))
        return Checked(article, "failed", problem=str(error))

    # --- what to follow ---

    def follow(
        self,
        address: str,
        kind: str | None = None,
        tags: tuple[str, ...] = (),
        *,
        links: str | None = None,
        limit: int | None = None,
    ) -> Article | Source:
        """Follow an address from now on; without a kind the server is asked for the page, to see what it is.

        A page is a section where a pattern of its links is given, and an article otherwise.

        Raises:
            AddressError: It is not an address that can be followed.
            FetchError: The server did not show what it is.
            InputError: It is an article, and a limit is given.
        """
        url = normalize_url(address)
        kind = kind or self._recognize(url)
        if kind == "article" and links:
            kind = "section"
        if kind != "article":
            return self.catalog.add_source(url, kind, now=self.clock(), tags=tags, links=links, limit=limit)[0]
        if limit:
            raise InputError(
                f"{url} is an article, of which there is no list to limit; a section page needs a pattern of its links too"
            )
        url = self._followed_twin(url)
        return self.catalog.add_article(url, article_folder(url), now=self.clock(), tags=tags)[0]

    def _followed_twin(self, url: str) -> str:
        """Find the address of an article that is followed already; the address itself where there is none, or someone has followed it before."""
        if self.catalog.article(url):
            return url
        return merge_twins([url], self.catalog.addresses_on(twin_hosts(url), active=True))[url]

    def follow_configured(self) -> list[TrackerError]:
        """Follow the `[[watch]]` tables of the configuration; what cannot be recognised now is for the next time.

        Returns:
            What went wrong.
        """
        problems: list[TrackerError] = []
        for watch in self.config.watch:
            try:
                url = normalize_url(watch.address)
                article, source = self.catalog.article(self._followed_twin(url)), self.catalog.source(url)
                known = source or article
                wanted = {"links": watch.links, "limit": watch.limit}
                other = source and any(value not in (None, getattr(source, key)) for key, value in wanted.items())
                if known is None or other or set(watch.tags) - set(known.tags):
                    kind = watch.kind or (source.kind if source else "article" if article else None)
                    self.follow(url, kind, watch.tags, links=watch.links, limit=watch.limit)
            except TrackerError as error:
                problems.append(error)
        return problems

    def _recognize(self, url: str) -> str:
        permit = self._ask(url)
        if permit.refusal:
            raise BlockedError(permit.refusal, url=url, transient=permit.transient)
        # One look at a page is no reason to keep a person waiting: a pause that is due does not hold it up.
        with self.politeness.request(url, self.clock) if not permit.wait_until else nullcontext():
            response = self.fetcher.fetch(url, accept=SITEMAPS, may_follow=self.politeness.allows)
        assert isinstance(response, Snapshot), "it was asked for without conditions"
        return recognize(response)

    def discover(self, source: Source) -> Discovered:
        """Read a feed, a sitemap or a section page now, and follow the articles in it that are new; those that it says were updated are checked sooner.

        An article that has left the feed stays followed; one that was unwatched stays so.
        """
        permit = self._ask(source.url)
        if permit.wait_until:
            return Discovered(source, problem=permit.reason, retry_at=permit.wait_until)
        try:
            if permit.refusal:
                raise BlockedError(permit.refusal, url=source.url, transient=permit.transient)
            with self.politeness.request(source.url, self.clock):
                response = self.fetcher.fetch(
                    source.url, source.validators, accept=SITEMAPS, may_follow=self.politeness.allows
                )
            listing = Listing() if isinstance(response, NotModified) else READERS[source.kind](response, source)
        except (FetchError, InputError) as error:
            return self._not_read(source, error)
        at = response.fetched_at
        listing = choose_entries(listing, source.links, source.limit)
        sitemaps = [
            self.catalog.add_source(
                child.url, "sitemap", now=at, tags=source.tags, links=source.links, limit=source.limit
            )[0]
            for child in listing.children[:MOST_CHILDREN]
            if self.catalog.source(child.url) is None  # one that was unwatched stays so
        ]
        listed = [entry.url for entry in listing.entries]
        known = self.catalog.addresses_on({host for url in listed for host in twin_hosts(url)}) if listed else []
        addresses = merge_twins(listed, known)  # one article under several addresses is followed once
        folders = {url: article_folder(url) for url in addresses.values()}
        new = self.catalog.add_articles(folders, now=at, tags=source.tags, source_id=source.id) if folders else []
        updated = {addresses[entry.url]: entry.updated_at for entry in listing.entries if entry.updated_at}
        self.catalog.bring_forward(updated, at)
        due_at = next_feed_due(replace(source, failures=0), at, self.config.schedule, self.random)
        validators = source.validators if isinstance(response, NotModified) else response.validators
        self.catalog.record_source_read(source.id, at=at, due_at=due_at, validators=validators)
        return Discovered(source, tuple(new), len(folders), tuple(sitemaps))

    def _not_read(self, source: Source, error: FetchError | InputError) -> Discovered:
        now = self.clock()
        after = replace(source, failures=source.failures + 1)
        due_at = next_feed_due(after, now, self.config.schedule, self.random, not_before=_not_before(error, now))
        self.catalog.record_source_failure(source.id, at=now, due_at=due_at, error=str(error))
        return Discovered(source, problem=str(error))

    # --- manners ---

    def _ask(self, url: str) -> Permit:
        return self.politeness.ask(url, self.clock(), self.random, self._fetch_robots)

    def _fetch_robots(self, url: str) -> Snapshot | NotModified:
        return self.fetcher.fetch(url, accept=ANYTHING)

    # --- a message ---

    def claim_deliveries(self, channel: str, limit: int) -> list[Delivery]:
        """Take messages of the outbox that are due on a channel."""
        return self.catalog.claim_deliveries(self.clock(), limit, LEASE, channel=channel)

    def deliver(self, delivery: Delivery) -> AlertError | None:
        """Send a message that was claimed, and note how that went; gives the error when it was not accepted."""
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


def _version_of(snapshot: Snapshot) -> Version | None:
    try:
        return extract_version(snapshot)
    except ExtractError:
        return None


def _no_messages(_change: Change) -> Sequence[tuple[str, Message]]:
    return []


def _not_before(error: Exception, now: datetime) -> datetime | None:
    if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
        return now + timedelta(seconds=error.retry_after_s)
    return None
