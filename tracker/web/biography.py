"""All that happened to an article, in one order of time: versions and the changes between them, suspect captures, gaps, events.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

from tracker.archive.recent import Recent
from tracker.catalog.listing import ChangeFilter, ListedChange
from tracker.errors import ArchiveError
from tracker.models import Article, Event, StoredSnapshot, StoredVersion
from tracker.statistics import NoteLater, notes_later
from tracker.timeline import Line, Step, fact_timeline
from tracker.web.workspace import Workspace

MOST: Final = 2_000  # changes of an article that are looked at
SHOWN: Final = 100  # versions on a page
GAP: Final = timedelta(hours=24)  # in which nobody looked: a change and its reversal fit into it

suspects: Final[Recent[object, list[Moment]]] = Recent(20_000)

Happening = Literal["version", "suspect", "gap", "event"]


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened."""

    at: datetime
    what: Happening
    version: StoredVersion | None = None
    change: ListedChange | None = None  # that led to the version
    note: NoteLater | None = None  # that owned up to it later, where it was silent
    capture: StoredSnapshot | None = None  # of a suspect one
    reasons: tuple[str, ...] = ()
    until: datetime | None = None  # of a gap
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Biography:
    """An article's page."""

    article: Article
    moments: tuple[Moment, ...]  # newest first
    timeline: tuple[Line, ...]
    versions: tuple[StoredVersion, ...]  # oldest first
    begins_at: datetime
    ends_at: datetime
    problem: str | None  # why the archive could not be read
    older: int | None  # the version before which the next page begins; None: this is the last


def biography(workspace: Workspace, article: Article, before: int | None = None) -> Biography:
    """Tell the story of an article, from a version on backwards where one is named."""
    catalog = workspace.catalog
    known = catalog.versions(article.id)
    earlier = [one for one in known if before is None or one.number < before]
    versions = earlier[-SHOWN:]
    changes = catalog.list_changes(ChangeFilter(article_id=article.id), limit=MOST, oldest_first=True)
    notes = notes_later(changes)
    by_new = {change.new_number: (change, notes.get(change.id)) for change in changes}
    moments = [Moment(one.snapshot.fetched_at, "version", one, *by_new.get(one.number, ())) for one in versions]
    others = [Moment(event.not_after, "event", event=event) for event in catalog.events(article_id=article.id)]
    problem = None
    try:
        others += _suspects(workspace, article, known)
    except ArchiveError as error:
        problem = str(error)
    since = versions[0].snapshot.fetched_at if len(earlier) > SHOWN else None
    until = earlier[-1].last_seen_at if len(earlier) < len(known) and earlier else None
    moments += [one for one in others if (since is None or one.at >= since) and (until is None or one.at <= until)]
    moments += _gaps(versions, [one.at for one in others if one.what == "suspect"])
    order = {
        "gap": 3,
        "event": 2,
        "version": 1,
        "suspect": 0,
    }  # of what is told of one instant, what lasted stands above
    moments.sort(key=lambda moment: (moment.at, order[moment.what]), reverse=True)
    return Biography(
        article,
        tuple(moments),
        fact_timeline([step_of(change) for change in changes]),
        tuple(known),
        begins_at=known[0].snapshot.fetched_at if known else article.added_at,
        ends_at=max([article.checked_at or article.added_at, *(one.last_seen_at for one in known[-1:])]),
        problem=problem,
        older=versions[0].number if since else None,
    )


def step_of(change: ListedChange) -> Step:
    """Give what a timeline needs of a change."""
    return Step(change.id, change.old_number, change.new_number, change.not_before, change.not_after, change.facts)


def _gaps(versions: Sequence[StoredVersion], looks: Sequence[datetime]) -> list[Moment]:
    """Find the times in which nobody looked, not even to see something that was hardly the article."""
    found = []
    for old, new in pairwise(versions):
        between = sorted(at for at in looks if old.last_seen_at < at < new.snapshot.fetched_at)
        for begin, end in pairwise([old.last_seen_at, *between, new.snapshot.fetched_at]):
            if end - begin > GAP:
                found.append(Moment(begin, "gap", until=end))
    return found


def _suspects(workspace: Workspace, article: Article, versions: list[StoredVersion]) -> list[Moment]:
    """Find the captures that no version came of; what was found is remembered until the article's archive grows."""
    key = (str(workspace.pipeline.archive.storage), article.folder, article.archived_until, len(versions))
    known = suspects.get(key)
    if known is None:
        known = _read_suspects(workspace, article, versions)
        suspects.put(key, known, len(known) + 1)
    return known


def _read_suspects(workspace: Workspace, article: Article, versions: list[StoredVersion]) -> list[Moment]:
    archive = workspace.pipeline.archive
    taken = {version.snapshot.id for version in versions}
    found = []
    for capture in archive.captures(article.folder):
        if capture.id not in taken:
            read = archive.read_version(article.folder, capture)
            if read is None or read[1].suspect:
                reasons = read[1].reasons if read else (f"The server answered with status {capture.status}.",)
                found.append(Moment(capture.fetched_at, "suspect", capture=capture, reasons=reasons))
    return found
