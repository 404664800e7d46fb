"""Full-text search behind one door: FTS5 in SQLite, tsvector in PostgreSQL.

    version_words    what each version says: headline and paragraphs
    change_words     the values of each change's facts, with their sources and subjects

The texts of versions are in the archive and never change: SQLite's index of them is "contentless", so that a version costs what its words cost.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Select, column, literal_column, select, table, text

from tracker.catalog.database import Database
from tracker.catalog.folding import Phrase, fold

Index = Literal["version_words", "change_words"]


def insert_words(database: Database, connection: Connection, index: Index, rows: Iterable[tuple[int, str]]) -> None:
    """Index texts by the numbers of their rows; what is indexed already is left as it is."""
    values = [(number, words) for number, words in rows]
    if not values:
        return
    if database.is_sqlite:
        known = _known(connection, index, [number for number, _ in values])
        values = [value for value in values if value[0] not in known]
        insert = f"INSERT INTO {index} (rowid, words) VALUES (:id, :words)"  # noqa: S608  # one of two names
    else:
        insert = f"INSERT INTO {index} (id, words) VALUES (:id, to_tsvector('simple', :words)) ON CONFLICT DO NOTHING"  # noqa: S608
    if values:
        connection.execute(text(insert), [{"id": number, "words": words} for number, words in values])


def replace_words(
    database: Database, connection: Connection, index: Literal["change_words"], number: int, words: str
) -> None:
    """Index a text anew that was corrected."""
    delete_words(database, connection, index, [number])
    insert_words(database, connection, index, [(number, words)])


def delete_words(database: Database, connection: Connection, index: Index, numbers: Iterable[int]) -> None:
    """Forget texts.

    SQLite's index of versions forgets nothing without being told every word again; what it finds there of versions that are gone is passed over.
    """
    if database.is_sqlite and index == "version_words":
        return
    key = "rowid" if database.is_sqlite else "id"
    for number in numbers:
        connection.execute(text(f"DELETE FROM {index} WHERE {key} = :id"), {"id": number})  # noqa: S608


def forget_version_words(database: Database, connection: Connection, words: Mapping[int, str]) -> None:
    """Forget what versions say; SQLite's index has to be told every word of it again."""
    if not database.is_sqlite:
        delete_words(database, connection, "version_words", words)
        return
    known = _known(connection, "version_words", list(words))
    rows = [{"id": number, "words": said} for number, said in words.items() if number in known]
    if rows:
        forget = "INSERT INTO version_words (version_words, rowid, words) VALUES ('delete', :id, :words)"
        connection.execute(text(forget), rows)


def _known(connection: Connection, index: Index, numbers: Sequence[int]) -> set[int]:
    found = set()
    for number in numbers:  # each a seek; a list of parameters would have its limit
        query = text(f"SELECT rowid FROM {index} WHERE rowid = :id")  # noqa: S608
        if connection.execute(query, {"id": number}).scalar() is not None:
            found.add(number)
    return found


def matching(database: Database, index: Index, query: Sequence[Phrase]) -> Select[Any]:
    """Select the numbers (column `id`) of the rows in which all phrases are."""
    if database.is_sqlite:
        number: Any = literal_column("rowid").label("id")
        asked = " AND ".join(map(_fts5, query))
        return select(number).select_from(table(index)).where(text(f"{index} MATCH :asked").bindparams(asked=asked))
    asked = " & ".join(map(_tsquery, query))
    words = table(index, column("id"), column("words"))
    return select(words.c.id).where(text("words @@ to_tsquery('simple', :asked)").bindparams(asked=asked))


def number_in(database: Database, index: Index) -> Any:
    """Name the column of `matching` that holds the number, to compare or order by."""
    return literal_column("rowid" if database.is_sqlite else f"{index}.id")


def _fts5(phrase: Phrase) -> str:
    # Folded words hold letters and digits only, so there is nothing to escape.
    return f'"{" ".join(phrase.words)}"{"*" if phrase.prefix else ""}'


def _tsquery(phrase: Phrase) -> str:
    *first, last = (f"'{word}'" for word in phrase.words)
    return "(" + " <-> ".join([*first, f"{last}:*" if phrase.prefix else last]) + ")"


def text_to_index(headline: str | None, paragraphs: Iterable[str]) -> str:
    """Write down what a version says, for the index."""
    return fold("\n".join([headline or "", *paragraphs]))
