"""The forms that captures come in, and how to tell which one a file or a folder has.

Touches the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal

from tracker.archive import Imported, Skipped, read_warc
from tracker.errors import InputError
from tracker.imports import changedetection, diffengine, newsdiffs, texts, wacz

Form = Literal["warc", "wacz", "jsonl", "csv", "parquet", "diffengine", "changedetection", "newsdiffs"]
Reader = Callable[[Path], Iterable[Imported | Skipped]]

FORMS: Final[dict[Form, Reader]] = {
    "warc": read_warc,
    "wacz": wacz.read,
    "jsonl": texts.read_jsonl,
    "csv": texts.read_csv,
    "parquet": texts.read_parquet,
    "diffengine": diffengine.read,
    "changedetection": changedetection.read,
    "newsdiffs": newsdiffs.read,
}
ENDINGS: Final[dict[str, Form]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".wacz": "wacz",
}
ZIP: Final = b"PK\x03\x04"
SQLITE: Final = b"SQLite format 3\0"


def open_form(path: Path, form: Form | None = None) -> Iterable[Imported | Skipped]:
    """Begin to read a file or folder.

    Args:
        path: Where it is.
        form: What it is; None: found out from its name and its first bytes.

    Raises:
        InputError: It cannot be opened, or is of no form that is known; some of this only as it is read.
    """
    return FORMS[form or form_of(path)](path)


def form_of(path: Path) -> Form:
    """Tell what a file or folder is.

    Raises:
        InputError: It cannot be opened, or nobody knows.
    """
    if path.is_dir():
        if changedetection.is_one(path):
            return "changedetection"
        if newsdiffs.is_one(path):
            return "newsdiffs"
        if (path / texts.VERSIONS).is_file():
            return "parquet"
        raise InputError(
            f"{path} is a folder, but neither the data folder of changedetection.io (with its watches) nor one of NewsDiffs (a database beside articles/)"
        )
    try:
        with path.open("rb") as file:
            start = file.read(len(SQLITE))
    except OSError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror or error})") from error
    if start == SQLITE:
        return "newsdiffs" if newsdiffs.is_one(path) else "diffengine"
    if start.startswith(ZIP):
        return "wacz"
    if newsdiffs.is_dump(start):
        return "newsdiffs"
    return ENDINGS.get(path.suffix.lower(), "warc")
