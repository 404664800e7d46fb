"""What `tracker run` shows on a terminal: an aligned line for each article with something new, and below them how the service does.

What is logged stands among the lines, with its time; a service without a terminal writes its log instead.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from tracker.cli.lines import timed_line_of
from tracker.cli.workspace import color, now, show, width
from tracker.operations.logs import without_secrets
from tracker.report.text import console_for, written
from tracker.report.words import count, printable_on_terminal

if TYPE_CHECKING:
    from tracker.operations.health import Health
    from tracker.pipeline import Checked

QUIET: Final = ("not modified", "unchanged", "variant")
LOOK_S: Final = 1.0  # between two looks at how the service does
MINUTE_S: Final = 60.0
FIRST_S: Final = 10.0  # from fewer checks than of so many seconds no rate is told
LEVELS: Final = {"WARNING": "yellow", "ERROR": "bold red", "CRITICAL": "bold red"}


class Rate:
    """Checks a minute, of late."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._ended: deque[float] = deque()

    def count(self) -> None:
        """Count a check that has just ended."""
        self._ended.append(time.monotonic())

    def per_minute(self) -> float:
        """Say how many there were in the last minute, or would be at the rate so far."""
        at = time.monotonic()
        while self._ended and self._ended[0] < at - MINUTE_S:
            self._ended.popleft()
        return len(self._ended) * MINUTE_S / min(max(at - self._began, FIRST_S), MINUTE_S)


class Screen(logging.Handler):
    """The terminal of one service.

    Args:
        live: Keeps the last line in its place, below all others.
        verbose: A line for every check, changed or not.
    """

    def __init__(self, live: Live, *, verbose: bool) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s"))
        self._live = live
        self._verbose = verbose
        self._rate = Rate()
        self._ended = threading.Event()

    def report(self, checked: Checked) -> None:
        """Show how a check ended, if it found something."""
        self._rate.count()
        if self._verbose or checked.found not in QUIET:
            show(f"{timed_line_of(checked, now())}\n")

    def emit(self, record: logging.LogRecord) -> None:
        """Show what is logged."""
        try:
            at = datetime.fromtimestamp(record.created).astimezone()
            show(event_lines(at, self.format(record), record.levelname, color=color(), width=width()))
        except Exception:  # noqa: BLE001  # as every handler: what cannot be logged must not stop the work
            self.handleError(record)

    def watch(self, health: Callable[[], Health]) -> None:
        """Show from now on how the service does."""
        threading.Thread(target=self._watch, args=(health,), name="screen", daemon=True).start()

    def end(self) -> None:
        """Show it no longer."""
        self._ended.set()

    def _watch(self, health: Callable[[], Health]) -> None:
        while not self._ended.is_set():
            self._live.update(state_line(health(), self._rate.per_minute()), refresh=True)
            self._ended.wait(LOOK_S)


@contextlib.contextmanager
def on_screen(*, verbose: bool) -> Iterator[Screen]:
    """Take the terminal for a service."""
    starting = Text("starting …", "dim")
    with Live(starting, console=Console(no_color=not color()), auto_refresh=False, transient=True) as live:
        screen = Screen(live, verbose=verbose)
        try:
            yield screen
        finally:
            screen.end()


def event_lines(at: datetime, message: str, level: str, *, color: bool, width: int) -> str:
    """Write what is logged: the time, and the sentence in as many lines as it takes."""
    console = console_for(color, width)
    text = Text(printable_on_terminal(without_secrets(message)), LEVELS.get(level, "dim"))
    lines = text.wrap(console, console.width - 10)
    for n, line in enumerate(lines):
        console.print(Padding(line, (0, 0, 0, 10)) if n else Text(f"{at:%H:%M:%S}  ", "dim") + line)
    return "".join(f"{line.rstrip()}\n" for line in written(console).splitlines())


def state_line(health: Health, per_minute: float) -> Text:
    """Write how the service does, in one line that is cut where the terminal ends."""
    waiting, parked = health.outbox.get("waiting", 0), health.outbox.get("parked", 0)
    held = ", ".join(
        f"{name} until {datetime.fromisoformat(at).astimezone():%H:%M}" for name, at in health.held.items()
    )
    parts = [
        *(reason for reason in health.reasons),
        f"{count(health.articles, 'article')}",
        f"{health.due:,} due",
        f"{health.in_hand:,} in hand",
        f"{per_minute:,.0f} a minute",
        f"{count(waiting, 'alert')} waiting" if waiting else "",
        f"{parked:,} parked" if parked else "",
        f"left alone: {held}" if held else "",
    ]
    line = Text(" · ".join(part for part in parts if part), "dim" if health.status == "ok" else "bold red")
    line.no_wrap, line.overflow = True, "ellipsis"
    return line
