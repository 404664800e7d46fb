"""Move the catalog to another database: `migrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.app import app
from tracker.cli.progress import progress
from tracker.cli.workspace import configuration, locked, show
from tracker.errors import ConfigError


@app.command(epilog="Example: tracker migrate --to postgresql+psycopg://desk@db.example.org/tracker")
def migrate(
    context: typer.Context,
    to: Annotated[str, typer.Option(help="The other database, which has to be empty; its tables are made.")],
) -> None:
    """Copy the catalog, alerts that wait included, to another database: from a file to PostgreSQL, or back.

    The archive's files stay where they are.  Afterwards name the new database under [catalog] in config.toml; the old one is left as it is.
    Stop the service first: nothing else may write meanwhile.
    """
    from tracker.catalog.moving import count_rows, move_catalog

    config = configuration(context)
    if to == config.database:
        raise ConfigError("--to is the database that is in use")
    rows = count_rows(config.database)
    with locked(config, "tracker migrate"), progress("copying", rows) as advance:
        count = move_catalog(config.database, to, advance)
    show(f'copied {count:,} rows; now name the new database in config.toml: [catalog] database = "…"\n')
