"""A command in a process of its own that is a fork of the tests': it has imported everything, for which a fresh interpreter takes half a second.

What only a fresh interpreter shows, such as what is imported or what stands on the disk, is tested with `desk.TRACKER`.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from multiprocessing import resource_tracker
from typing import Any

import tracker.__main__

NOTHING = ("true",)  # is never run: the process has become the command before


def start(
    arguments: Sequence[str], environ: Mapping[str, str], prepare: Callable[[], object], **more: Any
) -> subprocess.Popen[str]:
    """Start a command; `prepare` is called in its process before, and the rest is for Popen."""
    become = partial(_become, ["tracker", *arguments], environ, prepare)
    return subprocess.Popen(NOTHING, preexec_fn=become, restore_signals=False, text=True, **more)  # noqa: PLW1509  # the threads of the tests hold no lock for long


def _become(argv: Sequence[str], environ: Mapping[str, str], prepare: Callable[[], object]) -> None:
    """Be as an interpreter that has just started, run the command, and end with its exit code."""
    code: Any = 1
    try:
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # Popen waits for its end of one of them
        gc.freeze()  # what the tests have is theirs to put away
        gc.enable()
        _forget()
        sys.argv = list(argv)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  # as long as the process
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
        os.environ.clear()
        os.environ.update(environ)
        prepare()
        tracker.__main__.main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001  # as an interpreter does
        traceback.print_exc()
    finally:
        os._exit(code)


def _forget() -> None:
    """Let go of what was set up in the tests' process: its log, what it does at a signal, processes that are not ours."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    logging.getLogger().handlers.clear()
    sys.modules["__main__"] = tracker.__main__  # what a process that we start will import
    tracks = resource_tracker._resource_tracker
    tracks._fd = tracks._pid = None
