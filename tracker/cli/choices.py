"""Options that take one of a few words, several times: typer knows only a single choice."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import typer


def choices(words: Sequence[str], help: str) -> Any:
    """Make an option whose every value has to be one of `words`."""

    def check(values: list[str] | None) -> list[str] | None:
        for value in values or []:
            if value not in words:
                near = get_close_matches(value, words, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise typer.BadParameter(f'"{value}" is none of {", ".join(words)}{hint}')
        return values or None

    return typer.Option(help=help, callback=check, metavar="|".join(words), show_default="any")
