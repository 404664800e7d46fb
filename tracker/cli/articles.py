"""What is followed: `watch`, `unwatch`, `list` and `check`."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tracker.cli.app import app
from tracker.cli.lines import document_of, line_of
from tracker.cli.progress import Advance, progress
from tracker.cli.workspace import (
    at_work,
    color,
    configuration,
    followed,
    now,
    open_catalog,
    open_pipeline,
    show,
    warn,
    width,
)
from tracker.config import duration_s
from tracker.errors import ConfigError, TrackerError
from tracker.models import Article, Source

if TYPE_CHECKING:
    from tracker.models import Delivery
    from tracker.pipeline import Checked, Pipeline

TO_ACT_ON, NOT_DONE = 1, 3  # exit codes
PATIENCE = timedelta(minutes=1)  # with a host that asked for more of it; its articles stay due
LEASE = timedelta(hours=1)  # for what is in hand; the archive's lock keeps other processes out anyway
Kind = Literal["article", "feed", "sitemap", "section"]
Format = Annotated[Literal["text", "json"], typer.Option("--format", "-f", help="How to write it.")]


@app.command(
    epilog="Examples: tracker watch https://news.example.org/2018/04/strike --tag afghanistan; "
    "tracker watch https://news.example.org/world/ --links '/2018/*' --limit 30; tracker watch --from feeds.opml"
)
def watch(
    context: typer.Context,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(help="Articles, feeds, sitemaps or section pages.", show_default=False),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--from", help="A file of addresses: a list, one on each line, or OPML.", show_default="none"),
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(
            "--as",
            help="What it is; then it is followed without a look at it first.",
            show_default="recognised by itself",
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(help="A word of your own to choose by; may be given several times.", show_default="none"),
    ] = None,
    links: Annotated[
        str | None,
        typer.Option(
            help='Only articles whose address looks like this, with * for anything: "/2018/*".', show_default="any"
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Each time it is read, only so many of the newest articles.", show_default="all"),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            help="Check it, or its articles, at this interval: 5m, 2h, 1d.", show_default="as their edits suggest"
        ),
    ] = None,
    most_per_hour: Annotated[
        int | None,
        typer.Option(min=1, help="Of its articles, at most so many checks an hour.", show_default="no limit"),
    ] = None,
    backfill: Annotated[
        bool,
        typer.Option("--backfill", help="Fetch what the Wayback Machine has of an article; stop the service first."),
    ] = False,
    since: Annotated[
        str | None, typer.Option(help="With --backfill: only captures since: 2018-01-01, 365d.", show_default="ever")
    ] = None,
    format: Format = "text",
) -> None:
    """Start following articles, or feeds, sitemaps and section pages and the articles in them.

    Each address is fetched once to see what it is.  The running service keeps the first version within seconds; `tracker check` does it at once.
    """
    _check_choice(kind, {"--links": links, "--limit": limit, "--most-per-hour": most_per_hour})
    earliest = _earliest(kind, since, backfill=backfill)
    interval = _interval(every) if every else None
    wanted = [(address, kind) for address in addresses or []]
    if file:
        wanted += _kept_in(file, kind)
    elif not addresses:
        raise ConfigError("nothing to watch: give addresses, or --from FILE")
    failed = 0
    articles: list[str] = []
    with open_pipeline(configuration(context)) as pipeline:
        for address, known in wanted:
            try:
                found = pipeline.follow(
                    address,
                    known,
                    tuple(tag or ()),
                    links=links,
                    limit=limit,
                    every=interval,
                    most_per_hour=most_per_hour,
                )
            except TrackerError as error:
                warn(str(error))
                failed = max(failed, error.exit_code)
            else:
                document = {"address": found.url, "kind": _kind(found), "tags": list(found.tags)}
                show(_line(document) if format == "json" else f"following the {_kind(found)} {found.url}\n")
                if isinstance(found, Article):
                    articles.append(found.url)
                elif backfill:
                    warn(f"--backfill is for articles; those of the {found.kind} {found.url} need `import --wayback`")
    if backfill and articles:
        from tracker.cli.intake import backfill as fill_in

        with contextlib.redirect_stdout(sys.stderr) if format == "json" else contextlib.nullcontext():
            fill_in(configuration(context), articles, earliest)  # its lines must not stand among the JSON
    if failed:
        raise typer.Exit(failed)


def _earliest(kind: str | None, since: str | None, *, backfill: bool) -> datetime | None:
    if backfill and kind not in (None, "article"):
        raise ConfigError(f"--backfill fetches the past of articles; a {kind} has none")
    if since is None:
        return None
    if not backfill:
        raise ConfigError("--since chooses among captures of the Wayback Machine; give --backfill too")
    from tracker.cli.changes import moment_of

    return moment_of(since, now())


def _interval(text: str) -> timedelta:
    seconds = duration_s(text)
    if not seconds:
        raise ConfigError(f'--every is "{text}"; expected a duration such as "90s", "15m", "6h", "7d"')
    return timedelta(seconds=seconds)


def _check_choice(kind: str | None, options: Mapping[str, object]) -> None:
    links = options["--links"]
    if links == "":
        raise ConfigError("--links is empty; a pattern looks like '/2018/*'")
    if kind == "section" and links is None:
        raise ConfigError("--as section needs --links: what the articles of the page look like, such as '/2018/*'")
    if kind == "article" and (given := [option for option, value in options.items() if value]):
        raise ConfigError(f"{given[0]} chooses among the articles of a feed, sitemap or section; an article has none")


def _kept_in(file: Path, kind: Kind | None) -> list[tuple[str, Kind | None]]:
    """List the addresses of a file, with what they are as far as it is known."""
    from tracker.discover import read_kept

    try:
        known, listing = read_kept(file.read_bytes(), str(file))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror or error}") from error
    if listing.skipped:
        warn(f"{file}: entries without an address that can be followed: {listing.skipped:,}")
    if not listing:
        raise ConfigError(f"{file} names no address")
    return [(entry.url, kind or known) for entry in listing]


def _line(document: Mapping[str, object]) -> str:
    """Write an object a line, for programs."""
    return json.dumps(document, ensure_ascii=False) + "\n"


def _kind(found: Article | Source) -> str:
    return found.kind if isinstance(found, Source) else "article"


@app.command(epilog="Example: tracker unwatch https://news.example.org/2018/04/strike")
def unwatch(
    context: typer.Context,
    addresses: Annotated[
        list[str], typer.Argument(help="Articles, feeds, sitemaps or section pages.", show_default=False)
    ],
) -> None:
    """Stop following; what was kept stays, and `watch` goes on with it.  The articles of a feed stay followed."""
    from tracker.url import normalize_url

    missing = []
    with open_catalog(configuration(context)) as catalog:
        for url in [normalize_url(address) for address in addresses]:  # nothing is done when one of them is none
            if catalog.deactivate(url):
                show(f"no longer followed: {url}\n")
            else:
                missing.append(url)
    if missing:
        raise ConfigError(f"not followed: {', '.join(missing)}; `tracker list` shows what is")


@app.command("list", epilog="Example: tracker list --tag afghanistan --format json")
def list_followed(
    context: typer.Context,
    tag: Annotated[str | None, typer.Option(help="Only with this tag.", show_default="any")] = None,
    format: Format = "text",
) -> None:
    """List what is followed: feeds, and articles with their versions, last check and next check; and what was set aside for another address."""
    from tracker.report.lists import followed_document, render_followed

    with open_catalog(configuration(context)) as catalog:
        articles = [one for one in catalog.articles(active=None, tag=tag) if one.active or one.same_as]
        sources = [source for source in catalog.sources() if tag is None or tag in source.tags]
        variants = catalog.all_variants()
    if format == "json":
        show(followed_document(sources, articles, variants))
    else:
        show(render_followed(sources, articles, variants, now=now(), color=color(), width=width()))


@app.command(epilog="Example: tracker check --all --exit-code")
def check(
    context: typer.Context,
    addresses: Annotated[
        list[str] | None, typer.Argument(help="Only these articles and feeds.", show_default="what is due")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every article and feed, due or not.")] = False,
    due: Annotated[bool, typer.Option("--due", help="What is due; the same as giving no address.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Leave with 1 when a substantive change was found.")
    ] = False,
    format: Format = "text",
) -> None:
    """Look once, now, and send the alerts: one line for each article.

    Leaves with 3 when nothing of what was to be checked could be.
    """
    if sum([bool(addresses), everything, due]) > 1:
        raise ConfigError("give addresses, or --all, or --due, but only one of them")
    with open_pipeline(configuration(context), "tracker check") as pipeline:
        pipeline.catalog.release_all()
        wanted = _Wanted(pipeline, addresses or [], everything)
        read, unread = _discover(pipeline, wanted)
        articles = wanted.articles()
        with at_work(pipeline, len(articles)) as working:
            results = _check(working, articles, as_json=format == "json")
        with contextlib.redirect_stdout(sys.stderr) if format == "json" else contextlib.nullcontext():
            _deliver(pipeline)  # a channel to the screen must not stand among the JSON
        if not (addresses or results or read or unread):
            warn(_why_nothing(pipeline))
    if (results or unread) and not read and all(one.found in ("failed", "gone", "waiting") for one in results):
        raise typer.Exit(NOT_DONE)
    if exit_code and any(one.change and one.change.comparison.judgement.verdict == "substantive" for one in results):
        raise typer.Exit(TO_ACT_ON)


def _why_nothing(pipeline: Pipeline) -> str:
    """Say why a check found nothing to do."""
    from tracker.report.words import duration

    due_at = pipeline.catalog.next_due_at()
    if due_at is None:
        return "nothing is followed yet; start with `tracker watch ADDRESS`"
    wait = duration(max(due_at - now(), timedelta()))
    return f"nothing is due; the next check is due in {wait} (`--all` checks everything now)"


class _Wanted:
    """What the arguments of `check` mean."""

    def __init__(self, pipeline: Pipeline, addresses: Sequence[str], everything: bool) -> None:
        from tracker.url import normalize_url

        self._catalog = pipeline.catalog
        self._due = not addresses and not everything
        if not addresses:
            for problem in pipeline.follow_configured():
                warn(str(problem))
        named = {url: self._named(url) for url in map(normalize_url, addresses)}
        self._sources = [one.id for one in named.values() if not isinstance(one, Article)]
        self._articles = [one.id for one in named.values() if isinstance(one, Article)]
        if everything:
            self._sources = [source.id for source in self._catalog.sources()]
        self._everything = everything

    def _named(self, url: str) -> Article | Source:
        known = [one for one in (self._catalog.source(url), self._catalog.article(url)) if one]
        found = next((one for one in known if one.active), None)
        aside = next((one.same_as for one in known if isinstance(one, Article)), None)
        if found is None and aside:
            raise ConfigError(
                f"{url} is the same article as {aside}; check that one, or `tracker watch {url}` to follow both"
            )
        if found is None and known:
            raise ConfigError(f"{url} is no longer followed; `tracker watch` goes on with it")
        return found or followed(self._catalog, url)

    def add(self, sitemaps: Iterable[Source]) -> None:
        """Want what an index has brought too."""
        self._sources += [source.id for source in sitemaps]

    def sources(self) -> list[Source]:
        """Take the feeds and sitemaps."""
        ids = None if self._due else self._sources
        count = len(self._catalog.sources() if ids is None else ids)
        return self._catalog.claim_due_sources(now(), count, LEASE, ids=ids) if count else []

    def articles(self) -> list[Article]:
        """Take the articles; with --all those too that a feed has brought just now, and of feeds that were named the new ones."""
        count = self._catalog.count_articles()
        ids = None if self._due else self._articles
        if self._everything:
            ids = self._catalog.article_ids()
        elif not self._due:
            new = (self._catalog.article_ids(source_id=source, unchecked=True) for source in self._sources)
            ids = [*self._articles, *chain.from_iterable(new)]
        return self._catalog.claim_due_articles(now(), count, LEASE, ids=ids)


def _discover(pipeline: Pipeline, wanted: _Wanted) -> tuple[int, int]:
    """Read feeds; gives how many could be read, and how many could not."""
    waiting = deque(wanted.sources())
    read = problems = 0
    while waiting:
        source = waiting.popleft()
        found = pipeline.discover(source)
        while found.retry_at and not _closed_for_long(pipeline, source.url):
            time.sleep(max((found.retry_at - now()).total_seconds(), 0))
            found = pipeline.discover(source)
        if found.problem:
            warn(found.explained)
            problems += 1
        else:
            read += 1
        wanted.add(found.sitemaps)
        waiting.extend(found.sitemaps)
    return read, problems


def _closed_for_long(pipeline: Pipeline, url: str) -> bool:
    """Say whether a host wants to be left alone for longer than a person would wait."""
    closed = pipeline.politeness.budgets.closed(url, now())
    return closed is not None and closed.until > now() + PATIENCE


def _check(pipeline: Pipeline, articles: list[Article], *, as_json: bool) -> list[Checked]:
    from tracker.crew import Crew

    def check_now(article: Article) -> Checked:
        checked = pipeline.check(article)
        if checked.found == "waiting" and _closed_for_long(pipeline, article.url):
            pipeline.catalog.release(article.id)
            return replace(checked, retry_at=None)
        return checked

    results: list[Checked] = []
    settings = pipeline.config.service
    with progress("checking", len(articles)) as advance:
        report = _reporter(results, len(articles), advance, as_json)
        crew = Crew(check_now, report, workers=min(settings.workers, max(len(articles), 1)), clock=now)
        try:
            crew.add(articles)
            crew.join()
        except KeyboardInterrupt:
            warn("stopping when the checks in hand are done; Ctrl-C once more stops at once")
            raise
        finally:
            for left in crew.stop(settings.stop_within.total_seconds()):
                pipeline.catalog.release(left.id)
    return results


def _reporter(results: list[Checked], total: int, advance: Advance, as_json: bool) -> Callable[[Checked], None]:
    started = time.monotonic()

    def report(checked: Checked) -> None:
        results.append(checked)
        if as_json:
            show(_line(document_of(checked)))
        else:
            show(line_of(checked, len(results), total, time.monotonic() - started) + "\n")
        if checked.problem:
            warn(checked.explained)
        advance()

    return report


def _deliver(pipeline: Pipeline) -> None:
    """Send what is due, once: what fails is for the service, or the next check."""
    from tracker.errors import AlertError
    from tracker.postman import Postman

    def report(_: Delivery, error: AlertError | None) -> None:
        if error:
            warn(f"{error}; the alert waits in the outbox")

    postman = Postman(pipeline, report, lambda error: warn(str(error)))
    postman.deliver_due()
    postman.wait()
