"""Texts that an address serves in turn: a second look at what may be one of them, and the count of those that are.

Every text that is new is archived before the page is asked for again, so that a crash costs no capture: it is then taken in as the change that it looks like.

Joins the parts.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tracker.catalog.variants import InTurn
from tracker.errors import FetchError
from tracker.fate import alternating, settled_on
from tracker.models import Article, Capture, Event, Snapshot, StoredSnapshot, StoredVersion, Variant, Version
from tracker.pipeline.parts import Checked, Found
from tracker.pipeline.record import Recording
from tracker.reading import Reading, judge, version_of
from tracker.text import digest_of_text
from tracker.variants import (
    LOOKS_TO_MEASURE,
    SECOND_LOOKS,
    counted,
    do_alternate,
    marks_of,
    may_alternate,
    name_of,
    nearest,
    settled,
    shares,
    variant_of,
)

PATIENCE_S: Final = 5.0  # with the host, before another look; whoever asks for more is looked at by the next checks


@dataclass(frozen=True, slots=True)
class Look:
    """A good capture, and the text that was read in it."""

    snapshot: Snapshot
    version: Version
    capture: Capture
    read: Reading | None = None  # beside the latest text

    @property
    def digest(self) -> str:
        """Of the text."""
        return digest_of_text(self.version)


class Alternating(Recording):
    """The part of the pipeline that tells an edit from a variant."""

    __slots__ = ()

    def _in_turn(self, article: Article, look: Look, previous: Version) -> Checked | None:
        """Take a text that is not the latest and may be one of several that are served in turn; None for an ordinary change."""
        assert article.version is not None
        variants = self.catalog.variants(article.id) if article.alternates else []
        known = next((one.version for one in variants if one.version.digest == look.digest), None)
        if known:
            return self._seen(article, known, look.snapshot)
        variant = variant_of(look.version, previous, variants)
        if variant:
            return self._keep(article, look, None, InTurn((look.digest,), in_place_of=variant.version))
        texts = [self._text(article, one.version) or previous for one in variants] or [previous]
        old = nearest(look.version, texts)
        before = variants[old].version if variants else article.version
        earlier = self.catalog.version_of_text(article.id, look.digest)
        if may_alternate(texts[old], look.version, earlier, look.snapshot.fetched_at):
            return self._look_again(article, look, variants, before, texts[old], earlier)
        if variants:
            edited = InTurn((look.digest,), in_place_of=before, alternating=False)
            return self._keep(article, look, texts[old], edited, old=before)
        return None

    def _unchanged(
        self,
        article: Article,
        at: datetime,
        found: Found,
        snapshot: Snapshot | None = None,
        fingerprint: str | None = None,
    ) -> Checked:
        if article.alternates and article.version and snapshot:
            return self._seen(article, article.version, snapshot)
        return super()._unchanged(article, at, found, snapshot, fingerprint)

    # --- another look ---

    def _look_again(
        self,
        article: Article,
        first: Look,
        variants: Sequence[Variant],
        before: StoredVersion,
        before_text: Version,
        earlier: StoredVersion | None,
    ) -> Checked:
        """Fetch the page a few times more, and record what that shows: an edit, or texts that alternate."""
        assert article.version is not None
        stored = None if earlier else self.archive.append(article.folder, first.snapshot, first.version, first.capture)
        self.on_step("archived")
        standing = [one.version for one in variants] or [article.version]
        known = [one.digest for one in standing]
        looks = [first]
        while len(looks) < (LOOKS_TO_MEASURE if _alternate(known, looks) else SECOND_LOOKS + 1):
            look = self._look(article, before_text)
            if look is None:
                break
            looks.append(look)
        if not _alternate(known, looks):
            over = InTurn((first.digest,), alternating=False, over=True) if variants else None
            stored = stored or self.archive.append(article.folder, first.snapshot, first.version, first.capture)
            read = None if variants else first.read
            capture = (first.snapshot, first.version, first.capture)
            return self._record(article, stored, *capture, before_text, read=read, old=before, in_turn=over)
        return self._begin(article, looks, variants, standing, before, before_text, stored)

    def _begin(
        self,
        article: Article,
        looks: Sequence[Look],
        variants: Sequence[Variant],
        standing: Sequence[StoredVersion],
        before: StoredVersion,
        before_text: Version,
        stored: StoredSnapshot | None,
    ) -> Checked:
        """Record and tell that texts alternate, or that one more does.

        Args:
            article: Whose.
            looks: Of this check.
            variants: Those that are known to alternate.
            standing: The versions of these; the latest, where none is known.
            before: The one of these that is nearest to the text of the first look.
            before_text: What it says.
            stored: Where the first look is archived; None: its text was a version already.
        """
        assert article.version is not None
        first, latest, seen = looks[0], article.version.number, self._numbered(article, looks)
        rows = {one.digest: (one.number, one.headline, 0) for one in standing}
        rows |= {one.version.digest: (one.version.number, one.version.headline, one.looks) for one in variants}
        for digest, (number, headline, n) in seen.items():
            rows[digest] = (number, headline, n + (rows[digest][2] if digest in rows else 0))
        told = shares([row for row in rows.values() if row[2]])
        event = alternating(article, told, first.snapshot.fetched_at, looks[-1].snapshot.fetched_at)
        texts = {before.digest: before_text} | {look.digest: look.version for look in looks}
        marks = dict(zip(texts, marks_of(list(texts.values())), strict=True))
        others = {look.digest: look for look in reversed(looks) if seen[look.digest][0] > latest}
        others.pop(first.digest, None)
        counted_now = tuple(look.digest for look in looks if look.digest not in others)
        in_turn = InTurn(counted_now, before=standing[0], marks=marks)
        if stored is None:
            self._count(article, in_turn, looks[-1].snapshot, [event])
        else:
            self._record(
                article, stored, first.snapshot, first.version, first.capture, before_text,
                old=before, in_turn=in_turn, also=[event],
            )  # fmt: skip
        for digest in sorted(others, key=lambda digest: seen[digest][0]):
            self._keep(article, others[digest], None, InTurn((digest,) * seen[digest][2], marks=marks))
        return Checked(article, "variant")

    def _look(self, article: Article, previous: Version) -> Look | None:
        """Fetch the page once more; None where that cannot be done now, or shows something else than the article."""
        if not self._await_turn(article.url):
            return None
        try:
            with self.politeness.request(article.url, self.clock):
                snapshot = self.fetcher.fetch(article.url, may_follow=self.politeness.allows)
            assert isinstance(snapshot, Snapshot), "it was asked for without conditions"
        except FetchError:
            return None
        version = self.compute(version_of, snapshot)
        if version is None:
            return None
        capture = self.compute(judge, snapshot, version, previous)
        return None if capture.suspect else Look(snapshot, version, capture)

    def _await_turn(self, url: str) -> bool:
        """Wait until the host may be asked again, unless that takes long."""
        for _ in range(3):  # another article of the host can come first
            permit = self._ask(url)
            if permit.wait_until is None:
                return permit.refusal is None
            wait_s = (permit.wait_until - self.clock()).total_seconds()
            if wait_s > PATIENCE_S:
                return False
            time.sleep(max(wait_s, 0))
        return False

    def _numbered(self, article: Article, looks: Sequence[Look]) -> dict[str, tuple[int, str | None, int]]:
        """Give for each text that was seen the number that its version has or will have, its headline, and how often it was seen."""
        assert article.version is not None
        next_number = article.version.number + 1
        found: dict[str, tuple[int, str | None, int]] = {}
        for look in looks:
            known = self.catalog.version_of_text(article.id, look.digest)
            number, _, n = found.get(look.digest, (known.number if known else next_number, None, 0))
            found[look.digest] = (number, look.version.headline, n + 1)
            next_number += number == next_number
        return found

    # --- counting ---

    def _seen(self, article: Article, seen: StoredVersion, snapshot: Snapshot) -> Checked:
        """Count a look at one of the texts that alternate; they no longer do once the others would have been seen again."""
        variants = counted(self.catalog.variants(article.id), seen.digest)
        last = settled(variants)
        if last is None:
            return self._count(article, InTurn((seen.digest,)), snapshot, [])
        first, text = variants[0].version, self._text(article, seen)
        if text is None:
            return self._count(article, InTurn((seen.digest,)), snapshot, [])
        look = Look(snapshot, text, Capture())
        others = max(one.version.last_seen_at for one in variants if one.version.id != seen.id)
        name = name_of(seen.number, seen.headline)
        event = settled_on(article, f"{name}, seen in {last.in_a_row} looks in a row", others, snapshot.fetched_at)
        over = InTurn((seen.digest,), alternating=False, over=True)
        if first.digest == seen.digest:
            return self._keep(article, look, None, over, also=[event])
        return self._keep(article, look, self._text(article, first), over, old=first, quietly=[event])

    def _count(self, article: Article, in_turn: InTurn, snapshot: Snapshot, also: Sequence[Event]) -> Checked:
        at = snapshot.fetched_at
        happened = [*self._events(article, at, snapshot, None), *map(self._told, also)]
        self.catalog.record_unchanged(
            article.id,
            at=at,
            due_at=self.due(article, at),
            validators=snapshot.validators,
            happened=happened,
            in_turn=in_turn,
        )
        self.on_step("recorded")
        return Checked(article, "variant")

    def _keep(
        self,
        article: Article,
        look: Look,
        previous: Version | None,
        in_turn: InTurn,
        *,
        old: StoredVersion | None = None,
        also: Sequence[Event] = (),
        quietly: Sequence[Event] = (),
    ) -> Checked:
        """Archive and record a text as a version, with the change from `previous`, where that is one.

        Args:
            article: Whose.
            look: The text.
            previous: What to compare it with; None: there is nothing to be said of it.
            in_turn: What it is among those that alternate.
            old: The version of `previous`.
            also: Events to tell.
            quietly: Events to tell only those whom the change is not told.
        """
        stored = self.archive.append(article.folder, look.snapshot, look.version, look.capture)
        self.on_step("archived")
        checked = self._record(
            article, stored, look.snapshot, look.version, look.capture, previous,
            old=old, in_turn=in_turn, also=also, quietly=quietly,
        )  # fmt: skip
        return checked if checked.change else Checked(article, "variant")


def _alternate(known: Sequence[str], looks: Sequence[Look]) -> bool:
    return do_alternate([*known, *(look.digest for look in looks)])
