"""Where the archive's files lie: what it does with files, whatever they lie on.

A file has a name within the archive, such as "northdesk.example/strike-1a2b3c4d/0001.warc.zst".
`folder` keeps files in a folder of this machine, or one that several share; `bucket` keeps them as objects on S3-compatible storage.
Both hold the same bytes under the same names, so that an archive is moved from one to the other by copying it.

Computes only.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from tracker.archive.tail import file_path
from tracker.config import Bucket
from tracker.errors import ArchiveError

FILE: Final = re.compile(r"(\d{4,})\.warc\.zst")


class ChangedError(OSError):
    """A file is not as it was when it was looked at: somebody else has written to it, and nothing was written over that."""


@dataclass(frozen=True, slots=True)
class Status:
    """A file from outside."""

    size: int  # bytes
    written_at: datetime  # last


class Storage(Protocol):
    """Files by their names.  Whatever goes wrong is an OSError, FileNotFoundError where there is no such file."""

    largest_file: int  # bytes: from then on an article's captures go into another one
    keeps_index: bool  # whether a list for people stands beside the captures
    ends_files: bool  # whether it is written into a file that another one follows, since somebody else may be about to append to it

    def place(self, name: str) -> str:
        """Say where a file is, for people."""

    # --- reading ---

    def exists(self) -> bool:
        """Say whether there is an archive."""

    def names(self, folder: str) -> list[str]:
        """List the names of the files in a folder, without the folder; none where there is no such folder."""

    def statuses(self, folder: str) -> dict[str, Status]:
        """Look at the files in a folder; none where there is no such folder."""

    def folders(self, holding: re.Pattern[str]) -> Iterator[str]:
        """List the folders that hold a file with such a name, in order."""

    def holds(self, name: str) -> bool:
        """Say whether there is such a file."""

    def size(self, name: str) -> int:
        """Say how many bytes a file has."""

    def identity(self, name: str) -> object:
        """Tell a file from another that was put in its place; None where only reading it tells."""

    def read(self, name: str, offset: int = 0, length: int = -1) -> bytes:
        """Read a file from a position on, at most so many bytes; to its end without."""

    # --- writing captures: all of it is there afterwards, or nothing ---

    def append(self, name: str, data: bytes, end: int) -> None:
        """Append to a file that is `end` bytes long.

        Raises:
            ChangedError: It is not so long any more.
        """

    def create(self, name: str, data: bytes) -> None:
        """Make a file that is not there.

        Raises:
            ChangedError: It is there by now.
        """

    def replace(self, name: str, data: bytes, old: bytes) -> None:
        """Write a file anew that holds the old bytes.

        Raises:
            ChangedError: It holds others by now.
        """

    def cut(self, name: str, end: int, old: bytes) -> None:
        """Cut the end off a file that holds the old bytes."""

    # --- writing what stands beside them ---

    def write(self, name: str, data: bytes) -> None:
        """Write a whole file, whatever was there."""

    def write_loosely(self, name: str, data: bytes) -> None:
        """Write a whole file that can be written again: a power cut may take it back."""

    def add_line(self, name: str, heading: str, line: str) -> None:
        """Add a line to a list that may as well be lost; a new one begins with the heading."""

    def remove(self, name: str) -> None:
        """Remove a file; it need not be there."""


Place = Path | Bucket | Storage
"""Where an archive is: a folder, a part of a bucket, or either as it is opened."""


def open_storage(place: Place) -> Storage:
    """Open what is at a place.

    Raises:
        ConfigError: What is needed for it is not installed.
    """
    if isinstance(place, Bucket):
        from tracker.archive.bucket import BucketStorage

        return BucketStorage(place)
    if isinstance(place, Path):
        from tracker.archive.folder import FolderStorage

        return FolderStorage(place)
    return place


@contextlib.contextmanager
def readable(storage: Storage, name: str) -> Iterator[None]:
    """Explain what goes wrong while a file or a folder is read.

    Raises:
        ArchiveError: It cannot be read.
    """
    try:
        yield
    except OSError as error:
        place = storage.place(name)
        raise ArchiveError(f"{place} cannot be read ({error.strerror or error})", file=place) from error


def numbers_of(names: Iterable[str]) -> list[int]:
    """Pick the files with captures out of the names in an article's folder: their numbers, in order."""
    return sorted(int(match[1]) for name in names if (match := FILE.fullmatch(name)))


def article_files(storage: Storage, folder: str) -> dict[int, str]:
    """Find the files of an article by their number, in order."""
    return {number: file_path(folder, number) for number in numbers_of(storage.names(folder))}
