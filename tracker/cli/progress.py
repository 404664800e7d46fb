"""A progress bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

Advance = Callable[[], None]
Tell = Callable[[int, int], None]


@contextlib.contextmanager
def progress(doing: str, total: int | None) -> Iterator[Advance]:
    """Show on stderr how far a long piece of work is; `total` None when its end is not known.

    Yields:
        What to call after each step.  While the bar is up, lines go to stdout above it.
    """
    if not _is_shown():
        yield lambda: None
        return
    from rich.progress import MofNCompleteColumn

    with _bar(MofNCompleteColumn()) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda: bar.advance(task)


@contextlib.contextmanager
def measured_progress(doing: str) -> Iterator[Tell]:
    """Show on stderr how many bytes of how many were read.

    Yields:
        What to tell both numbers.
    """
    if not _is_shown():
        yield lambda _done, _total: None
        return
    from rich.progress import DownloadColumn

    with _bar(DownloadColumn()) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _is_shown() -> bool:
    return sys.stderr.isatty() and sys.stdout.isatty()


def _bar(count: ProgressColumn) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), count, TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
