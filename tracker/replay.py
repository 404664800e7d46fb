"""Everything that is kept of an article, read and judged again by today's program, beside what was said when it came.

A function that can be sent to another process with its argument.

Joins the parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tracker.archive import Archive, ensure_whole
from tracker.capture import judge_capture
from tracker.comparison import compare_versions
from tracker.errors import ExtractError
from tracker.extract import extract_version
from tracker.models import Article, Capture, Change, Comparison, Fact, StoredSnapshot, Version
from tracker.report.replay import Reading, Replayed, ReplayedCapture
from tracker.text import digest_of_text

NOTHING_READ = Capture(0.0, suspect=True)


@dataclass(frozen=True, slots=True)
class ToReplay:
    """An article to read again."""

    archive_folder: Path
    article: Article
    changes: tuple[Change, ...]  # as the catalog knows them


def replay_article(task: ToReplay) -> Replayed:
    """Read an article's captures again, one after the other.

    Raises:
        ArchiveError: Some cannot be read.
    """
    archive, article = Archive(task.archive_folder), task.article
    ensure_whole(task.archive_folder, article.folder)
    said = {change.new.snapshot.id: change.comparison for change in task.changes}
    captures = archive.captures(article.folder)
    different: list[ReplayedCapture] = []
    previous: Version | None = None
    for stored in captures:
        once = archive.read_version(article.folder, stored) or (None, NOTHING_READ)
        today = _read_again(archive, article.folder, stored, previous)
        found = _difference(stored.id, _reading(once, today), said.get(stored.id), _compare(previous, today))
        if found:
            different.append(found)
        previous = today[0] if _is_good(today) else previous
    return Replayed(article.url, len(captures), tuple(different))


Read = tuple[Version | None, Capture]


def _read_again(archive: Archive, folder: str, stored: StoredSnapshot, previous: Version | None) -> Read:
    snapshot = archive.read_snapshot(folder, stored)
    try:
        version = extract_version(snapshot)
    except ExtractError:
        version = None
    return version, judge_capture(snapshot, version, previous)


def _is_good(read: Read) -> bool:
    return read[0] is not None and not read[1].suspect


def _compare(previous: Version | None, read: Read) -> Comparison | None:
    """Compare a capture with the version before, where the pipeline would."""
    version, capture = read
    if previous is None or version is None or capture.suspect or digest_of_text(version) == digest_of_text(previous):
        return None
    return compare_versions(previous, version, new_capture=capture)


def _reading(once: Read, today: Read) -> Reading:
    if _is_good(once) != _is_good(today):
        return "good now" if _is_good(today) else "suspect now"
    return "same" if _digest(once[0]) == _digest(today[0]) else "another text"


def _digest(version: Version | None) -> str | None:
    return digest_of_text(version) if version else None


def _difference(
    snapshot: str, reading: Reading, old: Comparison | None, new: Comparison | None
) -> ReplayedCapture | None:
    before, after = (one.judgement.verdict if one else None for one in (old, new))
    known, found = (_facts(one) for one in (old, new))
    gained = tuple(fact for key, fact in found.items() if key not in known)
    lost = tuple(fact for key, fact in known.items() if key not in found)
    if reading == "same" and before == after and not gained and not lost:
        return None
    return ReplayedCapture(snapshot, reading, before, after, gained, lost)


def _facts(comparison: Comparison | None) -> dict[tuple[str | None, ...], Fact]:
    """Index facts by what makes one the same: kind, status and both values."""
    facts = comparison.facts if comparison else ()
    return {(fact.kind, fact.status, fact.old, fact.new): fact for fact in facts}
