"""Captures that others made, taken into the archive in order of time.

They are gathered first, on the disk, because no file need be in order and a page may be in several.
What is taken in goes the way of everything that is fetched: a capture that says nothing new becomes the moment until which its version was seen.

Joins the parts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from tracker.archive import Archive, Disk, Imported, Skipped, read_warc
from tracker.errors import AddressError, ArchiveError, InputError, TrackerError
from tracker.models import Article, Capture, StoredSnapshot
from tracker.pipeline import Pipeline
from tracker.url import article_folder, normalize_url

log = logging.getLogger(__name__)

PAGES: Final = ("text/html", "application/xhtml+xml")
MOST_PROBLEMS: Final = 20  # that are named of a file; a hostile one has millions


class LooseDisk(Disk):
    """A disk for what may be lost."""

    def fsync(self, descriptor: int) -> None:
        """Do not wait."""


@dataclass(slots=True)
class Gathered:
    """What files hold, by article."""

    spool: Archive
    now: datetime  # what is dated later is left out: nothing that comes after it could be told from older
    captures: dict[str, list[StoredSnapshot]] = field(default_factory=dict)  # by address
    passed_over: int = 0  # what is no page of an article that is wanted: pictures, redirects, errors

    @property
    def count(self) -> int:
        """Count the captures."""
        return sum(map(len, self.captures.values()))


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of the captures of one article."""

    address: str
    captures: int = 0
    versions: int = 0  # that are new in the catalog
    unchanged: int = 0
    suspect: int = 0  # hardly the article, or the answer that it is gone
    older: int = 0  # not later than what is kept already, and left out
    problem: str | None = None  # why the rest was not taken in, in a sentence


def gather(
    gathered: Gathered, path: Path, *, only: frozenset[str], as_address: str | None, step: Callable[[], None]
) -> Iterator[str]:
    """Read a file.

    Args:
        gathered: Gets what is in it.
        path: A .warc, .warc.gz or .warc.zst.
        only: Normalised addresses that are wanted; all where there are none.
        as_address: The article that all pages in it are captures of.
        step: Called for each capture.

    Yields:
        Sentences: what had to be left out.
    """
    problems = 0
    try:
        for item in read_warc(path):
            reason = _why_not(item, gathered.now)
            if reason:
                problems += 1
                if problems <= MOST_PROBLEMS:
                    yield f"{path}{reason}"
            elif isinstance(item, Imported):
                _keep(gathered, item, path, only, as_address)
                step()
    except (InputError, ArchiveError) as error:
        yield str(error)
    if problems > MOST_PROBLEMS:
        yield f"{path}: {problems - MOST_PROBLEMS:,} more of the kind"


def _why_not(item: Imported | Skipped, now: datetime) -> str | None:
    if isinstance(item, Skipped):
        return f", byte {item.offset}: {item.reason}"
    if item.snapshot.fetched_at > now:
        return f": the capture of {item.snapshot.url[:200]} is dated {item.snapshot.fetched_at:%Y-%m-%d %H:%M}, which is yet to come"
    return None


def _keep(gathered: Gathered, item: Imported, path: Path, only: frozenset[str], as_address: str | None) -> None:
    url = _address_of(item, as_address)
    if url is None or (only and url not in only):
        gathered.passed_over += 1
        return
    snapshot = item.snapshot
    origin = path.name if url == _normal(snapshot.url) else f"{path.name}, where it is {snapshot.url}"
    snapshot = replace(snapshot, origin=snapshot.origin or origin)
    if as_address:
        snapshot = replace(snapshot, url=url, final_url="", redirects=())
    stored = gathered.spool.append(article_folder(url), snapshot, item.version, item.capture or Capture())
    gathered.captures.setdefault(url, []).append(stored)


def _address_of(item: Imported, as_address: str | None) -> str | None:
    """Say which article a capture is one of; None where it is no page."""
    snapshot = item.snapshot
    kind = (snapshot.header("Content-Type") or PAGES[0]).partition(";")[0].strip().lower()
    if not item.is_ours and (not 200 <= snapshot.status < 300 or kind not in PAGES or not snapshot.body.strip()):
        return None
    return as_address or _normal(snapshot.url)


def _normal(address: str) -> str | None:
    try:
        return normalize_url(address) if address.startswith(("http://", "https://")) else None
    except AddressError:
        return None


# --- into the archive -----------------------------------------------------------------------------


def take_in(pipeline: Pipeline, gathered: Gathered, url: str, *, watch: bool, step: Callable[[], None]) -> TakenIn:
    """Take the captures of an article in; nobody is told.

    Args:
        pipeline: The parts.
        gathered: What was gathered.
        url: The article's address; it is added where it is not known.
        watch: Follow it from now on.
        step: Called for each capture.

    Raises:
        CatalogError: The catalog cannot be written.
    """
    captures = sorted(gathered.captures[url], key=lambda stored: stored.fetched_at)
    taken = TakenIn(url, len(captures))
    try:
        article = pipeline.catch_up(_article(pipeline, url, captures[0], watch=watch))
        for stored in captures:
            taken = _take_one(pipeline, gathered.spool, article, stored, taken)
            article = pipeline.catalog.article_by_id(article.id) or article
            step()
    except TrackerError as error:
        return replace(taken, problem=f"{url}: {error}")
    except Exception as error:
        log.exception("%s was not taken in, because of a bug", url)
        problem = (
            f"{url} could not be read because of a bug in tracker ({type(error).__name__}: {error}); please report it"
        )
        return replace(taken, problem=problem)
    return taken


def _article(pipeline: Pipeline, url: str, first: StoredSnapshot, *, watch: bool) -> Article:
    catalog = pipeline.catalog
    known = catalog.article(url)
    if known and (known.active or not watch):
        return known
    article, _ = catalog.add_article(url, article_folder(url), now=pipeline.clock() if known else first.fetched_at)
    if not watch:
        catalog.deactivate(url)
    return article


def _take_one(pipeline: Pipeline, spool: Archive, article: Article, stored: StoredSnapshot, taken: TakenIn) -> TakenIn:
    if article.version and stored.fetched_at <= article.version.last_seen_at:
        return replace(taken, older=taken.older + 1)
    folder = article_folder(article.url)
    read = spool.read_version(folder, stored)
    checked = pipeline.take_in(article, spool.read_snapshot(folder, stored), read[0] if read else None)
    match checked.found:
        case "first" | "same" | "changed":
            return replace(taken, versions=taken.versions + 1)
        case "suspect" | "gone":
            return replace(taken, suspect=taken.suspect + 1)
        case "failed":
            raise InputError(checked.problem or "it could not be read")
    return replace(taken, unchanged=taken.unchanged + 1)
