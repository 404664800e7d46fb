"""What `run` shows on a terminal, and what it writes without one."""

from __future__ import annotations

import fcntl
import logging
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from desk import FIRE, TRACKER, Desk, edited, page

from tracker.cli.screen import Rate, event_lines, on_screen, state_line
from tracker.models import Article
from tracker.operations.health import Health
from tracker.operations.logs import say
from tracker.pipeline import Checked

pytest_plugins = ["desk_fixtures"]

AT = datetime(2026, 4, 9, 8, 15, tzinfo=UTC)
WELL = Health("ok", (), AT.isoformat(), articles=1240, due=12, queue=40, in_hand=3)
FIRE_CHECKED = Article(7, "https://news.example.org/fire", "news.example.org/fire", AT)
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
QUICK = '[service]\nprocesses = 1\ndispatch_every = "0.1s"\n[schedule]\nshortest = "1s"\nlongest = "1s"\njitter = 0.0\n'
LOG = '[channels.log]\nfile = "alerts.jsonl"\n[[alert]]\nname = "all"\nchannels = ["log"]\n'


# --- the lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("first", True),
        ("suspect", True),
        ("failed", True),
        ("gone", True),
        ("unchanged", False),
        ("not modified", False),
    ],
)
def test_a_check_has_a_line_if_it_found_something(found, shown, capsys):
    with on_screen(verbose=False) as screen:
        screen.report(Checked(FIRE_CHECKED, found, problem="the server is away" if found == "failed" else None))

    assert ("news.example.org/fire" in capsys.readouterr().out) is shown


def test_with_verbose_every_check_has_a_line(capsys):
    with on_screen(verbose=True) as screen:
        screen.report(Checked(FIRE_CHECKED, "unchanged"))

    assert re.search(r"^\d\d:\d\d:\d\d  news\.example\.org/fire +unchanged$", capsys.readouterr().out, re.MULTILINE)


def test_what_is_logged_stands_among_the_lines_without_its_secrets(capsys):
    log = logging.getLogger("tracker.test")
    with on_screen(verbose=False) as screen:
        log.addHandler(screen)
        say(log, logging.WARNING, "paused", "http://h/hook?token=abc does not answer")
        log.removeHandler(screen)

    assert re.search(
        r"^\d\d:\d\d:\d\d  http://h/hook\?token=\*\*\* does not answer$", capsys.readouterr().out, re.MULTILINE
    )


def test_a_long_sentence_is_wrapped_below_itself():
    lines = event_lines(AT, "nothing is fetched, " * 9, "ERROR", color=False, width=80).splitlines()

    assert len(lines) == 3
    assert all(len(line) <= 80 for line in lines)
    assert all(re.match(r" {10}\S", line) for line in lines[1:])


def test_control_characters_of_others_do_nothing_to_the_terminal():
    assert "\x1b" not in event_lines(AT, "the feed \x1b[2J says", "INFO", color=False, width=80)


STATES = {
    "all is well": (WELL, "1,240 articles · 12 due · 3 in hand · 55 a minute"),
    "alerts wait": (replace(WELL, outbox={"waiting": 2, "parked": 1}), " · 2 alerts waiting · 1 parked"),
    "a channel is left alone": (replace(WELL, held={"desk": AT.isoformat()}), " · left alone: desk until "),
    "it has paused": (
        replace(WELL, status="paused", reasons=("the disk is full",)),
        "the disk is full · 1,240 articles",
    ),
}


@pytest.mark.parametrize(("health", "words"), STATES.values(), ids=STATES)
def test_last_line_says_how_the_service_does(health, words):
    assert words in state_line(health, 55.2).plain


def test_rate_counts_what_ended_in_the_last_minute():
    rate = Rate()

    for _ in range(20):
        rate.count()

    assert rate.per_minute() == 120, "20 in less than ten seconds"


# --- on a terminal --------------------------------------------------------------------------------


class Terminal:
    """A terminal with a service in it."""

    def __init__(self, desk: Desk, columns: int, *options: str) -> None:
        self._seen = bytearray()
        command = [*TRACKER, "--config", str(desk.write_config()), "run", *options]
        self._file, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environ = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
        self.process = subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=environ)
        os.close(inside)
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def lines(self) -> list[str]:
        """What was written, line by line; each rewriting of the last line is one."""
        return [line.rstrip() for line in re.split(r"[\r\n]+", CONTROL.sub("", self._seen.decode())) if line.strip()]

    @property
    def cursor_is_shown(self) -> bool:
        return self._seen.rfind(b"\x1b[?25h") >= self._seen.rfind(b"\x1b[?25l")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def _read(self) -> None:
        while True:
            try:
                self._seen += os.read(self._file, 65536)
            except OSError:  # the other end is closed
                return


@contextmanager
def terminal(desk: Desk, columns: int, *options: str) -> Iterator[Terminal]:
    found = Terminal(desk, columns, *options)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()


def until(met: Callable[[], object]) -> None:
    end = time.monotonic() + 40
    while not met():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_terminal_each_article_with_something_new_has_an_aligned_line(columns, desk, site):
    path = "/world/a-fire-at-a-warehouse-in-the-port-of-ostmark-has-killed-people-who-worked-there"
    url = site.publishes(path, page(*FIRE))
    bad = site.removes("/gone")
    desk = replace(desk, config=QUICK + LOG)
    desk.run("watch", url, bad, "--as", "article")

    with terminal(desk, columns) as seen:
        until(lambda: any("first version kept" in line for line in seen.lines))
        site.publishes(path, page(*edited("killed 12 people", "killed 14 people")))
        until(lambda: any("SUBSTANTIVE: 1 number" in line for line in seen.lines))
        until(lambda: any("delivered to log" in line for line in seen.lines))
        code = seen.stop()

    lines, shown = seen.lines, [line for line in seen.lines if "127.0.0.1" in line]
    assert (code, seen.cursor_is_shown) == (0, True)
    assert max(map(len, lines)) <= columns
    assert {
        line.index(words) for line in shown for words in ("first version", "SUBSTANTIVE", "FAILED") if words in line
    } == {10 + (columns - 10) // 2 + 2}
    assert any(re.fullmatch(r"2 articles · \d due · \d in hand · \d+ a minute", line) for line in lines)
    assert not any("unchanged" in line for line in lines)
    assert lines[-1].endswith("stopped")


@pytest.mark.slow
def test_on_a_terminal_the_log_is_written_where_it_is_asked_for(desk, site):
    desk = replace(desk, config=QUICK + LOG)
    desk.run("watch", site.publishes("/fire", page(*FIRE)), "--as", "article")

    with terminal(desk, 100, "--log") as seen:
        until(lambda: any("first version kept" in line for line in seen.lines))
        seen.stop()

    assert all(re.match(r"\d{4}-\d\d-\d\d .* (INFO|WARNING) ", line) for line in seen.lines)
