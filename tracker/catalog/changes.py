"""Changes: two versions in a row, with what the comparison of them said.

Touches the database.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select

from tracker.catalog.database import Database
from tracker.catalog.digest import fact_words, facts_digest
from tracker.catalog.schema import article_tags, articles, change_kinds, changes, versions
from tracker.catalog.tags import has_tag, split_tags, tags_of
from tracker.catalog.versions import version_columns, version_from_row
from tracker.catalog.words import insert_words
from tracker.comparison_json import comparison_from_json, comparison_to_json
from tracker.errors import CatalogError, InputError
from tracker.models import Change, Comparison, Disclosure, Kind, StoredVersion, Verdict

OLD: Final = versions.alias("old")
NEW: Final = versions.alias("new")


class Changes:
    """The part of the catalog that knows changes."""

    _database: Database

    def change(self, change_id: int) -> Change | None:
        """Find a change by its number.

        Raises:
            CatalogError: What is stored of it cannot be read.
        """
        with self._database.read() as connection:
            return next(iter(read_changes(connection, select_changes().where(changes.c.id == change_id))), None)

    def count_changes(self, article_id: int) -> int:
        """Count the changes of an article."""
        with self._database.read() as connection:
            query = select(func.count()).select_from(changes).where(changes.c.article_id == article_id)
            return connection.execute(query).scalar_one()

    def changes(
        self,
        *,
        article_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        verdicts: Collection[Verdict] | None = None,
        kinds: Collection[Kind] | None = None,
        disclosures: Collection[Disclosure] | None = None,
        tag: str | None = None,
        source_id: int | None = None,
        limit: int | None = None,
        newest_first: bool = True,
    ) -> list[Change]:
        """List changes by the moment that they were detected; all conditions given have to be met.

        Args:
            article_id: Of this article.
            since: Detected then or later.
            until: Detected before then.
            verdicts: With one of these.
            kinds: With a fact of one of these kinds.
            disclosures: Disclosed in one of these ways.
            tag: The article has this tag.
            source_id: The article was found in this feed.
            limit: At most so many.
            newest_first: The other way round: oldest first.

        Raises:
            CatalogError: What is stored of one of them cannot be read.
        """
        found = select(changes.c.id)  # narrow, because all that is found is sorted before the limit cuts it off
        if article_id is not None:
            found = found.where(changes.c.article_id == article_id)
        if since is not None:
            found = found.where(changes.c.detected_at >= since)
        if until is not None:
            found = found.where(changes.c.detected_at < until)
        if verdicts is not None:
            found = found.where(changes.c.verdict.in_(list(verdicts)))
        if disclosures is not None:
            found = found.where(changes.c.disclosure.in_(list(disclosures)))
        if kinds is not None:
            with_kind = select(change_kinds.c.change_id).where(change_kinds.c.kind.in_(list(kinds)))
            found = found.where(changes.c.id.in_(with_kind))
        if tag is not None:
            found = found.where(has_tag(article_tags, changes.c.article_id, tag))
        if source_id is not None:
            of_source = select(articles.c.id).where(articles.c.source_id == source_id)
            found = found.where(changes.c.article_id.in_(of_source))
        order: tuple[ColumnElement[Any], ...] = (changes.c.detected_at, changes.c.id)
        if newest_first:
            order = tuple(column.desc() for column in order)
        wanted = select_changes().where(changes.c.id.in_(found.order_by(*order).limit(limit)))
        with self._database.read() as connection:
            return read_changes(connection, wanted.order_by(*order))


# --- writing, within the recording of a version ---------------------------------------------------


def insert_change(
    database: Database,
    connection: Connection,
    article_id: int,
    old: StoredVersion,
    new: StoredVersion,
    comparison: Comparison,
    at: datetime,
    *,
    alternating: bool = False,
    goes_back: bool = True,
) -> Change:
    """Write a change; gives it as it will be read.

    Args:
        database: Where.
        connection: Of the transaction.
        article_id: Whose change.
        old: The older version.
        new: The newer one.
        comparison: Of the two.
        at: When it was detected.
        alternating: Both texts are served in turn.
        goes_back: May it be a reversal?
    """
    same = select(func.max(versions.c.number)).where(
        versions.c.article_id == article_id, versions.c.digest == new.digest, versions.c.number < new.number
    )
    reversal_of = connection.execute(same).scalar() if goes_back else None
    values = {
        "alternating": alternating,
        "reversal_of": reversal_of,
        "article_id": article_id,
        "old_version_id": old.id,
        "new_version_id": new.id,
        "detected_at": at,
        **comparison_columns(comparison),
    }
    change_id = connection.execute(insert(changes).values(values).returning(changes.c.id)).scalar_one()
    insert_kinds(connection, change_id, comparison)
    insert_words(database, connection, "change_words", [(change_id, fact_words(comparison.facts))])
    of_article = select(articles.c.url, tags_of(article_tags, articles.c.id).label("tags")).where(
        articles.c.id == article_id
    )
    article = connection.execute(of_article).one()
    return Change(change_id, article.url, old, new, comparison, at, split_tags(article.tags), reversal_of, alternating)


def comparison_columns(comparison: Comparison) -> dict[str, Any]:
    """What a comparison said, as columns."""
    return {
        "verdict": comparison.judgement.verdict,
        "importance": comparison.judgement.importance,
        "disclosure": comparison.judgement.disclosure,
        "comparison": _pack(comparison),
        "facts": facts_digest(comparison.facts),
    }


def insert_kinds(connection: Connection, change_id: int, comparison: Comparison) -> None:
    """Note of which kinds a change has facts, so that it can be found by them."""
    kinds = sorted({fact.kind for fact in comparison.facts})
    if kinds:
        connection.execute(insert(change_kinds), [{"kind": kind, "change_id": change_id} for kind in kinds])


# --- rows -----------------------------------------------------------------------------------------


def select_changes() -> Select[Any]:
    """Begin a query for `read_changes`."""
    joined = (
        changes.join(articles, articles.c.id == changes.c.article_id)
        .join(OLD, OLD.c.id == changes.c.old_version_id)
        .join(NEW, NEW.c.id == changes.c.new_version_id)
    )
    return select(
        changes.c.id,
        changes.c.detected_at,
        changes.c.comparison,
        changes.c.reversal_of,
        changes.c.alternating,
        articles.c.url,
        tags_of(article_tags, articles.c.id).label("tags"),
        *version_columns(OLD, "old"),
        *version_columns(NEW, "new"),
    ).select_from(joined)


def read_changes(connection: Connection, query: Select[Any]) -> list[Change]:
    """Run it."""
    return [_change_from_row(row) for row in connection.execute(query)]


def _change_from_row(row: Row[Any]) -> Change:
    old, new = version_from_row(row, "old"), version_from_row(row, "new")
    assert old is not None
    assert new is not None
    return Change(
        id=row.id,
        article_url=row.url,
        old=old,
        new=new,
        comparison=_unpack(row),
        detected_at=row.detected_at,
        tags=split_tags(row.tags),
        reversal_of=row.reversal_of,
        alternating=row.alternating,
    )


def _pack(comparison: Comparison) -> bytes:
    return zlib.compress(json.dumps(comparison_to_json(comparison), separators=(",", ":")).encode())


def unpack_comparison(packed: bytes) -> Comparison:
    """Read a comparison as it is kept; raises zlib.error, ValueError or InputError where it is damaged."""
    return comparison_from_json(json.loads(zlib.decompress(packed)))


def _unpack(row: Row[Any]) -> Comparison:
    try:
        return unpack_comparison(row.comparison)
    except (zlib.error, ValueError, InputError) as error:
        raise CatalogError(
            f"change {row.id} of {row.url}: its comparison cannot be read ({error}); put a backup of the catalog in its place"
        ) from error
