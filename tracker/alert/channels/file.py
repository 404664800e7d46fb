"""One line of JSON at the end of a file, or text on the terminal.

Touches the disk.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

from tracker.alert.channels.interface import body_of
from tracker.config import TERMINAL, ChannelSettings
from tracker.errors import AlertError
from tracker.models import Message


class FileChannel:
    """One file; it is opened anew for each message, so that it may be rotated."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._name = settings.name
        self._file = settings.file or TERMINAL

    def send(self, message: Message) -> None:
        """Append the message and see it onto the disk."""
        try:
            if self._file == TERMINAL:
                _show(message)
            else:
                _append(self._file, body_of(message))
        except (OSError, ValueError) as error:  # ValueError: the terminal is closed
            reason = getattr(error, "strerror", None) or error
            raise AlertError(
                f'channel "{self._name}": {self._file} cannot be written: {reason}', channel=self._name
            ) from error


def _show(message: Message) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(f"{message.text}\n\n".encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


def _append(file: Path, line: bytes) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # until it is closed: two programs that append do not mix their lines
        data = _line_break(descriptor) + line + b"\n"
        if os.write(descriptor, data) < len(data):
            raise OSError(f"only a part of {len(data)} bytes could be written")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line_break(descriptor: int) -> bytes:
    """End a line that was torn by a crash or a full disk, so that ours begins on a new one."""
    size = os.fstat(descriptor).st_size
    return b"" if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"
