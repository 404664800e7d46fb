"""The database of diffengine (https://github.com/DocNow/diffengine): SQLite, with a table of entries and one of their versions.

Data sets of article versions are handed on in the same form.  A version holds the text as diffengine read it, without the page.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tracker.archive import Imported, Skipped
from tracker.errors import InputError
from tracker.imports.texts import read_moment, text_capture, text_of_html

COLUMNS: Final = ("url", "title", "summary", "created")
LARGEST: Final = 50_000_000  # bytes of a value


def read(path: Path) -> Iterator[Imported | Skipped]:
    """Read the versions of all entries.

    Raises:
        InputError: It cannot be opened, or is another program's.
    """
    with open_database(path) as database:
        tables = tables_of(database)
        missing = [name for name in COLUMNS if name not in tables.get("entryversion", ())]
        if missing:
            raise InputError(
                f"{path} is no database of diffengine: it has no table `entryversion` with {', '.join(COLUMNS)}"
            )
        checked = _checked(database, tables)
        for number, row in enumerate(database.execute("SELECT * FROM entryversion ORDER BY id"), 1):
            yield _item(dict(row), path, number, checked)


@contextlib.contextmanager
def open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an SQLite database to read in it; it is not changed.

    Raises:
        InputError: It cannot be opened or read.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
            database.row_factory = sqlite3.Row
            database.text_factory = lambda data: data.decode("utf-8", "replace")
            yield database
    except sqlite3.Error as error:
        raise InputError(f"{path} cannot be read as an SQLite database ({error})") from error


def tables_of(database: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """List the tables of a database with their columns; names in small letters."""
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for name in names:
        columns = database.execute("SELECT name FROM pragma_table_info(?)", (name,))
        found[name.lower()] = tuple(str(row[0]).lower() for row in columns)
    return found


def _checked(database: sqlite3.Connection, tables: dict[str, tuple[str, ...]]) -> dict[Any, Any]:
    """Find when each entry was checked last, for its latest version."""
    if "checked" not in tables.get("entry", ()) or "entry_id" not in tables["entryversion"]:
        return {}
    latest = "SELECT max(v.id), e.checked FROM entryversion v JOIN entry e ON e.id = v.entry_id GROUP BY v.entry_id"
    return dict(database.execute(latest).fetchall())


def _item(row: dict[str, Any], path: Path, number: int, checked: dict[Any, Any]) -> Imported | Skipped:
    place = f"entryversion {row.get('id', number)}"
    at = read_moment(row["created"])
    if at is None:
        return Skipped(place, f"its time is {str(row['created'])[:40]!r}")
    found = text_capture(
        str(row["url"] or ""),
        at,
        headline=str(row["title"] or "") or None,
        text=text_of_html(str(row["summary"] or "")),
        origin=f"{path.name} (diffengine), {place}",
    )
    if isinstance(found, str):
        return Skipped(place, found)
    return replace(found, last_seen_at=read_moment(checked.get(row.get("id"))))
