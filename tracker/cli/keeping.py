"""What is kept for how long, and since when it can be proven: `prune` and `timestamp`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.app import app
from tracker.cli.archive import DAMAGED, Format
from tracker.cli.changes import moment_of
from tracker.cli.progress import progress
from tracker.cli.workspace import configuration, followed, now, open_pipeline, show, warn
from tracker.errors import ConfigError

if TYPE_CHECKING:
    from tracker.pipeline import Pipeline
    from tracker.pruning import Plan


@app.command(epilog="Example: tracker prune --before 90d --apply")
def prune(
    context: typer.Context,
    addresses: Annotated[list[str] | None, typer.Argument(help="Only these articles.", show_default="all")] = None,
    before: Annotated[
        str | None, typer.Option(help="Only captures from before: 90d, 12h, or 2018-04-09.", show_default="all")
    ] = None,
    takedown: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Remove all that this article said.", show_default=False)
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help='Of a takedown: half a sentence, after "because".', show_default=False)
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, it is only shown.")] = False,
    format: Format = "text",
) -> None:
    """Remove captures that need not be kept, or may not be.

    Removed is what the configuration does not ask for (keep, in [archive] and [[watch]]): captures that show no new text.
    Each leaves a tombstone: when it was fetched, its digest, when it was removed and why; the chain goes through it, and `tracker verify` stays content.

    With --takedown, all captures of an article go, and what it said is hidden in the catalog and in messages too; it is not followed any more.
    That it was there, when, and that it changed can still be proven.  What was sent or copied before is out of reach: alerts, exports, backups.

    Shows what it would remove, and removes it with --apply.  Stop the service first.
    """
    if (takedown is None) != (reason is None):
        raise ConfigError("a takedown needs --takedown ADDRESS and --reason; neither means anything without the other")
    if takedown and (addresses or before):
        raise ConfigError("a takedown removes all of one article; leave out the other addresses and --before")
    earliest = moment_of(before, now(), "--before") if before is not None else None
    with open_pipeline(configuration(context), "tracker prune") as pipeline:
        plans = list(
            _takedown(pipeline, takedown, reason)
            if takedown and reason
            else _plans(pipeline, addresses or [], earliest)
        )
        sound = [plan for plan in plans if not plan.problem]
        freed = _do(pipeline, sound) if apply else sum(plan.freed for plan in sound)
    _show(plans, freed, done=apply, as_json=format == "json")
    if len(sound) < len(plans):
        raise typer.Exit(DAMAGED)


def _takedown(pipeline: Pipeline, address: str, reason: str) -> Iterator[Plan]:
    from tracker.pruning import plan_takedown

    article = pipeline.catch_up(followed(pipeline.catalog, address))
    yield plan_takedown(pipeline.archive, article, " ".join(reason.split()).rstrip("."), now=now())


def _plans(pipeline: Pipeline, addresses: Sequence[str], before: datetime | None) -> Iterator[Plan]:
    from tracker.pruning import plan_pruning

    catalog = pipeline.catalog
    articles = [followed(catalog, address) for address in addresses] or catalog.articles(active=None)
    at = now()
    with progress("looking", len(articles)) as advance:
        for article in articles:
            if article.archived_until:
                plan = plan_pruning(pipeline.archive, catalog, pipeline.config, article, now=at, before=before)
                if plan:
                    yield plan
            advance()


def _do(pipeline: Pipeline, plans: Sequence[Plan]) -> int:
    from tracker.pruning import prune as prune_article

    freed = 0
    with progress("pruning", len(plans)) as advance:
        for plan in plans:
            pipeline.catch_up(plan.article)
            freed += prune_article(pipeline.archive, pipeline.catalog, plan)
            advance()
    return freed


def _show(plans: Sequence[Plan], freed: int, *, done: bool, as_json: bool) -> None:
    for plan in plans:
        if plan.problem:
            warn(plan.problem)
    captures = sum(len(plan.captures) for plan in plans)
    if as_json:
        listed = [
            {
                "address": plan.article.url,
                "captures": [one.id for one in plan.captures],
                "bytes": plan.freed,
                "because": plan.pruning.reason,
                "problem": plan.problem,
            }
            for plan in plans
        ]
        document = {"done": done, "articles": listed, "sum": {"captures": captures, "bytes": freed}}
        show(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    from tracker.report.words import count

    for plan in plans:
        if not plan.problem:
            what = f"{count(len(plan.captures), 'capture')}, {plan.freed:,} bytes"
            show(f"{plan.article.url}: {what}, because {plan.pruning.reason}\n")
    articles = count(sum(1 for plan in plans if plan.captures), "article")
    verb = "removed" if done else "would be removed"
    show(f"{count(captures, 'capture')} of {articles} {verb}, {freed:,} bytes{_hint(done, captures)}\n")


def _hint(done: bool, captures: int) -> str:
    return "; --apply removes them" if captures and not done else ""


@app.command(epilog="Example: tracker timestamp")
def timestamp(context: typer.Context) -> None:
    """Have an authority confirm that what is kept exists now (RFC 3161).

    It is sent a digest of the ends of all chains that have grown since the last time, from which nothing can be read.  The service does this once a day by itself.
    The authority is named in the configuration, under [archive].  `tracker verify` checks the answers; anyone can with openssl, see README.txt in the archive.
    """
    from tracker.report.words import count
    from tracker.timestamp import timestamp as ask

    config = configuration(context)
    with open_pipeline(config, "tracker timestamp") as pipeline:
        stamp = ask(pipeline.archive, config, now=now())
    if stamp is None:
        show("nothing was added since the last time-stamp\n")
    else:
        show(f"{count(len(stamp.articles), 'article')} stamped: {stamp.file}\n")
