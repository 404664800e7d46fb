"""Writes to the disk so that a crash at any moment leaves all of a write or nothing.

Everything that changes the archive goes through the handful of primitives of `Disk`, so that tests can make each of them fail or be the last thing that happens.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Disk:
    """The primitives, and what is built of them."""

    # --- primitives: what the operating system does ---

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        """Write, and say how much of it was written."""
        return os.write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        """Wait until it is on the disk."""
        os.fsync(descriptor)

    def truncate(self, descriptor: int, length: int) -> None:
        """Cut a file off."""
        os.ftruncate(descriptor, length)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file its name."""
        old.rename(new)

    # --- what the archive needs ---

    def append(self, path: Path, data: bytes, end: int) -> None:
        """Append to a file that is `end` bytes long; whatever goes wrong, it is so again.

        Raises:
            OSError: Nothing was appended.
        """
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            self._write_all(descriptor, data)
            self.fsync(descriptor)
        except OSError:
            with contextlib.suppress(OSError):  # if not even that works, the torn tail is found at the next start
                self.truncate(descriptor, end)
                self.fsync(descriptor)
            raise
        finally:
            os.close(descriptor)

    def create(self, path: Path, data: bytes) -> None:
        """Make a file that is there whole or not at all, with the folders above it.

        Raises:
            OSError: There is no such file now.
        """
        self.make_folder(path.parent)
        temporary = path.with_name(f".{path.name}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            try:
                self._write_all(descriptor, data)
                self.fsync(descriptor)
            finally:
                os.close(descriptor)
            self.rename(temporary, path)
            self.sync_folder(path.parent)
        except OSError:
            temporary.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise

    def replace(self, path: Path, data: bytes) -> None:
        """Write a file anew: it holds the old bytes or the new ones.

        Raises:
            OSError: It holds the old bytes, or the new ones that a power cut may yet take back.
        """
        temporary = path.with_name(f".{path.name}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            try:
                self._write_all(descriptor, data)
                self.fsync(descriptor)
            finally:
                os.close(descriptor)
            self.rename(temporary, path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        self.sync_folder(path.parent)

    def note(self, path: Path, text: str) -> None:
        """Append to a file that may as well be lost."""
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._write_all(descriptor, text.encode())
        finally:
            os.close(descriptor)

    def cut(self, path: Path, length: int) -> None:
        """Cut the end off a file for good."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            self.truncate(descriptor, length)
            self.fsync(descriptor)
        finally:
            os.close(descriptor)

    def make_folder(self, folder: Path) -> None:
        """Make a folder with those above it, so that their names survive a power cut."""
        if folder.is_dir():
            return
        self.make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        self.sync_folder(folder.parent)

    def sync_folder(self, folder: Path) -> None:
        """Wait until the names in a folder are on the disk."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _write_all(self, descriptor: int, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self.write(descriptor, rest) :]
