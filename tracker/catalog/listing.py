"""Changes as a list shows them: filtered, newest first, a page at a time, without their texts.

A page begins behind the last row of the page before (keyset), so the ten-thousandth costs what the first does, and nothing is shown twice while new changes come in.

How a filter is met depends on how much it lets through.  What lets little through is looked up first, and the few that are found are sorted;
otherwise changes are walked from the newest on until the page is full.  A database does not know which is which, so we look: `RARE` rows at most.

Touches the database.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, literal_column, or_, select

from tracker.catalog.changes import NEW, OLD, read_changes, select_changes
from tracker.catalog.database import Database
from tracker.catalog.digest import facts_from_digest
from tracker.catalog.folding import read_query
from tracker.catalog.schema import article_tags, articles, change_kinds, changes, opinions
from tracker.catalog.tags import split_tags, tags_of
from tracker.catalog.words import matching
from tracker.errors import CatalogError
from tracker.models import Change, Disclosure, Fact, Kind, Verdict

OwnVerdict = Literal["agree", "not_substantive", "other_kind"]
Reviewed = Literal["agree", "not_substantive", "other_kind", "none"]
LONGEST_HEADLINE: Final = 1_000  # characters; what is longer is none
RARE: Final = 2_000  # rows; sorting so many takes some 10 ms, walking 100,000 takes 40


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are wanted; all conditions given have to be met."""

    verdicts: tuple[Verdict, ...] = ()  # one of these; empty: any
    kinds: tuple[Kind, ...] = ()  # a fact of one of these kinds; empty: any
    disclosures: tuple[Disclosure, ...] = ()  # empty: any
    importance: int = 0  # at least
    host: str | None = None  # the article is there
    source_id: int | None = None  # the article was found in this feed
    tag: str | None = None  # the article has this tag
    entity: str | None = None  # words of a fact's value, source or subject
    since: datetime | None = None  # detected then or later
    until: datetime | None = None  # detected before then
    article_id: int | None = None
    reviewed: Reviewed | None = None  # what a reader thought of it; "none": nothing was said yet


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place behind a row of the list."""

    detected_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class ListedChange:
    """A change, in short."""

    id: int
    article_id: int
    article_url: str
    host: str
    headline: str | None  # of the new version
    verdict: Verdict | None
    importance: int
    disclosure: Disclosure | None
    reversal_of: int | None
    detected_at: datetime
    not_before: datetime
    not_after: datetime
    old_number: int
    new_number: int
    facts: tuple[Fact, ...]  # most important first; values may be cut
    tags: tuple[str, ...] = ()
    own_verdict: OwnVerdict | None = None
    noted: bool = False  # a reader wrote something
    alternating: bool = False  # the address serves both texts in turn

    @property
    def cursor(self) -> Cursor:
        """The place behind it."""
        return Cursor(self.detected_at, self.id)


class Listing:
    """The part of the catalog that lists changes in short."""

    _database: Database

    def list_changes(
        self, wanted: ChangeFilter, *, limit: int, after: Cursor | None = None, oldest_first: bool = False
    ) -> list[ListedChange]:
        """List changes, newest first.

        Args:
            wanted: Which.
            limit: At most so many.
            after: Only those behind this place.
            oldest_first: The other way round.

        Raises:
            InputError: There is no word in the entity asked for.
        """
        with self._database.read() as connection:
            found = self._conditions(connection, select(changes.c.id), wanted)
            if after is not None:
                found = found.where(_behind(after, oldest_first=oldest_first))
            order: tuple[ColumnElement[Any], ...] = (changes.c.detected_at, changes.c.id)
            if not oldest_first:
                order = tuple(column.desc() for column in order)
            listed = _select_listed().where(changes.c.id.in_(found.order_by(*order).limit(limit)))
            return [_listed_from_row(row) for row in connection.execute(listed.order_by(*order))]

    def change_to(self, version_id: int) -> Change | None:
        """Find the change that led to a version.

        Raises:
            CatalogError: What is stored of it cannot be read.
        """
        query = select_changes().where(changes.c.new_version_id == version_id)
        with self._database.read() as connection:
            return next(iter(read_changes(connection, query)), None)

    def read_listed(self, listed: Sequence[ListedChange]) -> list[Change]:
        """Read changes of a list in full, in its order; one that is damaged or gone is left out."""
        wanted = [one.id for one in listed]
        with self._database.read() as connection:
            try:
                found = read_changes(connection, select_changes().where(changes.c.id.in_(wanted)))
            except CatalogError:
                found = []
                for number in wanted:
                    with contextlib.suppress(CatalogError):
                        found += read_changes(connection, select_changes().where(changes.c.id == number))
        by_id = {change.id: change for change in found}
        return [by_id[number] for number in wanted if number in by_id]

    def _conditions(self, connection: Connection, found: Select[Any], wanted: ChangeFilter) -> Select[Any]:
        for column, values in (("verdict", wanted.verdicts), ("disclosure", wanted.disclosures)):
            if values:
                found = found.where(_unindexed(column).in_(values))
        if wanted.importance:
            found = found.where(_unindexed("importance") >= wanted.importance)
        if wanted.since is not None:
            found = found.where(changes.c.detected_at >= wanted.since)
        if wanted.until is not None:
            found = found.where(changes.c.detected_at < wanted.until)
        if wanted.article_id is not None:
            found = found.where(changes.c.article_id == wanted.article_id)
        for of_articles in _article_conditions(wanted):
            found = found.where(_among(connection, "article_id", of_articles))
        for of_changes in self._change_conditions(wanted):
            found = found.where(_among(connection, "id", of_changes))
        if wanted.reviewed == "none":
            found = found.where(changes.c.id.not_in(select(opinions.c.change_id)))
        return found

    def _change_conditions(self, wanted: ChangeFilter) -> list[Select[Any]]:
        found: list[Select[Any]] = []
        if wanted.kinds:
            found.append(select(change_kinds.c.change_id).where(change_kinds.c.kind.in_(wanted.kinds)))
        if wanted.entity is not None:
            found.append(matching(self._database, "change_words", read_query(wanted.entity)))
        if wanted.reviewed not in (None, "none"):
            found.append(select(opinions.c.change_id).where(opinions.c.verdict == wanted.reviewed))
        return found


def _article_conditions(wanted: ChangeFilter) -> list[Select[Any]]:
    found: list[Select[Any]] = []
    if wanted.tag is not None:
        found.append(select(article_tags.c.article_id).where(article_tags.c.tag == wanted.tag))
    if wanted.host is not None:
        found.append(select(articles.c.id).where(articles.c.host == wanted.host))
    if wanted.source_id is not None:
        found.append(select(articles.c.id).where(articles.c.source_id == wanted.source_id))
    return found


def _among(connection: Connection, column: str, subset: Select[Any]) -> ColumnElement[bool]:
    """Ask for rows of a subset: by their numbers where these are few, else row by row."""
    few = list(connection.execute(subset.limit(RARE + 1)).scalars())
    if len(few) <= RARE:
        return changes.c[column].in_(few)
    return _unindexed(column).in_(subset)


def _unindexed(column: str) -> ColumnElement[Any]:
    """Name a column so that no index of its own is used, and the list goes on being walked in order."""
    if column in ("verdict", "disclosure"):
        return literal_column(f"changes.{column} || ''")
    return literal_column(f"changes.{column} + 0")


def _behind(after: Cursor, *, oldest_first: bool) -> ColumnElement[bool]:
    at, number = changes.c.detected_at, changes.c.id
    if oldest_first:
        return and_(at >= after.detected_at, or_(at > after.detected_at, number > after.id))
    return and_(at <= after.detected_at, or_(at < after.detected_at, number < after.id))


def _select_listed() -> Select[Any]:
    joined = (
        changes.join(articles, articles.c.id == changes.c.article_id)
        .join(OLD, OLD.c.id == changes.c.old_version_id)
        .join(NEW, NEW.c.id == changes.c.new_version_id)
        .outerjoin(opinions, opinions.c.change_id == changes.c.id)
    )
    return select(
        changes.c.id,
        changes.c.article_id,
        articles.c.url,
        articles.c.host,
        func.substr(NEW.c.headline, 1, LONGEST_HEADLINE).label("headline"),
        changes.c.verdict,
        changes.c.importance,
        changes.c.disclosure,
        changes.c.reversal_of,
        changes.c.alternating,
        changes.c.detected_at,
        OLD.c.last_seen_at.label("not_before"),
        NEW.c.fetched_at.label("not_after"),
        OLD.c.number.label("old_number"),
        NEW.c.number.label("new_number"),
        changes.c.facts,
        tags_of(article_tags, articles.c.id).label("tags"),
        opinions.c.verdict.label("own_verdict"),
        opinions.c.note,
    ).select_from(joined)


def _listed_from_row(row: Row[Any]) -> ListedChange:
    return ListedChange(
        id=row.id,
        article_id=row.article_id,
        article_url=row.url,
        host=row.host,
        headline=row.headline,
        verdict=row.verdict,
        importance=row.importance,
        disclosure=row.disclosure,
        reversal_of=row.reversal_of,
        detected_at=row.detected_at,
        not_before=row.not_before,
        not_after=row.not_after,
        old_number=row.old_number,
        new_number=row.new_number,
        facts=facts_from_digest(row.facts),
        tags=split_tags(row.tags),
        own_verdict=row.own_verdict,
        noted=bool(row.note),
        alternating=row.alternating,
    )


def cursors_of(page: Sequence[ListedChange], limit: int) -> tuple[Sequence[ListedChange], Cursor | None]:
    """Part a page of one row too many into the page, and the place where the next begins."""
    return (page[:limit], page[limit - 1].cursor) if len(page) > limit else (page, None)
