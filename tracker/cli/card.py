"""The picture of a change: `card`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tracker.cli.app import app
from tracker.cli.workspace import configuration, followed, open_catalog, show
from tracker.errors import ConfigError

if TYPE_CHECKING:
    from tracker.catalog import Catalog
    from tracker.models import Change

LONGEST_NUMBER: Final = 19  # digits; no database counts further


@app.command(epilog="Example: tracker card https://news.example.org/2018/04/strike -o change.png --dark")
def card(
    context: typer.Context,
    change: Annotated[
        str,
        typer.Argument(
            help="Number of the change (alerts, the web pages and the API give it), or the address of an article: its latest change.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file.", show_default="change-NUMBER.png")
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Light letters on a dark ground.")] = False,
) -> None:
    """Draw a change as a picture of 1200 × 675 pixels, and print what it shows, for those who cannot see it."""
    from tracker.report.card import alt_text
    from tracker.report.card import card as draw

    with open_catalog(configuration(context)) as catalog:
        found = _find(catalog, change)
    file = output or Path(f"change-{found.id}.png")
    picture = draw(found, dark)
    try:
        file.write_bytes(picture)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror or error}") from error
    show(f"{alt_text(found)}\n")


def _find(catalog: Catalog, wanted: str) -> Change:
    if wanted.isdecimal():
        found = catalog.change(int(wanted)) if len(wanted) < LONGEST_NUMBER else None
        if found is None:
            raise ConfigError(f"there is no change {wanted}; name the address of an article to have its latest change")
        return found
    article = followed(catalog, wanted)
    latest = catalog.changes(article_id=article.id, limit=1)
    if not latest:
        raise ConfigError(f"{article.url} has not changed since it is followed; there is nothing to draw")
    return latest[0]
