"""The commands: parse arguments, build the parts, print, choose the exit code.

Results go to stdout, progress and warnings to stderr.
Exit codes: 0 done · 1 done, and there is something to act on · 2 usage or configuration · 3 could not be done.

`app` is the command line; each module beside it holds the commands of one purpose.
"""

from __future__ import annotations

import io
import os
import sys

from tracker.__main__ import STOPPED
from tracker.cli.app import app
from tracker.errors import TrackerError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line and leave with its exit code."""
    _write_utf8()
    code = _run()
    try:
        sys.stdout.flush()
    except OSError as error:
        # Python would try once more at the very end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            code = _failed(TrackerError(f"the output cannot be written: {error.strerror or error}"))
    sys.exit(code)


def _write_utf8() -> None:
    """Give files and programs UTF-8, whatever the locale: JSON is nothing else, and a question mark in the place of a letter is another fact."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")


def _run() -> int | str | None:
    try:
        app(prog_name="tracker")
    except SystemExit as ended:
        return ended.code
    except TrackerError as error:
        return _failed(error)
    except KeyboardInterrupt:  # while the arguments were read; later a command says what it kept
        return STOPPED
    return 0


def _failed(error: TrackerError) -> int:
    print(f"tracker: {error}", file=sys.stderr)
    return error.exit_code
