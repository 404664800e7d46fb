"""One tracker at a time writes to an archive, or workers that share the work and nobody else.

The lock is the operating system's (`flock`), so it is gone the moment its holder dies, however that happens.
The file that it hangs on says who holds it, for whoever finds it taken.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tracker.errors import ArchiveError, BusyError

LOCK_FILE: Final = "tracker.lock"
LONGEST_NOTE: Final = 4096  # bytes that are read of what the holder wrote
GLANCES: Final = 10  # before the lock counts as taken
GLANCE_S: Final = 0.02  # a look at it takes far less

_held: set[int] = set()  # descriptors that hold a lock in this process


def _close_inherited() -> None:
    """Let a forked child not keep the lock when its parent dies."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_inherited)


@contextlib.contextmanager
def lock_archive(folder: Path, purpose: str, *, shared: bool = False) -> Iterator[None]:
    """Be the only one who writes to an archive.

    Args:
        folder: The archive's folder; made if it is not there.
        purpose: What the lock is for, as the other will read it: "tracker run".
        shared: Let others write who share it too, because something else sees to it that no two write about one article.

    Raises:
        BusyError: Another process, or another part of this one, holds it.
        ArchiveError: The folder cannot be written.
    """
    descriptor = _open(folder)
    if not _try_lock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
        holder = _read_note(descriptor)
        os.close(descriptor)
        named = f" by {holder}" if holder else ""
        raise BusyError(f"the archive {folder} is in use{named}; wait for it to end, or stop it first")
    try:
        _held.add(descriptor)
        _note(descriptor, f"{purpose} (process {os.getpid()} on {socket.gethostname()}, since {_now()})\n")
        yield
    finally:
        if descriptor in _held:  # it is not in a child that came out of a fork in between
            if not shared:  # the others are still at it
                _note(descriptor, "")
            _held.remove(descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a child that was just forked may still have the descriptor
            os.close(descriptor)


def lock_holder(folder: Path) -> str | None:
    """Say who holds the lock of an archive; None when nobody does."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_note(descriptor) or "another process"
    finally:
        os.close(descriptor)
    return None


def _open(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except (FileExistsError, NotADirectoryError) as error:
        raise ArchiveError(f"the archive {folder} is not a folder") from error
    except OSError as error:
        reason = error.strerror or error
        raise ArchiveError(f"the archive {folder} cannot be written ({reason}); see who may write there") from error


def _try_lock(descriptor: int, kind: int) -> bool:
    """Take the lock; who only looks at it (`lock_holder`) is gone in a moment."""
    for _ in range(GLANCES):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        time.sleep(GLANCE_S)
    return False


def _read_note(descriptor: int) -> str:
    return os.pread(descriptor, LONGEST_NOTE, 0).decode("utf-8", "replace").strip()


def _note(descriptor: int, text: str) -> None:
    """Say who holds the lock; the lock does not depend on it, so a full disk is no reason not to hold it."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
