"""What the catalog knows of an article beyond its captures, as a document to be kept beside them, and back.

A document names rows by what they are of (an address, the identifier of a capture), so that it means the same in any catalog.
Its columns are those of the tables, whatever these are, but for what follows from the captures.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Column, Connection, Row, Select, Table, delete, insert, select, update

from tracker.catalog.changes import comparison_columns
from tracker.catalog.database import Database
from tracker.catalog.queue import chunks
from tracker.catalog.schema import (
    Moment,
    Span,
    article_tags,
    articles,
    change_kinds,
    changes,
    events,
    opinions,
    saved_filters,
    source_tags,
    sources,
    variants,
    versions,
)
from tracker.catalog.words import delete_words
from tracker.models import Comparison

Document = dict[str, Any]

# What names a row, what follows from the captures, and what is the business of the moment.
OWN: Final = frozenset({"id", "url", "article_id", "version_id", "change_id", "source_id"})
FOLLOWS: Final = frozenset(
    {"host", "folder", "latest", "changed_at", "snapshot_digest", "archived_file", "archived_end"}
)
PASSING: Final = frozenset({"leased_until", "noted"})


Compare = Callable[[str, str], Comparison]


class Notes:
    """The part of the catalog that is written down beside the captures."""

    _database: Database

    def unnoted(self, limit: int) -> list[int]:
        """List articles of which something is not noted yet."""
        query = select(articles.c.id).where(~articles.c.noted).order_by(articles.c.id).limit(limit)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def article_notes(self, article_ids: Sequence[int]) -> dict[str, tuple[int, Document]]:
        """Write down what is known of articles, by their folders."""
        with self._database.read() as connection:
            found: dict[str, tuple[int, Document]] = {}
            for ids in chunks(list(article_ids)):
                found |= _documents(connection, ids)
            return found

    def record_noted(self, article_id: int, document: Document) -> None:
        """Note that a document says what is known of an article, unless it was checked again since."""
        checked_at = _moment(document["state"]["checked_at"])
        as_noted = (articles.c.id == article_id, articles.c.checked_at.is_not_distinct_from(checked_at))
        with self._database.write(lasting=False) as connection:
            connection.execute(update(articles).where(*as_noted).values(noted=True))

    def following_note(self) -> Document:
        """Write down the sources that are followed, the articles of which nothing is kept yet, and the filters that were saved."""
        with self._database.read() as connection:
            tags = _grouped(connection, select(source_tags), "source_id")
            rows = connection.execute(select(sources).order_by(sources.c.url)).all()
            listed = [
                {"address": row.url, "tags": sorted(tag["tag"] for tag in tags.get(row.id, [])), **_plain(sources, row)}
                for row in rows
            ]
            filters = connection.execute(select(saved_filters).order_by(saved_filters.c.name)).all()
            without = select(articles.c.id).where(articles.c.archived_file.is_(None)).order_by(articles.c.id)
            waiting = [
                {"folder": folder, **document}
                for ids in chunks(list(connection.execute(without).scalars()))
                for folder, (_, document) in _documents(connection, ids).items()
            ]
            return {"sources": listed, "filters": [_plain(saved_filters, row) for row in filters], "waiting": waiting}

    def restore_following(self, document: Document) -> None:
        """Bring back sources, articles without captures, and filters; those that are there stay as they are."""
        with self._database.write() as connection:
            for told in document.get("sources", []):
                row = {"url": told["address"], "host": told["host"], **_values(sources, told)}
                self._insert(connection, sources, row, "url")
                source_id = select(sources.c.id).where(sources.c.url == told["address"]).scalar_subquery()
                for tag in told["tags"]:
                    values = {"source_id": connection.execute(select(source_id)).scalar(), "tag": tag}
                    self._insert(connection, source_tags, values, "source_id", "tag")
            for told in document.get("waiting", []):
                self._restore_waiting(connection, told)
            for told in document.get("filters", []):
                self._insert(connection, saved_filters, _values(saved_filters, told), "name")

    def _restore_waiting(self, connection: Connection, told: Document) -> None:
        row = {"url": told["address"], "host": urlsplit(told["address"]).netloc, "folder": told["folder"], "latest": 0}
        self._insert(connection, articles, {**row, **_values(articles, told["state"])}, "url")
        found = connection.execute(select(articles).where(articles.c.url == told["address"])).one()
        if found.archived_file is None:
            source = select(sources.c.id).where(sources.c.url == told["source"]).scalar_subquery()
            connection.execute(update(articles).where(articles.c.id == found.id).values(source_id=source))
            for tag in told["tags"]:
                self._insert(connection, article_tags, {"article_id": found.id, "tag": tag}, "article_id", "tag")

    def restore_article(self, article_id: int, document: Document, compare: Compare) -> None:
        """Bring back what a document says of an article whose captures are in the catalog already.

        Where these go on after the document was written, what they show counts.

        Args:
            article_id: Which article.
            document: What was written down.
            compare: Compares the texts of two captures, by their identifiers.
        """
        with self._database.write() as connection:
            found = connection.execute(select(articles).where(articles.c.id == article_id)).one()
            state = _values(articles, document["state"])
            source = select(sources.c.id).where(sources.c.url == document["source"]).scalar_subquery()
            values = {"added_at": state["added_at"], "active": state["active"], "source_id": source}
            if found.checked_at is None or (state["checked_at"] and state["checked_at"] >= found.checked_at):
                values |= state
            connection.execute(update(articles).where(articles.c.id == article_id).values(values))
            for tag in document["tags"]:
                self._insert(connection, article_tags, {"article_id": article_id, "tag": tag}, "article_id", "tag")
            known = {
                row.snapshot_id: row
                for row in connection.execute(select(versions).where(versions.c.article_id == article_id))
            }
            _restore_versions(connection, document, known)
            self._restore_changes(connection, article_id, document, known, compare)
            _restore_events(connection, article_id, document)
            for told in document["variants"]:
                if told["capture"] in known:
                    row = {"version_id": known[told["capture"]].id, "article_id": article_id, **_values(variants, told)}
                    self._insert(connection, variants, row, "version_id")

    def _restore_changes(
        self,
        connection: Connection,
        article_id: int,
        document: Document,
        known: Mapping[str, Row[Any]],
        compare: Compare,
    ) -> None:
        """Bring back which texts were compared with which, and what was thought of it: of texts that are served in turn, not each with the one before."""
        found = connection.execute(select(changes).where(changes.c.article_id == article_id)).all()
        rows = {row.new_version_id: row for row in found}
        noted = {told["new"]: told for told in document["changes"]}
        for version in document["versions"]:
            new = known.get(version["capture"])
            row, told = (rows.get(new.id) if new else None), noted.get(version["capture"])
            if row and told and told["old"] in known:
                old = known[told["old"]]
                values = {name: told[name] for name in ("alternating", "reversal_of")}
                values |= {"detected_at": _moment(told["detected_at"]), "old_version_id": old.id}
                if old.id != row.old_version_id:
                    values |= comparison_columns(compare(told["old"], told["new"]))
                connection.execute(update(changes).where(changes.c.id == row.id).values(values))
                if told["opinion"]:
                    thought = {"change_id": row.id, **_values(opinions, told["opinion"])}
                    self._insert(connection, opinions, thought, "change_id")
            elif row and told is None:
                connection.execute(delete(change_kinds).where(change_kinds.c.change_id == row.id))
                delete_words(self._database, connection, "change_words", [row.id])
                connection.execute(delete(changes).where(changes.c.id == row.id))

    def _insert(self, connection: Connection, table: Table, row: Mapping[str, Any], *key: str) -> None:
        connection.execute(self._database.insert(table).values(**row).on_conflict_do_nothing(index_elements=list(key)))


# --- writing down ---------------------------------------------------------------------------------


def _documents(connection: Connection, ids: Sequence[int]) -> dict[str, tuple[int, Document]]:
    named = select(articles, sources.c.url.label("source")).outerjoin_from(articles, sources)
    rows = connection.execute(named.where(articles.c.id.in_(ids))).all()
    tags, seen, happened, in_turn = (
        _grouped(connection, select(table).where(table.c.article_id.in_(ids)), "article_id")
        for table in (article_tags, versions, events, variants)
    )
    thought = _grouped(
        connection, select(opinions).join_from(opinions, changes).where(changes.c.article_id.in_(ids)), "change_id"
    )
    columns = (changes.c.id, changes.c.article_id, changes.c.old_version_id, changes.c.new_version_id)
    more = (changes.c.verdict, changes.c.alternating, changes.c.reversal_of, changes.c.detected_at)
    compared = _grouped(connection, select(*columns, *more).where(changes.c.article_id.in_(ids)), "article_id")
    return {
        row.folder: (
            row.id,
            {
                "address": row.url,
                "tags": sorted(tag["tag"] for tag in tags.get(row.id, [])),
                "source": row.source,
                "versions": [
                    {
                        "number": one["number"],
                        "capture": one["snapshot_id"],
                        "headline": one["headline"],
                        "last_seen_at": _written(one["last_seen_at"]),
                    }
                    for one in sorted(seen.get(row.id, []), key=lambda one: one["number"])
                ],
                "changes": _changes(seen.get(row.id, []), compared.get(row.id, []), thought),
                "events": [_plain(events, one) for one in sorted(happened.get(row.id, []), key=lambda one: one["id"])],
                "variants": _variants(seen.get(row.id, []), in_turn.get(row.id, [])),
                "state": _plain(articles, row),
            },
        )
        for row in rows
    }


def _changes(seen: list[Document], compared: list[Document], thought: dict[int, list[Document]]) -> list[Document]:
    captures = {one["id"]: one["snapshot_id"] for one in seen}
    return [
        {
            "number": one["id"],
            "old": captures[one["old_version_id"]],
            "new": captures[one["new_version_id"]],
            "verdict": one["verdict"],
            "detected_at": _written(one["detected_at"]),
            "alternating": one["alternating"],
            "reversal_of": one["reversal_of"],
            "opinion": next((_plain(opinions, said) for said in thought.get(one["id"], [])), None),
        }
        for one in sorted(compared, key=lambda one: one["new_version_id"])
    ]


def _variants(seen: list[Document], in_turn: list[Document]) -> list[Document]:
    captures = {one["id"]: one["snapshot_id"] for one in seen}
    return [
        {"capture": captures[one["version_id"]], **_plain(variants, one)}
        for one in sorted(in_turn, key=lambda one: one["place"])
    ]


def _grouped(connection: Connection, query: Select[Any], key: str) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    for row in connection.execute(query):
        found.setdefault(row._mapping[key], []).append(dict(row._mapping))
    return found


def _plain(table: Table, row: Row[Any] | Mapping[str, Any]) -> Document:
    values = row if isinstance(row, Mapping) else row._mapping
    follows = FOLLOWS if table is articles else frozenset()
    names = [column.name for column in table.c if column.name not in OWN | follows | PASSING]
    return {name: _written(values[name]) for name in names}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if hasattr(value, "total_seconds") else value


# --- and back -------------------------------------------------------------------------------------


def _values(table: Table, told: Mapping[str, Any]) -> Document:
    """Read the columns that a document has; one of an older program has fewer."""
    follows = FOLLOWS - {"host"} if table is articles else frozenset()
    return {
        column.name: _read(column, told[column.name])
        for column in table.c
        if column.name in told and column.name not in OWN | follows | PASSING
    }


def _read(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Moment):
        return _moment(value)
    return timedelta(seconds=value) if isinstance(column.type, Span) else value


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _restore_versions(connection: Connection, document: Document, known: Mapping[str, Row[Any]]) -> None:
    for told in document["versions"]:
        row, seen = known.get(told["capture"]), _moment(told["last_seen_at"])
        if row and seen and seen > row.last_seen_at:
            connection.execute(update(versions).where(versions.c.id == row.id).values(last_seen_at=seen))


def _restore_events(connection: Connection, article_id: int, document: Document) -> None:
    names = ("kind", "not_before", "not_after", "detail")
    there = {
        tuple(getattr(row, name) for name in names)
        for row in connection.execute(select(events).where(events.c.article_id == article_id))
    }
    for told in document["events"]:
        row = _values(events, told)
        if tuple(row[name] for name in names) not in there:
            connection.execute(insert(events).values(article_id=article_id, **row))
