"""What changed: `history`, `diff` and `report`."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

from tracker.cli.app import app
from tracker.cli.choices import choices
from tracker.cli.pager import Pager, show_paged
from tracker.cli.workspace import color, configuration, followed, now, open_catalog, show, width, write
from tracker.errors import ConfigError
from tracker.models import Disclosure, Kind, Verdict

if TYPE_CHECKING:
    from tracker.catalog import Catalog
    from tracker.config import Config
    from tracker.models import Article, Change, StoredVersion
    from tracker.statistics import NoteLater

ReportFormat = Literal["text", "markdown", "html", "json", "csv", "atom"]
Format = Annotated[Literal["text", "json"], typer.Option("--format", "-f", help="How to write it.")]
DURATION = re.compile(r"(\d+)\s*([mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

MOST_CHANGES = 10_000  # of an article, among which a note is looked for

Address = Annotated[str, typer.Argument(help="The article's address.", show_default=False)]


@app.command(epilog="Example: tracker history https://news.example.org/2018/04/strike")
def history(
    context: typer.Context,
    address: Address,
    format: Format = "text",
    pager: Pager = None,
) -> None:
    """Show the versions of an article, with the bounds of each change, its verdict and facts."""
    from tracker import report
    from tracker.report.json import history_document

    with open_catalog(configuration(context)) as catalog:
        article = followed(catalog, address)
        versions = catalog.versions(article.id)
        found = catalog.changes(article_id=article.id, newest_first=False)
        events = catalog.events(article_id=article.id, newest_first=False)
        notes = _notes_later(catalog, found)
    if format == "json":
        show(history_document(article, versions, found, events, notes))
    else:
        text = report.render_history(
            article, versions, found, events, now=now(), notes=notes, color=color(), width=width()
        )
        show_paged(text, pager)


@app.command(epilog="Example: tracker diff https://news.example.org/2018/04/strike 1 3")
def diff(
    context: typer.Context,
    address: Address,
    old: Annotated[
        int | None, typer.Argument(help="Number of the older version.", show_default="the last but one")
    ] = None,
    new: Annotated[int | None, typer.Argument(help="Number of the newer version.", show_default="the last")] = None,
    format: Format = "text",
    pager: Pager = None,
) -> None:
    """Show the facts and the words that changed, old → new, in context."""
    from tracker import report
    from tracker.report.json import diff_document

    config = configuration(context)
    with open_catalog(config) as catalog:
        article = followed(catalog, address)
        change = _change_between(config, catalog, article, old, new)
        notes = _notes_later(catalog, [change] if change else [])
    if format == "json":
        show(diff_document(change, notes.get(change.id) if change else None))
    elif change is None:
        show(f"{article.url} has not changed since its first version was kept.\n")
    else:
        show_paged(report.render_diff(change, color=color(), width=width()), pager)


def _change_between(
    config: Config, catalog: Catalog, article: Article, old: int | None, new: int | None
) -> Change | None:
    versions = catalog.versions(article.id)
    if not versions:
        raise ConfigError(f"{article.url} was not read yet; `tracker check {article.url}` does it")
    latest = versions[-1].number
    if old is None and latest == 1:
        return None
    second = latest if new is None else new
    first = second - 1 if old is None else old
    by_number = {version.number: version for version in versions}
    for number in (first, second):
        if number not in by_number:
            raise ConfigError(f"{article.url} has no version {number}; it has {_range(latest)}")
    if first >= second:
        raise ConfigError(f"version {first} is not older than version {second}; name the older one first")
    stored = [change for change in catalog.changes(article_id=article.id) if change.new.number == second]
    if stored and stored[0].old.number == first:
        return stored[0]
    return _compare_versions(config, article, by_number[first], by_number[second])


def _range(latest: int) -> str:
    return "version 1 only" if latest == 1 else f"versions 1 to {latest}"


def _compare_versions(config: Config, article: Article, old: StoredVersion, new: StoredVersion) -> Change:
    from tracker.archive import Archive
    from tracker.comparison import compare_versions
    from tracker.errors import ArchiveError
    from tracker.models import Change

    archive = Archive(config.archive)
    texts = []
    for version in (old, new):
        read = archive.read_version(article.folder, version.snapshot)
        if read is None:
            raise ArchiveError(
                f"version {version.number} of {article.url} is not in the archive; `tracker verify` says more"
            )
        texts.append(read[0])
    comparison = compare_versions(*texts, clock=time.thread_time)
    return Change(0, article.url, old, new, comparison, now(), article.tags)


@app.command(epilog="Example: tracker report --since 7d --verdict substantive --format html -o week.html")
def report(
    context: typer.Context,
    addresses: Annotated[list[str] | None, typer.Argument(help="Only these articles.", show_default="all")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only what was found since: 7d, 12h, or 2018-04-09.", show_default="ever")
    ] = None,
    verdict: Annotated[
        list[str] | None, choices(get_args(Verdict), "Only this verdict; may be given several times.")
    ] = None,
    kind: Annotated[
        list[str] | None, choices(get_args(Kind), "Only with a fact of this kind; may be given several times.")
    ] = None,
    disclosure: Annotated[
        list[str] | None,
        choices(get_args(Disclosure), "Only so disclosed (undisclosed: a silent edit); may be given several times."),
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Only articles with this tag.", show_default="any")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many changes.", show_default="all")] = None,
    format: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How to write it; html is one self-contained file.")
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file.", show_default="the terminal")
    ] = None,
    pager: Pager = None,
) -> None:
    """Report what changed: the facts first, then the verdict, when, both texts, and the evidence."""
    from tracker import report as reports

    moment = now()
    earliest = moment_of(since, moment) if since is not None else None
    with open_catalog(configuration(context)) as catalog:
        ids: Sequence[int | None] = [followed(catalog, address).id for address in addresses or []] or [None]
        found = [
            change
            for article_id in dict.fromkeys(ids)
            for change in catalog.changes(
                article_id=article_id,
                since=earliest,
                verdicts=cast(list[Verdict] | None, verdict),
                kinds=cast(list[Kind] | None, kind),
                disclosures=cast(list[Disclosure] | None, disclosure),
                tag=tag,
                limit=limit,
            )
        ]
        whole = not (verdict or kind or disclosure)  # these choose among changes
        events = [
            event
            for article_id in (dict.fromkeys(ids) if whole else ())
            for event in catalog.events(article_id=article_id, since=earliest, tag=tag, limit=limit)
        ]
        found.sort(key=lambda change: change.detected_at, reverse=True)
        notes = _notes_later(catalog, found[:limit])
    events.sort(key=lambda event: event.detected_at, reverse=True)
    in_color = color() and output is None
    text = reports.render(found[:limit], format, events[:limit], now=moment, notes=notes, color=in_color, width=width())
    if output:
        write(text, output)
    else:
        show_paged(text, pager)


def _notes_later(catalog: Catalog, found: Sequence[Change]) -> dict[int, NoteLater]:
    """Find the notes that owned up to silent edits later, by the numbers of these."""
    from tracker.catalog.listing import ChangeFilter
    from tracker.statistics import notes_later

    notes: dict[int, NoteLater] = {}
    for url in dict.fromkeys(one.article_url for one in found if one.comparison.judgement.disclosure == "undisclosed"):
        if article := catalog.article(url):
            notes |= notes_later(catalog.list_changes(ChangeFilter(article_id=article.id), limit=MOST_CHANGES))
    return notes


def moment_of(since: str, at: datetime, option: str = "--since") -> datetime:
    """Read `7d` or a date, as an option gave it.

    Raises:
        ConfigError: It is neither.
    """
    match = DURATION.fullmatch(since.strip().lower())
    try:
        if match:
            return at - timedelta(**{UNITS[match[2]]: int(match[1])})
        moment = datetime.fromisoformat(since)
    except OverflowError as error:
        raise ConfigError(f'{option} "{since}" is longer ago than there are years to count') from error
    except ValueError as error:
        raise ConfigError(
            f'{option} "{since}" is neither a span such as 90m, 12h, 7d, 2w nor a date such as 2018-04-09'
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
