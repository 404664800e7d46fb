"""What NewsDiffs (https://github.com/ecprice/newsdiffs) keeps: a database of articles and their versions, and their texts in a git repository beside it.

The database is SQLite, or a dump of the one in MySQL; the texts are read with the `git` command from the folder `articles` beside it.
Where a version carries its text itself, as in the data sets that were handed on, no repository is needed; as JSON lines or CSV they are read by `texts`.
A version that NewsDiffs took for boring is a version all the same.

Touches the disk, and starts `git`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tracker.archive import Imported, Skipped
from tracker.errors import InputError
from tracker.imports.diffengine import open_database, tables_of
from tracker.imports.texts import read_moment, text_capture

DATABASE: Final = "newsdiffs.db"
REPOSITORY: Final = "articles"
NEEDED: Final = {"articles": ("id", "url"), "version": ("article_id", "v", "title", "date")}
COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
LARGEST_DUMP: Final = 2 << 30  # bytes
TIMEOUT_S: Final = 30.0  # for git to show one text
COLUMN: Final = re.compile(r"^\s*`(\w+)`", re.MULTILINE)
TABLE: Final = re.compile(r"CREATE TABLE `(\w+)` \((.*?)\n\)", re.DOTALL)
INSERT: Final = re.compile(r"INSERT INTO `(\w+)` (?:\(([^)]*)\) )?VALUES\s*")
VALUE: Final = re.compile(r"\s*(?:'((?:[^'\\]|\\.|'')*)'|([^,()';]+))\s*", re.DOTALL)
ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "Z": "\x1a"}

Rows = dict[str, list[dict[str, Any]]]


def is_one(path: Path) -> bool:
    """Whether a folder holds such a database, or a file is one."""
    if path.is_dir():
        return (path / DATABASE).is_file() or bool(list(path.glob("*.sql")) and (path / REPOSITORY).is_dir())
    try:
        with open_database(path) as database:
            return _fits({name: list(columns) for name, columns in tables_of(database).items()})
    except InputError:
        return False


def is_dump(start: bytes) -> bool:
    """Whether a file begins as a dump of MySQL or MariaDB does."""
    return start.startswith((b"-- MySQL dump", b"-- MariaDB dump", b"/*!", b"/*M!"))


def read(path: Path) -> Iterator[Imported | Skipped]:
    """Read the versions of all articles.

    Raises:
        InputError: It cannot be read, or is another program's.
    """
    file = _file(path)
    rows = _dumped(file) if file.suffix == ".sql" or not _is_sqlite(file) else _stored(file)
    if not _fits({name: list(some[0]) if some else [] for name, some in rows.items()}):
        raise InputError(f"{file} is no database of NewsDiffs: it has no tables `Articles` and `version`")
    repository = next(
        (one for one in (file.parent / REPOSITORY, file.parent.parent / REPOSITORY) if one.is_dir()), None
    )
    addresses = {str(row["id"]): str(row["url"]) for row in rows["articles"]}
    folders = {str(row["id"]): str(row.get("git_dir") or "") for row in rows["articles"]}
    for number, row in enumerate(rows["version"], 1):
        key = str(row["article_id"])
        yield _item(
            row, number, addresses.get(key, ""), repository and repository / Path(folders.get(key, "")).name, file
        )


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = [path / DATABASE, *sorted(path.glob("*.sql"))]
    file = next((one for one in found if one.is_file()), None)
    if file is None:
        raise InputError(f"{path} holds no {DATABASE} and no dump (*.sql) of NewsDiffs")
    return file


def _is_sqlite(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(6) == b"SQLite"
    except OSError as error:
        raise InputError(f"{file} cannot be opened ({error.strerror or error})") from error


def _fits(columns: dict[str, list[str]]) -> bool:
    return all(set(needed) <= set(columns.get(name, ())) for name, needed in NEEDED.items())


def _item(row: dict[str, Any], number: int, address: str, repository: Path | None, file: Path) -> Imported | Skipped:
    place = f"version {row.get('id', number)}"
    at = read_moment(row["date"])
    if at is None:
        return Skipped(place, f"its time is {str(row['date'])[:40]!r}")
    text = row.get("text") or _show(repository, str(row["v"]), address)
    if not text:
        return Skipped(place, f"its text is not there; the git repository has to be at {file.parent / REPOSITORY}")
    byline = str(row.get("byline") or "").removeprefix("By ").strip()
    found = text_capture(
        address,
        at,
        headline=str(row["title"] or "") or None,
        text=str(text),
        byline=(byline,) if byline else (),
        origin=f"{file.name} (NewsDiffs), {place}",
    )
    return Skipped(place, found) if isinstance(found, str) else found


def _show(repository: Path | None, commit: str, address: str) -> str | None:
    """Read a text from the repository: the file is named after the address, where that begins with https below a folder `https:`."""
    if repository is None or not COMMIT.fullmatch(commit):
        return None
    git = shutil.which("git")
    if git is None:
        raise InputError("the texts of NewsDiffs are in a git repository, and there is no `git` command; install it")
    name = address.partition("://")[2].rstrip("/")
    for file in (name, f"https:/{name}") if address.startswith("https:") else (name,):
        command = [git, "-C", str(repository), "show", f"{commit}:{file}"]
        try:
            shown = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - nothing of it is a shell's
        except (OSError, subprocess.TimeoutExpired):
            return None
        if shown.returncode == 0:
            return shown.stdout.decode("utf-8", "replace")
    return None


# --- databases ------------------------------------------------------------------------------------


def _stored(file: Path) -> Rows:
    with open_database(file) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name.lower(): [
                {str(key).lower(): value for key, value in dict(row).items()}
                for row in database.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - one of two names
            ]
            for name in names
            if name.lower() in NEEDED
        }


def _dumped(file: Path) -> Rows:
    """Read the rows of a dump: `mysqldump` writes a table's columns, then its rows in one long statement or more."""
    try:
        if file.stat().st_size > LARGEST_DUMP:
            raise InputError(f"{file} is larger than {LARGEST_DUMP >> 30} GiB; import the tables into SQLite instead")
        text = file.read_text("utf-8", "replace")
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror or error})") from error
    columns = {match[1].lower(): COLUMN.findall(match[2]) for match in TABLE.finditer(text)}
    rows: Rows = {}
    for match in INSERT.finditer(text):
        name = match[1].lower()
        if name in NEEDED:
            named = re.findall(r"`(\w+)`", match[2] or "") or columns.get(name, [])
            keys = [key.lower() for key in named]
            rows.setdefault(name, []).extend(_tuples(text, match.end(), keys))
    return rows


def _tuples(text: str, position: int, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Read "(1,'a'),(2,'b');" from a position on."""
    while position < len(text) and text[position] == "(":
        position += 1
        values: list[str | None] = []
        while match := VALUE.match(text, position):
            values.append(_value(match))
            position = match.end()
            if text[position : position + 1] != ",":
                break
            position += 1
        if text[position : position + 1] != ")" or len(values) != len(keys):
            return
        yield dict(zip(keys, values, strict=True))
        position += 1
        while text[position : position + 1] in (",", " ", "\n", "\r"):
            position += 1


def _value(match: re.Match[str]) -> str | None:
    if match[1] is None:
        return None if match[2].strip().upper() == "NULL" else match[2].strip()
    return re.sub(r"\\(.)|''", lambda one: ESCAPES.get(one[1], one[1]) if one[1] else "'", match[1], flags=re.DOTALL)
