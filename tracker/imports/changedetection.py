"""The data folder of changedetection.io (https://changedetection.io): a folder for each watch, with its history.

`history.txt` names for each change the moment and the file of the text, which may be compressed; the page itself is kept for the last changes only (`<moment>.html.br`).
The addresses are in each folder's `watch.json`, and with older versions of the program in `url-watches.json` for all.
What was cut away from a page by a filter of the program is gone; texts hold whatever stood around the article.

Touches the disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import brotli  # type: ignore[import-untyped]  # it ships no types

from tracker.archive import Imported, Skipped
from tracker.errors import InputError
from tracker.imports.texts import text_capture

ALL: Final = "url-watches.json"
HISTORY: Final = "history.txt"
LARGEST: Final = 50_000_000  # bytes of a text or page


def is_one(folder: Path) -> bool:
    """Whether a folder is one."""
    return (folder / ALL).is_file() or any(folder.glob("*/watch.json")) or any(folder.glob(f"*/{HISTORY}"))


def read(path: Path) -> Iterator[Imported | Skipped]:
    """Read the history of all watches.

    Raises:
        InputError: It cannot be read, or is no such folder.
    """
    if not path.is_dir() or not is_one(path):
        raise InputError(f"{path} is no data folder of changedetection.io: it has no folder with a {HISTORY}")
    known = _json(path / ALL).get("watching", {})
    for history in sorted(path.glob(f"*/{HISTORY}")):
        folder = history.parent
        watch = _json(folder / "watch.json") or known.get(folder.name) or {}
        address = watch.get("url")
        if isinstance(address, str):
            yield from _read(folder, watch, address, path.name)
        else:
            yield Skipped(folder.name, "nothing says which address was watched")


def _read(folder: Path, watch: dict[str, Any], address: str, name: str) -> Iterator[Imported | Skipped]:
    try:
        lines = [line.strip().partition(",") for line in (folder / HISTORY).read_text("utf-8", "replace").splitlines()]
    except OSError as error:
        raise InputError(f"{folder / HISTORY} cannot be read ({error.strerror or error})") from error
    lines = [line for line in lines if line[1]]
    for moment, _, file in lines:
        place = f"{folder.name}/{file[:100]}"
        found = _capture(folder, address, moment, Path(file).name, f"{name} (changedetection.io), {place}")
        if isinstance(found, str):
            yield Skipped(place, found)
        elif moment == lines[-1][0]:
            yield replace(found, last_seen_at=_moment(str(watch.get("last_checked"))))
        else:
            yield found


def _capture(folder: Path, address: str, moment: str, file: str, origin: str) -> Imported | str:
    at = _moment(moment)
    if at is None:
        return f"its time is {moment[:40]!r}"
    text = _unpacked(folder / file)
    if text is None:
        return "the file is missing, cannot be read, or is too large"
    html = _unpacked(folder / f"{moment}.html.br")
    return text_capture(address, at, headline=None, text=text.decode("utf-8", "replace"), origin=origin, html=html)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(float(text)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _unpacked(path: Path) -> bytes | None:
    """Read a file within the folder, never one that a link leads to."""
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST:
            return None
        data = path.read_bytes()
        if path.suffix != ".br":
            return data
        unpacked = bytes(brotli.Decompressor().process(data, output_buffer_limit=LARGEST + 1))
    except (OSError, brotli.error):
        return None
    return unpacked if len(unpacked) <= LARGEST else None


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
