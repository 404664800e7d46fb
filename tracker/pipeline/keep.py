"""Captures that show nothing new, kept where the rule asks for it.

Joins the parts.
"""

from __future__ import annotations

from dataclasses import replace

from tracker.keeping import is_kept, keep_of
from tracker.models import Article, Capture, Snapshot, StoredSnapshot
from tracker.pipeline.parts import Parts
from tracker.reading import version_of
from tracker.text import digest_of_text


class Keeping(Parts):
    """The part of the pipeline that keeps what shows nothing new."""

    __slots__ = ()

    def _keep_unchanged(self, article: Article, snapshot: Snapshot) -> StoredSnapshot | None:
        """Keep a capture whose text is the latest version's, where the rule asks for it.

        Raises:
            ArchiveError: The archive cannot be written.
        """
        keep = keep_of(self.config, article.url, self._source_of(article))
        if keep == "versions" or article.version is None:
            return None
        last = self.archive.last_kept_at(article.folder) if keep == "daily" else None
        if not is_kept(keep, last, snapshot.fetched_at):
            return None
        read = self.compute(version_of, snapshot)
        if read is None:
            return None
        # Whoever reads the archive alone must find that nothing changed: links count only where the latest version's were read.
        same = [one for one in (read, replace(read, links=None)) if digest_of_text(one) == article.version.digest]
        return self.archive.append(article.folder, snapshot, same[0], Capture()) if same else None

    def _source_of(self, article: Article) -> str | None:
        if article.source_id is None or not any(one.keep for one in self.config.watch):
            return None
        return self.catalog.address_of_source(article.source_id)
