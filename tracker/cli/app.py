"""The command line as a whole: what all commands share, and the list of them.

A command's function is imported when the command is run, so that `tracker --help` does not wait for parts that it does not need.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracker import __version__

app = typer.Typer(
    name="tracker",
    help="Follow published articles and say which facts changed.",
    epilog="Try it: tracker demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
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


from tracker.cli import alerts, articles, changes, demo, files, service  # noqa: E402  # they register their commands with `app`

__all__ = ["alerts", "app", "articles", "changes", "demo", "files", "service"]
