"""The tables and their rows.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from tracker.archive import Archive
from tracker.catalog import Catalog
from tracker.evidence import read_stored
from tracker.models import Article, Change, Event, Side, StoredVersion

Name = Literal["articles", "versions", "changes", "facts", "events"]
Kind = Literal["text", "texts", "number", "fraction", "flag", "moment"]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; any value may be missing."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    name: Name
    columns: tuple[Column, ...]


TABLES: Final[dict[Name, Table]] = {
    "articles": Table(
        "articles",
        (
            Column("article", "text"),
            Column("headline", "text"),
            Column("tags", "texts"),
            Column("followed", "flag"),
            Column("added_at", "moment"),
            Column("first_captured_at", "moment"),
            Column("last_captured_at", "moment"),
            Column("last_seen_at", "moment"),
            Column("versions", "number"),
            Column("imported_versions", "number"),
            Column("changes", "number"),
            Column("removed_at", "moment"),
            Column("same_as", "text"),
        ),
    ),
    "versions": Table(
        "versions",
        (
            Column("article", "text"),
            Column("version", "number"),
            Column("not_before", "moment"),  # it appeared after this moment
            Column("fetched_at", "moment"),  # and before this, when it was first captured
            Column("last_seen_at", "moment"),
            Column("gone_by", "moment"),  # when the next version was captured
            Column("headline", "text"),
            Column("byline", "texts"),
            Column("published_at", "moment"),
            Column("updated_at", "moment"),
            Column("section", "text"),
            Column("language", "text"),
            Column("paragraphs", "texts"),
            Column("captions", "texts"),
            Column("notices", "texts"),
            Column("links", "texts"),
            Column("extractor", "text"),
            Column("digest", "text"),
            Column("snapshot", "text"),
            Column("snapshot_digest", "text"),
            Column("status", "number"),
            Column("imported_from", "text"),
        ),
    ),
    "changes": Table(
        "changes",
        (
            Column("change", "number"),
            Column("article", "text"),
            Column("headline", "text"),
            Column("old_version", "number"),
            Column("new_version", "number"),
            Column("not_before", "moment"),
            Column("not_after", "moment"),
            Column("detected_at", "moment"),
            Column("verdict", "text"),
            Column("importance", "number"),
            Column("disclosure", "text"),
            Column("reasons", "texts"),
            Column("facts", "number"),
            Column("reversal_of", "number"),
            Column("alternating", "flag"),
            Column("tags", "texts"),
            Column("old_imported_from", "text"),
            Column("new_imported_from", "text"),
        ),
    ),
    "facts": Table(
        "facts",
        (
            Column("change", "number"),
            Column("article", "text"),
            Column("old_version", "number"),
            Column("new_version", "number"),
            Column("not_before", "moment"),
            Column("not_after", "moment"),
            Column("verdict", "text"),
            Column("disclosure", "text"),
            Column("kind", "text"),
            Column("status", "text"),
            Column("old", "text"),
            Column("new", "text"),
            Column("importance", "number"),
            Column("about", "text"),
            Column("counted", "text"),
            Column("source", "text"),
            Column("confidence", "fraction"),
            Column("reason", "text"),
            Column("old_sentence", "text"),
            Column("new_sentence", "text"),
            Column("old_imported_from", "text"),
            Column("new_imported_from", "text"),
        ),
    ),
    "events": Table(
        "events",
        (
            Column("article", "text"),
            Column("kind", "text"),
            Column("detail", "text"),
            Column("headline", "text"),
            Column("not_before", "moment"),
            Column("not_after", "moment"),
            Column("detected_at", "moment"),
        ),
    ),
}

Rows = Callable[[Catalog, Archive, Article], Iterator[Row]]


def rows_of(name: Name) -> Rows:
    """Find what makes the rows of a table, for one article."""
    return _ROWS[name]


def _articles(catalog: Catalog, _archive: Archive, article: Article) -> Iterator[Row]:
    versions = catalog.versions(article.id)
    first, last = (versions[0], versions[-1]) if versions else (None, None)
    yield {
        "article": article.url,
        "headline": article.headline,
        "tags": list(article.tags),
        "followed": article.active,
        "added_at": article.added_at,
        "first_captured_at": first and first.snapshot.fetched_at,
        "last_captured_at": last and last.snapshot.fetched_at,
        "last_seen_at": last and last.last_seen_at,
        "versions": len(versions),
        "imported_versions": sum(version.snapshot.origin is not None for version in versions),
        "changes": len(catalog.changes(article_id=article.id)),
        "removed_at": article.removed_at,
        "same_as": article.same_as,
    }


def _versions(catalog: Catalog, archive: Archive, article: Article) -> Iterator[Row]:
    versions: list[StoredVersion] = catalog.versions(article.id)
    for before, stored, after in zip([None, *versions], versions, [*versions[1:], None], strict=False):
        version = read_stored(archive, article, stored)
        yield {
            "article": article.url,
            "version": stored.number,
            "not_before": before and before.last_seen_at,
            "fetched_at": stored.snapshot.fetched_at,
            "last_seen_at": stored.last_seen_at,
            "gone_by": after and after.snapshot.fetched_at,
            "headline": version.headline,
            "byline": list(version.byline),
            "published_at": version.published_at,
            "updated_at": version.updated_at,
            "section": version.section,
            "language": version.language,
            "paragraphs": list(version.paragraphs),
            "captions": list(version.captions),
            "notices": list(version.notices),
            "links": None if version.links is None else list(version.links),
            "extractor": version.extractor,
            "digest": stored.digest,
            "snapshot": stored.snapshot.id,
            "snapshot_digest": stored.snapshot.digest,
            "status": stored.snapshot.status,
            "imported_from": stored.snapshot.origin,
        }


def _changes(catalog: Catalog, _archive: Archive, article: Article) -> Iterator[Row]:
    for change in catalog.changes(article_id=article.id, newest_first=False):
        judgement = change.comparison.judgement
        yield {
            **_of_change(change),
            "headline": change.comparison.new.headline,
            "detected_at": change.detected_at,
            "importance": judgement.importance,
            "reasons": list(judgement.reasons),
            "facts": len(change.comparison.facts),
            "reversal_of": change.reversal_of,
            "alternating": change.alternating,
            "tags": list(change.tags),
        }


def _of_change(change: Change) -> Row:
    return {
        "change": change.id,
        "article": change.article_url,
        "old_version": change.old.number,
        "new_version": change.new.number,
        "not_before": change.not_before,
        "not_after": change.not_after,
        "verdict": change.comparison.judgement.verdict,
        "disclosure": change.comparison.judgement.disclosure,
        "old_imported_from": change.old.snapshot.origin,
        "new_imported_from": change.new.snapshot.origin,
    }


def _facts(catalog: Catalog, _archive: Archive, article: Article) -> Iterator[Row]:
    for change in catalog.changes(article_id=article.id, newest_first=False):
        for fact in change.comparison.facts:
            yield {
                **_of_change(change),
                "kind": fact.kind,
                "status": fact.status,
                "old": fact.old,
                "new": fact.new,
                "importance": fact.importance,
                "about": fact.about,
                "counted": fact.counted,
                "source": fact.source,
                "confidence": fact.confidence,
                "reason": fact.reason,
                "old_sentence": _sentence(change.comparison.old, fact.old_sentence),
                "new_sentence": _sentence(change.comparison.new, fact.new_sentence),
            }


def _sentence(side: Side, position: int | None) -> str | None:
    return None if position is None else side.sentences[position]


def _events(catalog: Catalog, _archive: Archive, article: Article) -> Iterator[Row]:
    found: list[Event] = catalog.events(article_id=article.id, newest_first=False)
    for event in found:
        yield {
            "article": article.url,
            "kind": event.kind,
            "detail": event.detail,
            "headline": event.headline,
            "not_before": event.not_before,
            "not_after": event.not_after,
            "detected_at": event.detected_at,
        }


_ROWS: Final[dict[Name, Rows]] = {
    "articles": _articles,
    "versions": _versions,
    "changes": _changes,
    "facts": _facts,
    "events": _events,
}
