"""The catalog of an article, made again from the archive's files alone.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.archive import ensure_whole
from tracker.errors import AddressError, ArchiveError
from tracker.models import Article, StoredSnapshot
from tracker.notes import noted_numbers, read_note, restore_article
from tracker.pipeline import Pipeline
from tracker.url import normalize_url


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of one folder."""

    folder: str
    versions: int = 0
    problem: str | None = None  # why nothing was made of it, in a sentence


def rebuild_article(pipeline: Pipeline, folder: str) -> Rebuilt:
    """Bring all that a folder of the archive holds into the catalog; nobody is told.

    An article that the catalog does not know is added as of its first capture, and followed unless all of it was imported.
    One whose files are damaged is left out.

    Raises:
        CatalogError: The catalog cannot be written.
    """
    try:
        ensure_whole(pipeline.archive.storage, folder)
        article = pipeline.catch_up(_article_of(pipeline, folder), tell=False)
        restore_article(pipeline.archive, pipeline.catalog, article)
    except (AddressError, ArchiveError) as error:
        return Rebuilt(folder, problem=f"{folder} was left out: {error}")
    return Rebuilt(folder, article.version.number if article.version else 0)


def number_changes(pipeline: Pipeline, folders: Iterable[str]) -> None:
    """Give the changes of a catalog that was made anew the numbers that are noted beside the captures: alerts and links name them.

    Raises:
        CatalogError: The catalog cannot be written.
    """
    pipeline.catalog.number_changes(
        {
            (folder, capture): number
            for folder in folders
            for capture, number in noted_numbers(pipeline.archive, folder).items()
        }
    )


def _article_of(pipeline: Pipeline, folder: str) -> Article:
    """Find the article that a folder belongs to, or add it."""
    captures = pipeline.archive.captures(folder)
    url = _address_of(pipeline, folder, captures)
    article = pipeline.catalog.article(url)
    if article is None:
        at = captures[0].fetched_at if captures else pipeline.archive.tombstones(folder)[0][0].fetched_at
        article, _ = pipeline.catalog.add_article(url, folder, now=at)
        if not captures or _is_imported(pipeline, folder, captures):
            pipeline.catalog.deactivate(url)
    elif article.folder != folder:
        raise ArchiveError(f"it holds {url}, which is kept in {article.folder}")
    return article


def _address_of(pipeline: Pipeline, folder: str, captures: list[StoredSnapshot]) -> str:
    if captures:
        return normalize_url(pipeline.archive.read_snapshot(folder, captures[0]).url)
    note = read_note(pipeline.archive, folder)
    if note is None or not pipeline.archive.taken_down(folder):
        raise ArchiveError("there is no whole capture in it")
    return normalize_url(str(note.get("address")))


def _is_imported(pipeline: Pipeline, folder: str, captures: list[StoredSnapshot]) -> bool:
    return all(pipeline.archive.read_snapshot(folder, stored).origin for stored in captures)
