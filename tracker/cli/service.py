"""The background service: `run`, `status` and `service-unit`."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tracker.cli.app import app
from tracker.cli.workspace import (
    FROM_THE_START,
    at_work,
    color,
    configuration,
    now,
    open_catalog,
    open_pipeline,
    rebuilt,
    show,
    width,
)
from tracker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.config import Config
    from tracker.pipeline import Checked, Pipeline

log = logging.getLogger("tracker")

M_ARENA_MAX = -8  # of malloc.h
SHOW_CURSOR = b"\x1b[?25h"
END_SHARE = 0.95  # of the time that the service has to stop: its last moments are the system's


@app.command(epilog="Example: tracker run --config /etc/tracker/config.toml")
def run(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="A line for every check, changed or not.")] = False,
    log_lines: Annotated[
        bool, typer.Option("--log", help="On a terminal too, write the log as a service does.")
    ] = False,
) -> None:
    """Run as a service: find, check, judge and alert until stopped (Ctrl-C or SIGTERM).

    On a terminal it shows a line for each article with something new, and below them what is due and in hand.
    Elsewhere it writes a log to stderr, in the format that [log] says.

    One service works on an archive at a time; `watch`, `list`, `report` and the like can be used beside it.
    """
    from tracker.operations import logs
    from tracker.operations.room import free_bytes
    from tracker.processes import end_at_once
    from tracker.service import Service

    _share_memory()
    config = configuration(context)
    stop, reload = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, lambda *_: reload.set())
    _end_in_time(stop, config.service.stop_within.total_seconds())
    tasks = screen = None
    with contextlib.ExitStack() as stack:
        if _has_terminal(config) and not log_lines:
            from tracker.cli.screen import on_screen

            screen = stack.enter_context(on_screen(verbose=verbose))
        logs.set_up(config.log.format, screen)
        if config.service.checks == "workers":
            from tracker.tasks import Tasks

            tasks = stack.enter_context(Tasks(config.database, config.fetch.connections_per_host).opened())
        pipeline = stack.enter_context(open_pipeline(config, "tracker run", shared=tasks is not None))
        working = stack.enter_context(at_work(pipeline, None))
        report = screen.report if screen else _reporter(verbose)
        service = Service(working, report, lambda old: _read_anew(context, old), tasks)
        if screen:
            screen.watch(service.vitals.health)
        followed = pipeline.catalog.count_articles()
        free_gb = free_bytes(config.archive_folder) / 1e9
        where = f"{config.archive}, with {free_gb:,.1f} GB free" + (" on this machine" if config.bucket else "")
        message = f"following {followed} articles; the archive is {where}"
        logs.say(log, logging.INFO, "started", message, articles=followed)
        service.run(stop, reload)
    logs.say(log, logging.INFO, "stopped", "stopped")
    logging.shutdown()
    # A check that is still waiting for a server would hold up the exit for as long as the server likes; whatever is interrupted is done again.
    sys.stdout.flush()
    end_at_once()


def _has_terminal(config: Config) -> bool:
    """Say whether somebody looks on; what is handed out to workers is not seen here."""
    seen = sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return seen and config.log.format == "text" and config.service.checks == "here"


def _end_in_time(stop: threading.Event, within_s: float) -> None:
    """End this process so long after it was told to, whatever holds it up: a locked database, a disk that hangs.

    What is interrupted is done again at the next start, as after a power cut.
    """
    from tracker.processes import end_at_once

    def wait() -> None:
        stop.wait()
        time.sleep(within_s * END_SHARE)
        log.warning("not all could be finished in time; what is left is done again at the next start")
        if sys.stdout.isatty():
            os.write(sys.stdout.fileno(), SHOW_CURSOR)
        end_at_once()

    threading.Thread(target=wait, name="end", daemon=True).start()


@app.command(epilog="Example: tracker worker --config /etc/tracker/config.toml")
def worker(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="A line for every check, changed or not.")] = False,
) -> None:
    """Do the checks that `tracker run` hands out, beside any number of other workers, until stopped (Ctrl-C or SIGTERM).

    For a catalog in PostgreSQL, with `checks = "workers"` under [service]; all share the configuration and the archive's folder.
    """
    from tracker.operations import logs
    from tracker.processes import end_at_once
    from tracker.tasks import Worker, conninfo_of

    config = configuration(context)
    conninfo_of(config.database)
    if config.service.checks != "workers":
        raise ConfigError('`tracker run` does the checks itself; set checks = "workers" under [service] to share them')
    logs.set_up(config.log.format)
    with open_pipeline(config, "tracker worker", shared=True) as pipeline:
        logs.say(log, logging.INFO, "started", f"taking checks; the archive is {config.archive}")
        Worker(pipeline, _reporter(verbose)).run()
    logs.say(log, logging.INFO, "stopped", "stopped")
    logging.shutdown()
    sys.stdout.flush()
    end_at_once()  # as `run`: a check that waits for a server does not hold up the exit


def _share_memory() -> None:
    """Let all threads allocate from two heaps: glibc gives each its own, which is never given back."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def _read_anew(context: typer.Context, pipeline: Pipeline) -> Pipeline:
    """Read the configuration again; a few things in it count from the next start only, and are named."""
    from tracker.operations.logs import say

    old, new = pipeline.config, configuration(context)
    fixed = {
        "[archive] folder": old.archive != new.archive,
        "[catalog] database": old.database != new.database,
        "[log] format": old.log != new.log,
        **{f"[service] {one}": getattr(old.service, one) != getattr(new.service, one) for one in FROM_THE_START},
    }
    found = rebuilt(pipeline, new)
    for name in [name for name, changed in fixed.items() if changed]:
        say(log, logging.WARNING, "restart needed", f"{name} was changed, which counts from the next start on")
    return found


def _reporter(verbose: bool) -> Callable[[Checked], None]:
    from tracker.cli.lines import outcome_of
    from tracker.operations.logs import say
    from tracker.report.text import outcome_words

    def report(checked: Checked) -> None:
        words, _ = outcome_words(outcome_of(checked))
        if checked.problem or verbose or checked.found in ("first", "changed"):
            level = logging.WARNING if checked.problem else logging.INFO
            say(log, level, f"check {checked.found}", f"{checked.article.url}: {words}", **_about(checked))

    return report


def _about(checked: Checked) -> dict[str, object]:
    """Say for programs what a line of the log is about."""
    change = checked.change
    judgement = change.comparison.judgement if change else None
    said = {
        "article": checked.article.url,
        "result": checked.found,
        "change": change and change.id,
        "verdict": judgement and judgement.verdict,
        "importance": judgement and judgement.importance,
        "problem": checked.problem,
    }
    return {key: value for key, value in said.items() if value is not None}


@app.command("service-unit", epilog="Example: tracker service-unit > /etc/systemd/system/tracker.service")
def service_unit(
    context: typer.Context,
    user: Annotated[str, typer.Option(help="Who the service runs as.")] = "tracker",
) -> None:
    """Print a unit for systemd that runs the service, restarts it, and lets it touch nothing but its own folders."""
    from tracker.operations.systemd import unit_for

    config = configuration(context)
    path = context.find_root().obj
    file = Path(path or "config.toml").absolute()
    script = shutil.which("tracker") or str(Path(sys.argv[0]).absolute())
    writes = [config.archive_folder.absolute()]
    writes += [
        channel.file.parent.absolute() for channel in config.channels if channel.file and str(channel.file) != "-"
    ]
    if config.database.startswith("sqlite:///"):
        writes.append(Path(config.database.removeprefix("sqlite:///")).parent.absolute())
    show(unit_for(script, file, user, writes))


@app.command(epilog="Example: tracker status --format json")
def status(
    context: typer.Context,
    format: Annotated[Literal["text", "json"], typer.Option("--format", "-f", help="How to write it.")] = "text",
) -> None:
    """Say whether the service is alive, what is due, what is failing, and how the outbox and the disk are."""
    from tracker.archive.lock import lock_holder
    from tracker.operations.note import read_note
    from tracker.operations.room import free_bytes
    from tracker.report.lists import Status, render_status, status_document

    config = configuration(context)
    folder, moment = config.archive_folder, now()
    with open_catalog(config) as catalog:
        known, kept_bytes, channels = catalog.status(moment), catalog.archive_bytes(), catalog.channel_states()
    holder, note = lock_holder(folder), read_note(folder)
    found = Status(
        holder=holder,
        slowed=[(one.host, one.until, one.why) for one in note.slowed if one.until > moment],
        articles=known.articles,
        sources=known.sources,
        due=known.due,
        versions=known.versions,
        changes=known.changes,
        checked_at=known.last_checked_at,
        failing=[(failure.url, failure.error) for failure in known.failing],
        failing_count=known.failing_count,
        outbox={state: count for state, count in known.deliveries.items() if count},
        archive=str(config.archive),
        # The articles' as the catalog knows them: a look at each file of 100,000 would take minutes.
        archive_bytes=kept_bytes + sum(map(_size, folder.glob("*"))),
        free_bytes=free_bytes(folder),
        paused=note.paused if holder else None,
        channels=channels,
    )
    if format == "json":
        show(status_document(found))
    else:
        show(render_status(found, now=moment, color=color(), width=width()))


def _size(path: Path) -> int:
    """Count the bytes of a file; one that has just been put in another's place has none."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0
