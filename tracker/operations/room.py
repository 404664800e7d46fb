"""Room on the disk: fetching stops while there is still enough to write down what was fetched.

Touches the disk.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from tracker.errors import TrackerError

ENOUGH: Final = 1.05  # of what must be free, until fetching goes on: not at every byte that comes free


class NoRoomError(TrackerError):
    """There is too little room on the disk to fetch anything."""

    exit_code = 3


def free_bytes(folder: Path) -> int:
    """Say how much room there is on the disk of a folder, which need not be there yet."""
    return shutil.disk_usage(next(place for place in (folder, *folder.absolute().parents) if place.exists())).free


class Room:
    """Is there room to go on?

    Args:
        folder: Where the archive is, or will be.
        least: Bytes that must be free.
    """

    def __init__(self, folder: Path, least: int) -> None:
        self.folder = folder
        self.least = least
        self._short = False

    def problem(self) -> str | None:
        """Say why nothing may be fetched; None where there is room."""
        free = free_bytes(self.folder)
        self._short = free < (self.least * ENOUGH if self._short else self.least)
        if not self._short:
            return None
        return (
            f"nothing is fetched, because the disk of {self.folder} has {free / 1e6:,.0f} MB free and [archive] min_free "
            f"asks for {self.least / 1e6:,.0f} MB; make room, and it goes on by itself"
        )
