"""`python -m tracker` is the `tracker` command.

The commands are imported when it runs and not with this module, which every process that computes for us imports once more.
"""

from __future__ import annotations

import atexit
import gc
import sys
from typing import Final

# Objects made until the next look for garbage.  Nearly all that a start makes stays; to look through it every 700 objects, and once more at the end, takes a third of a short command's time.
ROUND: Final = 10_000
STOPPED: Final = 130  # 128 + SIGINT, as shells report it


def main() -> None:
    """Run the command line and leave with its exit code."""
    spare_collector()
    try:
        from tracker.cli import main as run
    except KeyboardInterrupt:  # Ctrl-C before anything was begun
        sys.exit(STOPPED)
    run()


def spare_collector() -> None:
    """Let the garbage collector look around less often, and at the end of the process not at all."""
    gc.set_threshold(ROUND)
    atexit.register(gc.freeze)


if __name__ == "__main__":
    main()
