"""The history of an article as its captures tell it, whatever order they were kept in.

An archive's file is only ever appended to, so what is imported stands behind what was kept before, whenever it was taken.
What counts for the history is the time of the capture alone:

- Captures are taken in order of (time, file, place in the file).  A run of captures with the same text is one version, and the first of the run is its capture.
  A suspect capture, or one in which no text was read, is no version and ends no run.
- A version was last seen at the last capture or note (a check that found nothing new) that shows its text before another text was captured.
- Each version is compared with the one before it in time.  Where both are as they were, what was said of them stays.
- Versions are numbered in order of time, so that an import of older captures gives new numbers to those that were known; their rows, and the changes that led to them, keep theirs.

So the catalog says the same whether captures came one by one, were imported later, or all of it is rebuilt from the files.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.catalog import Chapter
from tracker.catalog.words import text_to_index
from tracker.errors import ArchiveError
from tracker.models import Article, Capture, StoredSnapshot, StoredVersion, Version
from tracker.pipeline.parts import Parts
from tracker.reading import compare
from tracker.text import digest_of_text


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, as far as it takes to tell whether another is the same."""

    digest: str
    bare: str  # digest of the text without its links
    has_links: bool

    def is_same(self, other: Shown) -> bool:
        """Whether a reader is given the same; links count where they were read on both sides."""
        return self.digest == other.digest or (self.bare == other.bare and not (self.has_links and other.has_links))


def shown_in(version: Version) -> Shown:
    """Say which text a version is."""
    bare = digest_of_text(replace(version, links=None))
    return Shown(digest_of_text(version), bare, version.links is not None)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A moment at which an article showed a text."""

    at: datetime
    shown: Shown
    stored: StoredSnapshot | None = None  # None: noted, without a capture that was kept

    @property
    def order(self) -> tuple[datetime, bool, str, int]:
        """What sightings are sorted by; a note comes after a capture of the same moment."""
        stored = self.stored
        return self.at, stored is None, stored.file if stored else "", stored.offset if stored else 0


@dataclass(slots=True)
class Run:
    """Sightings of one text in a row; a capture is the first of them."""

    shown: Shown
    sightings: list[Sighting]

    @property
    def captures(self) -> list[StoredSnapshot]:
        """The captures among them, in order."""
        return [one.stored for one in self.sightings if one.stored]

    @property
    def last_seen_at(self) -> datetime:
        """When the text was seen last."""
        return self.sightings[-1].at


def runs_of(sightings: Iterable[Sighting]) -> list[Run]:
    """Bring sightings into the order of time, and those of the same text in a row together."""
    runs: list[Run] = []
    for one in sorted(sightings, key=lambda one: one.order):
        if runs and runs[-1].shown.is_same(one.shown):
            runs[-1].sightings.append(one)
            if one.shown.has_links:
                runs[-1].shown = one.shown
        elif one.stored:
            runs.append(Run(one.shown, [one]))
    return runs


class Retelling(Parts):
    """The part of the pipeline that tells histories."""

    __slots__ = ()

    def retell(self, article: Article, noted: Sequence[Sighting] = (), *, again: bool = False) -> Article:
        """Write the history of an article anew from all that is kept of it; nobody is told.

        Args:
            article: As the catalog knows it.
            noted: Sightings that were not kept.
            again: Compare everything anew, also what is as it was.

        Raises:
            ArchiveError: A capture cannot be read.
            CatalogError: The catalog cannot be written.
        """
        captures = self.archive.captures(article.folder)
        if not captures or self.archive.taken_down(article.folder):
            return article
        recorded = self.catalog.versions(article.id)
        known = _as_kept(recorded, captures)
        runs = runs_of([*noted, *self.sightings(article, captures, known)])
        last = captures[-1]
        indexed = {version.id: version.snapshot for version in recorded}
        chapters = list(_chapters(self, article, known, runs, indexed, again=again))
        self.catalog.retell(article.id, chapters, (last.file, last.offset + last.length))
        return self.catalog.article_by_id(article.id) or article

    def sightings(
        self, article: Article, captures: Sequence[StoredSnapshot], known: Sequence[StoredVersion]
    ) -> list[Sighting]:
        """List when an article showed which text, as far as it is kept or noted in the catalog.

        Of our own captures the catalog has decided already which are versions: the others are notes, unless they were read again.
        """
        found: list[Sighting] = []
        for version in known:
            shown = self._shown(article, version.snapshot)
            if shown is None and version.snapshot.reading:
                continue  # a later reading found no article in it
            shown = shown or Shown(version.digest, version.digest, has_links=True)
            found.append(Sighting(version.snapshot.fetched_at, shown, version.snapshot))
            found.append(Sighting(version.last_seen_at, shown))
        of_versions = {version.snapshot.id for version in known}
        for stored in captures:
            shown_here = None if stored.id in of_versions else self._shown(article, stored)
            if shown_here:
                decided = stored.origin is None and stored.reading is None and _is_known(article, stored)
                found.append(Sighting(stored.fetched_at, shown_here, None if decided else stored))
        return found

    def _shown(self, article: Article, stored: StoredSnapshot) -> Shown | None:
        """Read which text a capture shows; None where it is none of the article."""
        read = self.archive.read_version(article.folder, stored)
        return shown_in(read[0]) if read and not read[1].suspect else None


def _as_kept(known: Sequence[StoredVersion], captures: Sequence[StoredSnapshot]) -> list[StoredVersion]:
    """Put in what the archive says of the captures of versions: some may have been read again."""
    by_id = {stored.id: stored for stored in captures}
    return [replace(version, snapshot=by_id.get(version.snapshot.id, version.snapshot)) for version in known]


def _is_known(article: Article, stored: StoredSnapshot) -> bool:
    return article.archived_until is not None and (stored.file, stored.offset) < article.archived_until


def is_in_order(article: Article, captures: Sequence[StoredSnapshot]) -> bool:
    """Whether captures can be recorded one after the other: none that was imported belongs before another, or before what is known."""
    if not any(stored.origin for stored in captures):
        return True
    times = [stored.fetched_at for stored in captures]
    if article.version:
        times.insert(0, article.version.last_seen_at)
    return times == sorted(times)


def _chapters(
    parts: Parts,
    article: Article,
    known: Sequence[StoredVersion],
    runs: Sequence[Run],
    indexed: Mapping[int, StoredSnapshot],
    *,
    again: bool,
) -> Iterator[Chapter]:
    """Make the versions of a history; what is known of one whose neighbours are as before is not read again."""
    rows = {version.snapshot.id: version for version in known}
    neighbours = {(old.id, new.id) for old, new in zip([None, *known], known, strict=False) if old}
    found = [next((rows[stored.id] for stored in run.captures if stored.id in rows), None) for run in runs]
    text: Version | None = None  # of the version before, where it was read
    for number, (run, row) in enumerate(zip(runs, found, strict=True)):
        stored = run.captures[0]
        before = found[number - 1] if number else None
        after = found[number + 1] if number + 1 < len(runs) else None
        is_as_before = not again and row is not None and before is not None and (before.id, row.id) in neighbours
        previous, text = text, None
        is_other = row is not None and indexed[row.id].reading != stored.reading
        if row is None or row.snapshot.id != stored.id or is_other or not (is_as_before or number == 0):
            text, judged = _read(parts, article, stored)
        comparison = None
        if number and not is_as_before:
            assert text
            old = previous or _read(parts, article, runs[number - 1].captures[0])[0]
            comparison = parts.compute(compare, old, text, judged)
        is_last = number + 1 == len(runs)
        is_followed = row is not None and (is_last or (after is not None and (row.id, after.id) in neighbours))
        yield Chapter(
            stored=stored,
            digest=row.digest if row and not stored.reading else run.sightings[0].shown.digest,
            headline=text.headline if text else row.headline if row else None,
            updated_at=text.updated_at if text else row.updated_at if row else None,
            last_seen_at=max(run.last_seen_at, row.last_seen_at) if row and is_followed else run.last_seen_at,
            known=row.id if row else None,
            comparison=comparison,
            words=_words(text) if text and (row is None or is_other) else None,
            words_before=_words(_read(parts, article, indexed[row.id])[0]) if row and is_other else None,
        )


def _words(version: Version) -> str:
    return text_to_index(version.headline, version.paragraphs)


def _read(parts: Parts, article: Article, stored: StoredSnapshot) -> tuple[Version, Capture]:
    read = parts.archive.read_version(article.folder, stored)
    if read is None:
        raise ArchiveError(f"the version of {stored.id} of {article.url} cannot be read; `tracker verify` says more")
    return read
