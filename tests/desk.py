"""A news desk for tests: a folder with a configuration, and the commands as they would be typed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import forked
import typer.main
from catalog_memory import remember

from tracker.cli import main
from tracker.cli.workspace import now, open_pipeline
from tracker.config import load_config
from tracker.pipeline import Pipeline

# Typer builds the command line anew for each call, which takes as long as most commands.
typer.main.get_command = cache(typer.main.get_command)
remember()

TRACKER = (sys.executable, "-m", "tracker")


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Desk:
    """A working folder; `hosts` may be asked although they are on loopback."""

    folder: Path
    hosts: tuple[str, ...] = ("127.0.0.1",)
    config: str = ""  # more of config.toml
    environ: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 5.0  # of a server

    @property
    def alerts_file(self) -> Path:
        return self.folder / "alerts.jsonl"

    @property
    def alerts(self) -> list[dict[str, Any]]:
        if not self.alerts_file.exists():
            return []
        return [json.loads(line) for line in self.alerts_file.read_text().splitlines()]

    def write_config(self) -> Path:
        path = self.folder / "config.toml"
        hosts = ", ".join(f'"{host}"' for host in self.hosts)
        default = (
            '[channels.log]\nfile = "alerts.jsonl"\n[[alert]]\nname = "all"\nchannels = ["log"]\n'
            'verdict = ["substantive", "minor", "cosmetic", "different_story"]\nimportance = 0\n'
        )
        settings = f"[fetch]\nallow_hosts = [{hosts}]\ntimeout_s = {self.timeout_s}\ndeadline_s = 8.0\n"
        path.write_text(f"{settings}{self.config or default}", encoding="utf-8")
        return path

    def run(self, *arguments: str | Path) -> Ended:
        """Run a command in this process."""
        out, err = io.StringIO(), io.StringIO()
        argv = ["tracker", "--config", str(self.write_config()), *map(str, arguments)]
        code: Any = 0
        with (
            patch.object(sys, "argv", argv),
            patch.dict(os.environ, self.environ),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as exit_:
                code = exit_.code
        return Ended(code or 0, out.getvalue(), err.getvalue())

    @contextlib.contextmanager
    def opened(self, later: timedelta = timedelta()) -> Iterator[Pipeline]:
        """The parts themselves, at a later time."""
        with open_pipeline(load_config(self.write_config(), os.environ), "a test") as pipeline:
            yield replace(pipeline, clock=lambda: now() + later)

    def start(
        self,
        *arguments: str | Path,
        environ: Mapping[str, str] | None = None,
        prepare: Callable[[], object] = int,
        **more: Any,
    ) -> subprocess.Popen[str]:
        """Run a command in a process of its own; the rest is for Popen.

        Args:
            arguments: As they would be typed.
            environ: In place of this process's.
            prepare: What is done there first.
        """
        command = ["--config", str(self.write_config()), *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        return forked.start(command, {**(environ or os.environ), **self.environ}, prepare, **pipes)


def page(*paragraphs: str, headline: str = "Fire at a warehouse in the port of Ostmark", furniture: str = "") -> str:
    """Write an article's page with the things that stand around an article."""
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{headline} | The Ostmark Post</title></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a> <a href="/weather">Weather</a></nav>
<main><article><h1>{headline}</h1>{body}</article></main>
<aside><h2>Most read</h2><ul><li><a href="/1">Ferry late again</a></li><li><a href="/2">{furniture or "Mayor opens fair"}</a></li></ul></aside>
<footer>© The Ostmark Post <span>{furniture}</span></footer></body></html>"""


FIRE = (
    "A fire in a warehouse in the port of Ostmark killed 12 people on Tuesday night, the police said.",
    "The fire began shortly before midnight in a hall in which paint was stored, according to the fire brigade.",
    "More than eighty firefighters were at work until the morning. Neighbours were told to keep their windows shut.",
    "The cause is not known. The operator of the warehouse, a family firm from the city, did not answer questions.",
    "The mayor, Ada Brandt, visited the place on Wednesday and spoke to the families of those who had worked there.",
)
"""A story of five paragraphs."""


def edited(old: str, new: str, story: tuple[str, ...] = FIRE) -> tuple[str, ...]:
    """Change words of a story; they must be there."""
    assert any(old in paragraph for paragraph in story), old
    return tuple(paragraph.replace(old, new) for paragraph in story)
