"""What a check showed goes into the catalog, with the change, the events and the messages about them, and the next due time.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from tracker.alert.telling import messages_about, messages_about_event
from tracker.archive.warc import digest_of
from tracker.catalog.checks import Seen
from tracker.catalog.events import Told
from tracker.catalog.variants import InTurn
from tracker.catalog.words import text_to_index
from tracker.errors import ArchiveError, BlockedError, FetchError
from tracker.fate import leads_to, moved, removed, restored, reused
from tracker.models import (
    Article,
    Capture,
    Change,
    Event,
    Message,
    Snapshot,
    StoredSnapshot,
    StoredVersion,
    Verdict,
    Version,
)
from tracker.pipeline.keep import Keeping
from tracker.pipeline.parts import Checked, Found, not_before_of
from tracker.reading import Reading, compare, version_of
from tracker.schedule import Outcome
from tracker.text import digest_of_text
from tracker.url import canonical_url, merge_twins, twin_hosts


class Recording(Keeping):
    """The part of the pipeline that records how a check ended."""

    __slots__ = ()

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
        read: Reading | None = None,
        old: StoredVersion | None = None,
        in_turn: InTurn | None = None,
        also: Sequence[Event] = (),
        quietly: Sequence[Event] = (),
    ) -> Checked:
        """Bring an archived capture into the catalog, with the change that it shows and the messages about it.

        Args:
            article: As it was before the check.
            stored: Where the capture is.
            snapshot: What was sent.
            version: What was read in it.
            capture: Whether it is the article.
            previous: The text to compare it with.
            tell: Send messages.
            read: What was found out about the capture when it was read, with `previous`; None: it is found out now.
            old: The version that `previous` is the text of; None: the latest.
            in_turn: What the text is among those that are served in turn.
            also: What else was found out, and is told.
            quietly: The same, told only to those whom the change is not told.
        """
        at = stored.fetched_at
        if version is None or capture.suspect:
            return self._suspect(article, at, stored, capture)
        comparison = read.comparison if read else None
        if previous and comparison is None:
            comparison = self.compute(compare, previous, version, capture)
        same_as = None if article.version else self._followed_as(article.url, version)
        declared = canonical_url(article.url, version.canonical_url)
        declares = declared if declared != article.url else None
        verdict = comparison.judgement.verdict if comparison else None
        happened = self._events(article, at, snapshot, verdict, version.headline) if tell else []
        happened += [*map(self._told, also), *((event, ()) for event in quietly)]
        self.on_step("compared")
        after = replace(article, unchanged_checks=0, failures=0, changed_at=at)
        _, change = self.catalog.record_version(
            article.id,
            at=at,
            due_at=self.due(after, at, changed=True),
            stored=stored,
            digest=(read and read.digest) or digest_of_text(version),
            headline=version.headline,
            updated_at=version.updated_at,
            validators=snapshot.validators,
            fingerprint=read.fingerprint if read else None,
            comparison=comparison,
            deliveries=partial(self._messages, beside=quietly)
            if tell and not _is_of_variants(in_turn)
            else _no_messages,
            same_as=same_as,
            happened=happened,
            old=old,
            in_turn=in_turn,
            canonical=declares,
            words=text_to_index(version.headline, version.paragraphs),
        )
        self.on_step("recorded")
        if article.version is None and declares:
            recorded = self.catalog.article_by_id(article.id)  # that another one declares the same is found out there
            same_as = recorded.same_as if recorded else None
        return Checked(article, "changed" if change else "same" if same_as else "first", change, same_as=same_as)

    def _text(self, article: Article, stored: StoredVersion) -> Version | None:
        """Read what a version says; None where nothing can be read in its snapshot."""
        read = self.archive.read_version(article.folder, stored.snapshot)
        # A version can always be read again from its snapshot, should its own record be damaged.
        if read:
            return read[0]
        return self.compute(version_of, self.archive.read_snapshot(article.folder, stored.snapshot))

    def _followed_as(self, url: str, version: Version) -> str | None:
        """Find the other address that an article is followed at already, by the one that its page declares."""
        declared = canonical_url(url, version.canonical_url)
        others = [other for other in self.catalog.addresses_on(twin_hosts(declared), active=True) if other != url]
        chosen = merge_twins([declared], others)[declared]
        return chosen if declared != url and chosen in others else None

    def _messages(self, change: Change, beside: Sequence[Event] = ()) -> Sequence[tuple[str, Message]]:
        """Write the messages about a change, and about events beside it for those channels that are not told of the change."""
        messages = messages_about(change, self.config, self._feed_of(change.article_url))
        names = [name for name, _ in messages]
        others = [one for event in beside for one in self._told(event)[1] if one[0] not in names]
        return [*messages, *others]

    def _feed_of(self, url: str) -> str | None:
        """Find the feed that an article was found in, if a rule asks for feeds."""
        asked = any("://" in source for rule in self.config.rules for source in rule.all_sources)
        return self.catalog.source_of(url) if asked else None

    def _unchanged(
        self,
        article: Article,
        at: datetime,
        found: Found,
        snapshot: Snapshot | None = None,
        fingerprint: str | None = None,
    ) -> Checked:
        after = replace(article, unchanged_checks=article.unchanged_checks + 1, failures=0)
        due_at = self.due(after, at)
        validators = snapshot.validators if snapshot else article.validators
        happened = self._events(article, at, snapshot, None)
        stored = self._keep_unchanged(article, snapshot) if snapshot else None
        if happened or stored:
            self.on_step("archived")
            self.catalog.record_unchanged(
                article.id, at=at, due_at=due_at, validators=validators, happened=happened, stored=stored
            )
        else:
            self.note(Seen(article.id, at, due_at, validators, fingerprint))
        self.on_step("recorded")
        return Checked(article, found)

    def _events(
        self,
        article: Article,
        at: datetime,
        snapshot: Snapshot | None,
        verdict: Verdict | None,
        headline: str | None = None,
    ) -> list[Told]:
        """Find what a check shows of an article as a whole, and whom to tell; `verdict` None: the text is as it was."""
        address = leads_to(snapshot) if snapshot and verdict != "different_story" else None
        found = [restored(article, at, verdict) or reused(article, at, verdict, headline)]
        if address and article.version and address != self._known_address(article, article.version):
            found.append(moved(article, address, at))
        return [self._told(event) for event in found if event]

    def _known_address(self, article: Article, version: StoredVersion) -> str | None:
        """Find the other address that an article was last seen at."""
        told = (event.detail for event in self.catalog.events(article_id=article.id) if event.kind == "moved")
        return next(told, None) or leads_to(self.archive.read_snapshot(article.folder, version.snapshot))

    def _told(self, event: Event) -> Told:
        return event, messages_about_event(event, self.config, self._feed_of(event.article_url))

    def _gone(self, article: Article, snapshot: Snapshot, capture: Capture, why: str) -> Checked:
        """Keep what came in place of an article that was read before, and count it; it is removed once that is confirmed."""
        at = snapshot.fetched_at
        new = article.snapshot_digest != digest_of(snapshot.body)
        stored = self.archive.append(article.folder, snapshot, None, capture) if new else None
        self.on_step("archived")
        after = replace(article, gone_checks=article.gone_checks + 1, gone_since=article.gone_since or at)
        event = removed(after, at, why, self.config.schedule)
        after = replace(after, removed_at=at) if event else after
        due_at = self.due(after, at, outcome="gone")
        problem = f"{why[0].upper()}{why[1:]}"
        happened = [self._told(event)] if event else []
        self.catalog.record_gone(article.id, at=at, due_at=due_at, error=problem, stored=stored, happened=happened)
        self.on_step("recorded")
        return Checked(article, "gone", problem=problem)

    def _suspect(self, article: Article, at: datetime, stored: StoredSnapshot | None, capture: Capture) -> Checked:
        due_at = self.due(article, at, outcome="suspect")
        self.catalog.record_suspect(article.id, at=at, due_at=due_at, stored=stored, reasons=capture.reasons)
        self.on_step("recorded")
        return Checked(article, "suspect", problem=" ".join(capture.reasons))

    def _unreadable(self, article: Article, error: ArchiveError) -> Checked:
        return self._failed(article, FetchError(str(error), url=article.url))

    def _failed(self, article: Article, error: FetchError) -> Checked:
        now = self.clock()
        after = replace(article, failures=article.failures + 1)
        outcome: Outcome = "failed" if error.transient else "refused"
        not_before = not_before_of(error, now)
        due_at = self.due(after, now, outcome=outcome, not_before=not_before)
        self.catalog.record_failure(article.id, at=now, due_at=due_at, error=str(error))
        return Checked(article, "failed", problem=str(error), unanswered=_is_unanswered(error))


def _is_unanswered(error: FetchError) -> bool:
    """Say whether a server was asked in vain, for the page or its robots.txt: that is our network's fault, or its own."""
    asked = error.__cause__ is not None or isinstance(error, BlockedError)
    return asked and error.transient and error.status is None


def _is_of_variants(in_turn: InTurn | None) -> bool:
    return in_turn is not None and in_turn.alternating


def _no_messages(_change: Change) -> Sequence[tuple[str, Message]]:
    return []
