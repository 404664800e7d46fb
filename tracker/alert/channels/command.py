"""A program of the user's own, which gets the JSON on standard input.

Runs other programs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from typing import IO, Final

from tracker.alert.channels.interface import body_of, one_line
from tracker.config import ChannelSettings
from tracker.errors import AlertError
from tracker.models import Message

STDERR_READ: Final = 4096  # bytes from the end, in which the last line is looked for


class CommandChannel:
    """One program with its arguments; no shell reads them."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._name = settings.name
        self._command = settings.command or ()
        self._timeout_s = settings.timeout_s

    def send(self, message: Message) -> None:
        """Run the program and wait for it to end well."""
        # Its stderr goes to a file, not a pipe: a grandchild that lives on would keep a pipe open, and us waiting.
        with tempfile.TemporaryFile() as stderr:
            try:
                code = self._run(body_of(message), stderr)
            except subprocess.TimeoutExpired as error:
                raise self._error(f"did not end within {self._timeout_s:g} s and was stopped") from error
            except (OSError, ValueError) as error:
                raise self._error(f"could not be started: {getattr(error, 'strerror', None) or error}") from error
            if code != 0:
                raise self._error(_explain(code, stderr))

    def _run(self, body: bytes, stderr: IO[bytes]) -> int:
        with subprocess.Popen(  # noqa: S603 - the program is the user's own choice
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,  # so that it can be stopped together with what it started
        ) as process:
            try:
                process.communicate(body, timeout=self._timeout_s)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise
            return process.returncode

    def _error(self, what: str) -> AlertError:
        program = one_line(self._command[0]) if self._command else "the command"
        return AlertError(f'channel "{self._name}": {program} {what}', channel=self._name)


def _explain(code: int, stderr: IO[bytes]) -> str:
    said = _last_line(stderr)
    ended = f"ended with exit code {code}" if code > 0 else f"was stopped by signal {-code}"
    return f"{ended}: {said}" if said else ended


def _last_line(stderr: IO[bytes]) -> str:
    size = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(size - STDERR_READ, 0))
    lines = stderr.read().decode(errors="replace").split("\n")
    return next((line for line in map(one_line, reversed(lines)) if line), "")
