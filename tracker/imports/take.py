"""The captures of one article go into the archive, and its history is told anew.

Of captures in a row that show the same text the first and the last are kept: so the bounds of every change follow from files, and can be shown to others.
What lies between them is noted, and a capture that is kept already is not kept twice: importing again does no harm.
Nobody is alerted.

Joins the parts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tracker.archive import Archive
from tracker.capture import judge_capture
from tracker.errors import ExtractError, InputError, TrackerError
from tracker.extract import extract_version
from tracker.imports.gather import Gathered, Waiting
from tracker.models import Article, Capture, Snapshot, StoredSnapshot, StoredVersion, Version
from tracker.pipeline import Pipeline, Sighting, runs_of, shown_in
from tracker.url import article_folder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of the captures of one article."""

    address: str
    captures: int = 0
    versions: int = 0  # that are new in the catalog
    unchanged: int = 0  # they show a text that is known at that time
    suspect: int = 0  # hardly the article, or the answer that it is gone
    known: int = 0  # kept already
    renumbered: tuple[tuple[int, int], ...] = ()  # versions that were known: what their number was, and is
    problem: str | None = None  # why the rest was not taken in, in a sentence

    def and_then(self, other: TakenIn) -> TakenIn:
        """Count what was taken in of the same article after this; the numbers of versions are those of `other`."""
        return replace(
            other,
            captures=self.captures + other.captures,
            versions=self.versions + other.versions,
            unchanged=self.unchanged + other.unchanged,
            suspect=self.suspect + other.suspect,
            known=self.known + other.known,
            problem=self.problem or other.problem,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A capture that is not kept yet."""

    waiting: Waiting
    version: Version | None
    capture: Capture
    sighting: Sighting | None = None  # of a text of the article; None where it shows none


@dataclass(slots=True)
class Sorted:
    """What the captures of an article are."""

    good: list[Found] = field(default_factory=list)  # in order of time
    suspect: list[Found] = field(default_factory=list)
    known: int = 0
    noted: list[Sighting] = field(default_factory=list)  # what is told beside the captures


def take_in(pipeline: Pipeline, gathered: Gathered, url: str, *, watch: bool, step: Callable[[], None]) -> TakenIn:
    """Take the captures of an article in.

    Args:
        pipeline: The parts.
        gathered: What was gathered.
        url: The article's address; it is added where it is not known.
        watch: Follow it from now on.
        step: Called for each capture.

    Raises:
        CatalogError: The catalog cannot be written.
    """
    captures = sorted(gathered.captures[url], key=lambda one: one.stored.fetched_at)
    taken = TakenIn(url, len(captures))
    try:
        if pruning := pipeline.archive.taken_down(_folder(pipeline, url)):
            raise InputError(f"the article was {pruning}; nothing of it is taken in")
        article = pipeline.catch_up(_article(pipeline, url, captures[0].stored, watch=watch))
        before = pipeline.catalog.versions(article.id)
        sorted_out = _sort(pipeline, gathered.spool, article, captures, before, step)
        pipeline.retell(article, _keep(pipeline, gathered, article, sorted_out, before))
        after = pipeline.catalog.versions(article.id)
    except TrackerError as error:
        return replace(taken, problem=f"{url}: {error}")
    except Exception as error:
        log.exception("%s was not taken in, because of a bug", url)
        problem = (
            f"{url} could not be read because of a bug in tracker ({type(error).__name__}: {error}); please report it"
        )
        return replace(taken, problem=problem)
    new = len(after) - len(before)
    return replace(
        taken,
        versions=new,
        unchanged=max(0, len(sorted_out.good) - new),
        suspect=len(sorted_out.suspect),
        known=sorted_out.known,
        renumbered=renumbered(before, after),
    )


def _folder(pipeline: Pipeline, url: str) -> str:
    known = pipeline.catalog.article(url)
    return known.folder if known else article_folder(url)


def _article(pipeline: Pipeline, url: str, first: StoredSnapshot, *, watch: bool) -> Article:
    catalog = pipeline.catalog
    known = catalog.article(url)
    if known and (known.active or not watch):
        return known
    article, _ = catalog.add_article(url, article_folder(url), now=pipeline.clock() if watch else first.fetched_at)
    if not watch:
        catalog.deactivate(url)
    return article


def renumbered(before: Sequence[StoredVersion], after: Sequence[StoredVersion]) -> tuple[tuple[int, int], ...]:
    """List the versions that have another number than before: what it was, and is."""
    numbers = {version.id: version.number for version in after}
    pairs = ((version.number, numbers.get(version.id, version.number)) for version in before)
    return tuple((was, now) for was, now in pairs if was != now)


# --- what the captures are ------------------------------------------------------------------------


def _sort(
    pipeline: Pipeline,
    spool: Archive,
    article: Article,
    captures: Sequence[Waiting],
    known: Sequence[StoredVersion],
    step: Callable[[], None],
) -> Sorted:
    """Read the captures, and tell those that show the article from those that do not."""
    folder = article_folder(article.url)
    kept = {(stored.fetched_at, stored.digest) for stored in pipeline.archive.captures(article.folder)}
    found = Sorted()
    last: tuple[str, Version | None] = "", None  # a page that is as the one before is not read again
    for waiting in captures:
        stored, told = waiting.stored, spool.read_version(folder, waiting.stored)
        if told and waiting.last_seen_at and waiting.last_seen_at > stored.fetched_at:
            found.noted.append(Sighting(waiting.last_seen_at, shown_in(told[0])))
        if (stored.fetched_at, stored.digest) in kept:
            found.known += 1
        else:
            kept.add((stored.fetched_at, stored.digest))
            snapshot = spool.read_snapshot(folder, stored)
            version = told[0] if told else last[1] if last[0] == stored.digest else _version_of(snapshot)
            last = stored.digest, version
            previous = _previous(pipeline, article, found, known, stored)
            judged = told[1] if told and waiting.is_judged else judge_capture(snapshot, version, previous)
            _sort_in(found, waiting, version, judged)
        step()
    return found


def _version_of(snapshot: Snapshot) -> Version | None:
    try:
        return extract_version(snapshot)
    except ExtractError:
        return None


def _previous(
    pipeline: Pipeline, article: Article, found: Sorted, known: Sequence[StoredVersion], stored: StoredSnapshot
) -> Version | None:
    """Find the text that stood there before a capture."""
    older = [version for version in known if version.snapshot.fetched_at <= stored.fetched_at]
    latest = found.good[-1] if found.good else None
    if older and (latest is None or latest.waiting.stored.fetched_at < older[-1].snapshot.fetched_at):
        read = pipeline.archive.read_version(article.folder, older[-1].snapshot)
        return read[0] if read else None
    return latest.version if latest else None


def _sort_in(found: Sorted, waiting: Waiting, version: Version | None, capture: Capture) -> None:
    stored = waiting.stored
    if version is None or capture.suspect or not 200 <= stored.status < 300:
        found.suspect.append(Found(waiting, version, capture))
        return
    previous = found.good[-1].version if found.good else None
    if previous == version:
        version = previous  # many captures of one text shall not take the room of many texts
    assert version
    found.good.append(Found(waiting, version, capture, Sighting(stored.fetched_at, shown_in(version), stored)))


# --- into the archive -----------------------------------------------------------------------------


def _keep(
    pipeline: Pipeline, gathered: Gathered, article: Article, found: Sorted, known: Sequence[StoredVersion]
) -> list[Sighting]:
    """Keep what has to be kept, in order of time; gives what is to be noted only."""
    there = pipeline.sightings(article, pipeline.archive.captures(article.folder), known)
    new = [one.sighting for one in found.good if one.sighting]
    ends = {id(end) for run in runs_of([*there, *new]) for end in (run.sightings[0], run.sightings[-1])}
    if gathered.keep_all:
        ends |= set(map(id, new))
    wanted = [*(one for one in found.good if id(one.sighting) in ends), *found.suspect]
    last = ""  # the page before, where it was suspect
    for one in sorted(wanted, key=lambda one: one.waiting.stored.fetched_at):
        stored = one.waiting.stored
        if one.sighting or stored.digest != last:
            snapshot = gathered.spool.read_snapshot(article_folder(article.url), stored)
            pipeline.archive.append(article.folder, snapshot, one.version, one.capture)
        last = "" if one.sighting else stored.digest
    return [*found.noted, *(replace(one, stored=None) for one in new if id(one) not in ends)]
