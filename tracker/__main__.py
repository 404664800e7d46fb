"""`python -m tracker` is the `tracker` command.

The commands are imported when it runs and not with this module, which every process that computes for us imports once more.
"""

from __future__ import annotations

import atexit
import gc
import sys
from typing import Final

# Objects made until the next look for garbage.  Nearly all that a start makes stays; to look through it every 700 objects, and once more at the end, takes a third of a short command's time.
STARTING: Final = 100_000
WORKING: Final = 10_000
STOPPED: Final = 130  # 128 + SIGINT, as shells report it


def main() -> None:
    """Run the command line and leave with its exit code."""
    spare_collector(STARTING)
    try:
        from tracker.cli import main as run
    except KeyboardInterrupt:  # Ctrl-C before anything was begun
        sys.exit(STOPPED)
    run()


def spare_collector(objects: int) -> None:
    """Let the garbage collector look around only after so many objects, and at the end of the process not at all."""
    gc.set_threshold(objects)
    atexit.register(gc.freeze)


def work_on() -> None:
    """Let the garbage collector look around more often again once the start is over, and only at what is made from then on."""
    if gc.get_threshold()[0] == STARTING:
        gc.freeze()
        gc.set_threshold(WORKING)


if __name__ == "__main__":
    main()
