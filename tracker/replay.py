"""Everything that is kept of an article, read and judged again by today's program, beside what was said when it came.

`replay_article` is a function that can be sent to another process with its argument; `apply_replay` records what it found.
`Progress` remembers on the disk what was replayed, so that a long replay goes on where it was stopped.

Joins the parts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from tracker.archive import Archive, ensure_whole
from tracker.capture import judge_capture
from tracker.comparison import compare_versions
from tracker.config import Bucket
from tracker.errors import ExtractError
from tracker.extract import extract_version
from tracker.models import Article, Capture, Change, Comparison, Fact, StoredSnapshot, Version
from tracker.pipeline import Pipeline
from tracker.report.replay import Reading, Replayed, ReplayedCapture
from tracker.text import digest_of_text, says_the_same

NOTHING_READ = Capture(0.0, suspect=True)
PROGRESS_FILE: Final = "replay.jsonl"  # in the archive's folder, while a replay is not finished

Read = tuple[Version | None, Capture]
Pair = tuple[str, str]
"""Digests of two texts that were compared."""


@dataclass(frozen=True, slots=True)
class ToReplay:
    """An article to read again."""

    archive: Path | Bucket
    article: Article
    changes: tuple[Change, ...]  # as the catalog knows them
    apply: bool = True  # what is found will be recorded


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What today's program reads in an article's captures."""

    replayed: Replayed
    readings: tuple[tuple[StoredSnapshot, Read], ...] = ()  # of those captures in which it reads something else
    comparisons: Mapping[Pair, Comparison] = field(default_factory=dict)


def replay_article(task: ToReplay) -> ReadAgain:
    """Read an article's captures again, one after the other.

    Raises:
        ArchiveError: Some cannot be read.
    """
    archive, article = Archive(task.archive), task.article
    ensure_whole(archive.storage, article.folder)
    said = {change.new.snapshot.id: change.comparison for change in task.changes}
    captures = sorted(archive.captures(article.folder), key=lambda one: (one.fetched_at, one.file, one.offset))
    different: list[ReplayedCapture] = []
    readings: list[tuple[StoredSnapshot, Read]] = []
    comparisons: dict[Pair, Comparison] = {}
    previous: Version | None = None
    for stored in captures:
        once = archive.read_version(article.folder, stored) or (None, NOTHING_READ)
        today = _read_again(archive, article.folder, stored, previous)
        comparison = _compare(previous, today)
        if task.apply and previous and today[0] and comparison:
            comparisons[digest_of_text(previous), digest_of_text(today[0])] = comparison
        found = _difference(stored.id, _reading(once, today), said.get(stored.id), comparison)
        if found:
            different.append(found)
        if _is_other(once, today):
            readings.append((stored, today))
        previous = today[0] if _is_good(today) else previous
    replayed = Replayed(article.url, len(captures), tuple(different))
    return ReadAgain(replayed, tuple(readings), comparisons) if task.apply else ReadAgain(replayed)


def _read_again(archive: Archive, folder: str, stored: StoredSnapshot, previous: Version | None) -> Read:
    snapshot = archive.read_snapshot(folder, stored)
    try:
        version = extract_version(snapshot)
    except ExtractError:
        version = None
    return version, judge_capture(snapshot, version, previous)


def _is_good(read: Read) -> bool:
    return read[0] is not None and not read[1].suspect


def _is_other(once: Read, today: Read) -> bool:
    """Whether today's reading has to be kept: whoever reads the archive alone shall come to the same."""
    if not _is_good(once) and not _is_good(today):
        return False
    return not _is_equal(once[0], today[0]) or _is_good(once) != _is_good(today)


def _is_equal(old: Version | None, new: Version | None) -> bool:
    """Whether the same was read in every respect, be it by different programs."""
    return old == new or (old is not None and new is not None and replace(old, extractor=new.extractor) == new)


def _compare(previous: Version | None, read: Read) -> Comparison | None:
    """Compare a capture with the version before, where the pipeline would."""
    version, capture = read
    if previous is None or version is None or capture.suspect or says_the_same(previous, version):
        return None
    return compare_versions(previous, version, new_capture=capture)


def _reading(once: Read, today: Read) -> Reading:
    if _is_good(once) != _is_good(today):
        return "good now" if _is_good(today) else "suspect now"
    return "same" if _same(once[0], today[0]) else "another text"


def _same(old: Version | None, new: Version | None) -> bool:
    return _is_equal(old, new) or (old is not None and new is not None and says_the_same(old, new))


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


# --- recording ------------------------------------------------------------------------------------


def apply_replay(pipeline: Pipeline, article: Article, found: ReadAgain, *, at: datetime) -> None:
    """Record what today's program reads as re-extraction, and tell the history anew; nobody is told.

    Done again after a crash it comes to the same: what is in the archive already is not added again.

    Raises:
        ArchiveError: The archive cannot be written.
        CatalogError: The catalog cannot be written.
    """
    if not found.readings and not found.replayed.different:
        return
    pipeline.archive.add_readings(article.folder, found.readings, at)
    pipeline.on_step("read again")
    replace(pipeline, compute=_with(found.comparisons)).retell(article, again=True)
    pipeline.on_step("told anew")


def _with(comparisons: Mapping[Pair, Comparison]) -> Callable[..., Any]:
    """Take a comparison that was made already in another process."""

    def compute(function: Callable[..., Any], *arguments: Any) -> Any:
        match arguments:
            case (Version() as old, Version() as new, Capture()):
                known = comparisons.get((digest_of_text(old), digest_of_text(new)))
                return known or function(*arguments)
        return function(*arguments)

    return compute


# --- stopping and going on ------------------------------------------------------------------------


class Progress:
    """What was replayed by this very program, in a file that is removed at the end.

    Args:
        archive_folder: Where it is.
        apply: Whether what was found was recorded as well.
    """

    def __init__(self, archive_folder: Path, *, apply: bool) -> None:
        self._file = archive_folder / PROGRESS_FILE
        self._header = json.dumps({"program": program_digest(), "apply": apply})
        self._done = self._read()

    def _read(self) -> dict[str, tuple[object, Replayed]]:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            header, *lines = self._file.read_text("utf-8").splitlines()
            if header == self._header:
                return dict(_replayed_from_line(line) for line in lines if line.endswith("}"))
        return {}

    def find(self, article: Article, count_changes: Callable[[int], int]) -> Replayed | None:
        """Find what came out of an article, if nothing was added to it since."""
        state, replayed = self._done.get(article.url, (None, None))
        return replayed if replayed and state == _state(article, count_changes(article.id)) else None

    def note(self, article: Article, changes: int, replayed: Replayed) -> None:
        """Remember what came out of an article, as it is known now; where the archive cannot be written, it is done again next time."""
        line = json.dumps({"state": _state(article, changes), "replayed": asdict(replayed)})
        with contextlib.suppress(OSError):
            is_begun = bool(self._done) and self._file.exists()
            with self._file.open("a" if is_begun else "w", encoding="utf-8") as file:
                file.write(line + "\n" if is_begun else f"{self._header}\n{line}\n")
            self._done[article.url] = _state(article, changes), replayed

    def end(self) -> None:
        """Forget all of it."""
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)


def _state(article: Article, changes: int) -> list[object]:
    return [*(article.archived_until or ("", 0)), changes]


def _replayed_from_line(line: str) -> tuple[str, tuple[object, Replayed]]:
    told = json.loads(line)
    replayed = told["replayed"]
    different = tuple(
        ReplayedCapture(**{**one, **{name: tuple(Fact(**fact) for fact in one[name]) for name in ("gained", "lost")}})
        for one in replayed["different"]
    )
    return replayed["address"], (told["state"], Replayed(**{**replayed, "different": different}))


@cache
def program_digest() -> str:
    """Name this very program: the digest of its source."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
