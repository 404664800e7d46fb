"""The background service: `run` and `status`."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tracker.cli.app import app
from tracker.cli.workspace import color, configuration, now, open_catalog, open_pipeline, show, width

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.pipeline import Checked

log = logging.getLogger("tracker")


@app.command(epilog="Example: tracker run --config /etc/tracker/config.toml")
def run(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="A line for every check, changed or not.")] = False,
) -> None:
    """Run as a service: find, check, judge and alert until stopped (Ctrl-C or SIGTERM).

    One service works on an archive at a time; `watch`, `list`, `report` and the like can be used beside it.
    """
    from tracker.service import Service

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for library in ("apscheduler", "urllib3", "trafilatura", "htmldate", "alembic"):
        logging.getLogger(library).setLevel(logging.ERROR)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    config = configuration(context)
    with open_pipeline(config, "tracker run") as pipeline:
        service = Service(pipeline, _reporter(verbose))
        followed = pipeline.catalog.count_articles()
        log.info("following %d articles; the archive is %s", followed, config.archive_folder)
        service.run(stop)
    log.info("stopped")
    logging.shutdown()
    # A check that is still waiting for a server would hold up the exit for as long as the server likes; whatever is interrupted is done again.
    sys.stdout.flush()
    os._exit(0)


def _reporter(verbose: bool) -> Callable[[Checked], None]:
    from tracker.cli.lines import outcome_of
    from tracker.report.text import outcome_words

    def report(checked: Checked) -> None:
        words, _ = outcome_words(outcome_of(checked))
        if checked.problem:
            log.warning("%s: %s", checked.article.url, words)
        elif verbose or checked.found in ("first", "changed"):
            log.info("%s: %s", checked.article.url, words)

    return report


@app.command(epilog="Example: tracker status --format json")
def status(
    context: typer.Context,
    format: Annotated[Literal["text", "json"], typer.Option("--format", "-f", help="How to write it.")] = "text",
) -> None:
    """Say whether the service is alive, what is due, what is failing, and how the outbox and the disk are."""
    from tracker.archive.lock import lock_holder
    from tracker.report.lists import Status, render_status, status_document
    from tracker.service import read_note

    config = configuration(context)
    with open_catalog(config) as catalog:
        known = catalog.status(now())
    folder = config.archive_folder
    holder, moment = lock_holder(folder), now()
    found = Status(
        holder=holder,
        slowed=[(one.host, one.until, one.why) for one in read_note(folder) if holder and one.until > moment],
        articles=known.articles,
        sources=known.sources,
        due=known.due,
        versions=known.versions,
        changes=known.changes,
        checked_at=known.last_checked_at,
        failing=[(failure.url, failure.error) for failure in known.failing],
        failing_count=known.failing_count,
        outbox={state: count for state, count in known.deliveries.items() if count},
        archive=str(folder),
        archive_bytes=sum(map(_size, folder.rglob("*"))),
        free_bytes=shutil.disk_usage(
            next(place for place in (folder, *folder.absolute().parents) if place.exists())
        ).free,
    )
    if format == "json":
        show(status_document(found))
    else:
        show(render_status(found, now=now(), color=color(), width=width()))


def _size(path: Path) -> int:
    """Count the bytes of a file; one that a check has just put in another's place has none."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0
