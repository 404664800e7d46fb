"""The command line as a whole: what all commands share, and the list of them.

A command's module is imported when the command is named, and what it works with when it runs, so that nobody waits for parts that are not needed.
"""

from __future__ import annotations

from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
import typer.main
from typer.core import TyperGroup

from tracker import __version__
from tracker.__main__ import STOPPED
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from typer._click import Command

# Command → the module beside this one that it is in; in this order they are listed.
MODULES: Final = {
    "demo": "demo",
    "watch": "articles",
    "unwatch": "articles",
    "list": "articles",
    "check": "articles",
    "report": "changes",
    "diff": "changes",
    "history": "changes",
    "card": "card",
    "stats": "statistics",
    "serve": "serve",
    "run": "service",
    "status": "service",
    "alerts": "alerts",
    "compare": "files",
    "extract": "files",
    "import": "intake",
    "export": "exchange",
    "verify": "archive",
    "rebuild": "archive",
    "replay": "archive",
    "prune": "keeping",
    "timestamp": "keeping",
    "worker": "service",
    "migrate": "migrate",
    "service-unit": "service",
}


class StoppedError(TrackerError):
    """Someone pressed Ctrl-C."""

    exit_code = STOPPED


class Commands(TyperGroup):
    """Knows the commands by name, and imports the one that is asked for; all of them to explain that there is no such one.

    Ends a command as we promise: typer says nothing on Ctrl-C, and gives the code of "something to act on" where a pipe was closed.
    """

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # as below
        """Read the arguments; the configuration file may be named before the command or after it."""
        return super().parse_args(ctx, _configuration_first(args))

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # as below  # noqa: ARG002
        """Name them all; whoever lists them asks for each."""
        self._import(*MODULES.values())
        return list(MODULES)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Command | None:  # type: ignore[override]  # as below  # noqa: ARG002
        """Find a command by its name."""
        if cmd_name not in self.commands:
            self._import(*[MODULES[cmd_name]] if cmd_name in MODULES else MODULES.values())
        return self.commands.get(cmd_name)

    def _import(self, *modules: str) -> None:
        for module in dict.fromkeys(modules):
            import_module(f"tracker.cli.{module}")  # it registers its commands with `app`
        self.commands = typer.main.get_group(app).commands

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer's own context is the one that it is called with
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise StoppedError("stopped; what was done so far is kept") from error
        except typer.BadParameter as error:
            error.message = _plainly(error.message)
            raise
        except BrokenPipeError as error:  # the reader of a pipe, such as `head`, has seen enough
            raise typer.Exit from error


def _plainly(message: str) -> str:
    """Say what is wrong with a value without a word of the library that found it, and name the nearest that there is."""
    import re
    from difflib import get_close_matches

    message = message.removeprefix("Value error, ").replace("Input should be", "it should be")
    given, _, known = message.partition(" is not one of ")
    near = get_close_matches(given.strip("'"), re.findall(r"'(\w+)'", known), 1)
    return f"{message.removesuffix('.')}; did you mean {near[0]}?" if near else message


def _configuration_first(arguments: list[str]) -> list[str]:
    """Move `--config FILE` to the front, where the program as a whole takes it; behind `--` nothing is an option."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments[:end])
    for word in words:
        if word in ("--config", "-c"):
            first += [word, *islice(words, 1)]
        else:
            (first if word.startswith("--config=") else rest).append(word)
    return [*first, *rest, *arguments[end:]]


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
