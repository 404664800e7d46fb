"""Texts with times, as JSON lines, CSV or Parquet: what a spreadsheet, a scraper or a data set of article versions holds.

A row is a version; each column may be called by any of its names (`NAMES`).  Needed are an address, a time, and a text or HTML.
Our own exports of versions are of this form, so that they come back word for word and with their bounds.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tracker.archive import Imported, Skipped
from tracker.errors import ConfigError, ExtractError, InputError
from tracker.extract import version_from_text
from tracker.extract.language import guess_language
from tracker.extract.plain import EXTRACTOR, find_notices
from tracker.models import Snapshot, Version

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "address": ("address", "url", "article", "article_url", "link"),
    "time": ("time", "fetched_at", "date", "created", "captured_at", "timestamp", "datetime"),
    "seen": ("last_seen_at", "last_seen", "checked"),
    "headline": ("headline", "title"),
    "byline": ("byline", "author", "authors"),
    "paragraphs": ("paragraphs",),
    "text": ("text", "content", "body", "article_text"),
    "html": ("html", "summary", "raw_html"),
    "published": ("published_at", "published"),
    "updated": ("updated_at", "updated"),
    "origin": ("imported_from", "origin"),
    **{name: (name,) for name in ("section", "language", "captions", "notices", "links", "extractor")},
}
NEEDED: Final = "an address (address, url), a time (time, date, created, fetched_at) and a text (text, content) or html"
VERSIONS: Final = "versions.parquet"
ROWS: Final = 200  # of a Parquet file that are read at once
FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
LONGEST_LINE: Final = 50_000_000  # characters; five times the largest page that is fetched by default
SECONDS: Final = re.compile(r"-?\d{9,11}(?:\.\d+)?")
STAMP: Final = re.compile(r"\d{14}")
TAG: Final = re.compile(r"<[^>]{0,1000}>")
BREAK: Final = re.compile(r"<\s*/?\s*(?:p|br|div|h[1-6]|li|tr|blockquote)\b[^>]{0,1000}>", re.IGNORECASE)

Row = Mapping[str, Any]


def read_jsonl(path: Path) -> Iterator[Imported | Skipped]:
    """Read JSON lines.

    Raises:
        InputError: It cannot be opened, or its first line is none.
    """
    with _opened(path) as file:
        for number, line in enumerate(_lines(file, path), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict):
                yield _item(_flat(row), path, number)
            elif number == 1:
                raise InputError(f"{path} is no file of JSON lines: its first line is no JSON object")
            else:
                yield Skipped(f"line {number}", "it is no JSON object")


def read_csv(path: Path) -> Iterator[Imported | Skipped]:
    """Read a table with commas, semicolons or tabs between its columns, and their names in its first line.

    Raises:
        InputError: It cannot be opened, or lacks a column that is needed.
    """
    csv.field_size_limit(LONGEST_LINE)
    with _opened(path) as file:
        first = file.readline(LONGEST_LINE)
        names = next(csv.reader([first], delimiter=_delimiter(first)), [])
        missing = _missing({name.strip().lower() for name in names})
        if missing:
            raise InputError(f"{path} has no column for {missing}; it needs {NEEDED}")
        reader = csv.DictReader(_lines(file, path), [name.strip() for name in names], delimiter=_delimiter(first))
        try:
            for row in reader:
                yield _item(_flat({name: _uncovered(value) for name, value in row.items()}), path, reader.line_num + 1)
        except csv.Error as error:
            yield Skipped(f"line {reader.line_num + 1}", f"it is no CSV, so the rest is left out ({error})")


def read_parquet(path: Path) -> Iterator[Imported | Skipped]:
    """Read a Parquet file, or the one of versions in a folder of ours.

    Raises:
        InputError: It cannot be opened, or lacks a column that is needed.
        ConfigError: What reads it is not installed.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise ConfigError(
            "Parquet needs the library `pyarrow`; install it with: pip install 'tracker[parquet]'"
        ) from error
    file = path / VERSIONS if path.is_dir() else path
    try:
        with parquet.ParquetFile(file) as table:
            missing = _missing({name.lower() for name in table.schema_arrow.names})
            if missing:
                raise InputError(f"{path} has no column for {missing}; it needs {NEEDED}")
            number = 0
            for batch in table.iter_batches(ROWS):
                for row in batch.to_pylist():
                    number += 1
                    yield _item(_flat(row), path, number)
    except (ArrowException, OSError) as error:
        raise InputError(f"{path} cannot be read as a Parquet file ({error})") from error


def _uncovered(value: Any) -> Any:
    """Take the apostrophes away that were put before what a spreadsheet would take for a formula."""
    return "\n".join(map(_line_uncovered, value.split("\n"))) if isinstance(value, str) else value


def _line_uncovered(line: str) -> str:
    return line[1:] if line.startswith("'") and line[1:].lstrip().startswith(FORMULA) else line


def _delimiter(first: str) -> str:
    return max(",;\t", key=first.count)


def _missing(names: set[str]) -> str | None:
    for what in ("address", "time"):
        if not names & set(NAMES[what]):
            return f"the {what}"
    return None if names & {*NAMES["paragraphs"], *NAMES["text"], *NAMES["html"]} else "the text"


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[io.TextIOWrapper]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            yield file
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error})") from error


def _lines(file: io.TextIOWrapper, path: Path) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise InputError(f"{path} has a line of more than {LONGEST_LINE:,} characters")
        yield line


# --- a row ----------------------------------------------------------------------------------------


def _flat(row: Row) -> dict[str, Any]:
    """Name the values as we do; what our own export keeps in an object of its own is among them."""
    inner = row.get("snapshot")
    everything = {**(inner if isinstance(inner, dict) else {}), **row}
    everything = {
        str(name).strip().lower(): value
        for name, value in everything.items()
        if value is not None and not (isinstance(value, str) and not value)
    }
    if isinstance(inner, dict) and "fetched_at" in inner:
        everything["time"] = inner["fetched_at"]
        everything["address"] = row.get("article") or inner.get("address")
    found = {
        what: next((everything[name] for name in names if name in everything), None) for what, names in NAMES.items()
    }
    return {what: value for what, value in found.items() if value is not None}


def _item(row: Row, path: Path, number: int) -> Imported | Skipped:
    place = f"line {number}"
    missing = _missing({NAMES[what][0] for what in row})
    if missing:
        return Skipped(place, f"{missing} is missing")
    at = read_moment(row["time"])
    if at is None:
        return Skipped(place, f"its time is {str(row['time'])[:40]!r}; write 2018-04-09T08:15:00Z")
    origin = str(row.get("origin") or f"{path.name}, line {number}")
    seen = read_moment(row["seen"]) if "seen" in row else None
    if "paragraphs" in row:
        found = _capture(str(row["address"]), at, None, "text/plain", origin, _exact(row))
    elif "text" in row:
        found = text_capture(
            str(row["address"]),
            at,
            headline=_text(row.get("headline")),
            text=_text(row["text"]) or "",
            byline=_names(row.get("byline")),
            published_at=read_moment(row.get("published")),
            updated_at=read_moment(row.get("updated")),
            origin=origin,
        )
    else:
        found = html_capture(str(row["address"]), at, html=str(row["html"]), origin=origin)
    return Skipped(place, found) if isinstance(found, str) else replace(found, last_seen_at=seen)


def _exact(row: Row) -> Version:
    """Read a version as we wrote it."""
    paragraphs = _list(row["paragraphs"])
    language = row.get("language") or guess_language(" ".join(paragraphs))
    return Version(
        headline=_text(row.get("headline")),
        byline=_list(row.get("byline")),
        published_at=read_moment(row.get("published")),
        updated_at=read_moment(row.get("updated")),
        section=_text(row.get("section")),
        language=str(language) if language else None,
        paragraphs=paragraphs,
        captions=_list(row.get("captions")),
        notices=_list(row["notices"]) if "notices" in row else find_notices(paragraphs, language),
        extractor=str(row.get("extractor") or EXTRACTOR),
        links=_list(row["links"]) if "links" in row else None,
        plain_text=True,
    )


def _list(value: Any) -> tuple[str, ...]:
    """Read a list, or a text with a line an item."""
    if isinstance(value, str):
        return tuple(value.split("\n"))
    return tuple(str(one) for one in value or ())


def _text(value: Any) -> str | None:
    """Read a text, or a list of paragraphs."""
    if isinstance(value, list):
        return "\n\n".join(str(one) for one in value)
    return None if value is None else str(value)


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    text = re.sub(r"^\s*by\s+", "", str(value or ""), flags=re.IGNORECASE).strip()
    return (text,) if text else ()


def read_moment(value: Any) -> datetime | None:
    """Read a moment: ISO 8601 (UTC where it names no zone), 14 digits, or seconds since 1970; None where it is none."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    text = str(value if value is not None else "").strip()
    try:
        if STAMP.fullmatch(text):
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


# --- captures -------------------------------------------------------------------------------------


def text_capture(
    address: str,
    at: datetime,
    *,
    headline: str | None,
    text: str,
    origin: str,
    byline: tuple[str, ...] = (),
    published_at: datetime | None = None,
    updated_at: datetime | None = None,
    html: bytes | None = None,
) -> Imported | str:
    """Make a capture of a text; half a sentence where it cannot be.

    Args:
        address: Of the article.
        at: When it said so.
        headline: Where it is known; then the text holds none.
        text: What it said, a paragraph a line.
        origin: Where this comes from.
        byline: Names.
        published_at: As the page said.
        updated_at: As the page said.
        html: The page, where it is there beside the text.
    """
    try:
        version = version_from_text(text)
    except ExtractError as error:
        return str(error)
    if headline:
        lines = [version.headline] if version.headline else []
        paragraphs = tuple(line for line in (*lines, *version.paragraphs) if line != headline)
        version = replace(version, headline=headline, paragraphs=paragraphs)
    version = replace(version, byline=byline, published_at=published_at, updated_at=updated_at)
    return _capture(address, at, html, "text/plain" if html is None else "text/html", origin, version)


def html_capture(address: str, at: datetime, *, html: str, origin: str) -> Imported | str:
    """Make a capture of a page; half a sentence where it cannot be."""
    if not html.strip():
        return "its html is empty"
    return _capture(address, at, html.encode("utf-8", "replace"), "text/html", origin, None)


def _capture(
    address: str, at: datetime, body: bytes | None, kind: str, origin: str, version: Version | None
) -> Imported | str:
    if not address.startswith(("http://", "https://")):
        return f"its address is {address[:200]!r}, which is none of a page"
    headers = (("Content-Type", f"{kind}; charset=utf-8"),)
    content = _body(version) if body is None and version else body or b""
    return Imported(Snapshot(address, at, 200, headers, content, origin=origin), version)


def _body(version: Version) -> bytes:
    parts = [version.headline, *version.paragraphs]
    return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8", "replace")


def text_of_html(html: str) -> str:
    """Read the text of a fragment that is nothing but paragraphs."""
    import html as entities

    return entities.unescape(TAG.sub("", BREAK.sub("\n\n", html)))
