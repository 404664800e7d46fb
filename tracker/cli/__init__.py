"""The commands: parse arguments, build the parts, print, choose the exit code.

Results go to stdout, progress and warnings to stderr.
Exit codes: 0 done · 1 done, and there is something to act on · 2 usage or configuration · 3 could not be done.

`app` is the command line; each module beside it holds the commands of one purpose.
"""

from __future__ import annotations

import os
import sys

from tracker.cli.app import app
from tracker.errors import TrackerError

__all__ = ["app", "main"]

INTERRUPTED = 130  # 128 + SIGINT, as shells report it


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app(prog_name="tracker")
    except TrackerError as error:
        print(f"tracker: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("tracker: stopped; what was done so far is kept", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
