"""Show a long text page by page, as git does: only on a terminal, and only where it does not fit on it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import Annotated, Final

import typer

from tracker.cli.workspace import show, warn

LESS: Final = (
    "FRX"  # leave at once what fits, show colours, keep the text on the screen at the end; what git gives less
)

Pager = Annotated[
    bool | None,
    typer.Option(
        "--pager/--no-pager",
        help="Show it page by page ($TRACKER_PAGER, $PAGER, or less).",
        show_default="on a terminal that is too short for it",
    ),
]


def show_paged(text: str, pager: bool | None) -> None:
    """Write a result to stdout, through a pager where that is wanted.

    Args:
        text: The result.
        pager: Whether to use one; None: on a terminal with fewer lines than the text has.
    """
    if pager is False or not sys.stdout.isatty() or not (pager or _is_too_long(text)):
        show(text)
        return
    command = shlex.split(os.environ.get("TRACKER_PAGER") or os.environ.get("PAGER") or "less")
    if not command or shutil.which(command[0]) is None:
        if pager:
            warn(f"there is no pager {' '.join(command) or '(empty)'}; name one in PAGER, or leave --pager out")
        show(text)
        return
    sys.stdout.flush()
    environ = {"LESS": LESS, **os.environ}
    data = text.encode("utf-8", "replace")
    subprocess.run(command, input=data, env=environ, check=False)  # noqa: S603 - the program is the user's own choice


def _is_too_long(text: str) -> bool:
    lines = os.get_terminal_size(sys.stdout.fileno()).lines
    return os.environ.get("TERM") != "dumb" and 0 < lines <= text.count("\n")  # 0: it does not say
