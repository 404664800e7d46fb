"""An archive's files in a folder of this machine, or in one that several share.

Only one process writes to an article at a time: the archive's lock sees to it, and where workers share the work, the queue of their tasks.
So nothing is checked again here before it is written.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tracker.archive.disk import Disk
from tracker.archive.storage import Status
from tracker.archive.tail import LARGEST_FILE


class LooseDisk(Disk):
    """A disk for what can be written again: it is whole or not there, but nobody waits for it."""

    def fsync(self, descriptor: int) -> None:
        """Do not wait."""


LOOSE: Final = LooseDisk()


class FolderStorage:
    """Files in a folder (`Storage`).

    Args:
        folder: Made with the first capture.
        disk: How it is written to.
    """

    largest_file = LARGEST_FILE
    keeps_index = True
    ends_files = False

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self.disk = disk or Disk()

    def __str__(self) -> str:
        return str(self.folder)

    def place(self, name: str) -> str:
        """Say where a file is, for people."""
        return str(self.folder / name)

    # --- reading ----------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Say whether there is an archive."""
        return self.folder.is_dir()

    def names(self, folder: str) -> list[str]:
        """List the names of the files in a folder."""
        try:
            return [path.name for path in (self.folder / folder).iterdir()]
        except FileNotFoundError:
            return []

    def statuses(self, folder: str) -> dict[str, Status]:
        """Look at the files in a folder."""
        try:
            with os.scandir(self.folder / folder) as entries:
                return {entry.name: _status(entry.stat()) for entry in entries if entry.is_file()}
        except FileNotFoundError:
            return {}

    def folders(self, holding: re.Pattern[str]) -> Iterator[str]:
        """List the folders that hold a file with such a name, in order."""
        for place, below, files in os.walk(self.folder):
            below[:] = sorted(name for name in below if not name.startswith("."))
            if any(holding.fullmatch(name) for name in files):
                yield Path(place).relative_to(self.folder).as_posix()

    def holds(self, name: str) -> bool:
        """Say whether there is such a file."""
        return (self.folder / name).exists()

    def size(self, name: str) -> int:
        """Say how many bytes a file has."""
        return (self.folder / name).stat().st_size

    def identity(self, name: str) -> object:
        """Tell a file from another that was put in its place."""
        return (self.folder / name).stat().st_ino

    def read(self, name: str, offset: int = 0, length: int = -1) -> bytes:
        """Read a file from a position on."""
        with (self.folder / name).open("rb") as opened:
            opened.seek(offset)
            return opened.read(length)

    # --- writing ----------------------------------------------------------------------------------

    def append(self, name: str, data: bytes, end: int) -> None:
        """Append to a file that is `end` bytes long."""
        self.disk.append(self.folder / name, data, end)

    def create(self, name: str, data: bytes) -> None:
        """Make a file that is not there."""
        self.disk.create(self.folder / name, data)

    def replace(self, name: str, data: bytes, old: bytes) -> None:  # noqa: ARG002  # nobody else writes
        """Write a file anew that holds the old bytes."""
        self.disk.replace(self.folder / name, data)

    def cut(self, name: str, end: int, old: bytes) -> None:  # noqa: ARG002  # nobody else writes
        """Cut the end off a file."""
        self.disk.cut(self.folder / name, end)

    def write(self, name: str, data: bytes) -> None:
        """Write a whole file, whatever was there."""
        self.disk.create(self.folder / name, data)

    def write_loosely(self, name: str, data: bytes) -> None:
        """Write a whole file that can be written again."""
        LOOSE.replace(self.folder / name, data)

    def add_line(self, name: str, heading: str, line: str) -> None:
        """Add a line to a list that may as well be lost."""
        path = self.folder / name
        self.disk.note(path, line if path.exists() else heading + line)

    def remove(self, name: str) -> None:
        """Remove a file, for good."""
        path = self.folder / name
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
            self.disk.sync_folder(path.parent)


def _status(status: os.stat_result) -> Status:
    return Status(status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))
