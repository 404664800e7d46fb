"""What the catalog knows beyond the captures, written beside them: the archive alone is enough to make the catalog again, and a person can read it.

`article.json` in an article's folder: address, tags, source, until when each text was seen, events, how its checks went.
`following.json` in the archive's folder: sources and saved filters.
They are no evidence and hold nothing of what the pages say but headlines; they follow the catalog by minutes, and what is not noted yet is noted at the next opportunity.

Joins the parts.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from tracker.archive import Archive
from tracker.catalog import Catalog
from tracker.errors import CatalogError
from tracker.models import Article, Comparison

log = logging.getLogger(__name__)

ARTICLE_FILE: Final = "article.json"
FOLLOWING_FILE: Final = "following.json"
AT_ONCE: Final = 200  # articles that are read from the catalog together


def write_notes(
    archive: Archive, catalog: Catalog, *, within_s: float, clock: Callable[[], float] = time.monotonic
) -> int:
    """Write down what changed since it was last noted.

    Args:
        archive: The archive, locked.
        catalog: The catalog.
        within_s: Stop after so long; the rest is left for the next time.
        clock: Tells the time, in seconds.

    Returns:
        How many articles were noted.

    Raises:
        CatalogError: The catalog cannot be read or written.
    """
    until, noted = clock() + within_s, 0
    try:
        _write(archive, FOLLOWING_FILE, catalog.following_note())
        while clock() < until and (ids := catalog.unnoted(AT_ONCE)):
            for folder, (article_id, document) in catalog.article_notes(ids).items():
                if archive.storage.names(folder):
                    _write(archive, f"{folder}/{ARTICLE_FILE}", document)
                catalog.record_noted(article_id, document)
                noted += 1
    except OSError as error:  # the captures are safe, and it is tried again
        log.warning(
            "%s: what is known beyond the captures cannot be noted (%s)", archive.storage, error.strerror or error
        )
    return noted


def _write(archive: Archive, name: str, document: dict[str, Any]) -> None:
    data = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
    with contextlib.suppress(FileNotFoundError):
        if archive.storage.read(name) == data:
            return
    archive.storage.write_loosely(name, data)


def read_note(archive: Archive, folder: str) -> dict[str, Any] | None:
    """Read what is noted of an article; None where nothing is, or it cannot be understood."""
    return _read(archive, f"{folder}/{ARTICLE_FILE}")


def restore_following(archive: Archive, catalog: Catalog) -> None:
    """Bring back the sources and filters that are noted.

    Raises:
        CatalogError: The catalog cannot be written.
    """
    document = _read(archive, FOLLOWING_FILE)
    if document is not None:
        _restored(FOLLOWING_FILE, lambda: catalog.restore_following(document))


def noted_numbers(archive: Archive, folder: str) -> dict[str, int]:
    """Read which numbers an article's changes have, by the capture of their newer version; none where that is not noted."""
    changes = (read_note(archive, folder) or {}).get("changes")
    told = [one for one in changes if isinstance(one, dict)] if isinstance(changes, list) else []
    return {str(one.get("new")): one["number"] for one in told if isinstance(one.get("number"), int)}


def restore_article(archive: Archive, catalog: Catalog, article: Article) -> None:
    """Bring back what is noted of an article, unless the catalog knows it as it is now.

    Raises:
        ArchiveError: A text cannot be read.
        CatalogError: The catalog cannot be written.
    """
    document = read_note(archive, article.folder)
    if document is None:
        return

    def compare(old: str, new: str) -> Comparison:
        captures = {stored.id: stored for stored in archive.captures(article.folder)}
        texts = [archive.read_version(article.folder, captures[name]) for name in (old, new)]
        if texts[0] is None or texts[1] is None:
            raise KeyError(old)
        from tracker.comparison import compare_versions  # rarely needed

        return compare_versions(texts[0][0], texts[1][0], new_capture=texts[1][1])

    def restore() -> None:
        checked_at = document["state"]["checked_at"]
        if article.checked_at is None or (checked_at and datetime.fromisoformat(checked_at) >= article.checked_at):
            catalog.restore_article(article.id, document, compare)

    _restored(f"{article.folder}/{ARTICLE_FILE}", restore)


def _read(archive: Archive, name: str) -> dict[str, Any] | None:
    try:
        document = json.loads(archive.storage.read(name).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        place = archive.storage.place(name)
        log.warning("%s cannot be read (%s); what it notes is not brought back", place, error)
        return None
    return document if isinstance(document, dict) else None


def _restored(name: str, restore: Callable[[], None]) -> None:
    try:
        restore()
    except CatalogError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # somebody wrote in it
        log.warning("%s cannot be understood (%r); what it notes is not brought back", name, error)
