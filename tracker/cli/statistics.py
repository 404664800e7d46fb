"""Figures over many changes: `stats`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from tracker.cli.app import app
from tracker.cli.changes import moment_of
from tracker.cli.workspace import color, configuration, now, open_catalog, show, width
from tracker.errors import ConfigError
from tracker.url import normalize_url

if TYPE_CHECKING:
    from tracker.catalog import Catalog


@app.command(epilog="Example: tracker stats --source bbc.co.uk --since 30d --plot month.svg")
def stats(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Option(help="Only of this feed (its address), or this host and those below it.", show_default="all"),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only what was found since: 7d, 12h, or 2018-04-09.", show_default="ever")
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Only articles with this tag.", show_default="any")] = None,
    format: Annotated[Literal["text", "json", "csv"], typer.Option("--format", "-f", help="How to write it.")] = "text",
    plot: Annotated[
        Path | None, typer.Option(help="Draw it too, to this file: .png or .svg.", show_default="not drawn")
    ] = None,
) -> None:
    """Count changes by kind and verdict: the share of silent edits, the hours until a note, reversals, the most-changed articles."""
    from tracker.report.plots import FORMATS, PlotFormat
    from tracker.report.statistics import render_statistics, statistics_document, statistics_table

    kind = plot.suffix.removeprefix(".").lower() if plot else ""
    if plot and kind not in FORMATS:
        raise ConfigError(f"--plot {plot} ends neither in .png nor in .svg")
    earliest = moment_of(since, now()) if since is not None else None
    with open_catalog(configuration(context)) as catalog:
        host, source_id = _of(catalog, source)
        found = catalog.statistics(since=earliest, tag=tag, host=host, source_id=source_id)
    if plot:
        from tracker.report.plots import plot as draw

        picture = draw(found, cast(PlotFormat, kind))
        try:
            plot.write_bytes(picture)
        except OSError as error:
            raise ConfigError(f"{plot} cannot be written: {error.strerror or error}") from error
    if format == "json":
        show(statistics_document(found))
    elif format == "csv":
        show(statistics_table(found))
    else:
        show(render_statistics(found, color=color(), width=width()))


def _of(catalog: Catalog, source: str | None) -> tuple[str | None, int | None]:
    """Read what the figures are to be of: a host, or the number of a feed.

    Raises:
        ConfigError: It is an address, and no feed of this address is followed.
    """
    if source is None:
        return None, None
    if "://" not in source:
        return source.lower().strip("."), None
    url = normalize_url(source)
    found = catalog.source(url)
    if found is None:
        raise ConfigError(
            f"{url} is not a feed that is followed; `tracker list` shows those, and a host such as example.org may be named too"
        )
    return None, found.id
