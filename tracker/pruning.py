"""Removes from the archive what need not or may not be kept, and lets the catalog follow.

What makes a crash at any moment harmless: a note beside the files says what is being pruned before anything is, and goes when the catalog knows.
Whoever takes the archive next finishes what the note speaks of.

Joins the parts.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tracker.archive import Archive, Pruning, ensure_whole
from tracker.catalog import Catalog
from tracker.catalog.words import text_to_index
from tracker.config import Config
from tracker.errors import ArchiveError, CatalogError
from tracker.keeping import WHY, Kept, keep_of, superfluous
from tracker.models import Article, StoredSnapshot
from tracker.text import digest_of_text

NOTE_FILE: Final = "pruning.json"  # in the archive's folder


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be removed of an article."""

    article: Article
    captures: tuple[StoredSnapshot, ...]
    pruning: Pruning
    freed: int = 0  # bytes, about
    problem: str | None = None  # why nothing can be, in a sentence


def plan_pruning(
    archive: Archive,
    catalog: Catalog,
    config: Config,
    article: Article,
    *,
    now: datetime,
    before: datetime | None = None,
) -> Plan | None:
    """Say which captures of an article its rule does not ask for; None where there are none.

    Args:
        archive: The archive.
        catalog: The catalog.
        config: With the rules.
        article: Which.
        now: When it is done.
        before: Only captures that were fetched before then.
    """
    source = catalog.address_of_source(article.source_id) if article.source_id is not None else None
    keep = keep_of(config, article.url, source)
    if keep == "everything":
        return None
    pruning = Pruning(now, WHY[keep])
    try:
        ensure_whole(archive.storage, article.folder)
        captures = [_kept(archive, article.folder, stored) for stored in archive.captures(article.folder)]
        needed = {version.snapshot.id for version in catalog.versions(article.id)}
        going = [one for one in superfluous(keep, captures, needed) if before is None or one.fetched_at < before]
        if not going:
            return None
        freed = archive.weigh_pruning(article.folder, {one.id for one in going}, pruning)
    except ArchiveError as error:
        return Plan(article, (), pruning, problem=f"{article.url} was left out: {error}")
    return Plan(article, tuple(going), pruning, freed)


def plan_takedown(archive: Archive, article: Article, reason: str, *, now: datetime) -> Plan:
    """Say what is removed when an article is taken down: all captures of it.

    Raises:
        ArchiveError: Its files are not as they were written.
    """
    pruning = Pruning(now, reason, takedown=True)
    captures = archive.captures(article.folder)
    freed = archive.weigh_pruning(article.folder, {one.id for one in captures}, pruning)
    return Plan(article, tuple(captures), pruning, freed)


def _kept(archive: Archive, folder: str, stored: StoredSnapshot) -> Kept:
    read = archive.read_version(folder, stored)
    return Kept(stored, digest_of_text(read[0]) if read and not read[1].suspect else None)


# --- doing it -------------------------------------------------------------------------------------


def prune(archive: Archive, catalog: Catalog, plan: Plan) -> int:
    """Remove what a plan names.  Killed at any moment, it is finished by `finish_pruning`.

    Args:
        archive: The archive, locked.
        catalog: The catalog, which knows every capture of the article.
        plan: What to remove.

    Returns:
        How many bytes were freed in the archive.

    Raises:
        ArchiveError: A file cannot be written.
        CatalogError: The catalog cannot be written.
    """
    captures = [one.id for one in plan.captures]
    _write_note(archive, plan.article, captures, plan.pruning)
    freed = _prune(archive, catalog, plan.article, captures, plan.pruning)
    _remove_note(archive)
    return freed


def finish_pruning(archive: Archive, catalog: Catalog) -> str | None:
    """Finish what was interrupted.

    Returns:
        What was, in a sentence; None where nothing was.

    Raises:
        ArchiveError: A file cannot be read or written.
        CatalogError: The catalog cannot be written.
    """
    note = _read_note(archive)
    if note is None:
        return None
    article = catalog.article(note["address"])
    if article is None:
        raise CatalogError(
            f"{note['address']} was being pruned, but the catalog does not know it; run `tracker rebuild`"
        )
    pruning = Pruning(datetime.fromisoformat(note["at"]), note["reason"], note["takedown"])
    _prune(archive, catalog, article, note["captures"], pruning)
    _remove_note(archive)
    return f"{article.url} was being pruned when that was interrupted; it is done now"


def _prune(archive: Archive, catalog: Catalog, article: Article, captures: Sequence[str], pruning: Pruning) -> int:
    if pruning.takedown:
        catalog.take_down(article.id, f"This article was {pruning}.", _words(archive, catalog, article))
    freed = archive.prune(article.folder, captures, pruning)
    stones = [stored for stored, _ in archive.tombstones(article.folder)]
    placed = sorted([*archive.captures(article.folder), *stones], key=lambda one: (one.file, one.offset))
    catalog.relocate(article.id, placed)
    return freed


def _words(archive: Archive, catalog: Catalog, article: Article) -> dict[int, str]:
    """Read again what the index of words holds, as far as it is still there to be read."""
    found: dict[int, str] = {}
    for version in catalog.versions(article.id):
        with contextlib.suppress(ArchiveError):
            read = archive.read_version(article.folder, version.snapshot)
            found |= {version.id: text_to_index(read[0].headline, read[0].paragraphs)} if read else {}
    return found


# --- the note -------------------------------------------------------------------------------------


def _write_note(archive: Archive, article: Article, captures: Sequence[str], pruning: Pruning) -> None:
    note = {
        "address": article.url,
        "at": pruning.at.isoformat(),
        "reason": pruning.reason,
        "takedown": pruning.takedown,
        "captures": captures,
    }
    with _explained(archive, "written"):
        archive.storage.write(NOTE_FILE, json.dumps(note, indent=1).encode())


def _read_note(archive: Archive) -> dict[str, Any] | None:
    with _explained(archive, "read"):
        try:
            note: dict[str, Any] = json.loads(archive.storage.read(NOTE_FILE))
        except FileNotFoundError:
            return None
        except ValueError as error:
            place = archive.storage.place(NOTE_FILE)
            raise ArchiveError(f"{place} is damaged: a pruning was interrupted; remove it and prune again") from error
    return note


def _remove_note(archive: Archive) -> None:
    with _explained(archive, "written"):
        archive.storage.remove(NOTE_FILE)


@contextlib.contextmanager
def _explained(archive: Archive, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = archive.storage.place(NOTE_FILE)
        raise ArchiveError(f"{place} cannot be {done} ({error.strerror or error})", file=NOTE_FILE) from error
