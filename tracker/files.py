"""Saved pages and texts in place of what a server sends: read them, compare them.

Each function here can be sent to another process with its argument, and gives a value back, errors included.

Touches the disk.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tracker.capture import judge_capture
from tracker.comparison import compare_versions
from tracker.comparison_json import comparison_to_json
from tracker.errors import ExtractError, InputError, TrackerError
from tracker.extract import extract_version, version_from_sentences, version_from_text
from tracker.models import Capture, Comparison, Snapshot, Verdict, Version

LARGEST: Final = 50_000_000  # bytes; five times the largest page that is fetched by default
READ_FROM_FILE: Final = datetime(1970, 1, 1, tzinfo=UTC)  # a saved page does not say when it was fetched
PAGE: Final = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|article|div|title|script|p|h1)\b",
    re.IGNORECASE | re.DOTALL,
)
SUFFIXES: Final = {".html", ".htm", ".xhtml", ".shtml"}

Side = str | list[str] | dict[str, str]
"""One side of a comparison: a text, a list of sentences, or {"file": path}."""

Read = tuple[Version, Capture]


# --- one file -------------------------------------------------------------------------------------


def read_file(path: Path, address: str | None = None, previous: Version | None = None) -> Read:
    """Read a saved page, or a plain text.

    Args:
        path: The file.
        address: Where the page came from.
        previous: An earlier version of the article: what is left of it says whether the page is the article at all.

    Returns:
        What was read, and what it is worth.  A page without a text gives an empty version and a suspect capture.

    Raises:
        InputError: It cannot be read, or it is a text without a word.
    """
    data = _bytes_of(path)
    if not data.strip():
        raise InputError(f"{path} is empty: there is nothing to read")
    is_page = path.suffix.lower() in SUFFIXES or PAGE.match(data[:4096])
    content_type = "text/html" if is_page else "text/plain"
    if not is_page and b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path} is neither a page nor a text")
    snapshot = Snapshot(
        address or path.absolute().as_uri(), READ_FROM_FILE, 200, (("Content-Type", content_type),), data
    )
    try:
        version = extract_version(snapshot)
    except ExtractError as error:
        if is_page:
            return Version(), judge_capture(snapshot, None, previous)
        raise InputError(f"{path}: {error}") from error
    return version, Capture() if version.plain_text else judge_capture(snapshot, version, previous)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} has more than {LARGEST:,} bytes; no article is so long")
        return path.read_bytes()
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder; name a file in it") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read: {reason}") from error


@dataclass(frozen=True, slots=True)
class ToExtract:
    """A file to be read, in another process perhaps."""

    path: Path
    address: str | None = None


def extract_file(task: ToExtract) -> dict[str, object] | InputError:
    """Read a file into what `tracker extract` prints of it, or say why not."""
    try:
        version, capture = read_file(task.path, task.address)
    except InputError as error:
        return error
    return {"file": str(task.path), **version_to_json(version, capture)}


def version_to_json(version: Version, capture: Capture) -> dict[str, object]:
    """List what was read in a page."""
    return {
        "headline": version.headline,
        "shown_headline": version.shown_headline,
        "byline": list(version.byline),
        "published_at": _moment(version.published_at),
        "updated_at": _moment(version.updated_at),
        "section": version.section,
        "language": version.language,
        "paragraphs": list(version.paragraphs),
        "captions": list(version.captions),
        "notices": list(version.notices),
        "capture": {"quality": capture.quality, "suspect": capture.suspect, "reasons": list(capture.reasons)},
        "extractor": version.extractor,
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


# --- two sides ------------------------------------------------------------------------------------


def compare_files(old: Path, new: Path, *, force: bool = False) -> Comparison:
    """Compare two files.

    Raises:
        InputError: One of them cannot be read.
    """
    before = read_file(old)
    return _compare(before, read_file(new, previous=_good(before)), force)


def _compare(old: Read, new: Read, force: bool) -> Comparison:
    return compare_versions(old[0], new[0], old_capture=old[1], new_capture=new[1], force=force, clock=time.thread_time)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a batch."""

    number: int  # from 1
    text: str
    folder: Path  # what relative paths in it are relative to
    force: bool = False
    changes_only: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of a line of a batch."""

    text: str  # a line of JSON, without its end
    verdict: Verdict | None = None
    problem: str | None = None  # why there is no comparison


def compare_line(line: Line) -> Compared:
    """Compare the two sides of a line of a batch."""
    try:
        pair = _pair_of(line)
        before = _read_side(pair, "old", line)
        comparison = _compare(before, _read_side(pair, "new", line, _good(before)), line.force)
    except TrackerError as error:
        return not_compared(line, error)
    data = comparison_to_json(comparison, changes_only=line.changes_only)
    return Compared(_dump({"id": pair.get("id"), **data}), comparison.judgement.verdict)


def not_compared(line: Line, error: Exception) -> Compared:
    """Say why a line has no comparison, under its id where that can be read."""
    problem = f"line {line.number}: {error}"
    return Compared(_dump({"id": _id_of(line), "error": problem}), problem=problem)


def _id_of(line: Line) -> object:
    try:
        pair = json.loads(line.text)
    except (ValueError, RecursionError):
        return None
    return pair.get("id") if isinstance(pair, dict) else None


def _pair_of(line: Line) -> dict[str, Any]:
    try:
        pair = json.loads(line.text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is not JSON ({error})") from error
    if not isinstance(pair, dict) or "old" not in pair or "new" not in pair:
        raise InputError('expected an object with "id", "old" and "new"')
    return pair


def _good(read: Read) -> Version | None:
    """Give what was read, unless it is hardly the article."""
    version, capture = read
    return None if capture.suspect else version


def _read_side(pair: dict[str, Any], key: str, line: Line, previous: Version | None = None) -> Read:
    side = pair[key]
    if isinstance(side, dict) and isinstance(side.get("file"), str):
        return read_file(line.folder / side["file"], side.get("address"), previous)
    if isinstance(side, list) and all(isinstance(sentence, str) for sentence in side):
        return version_from_sentences(side), Capture()
    if isinstance(side, str):
        return version_from_text(side) if side.strip() else version_from_sentences([]), Capture()
    raise InputError(f'"{key}" is neither a text, nor a list of sentences, nor {{"file": path}}')


def _dump(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
