"""The command line as a whole: what all commands share, and the list of them.

A command's function is imported when the command is run, so that `tracker --help` does not wait for parts that it does not need.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tracker import __version__
from tracker.errors import TrackerError


class StoppedError(TrackerError):
    """Someone pressed Ctrl-C."""

    exit_code = 130  # 128 + SIGINT, as shells report it


class Commands(TyperGroup):
    """Ends a command as we promise: typer says nothing on Ctrl-C, and gives the code of "something to act on" where a pipe was closed."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer's own context is the one that it is called with
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise StoppedError("stopped; what was done so far is kept") from error
        except BrokenPipeError as error:  # the reader of a pipe, such as `head`, has seen enough
            raise typer.Exit from error


app = typer.Typer(
    name="tracker",
    cls=Commands,
    help="Follow published articles and say which facts changed.",
    epilog="Try it: tracker demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",  # the default takes [service] for a colour, and leaves it out
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tracker {__version__}")
        raise typer.Exit


@app.callback()
def shared(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", help="The configuration file.", show_default="config.toml", envvar="TRACKER_CONFIG"
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001  # acted on by its callback
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Follow published articles and say which facts changed."""
    context.obj = config


from tracker.cli import (  # noqa: E402  # they register their commands with `app`
    alerts,
    archive,
    articles,
    card,
    changes,
    demo,
    exchange,
    files,
    intake,
    keeping,
    migrate,
    serve,
    service,
    statistics,
)

__all__ = [
    "alerts",
    "app",
    "archive",
    "articles",
    "card",
    "changes",
    "demo",
    "exchange",
    "files",
    "intake",
    "keeping",
    "migrate",
    "serve",
    "service",
    "statistics",
]
