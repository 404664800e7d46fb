"""What others kept is taken in: `import`, and the backfill of `watch`."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tracker.cli.app import app
from tracker.cli.changes import moment_of
from tracker.cli.progress import progress
from tracker.cli.workspace import configuration, now, open_pipeline, show, warn
from tracker.errors import ConfigError, FetchError

if TYPE_CHECKING:
    from wayback import WaybackClient

    from tracker.config import Config
    from tracker.imports import Gathered, TakenIn
    from tracker.imports.machine import Listed
    from tracker.models import StoredVersion
    from tracker.pipeline import Pipeline

NOT_DONE = 3  # exit code
AT_ONCE = (
    25  # captures of the Wayback Machine that are fetched before they are kept: so many are lost when it is stopped
)
Form = Literal["warc", "wacz", "jsonl", "csv", "parquet", "diffengine", "changedetection", "newsdiffs"]


@app.command(
    "import",
    epilog="Examples: tracker import crawl.warc.gz --article https://news.example.org/strike · tracker import versions.csv · "
    "tracker import --wayback https://news.example.org/strike --since 2018-01-01",
)
def import_(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files, or the data folder of another program.", show_default=False),
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--form", help="What the files are.", show_default="found out from what is in them")
    ] = None,
    wayback: Annotated[
        list[str] | None,
        typer.Option(
            "--wayback",
            metavar="ADDRESS",
            help="Fetch captures of this article from the Wayback Machine; may be given several times.",
            show_default="none",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="From the Wayback Machine only captures since: 2018-01-01, 365d.", show_default="ever"),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="From the Wayback Machine at most so many.",
            show_default="[wayback] captures of the configuration",
        ),
    ] = None,
    article: Annotated[
        list[str] | None,
        typer.Option(help="Only captures of this article; may be given several times.", show_default="every page"),
    ] = None,
    as_address: Annotated[
        str | None,
        typer.Option(
            help="The article that every page in the files is a capture of, under whatever address.",
            show_default="each by its own address",
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the articles from now on.")] = False,
    format: Annotated[Literal["text", "json"], typer.Option("--format", "-f", help="How to write it.")] = "text",
) -> None:
    """Take what others kept of articles into the archive, where its time belongs: before, between or after what is kept.

    Files: WARC (.warc, .warc.gz, .warc.zst) and WACZ of any crawler; JSON lines, CSV and Parquet; the database of diffengine;
    the data folder of changedetection.io; the database of NewsDiffs beside its articles/, or a dump of it.

    JSON lines, CSV and Parquet have a version a row, with columns named like this: address (or url), time (date, created, fetched_at; UTC unless it
    says otherwise), and text (content, body; a paragraph a line) or html (summary); where there are, headline (title), byline (author),
    published_at, updated_at, and last_seen_at: when the same text was seen once more.

    Each capture is marked with where it comes from, and nobody is alerted.  Versions are numbered by time, so those that are known may get new numbers.
    Importing twice does no harm.  Pages are taken, not pictures, redirects and errors.  Stop the service first.
    """
    from tracker.url import normalize_url

    if not files and not wayback:
        raise ConfigError("nothing to import: give files, or --wayback ADDRESS")
    if article and as_address:
        raise ConfigError(
            "give either --article, which chooses, or --as-address, which takes every page for one article"
        )
    if since is not None and not wayback:
        raise ConfigError("--since chooses among captures of the Wayback Machine; give --wayback too")
    only = frozenset(map(normalize_url, article or []))
    target = normalize_url(as_address) if as_address else None
    addresses = [normalize_url(address) for address in wayback or []]
    config = configuration(context)
    config = replace(config, wayback=replace(config.wayback, captures=most or config.wayback.captures))
    earliest = moment_of(since, now()) if since is not None else None
    with open_pipeline(config, "tracker import") as pipeline:
        intake = _Intake(pipeline, watch=watch, as_json=format == "json")
        intake.read(files or [], form, only, target)
        for address in addresses:
            intake.backfill(address, earliest)
    intake.conclude()


def backfill(config: Config, addresses: Sequence[str], since: datetime | None) -> None:
    """Fetch what the Wayback Machine has of articles that are followed."""
    with open_pipeline(config, "tracker watch --backfill") as pipeline:
        intake = _Intake(pipeline, watch=False, as_json=False)
        for address in addresses:
            intake.backfill(address, since)
    intake.conclude()


@dataclass(slots=True)
class _Intake:
    """What an import brings, article by article."""

    pipeline: Pipeline
    watch: bool
    as_json: bool
    results: list[TakenIn] = field(default_factory=list)
    passed_over: int = 0
    failed: bool = False

    def read(self, files: Sequence[Path], form: Form | None, only: frozenset[str], target: str | None) -> None:
        """Read files, and take in what is in them."""
        from tracker.imports import gather

        with self._gathered() as gathered:
            with progress("reading", None) as advance:
                for path in files:
                    for problem in gather(gathered, path, form=form, only=only, as_address=target, step=advance):
                        self._warn(problem)
            with progress("taking in", gathered.count) as advance:
                self.results += [self._told(one) for one in self._taken(gathered, advance)]
            self.passed_over += gathered.passed_over

    def backfill(self, address: str, since: datetime | None) -> None:
        """Fetch what the Wayback Machine has of an article, and keep some at a time: when it is stopped, it goes on from there."""
        from tracker.imports.machine import list_captures, open_machine
        from tracker.url import article_folder

        article = self.pipeline.catalog.article(address)
        folder = article.folder if article else article_folder(address)
        kept = {stored.fetched_at.replace(microsecond=0) for stored in self.pipeline.archive.captures(folder)}
        settings = self.pipeline.config.wayback
        with open_machine(settings, _user_agent(self.pipeline.config)) as client:
            try:
                listed = list_captures(client, address, since=since, known=kept, most=settings.captures)
                self._say_listed(address, listed)
                with progress(f"fetching {address}", len(listed.captures)) as advance:
                    taken = self._fetch(client, address, listed, advance)
            except FetchError as error:
                self._warn(str(error))
                return
        if taken:
            self.results.append(self._told(taken))

    def _fetch(
        self, client: WaybackClient, address: str, listed: Listed, advance: Callable[[], None]
    ) -> TakenIn | None:
        from tracker.imports import gather_captures, renumbered
        from tracker.imports.machine import fetch_captures

        before = self._versions(address)
        total: TakenIn | None = None
        for first in range(0, len(listed.captures), AT_ONCE):
            with self._gathered() as gathered:
                gathered.keep_all = True
                try:
                    items = fetch_captures(client, address, listed.captures[first : first + AT_ONCE], advance)
                    for problem in gather_captures(
                        gathered, items, address, only=frozenset(), as_address=address, step=lambda: None
                    ):
                        self._warn(problem)
                finally:
                    for taken in self._taken(gathered, lambda: None):
                        total = total.and_then(taken) if total else taken
        return replace(total, renumbered=renumbered(before, self._versions(address))) if total else None

    def _versions(self, address: str) -> Sequence[StoredVersion]:
        article = self.pipeline.catalog.article(address)
        return self.pipeline.catalog.versions(article.id) if article else []

    def _say_listed(self, address: str, listed: Listed) -> None:
        if self.as_json:
            return
        text = f"{address}: {_count(listed.rows, 'capture')} in the Wayback Machine, {len(listed.captures):,} of different pages to fetch"
        known = f", {listed.known:,} kept already" if listed.known else ""
        left = f", {listed.left_out:,} left out (--most)" if listed.left_out else ""
        show(f"{text}{known}{left}\n")

    @contextlib.contextmanager
    def _gathered(self) -> Iterator[Gathered]:
        from tracker.archive import Archive
        from tracker.imports import Gathered, LooseDisk

        with tempfile.TemporaryDirectory(prefix="tracker-import-") as spool:
            yield Gathered(Archive(Path(spool), disk=LooseDisk()), now())

    def _taken(self, gathered: Gathered, step: Callable[[], None]) -> Iterator[TakenIn]:
        from tracker.imports import take_in

        for url in gathered.captures:
            taken = take_in(self.pipeline, gathered, url, watch=self.watch, step=step)
            if taken.problem:
                self._warn(taken.problem)
            yield taken

    def _told(self, taken: TakenIn) -> TakenIn:
        show(json.dumps(asdict(taken)) + "\n" if self.as_json else _line(taken))
        return taken

    def _warn(self, text: str) -> None:
        from tracker.report.words import printable_on_terminal

        warn(printable_on_terminal(text))
        self.failed = True

    def conclude(self) -> None:
        """Say what it was as a whole."""
        if not self.as_json:
            show(_sum(self.results, self.passed_over))
        if self.failed:
            raise typer.Exit(NOT_DONE)


def _user_agent(config: Config) -> str:
    from tracker.fetch.fetcher import user_agent

    return user_agent(config.fetch)


def _line(taken: TakenIn) -> str:
    parts = [_count(taken.versions, "new version")]
    parts += [
        f"{number:,} {what}"
        for number, what in (
            (taken.unchanged, "unchanged"),
            (taken.suspect, "suspect"),
            (taken.known, "kept already"),
        )
        if number
    ]
    return f"{taken.address}: {_count(taken.captures, 'capture')}, {', '.join(parts)}{_renumbered(taken)}\n"


def _renumbered(taken: TakenIn) -> str:
    """Say which numbers the versions have now that were known before."""
    if not taken.renumbered:
        return ""
    (first, first_now), (last, last_now) = taken.renumbered[0], taken.renumbered[-1]
    if first == last:
        return f"; what was version {first} is version {first_now} now"
    if last - first == last_now - first_now:
        return f"; what was version {first} to {last} is version {first_now} to {last_now} now"
    return f"; what was version {first} to {last} has new numbers, {first_now} to {last_now}"


def _sum(results: Sequence[TakenIn], passed_over: int) -> str:
    versions, captures = sum(one.versions for one in results), sum(one.captures for one in results)
    text = f"{_count(versions, 'new version')} from {_count(captures, 'capture')} of {_count(len(results), 'article')}"
    return (
        f"{text}; {passed_over:,} passed over (pictures, redirects, errors, other pages)\n"
        if passed_over
        else f"{text}\n"
    )


def _count(number: int, noun: str) -> str:
    from tracker.report.words import count

    return count(number, noun)
