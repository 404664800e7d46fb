"""Build the parts that a command works with, from the configuration."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import typer

from tracker.config import Config, load_config
from tracker.errors import ConfigError, TrackerError
from tracker.url import normalize_url

if TYPE_CHECKING:
    from tracker.alert.channels import Channel
    from tracker.alert.messages import Forms
    from tracker.catalog import Catalog
    from tracker.models import Article
    from tracker.pipeline import Pipeline
    from tracker.politeness import Hosts

IN_ASCII: Final = str.maketrans(
    {
        "→": "->",
        "─": "-",
        "━": "-",
        "–": "-",
        "·": "*",
        "…": "...",
        "█": "#",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "\xa0": " ",
    }
)
NOTING_S: Final = 2.0  # at the end of a command; what is left is noted by the next
WIDTH: Final = 100  # columns, where the output is no terminal
MANY: Final = (
    32  # articles: from here on, two processes that take 0.5 s to start have done so before one would be ready
)
MOST_PROCESSES: Final = 4  # unless the configuration says otherwise: each takes some 150 MB while it works

FROM_THE_START: Final = ("checks", "processes", "listen")  # of [service]: what a running service cannot change


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def configuration(context: typer.Context) -> Config:
    """Read the configuration that the command line names."""
    path = context.find_root().obj
    return load_config(path if isinstance(path, Path) else None, os.environ)


@contextlib.contextmanager
def open_catalog(config: Config) -> Iterator[Catalog]:
    """Open the catalog, to read from it or to note what is to be followed."""
    from tracker.catalog import Catalog

    if config.database == f"sqlite:///{config.archive_folder / 'catalog.sqlite'}":
        with contextlib.suppress(OSError):  # the catalog says what is the matter with its folder
            config.archive_folder.mkdir(parents=True, exist_ok=True)
    with Catalog.open(config.database) as catalog:
        yield catalog


@contextlib.contextmanager
def open_pipeline(
    config: Config,
    purpose: str | None = None,
    *,
    shared: bool = False,
    random: Random | None = None,
    on_step: Callable[[str], None] | None = None,
) -> Iterator[Pipeline]:
    """Take the archive's lock and build everything that a check needs.

    Args:
        config: The settings.
        purpose: What the lock is for, as another process will read it: "tracker check".  None where nothing is archived.
        shared: Others may work on the archive too, on other articles.
        random: Where chance comes from.
        on_step: Called after each step of a check.

    Raises:
        BusyError: Another tracker works on the archive; names it.
        ConfigError: A channel's address does not parse.
    """
    from tracker.archive import Archive
    from tracker.fetch import Fetcher
    from tracker.notes import write_notes
    from tracker.operations.note import read_note, write_note
    from tracker.pipeline import Pipeline
    from tracker.politeness import Politeness
    from tracker.pruning import finish_pruning

    channels = _channels(config)
    with contextlib.ExitStack() as stack:
        if purpose:
            stack.enter_context(locked(config, purpose, shared=shared))
        catalog = stack.enter_context(open_catalog(config))
        fetcher = stack.enter_context(contextlib.closing(Fetcher(config.fetch)))
        pipeline = Pipeline(
            config=config,
            catalog=catalog,
            archive=Archive(config.archive),
            fetcher=fetcher,
            politeness=Politeness(config.fetch, _hosts(config, catalog), catalog),
            channels=channels,
            forms=_forms(config),
            clock=now,
            random=random or Random(),  # noqa: S311  # spreads checks; no secret depends on it
        )
        if purpose and not shared and (finished := finish_pruning(pipeline.archive, catalog)):
            warn(finished)
        if not shared:
            pipeline.politeness.remember(read_note(config.archive_folder).slowed, now())
        yield replace(pipeline, on_step=on_step) if on_step else pipeline
        if purpose and not shared:
            write_note(config.archive_folder, pipeline.politeness.slowed(now()))
        if purpose and not shared:
            write_notes(pipeline.archive, catalog, within_s=NOTING_S)


@contextlib.contextmanager
def locked(config: Config, purpose: str, *, shared: bool = False) -> Iterator[None]:
    """Be the only one who writes to the archive: on this machine, and where the archive is in a bucket, among all that share its catalog.

    Raises:
        BusyError: Another tracker works on the archive; names it.
    """
    from tracker.archive import lock_archive

    with lock_archive(config.archive_folder, purpose, shared=shared), contextlib.ExitStack() as stack:
        if config.bucket and config.database.startswith("postgresql"):
            from tracker.tasks import lock_among_machines

            stack.enter_context(lock_among_machines(config.database, str(config.bucket), purpose, shared=shared))
        yield


def rebuilt(pipeline: Pipeline, config: Config) -> Pipeline:
    """Build anew what another configuration asks for; the archive and the catalog stay, and with unchanged limits of fetching what is known of the hosts.

    Raises:
        ConfigError: A channel's address does not parse.
    """
    from tracker.fetch import Fetcher
    from tracker.politeness import Politeness

    old = pipeline.config
    service = replace(config.service, **{name: getattr(old.service, name) for name in FROM_THE_START})
    kept = replace(config, archive_folder=old.archive_folder, bucket=old.bucket, database=old.database, service=service)
    changed = replace(pipeline, config=kept, channels=_channels(config), forms=_forms(config))
    if config.fetch == old.fetch:
        return changed
    hosts = _hosts(kept, pipeline.catalog)
    politeness = Politeness(config.fetch, hosts, pipeline.catalog)
    if hosts is None:
        politeness.remember(pipeline.politeness.slowed(now()), now())  # a host that asked to be left alone still is
    return replace(changed, fetcher=Fetcher(config.fetch), politeness=politeness)


def _hosts(config: Config, catalog: Catalog) -> Hosts | None:
    """Say where hosts are kept: where workers share the work, in the catalog."""
    if config.service.checks == "here":
        return None
    from tracker.tasks import SharedHosts

    return SharedHosts(catalog)


def _channels(config: Config) -> Mapping[str, Channel]:
    if not config.channels:
        return {}
    from tracker.alert.channels import build_channels

    return build_channels(config.channels)


def _forms(config: Config) -> Mapping[str, Forms]:
    if not any(channel.title or channel.template or channel.template_html for channel in config.channels):
        return {}
    from tracker.alert.telling import forms_of

    return forms_of(config.channels)


@contextlib.contextmanager
def at_work(pipeline: Pipeline, articles: int | None) -> Iterator[Pipeline]:
    """Give a pipeline processes to read pages with, and let it gather what is unchanged, for the time of the work.

    Args:
        pipeline: The parts.
        articles: How many are to be checked; for a few, processes take longer to start than they save.  None: it goes on and on.
    """
    from tracker.__main__ import work_on
    from tracker.pipeline.notes import Notes
    from tracker.processes import Processes

    work_on()
    count = pipeline.config.service.processes or min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    with contextlib.ExitStack() as stack:
        notes = Notes(pipeline.catalog)
        stack.callback(notes.flush)
        if articles is None or (articles >= MANY and count > 1):
            processes = stack.enter_context(contextlib.closing(Processes(count)))
            pipeline = replace(pipeline, compute=processes)
        yield replace(pipeline, notes=notes)


def followed(catalog: Catalog, address: str) -> Article:
    """Find the article that an argument means.

    Raises:
        ConfigError: It is not followed.
    """
    url = normalize_url(address)
    article = catalog.article(url)
    if article is None and catalog.source(url):
        raise ConfigError(f"{url} is a feed or sitemap; name one of its articles (`tracker list` shows them)")
    if article is None:
        raise ConfigError(f"{url} is not followed; `tracker list` shows what is, `tracker watch` adds it")
    return article


# --- output ---------------------------------------------------------------------------------------


def color() -> bool:
    """Say whether stdout is a terminal that wants colour (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Count the columns of the terminal."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(os.get_terminal_size(sys.stdout.fileno()).columns, 60)


def show(text: str) -> None:
    """Write a result to stdout.

    Raises:
        TrackerError: It is a file on a full disk, or the like.
    """
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(_sayable(text, encoding).encode(encoding, "replace").decode(encoding))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TrackerError(f"the output cannot be written: {error.strerror or error}") from error


def _sayable(text: str, encoding: str) -> str:
    """Say in ASCII what a terminal has no letters for, so that an arrow does not become a question mark."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(IN_ASCII)
    return text


def warn(text: str) -> None:
    """Write a warning to stderr."""
    print(f"tracker: {text}", file=sys.stderr)


def write(text: str, output: Path | None) -> None:
    """Write a result to a file, or to stdout where none is named.

    Raises:
        ConfigError: The file cannot be written.
    """
    if output is None:
        show(text)
        return
    try:
        output.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror or error}") from error
