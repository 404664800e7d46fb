"""Which articles ever said something: full-text search over all versions.

The newest versions that match are walked through until enough articles are found, so that a word that is everywhere costs no more than a rare one.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, select, table

from tracker.catalog.articles import read_articles_by_id
from tracker.catalog.database import Database
from tracker.catalog.folding import Phrase, read_query
from tracker.catalog.queue import chunks
from tracker.catalog.schema import versions
from tracker.catalog.versions import read_versions, select_versions
from tracker.catalog.words import Index, insert_words, matching, number_in
from tracker.models import Article, StoredVersion

VERSIONS: Final[Index] = "version_words"
STEP: Final = 400  # versions looked at at once
MOST_STEPS: Final = 25  # for one page; an article with 10,000 versions that match hides nothing behind it for long


@dataclass(frozen=True, slots=True)
class Found:
    """An article that said it, at one time or another."""

    article: Article
    versions: tuple[StoredVersion, ...]  # those that say it, oldest first

    @property
    def still(self) -> bool:
        """Does the latest version say it?"""
        latest = self.article.version
        return latest is not None and latest.number == self.versions[-1].number


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Some of the articles."""

    found: tuple[Found, ...]
    next: int | None  # where the next page begins; None: that is all


class Search:
    """The part of the catalog that finds versions by what they say."""

    _database: Database

    def search(self, query: str, *, limit: int, before: int | None = None) -> FoundPage:
        """Find articles of which a version says all of it, the latest found first.

        Args:
            query: As a person types it: words, "a phrase", beginn*.
            limit: At most so many articles.
            before: Where the page begins: the `next` of the one before.

        Raises:
            InputError: There is no word in the query.
        """
        asked = read_query(query)
        with self._database.read() as connection:
            ids, following = self._articles_saying(connection, asked, limit, before)
            known = {article.id: article for article in read_articles_by_id(connection, ids)}
            saying = self._versions_saying(connection, asked, ids)
            return FoundPage(tuple(Found(known[one], tuple(saying[one])) for one in ids if saying[one]), following)

    def _articles_saying(
        self, connection: Connection, asked: Sequence[Phrase], limit: int, before: int | None
    ) -> tuple[list[int], int | None]:
        number = number_in(self._database, VERSIONS)
        ids: dict[int, None] = {}
        start = before
        for _ in range(MOST_STEPS):
            query = matching(self._database, VERSIONS, asked).order_by(number.desc()).limit(STEP)
            if start is not None:
                query = query.where(number < start)
            step = list(connection.execute(query).scalars())
            rows = select(versions.c.id, versions.c.article_id).where(versions.c.id.in_(step))
            for row in connection.execute(rows.order_by(versions.c.id.desc())):
                if row.article_id in ids or (before and self._shown(connection, asked, row.article_id, before)):
                    continue
                if len(ids) == limit:
                    return list(ids), row.id + 1
                ids[row.article_id] = None
            if len(step) < STEP:
                return list(ids), None
            start = step[-1]
        return list(ids), start

    def _shown(self, connection: Connection, asked: Sequence[Phrase], article_id: int, before: int) -> bool:
        """Was the article on a page before, for the sake of a later version?"""
        later = select(versions.c.id).where(versions.c.article_id == article_id, versions.c.id >= before)
        return bool(self._those_saying(connection, asked, list(connection.execute(later).scalars())))

    def _versions_saying(
        self, connection: Connection, asked: Sequence[Phrase], article_ids: list[int]
    ) -> dict[int, list[StoredVersion]]:
        of_articles = select(versions.c.id, versions.c.article_id).where(versions.c.article_id.in_(article_ids))
        owners = {row.id: row.article_id for row in connection.execute(of_articles)}
        saying = self._those_saying(connection, asked, sorted(owners))
        found: dict[int, list[StoredVersion]] = {one: [] for one in article_ids}
        for some in chunks(sorted(saying)):
            for version in read_versions(connection, select_versions().where(versions.c.id.in_(some))):
                found[owners[version.id]].append(version)
        return {one: sorted(group, key=lambda version: version.number) for one, group in found.items()}

    def _those_saying(self, connection: Connection, asked: Sequence[Phrase], numbers: list[int]) -> set[int]:
        number = number_in(self._database, VERSIONS)
        query = matching(self._database, VERSIONS, asked)
        return {one for some in chunks(numbers) for one in connection.execute(query.where(number.in_(some))).scalars()}

    # --- texts that were kept before there was an index ---

    def versions_without_words(self, limit: int) -> list[tuple[Article, StoredVersion]]:
        """List versions that are not in the index yet, the newest first."""
        indexed: Select[Any] = select(number_in(self._database, VERSIONS)).select_from(table(VERSIONS))
        without = versions.c.id.not_in(indexed)
        query = select(versions.c.id, versions.c.article_id).where(without).order_by(versions.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            owners = {row.id: row.article_id for row in connection.execute(query)}
            known = {one.id: one for one in read_articles_by_id(connection, list(dict.fromkeys(owners.values())))}
            rows = read_versions(connection, select_versions().where(versions.c.id.in_(list(owners))))
        return [(known[owners[row.id]], row) for row in rows]

    def record_words(self, rows: Sequence[tuple[int, str]]) -> None:
        """Put versions into the index, by their number, as `text_to_index` writes them."""
        with self._database.write(lasting=False) as connection:
            insert_words(self._database, connection, VERSIONS, rows)
